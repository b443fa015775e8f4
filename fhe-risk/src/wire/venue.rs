//! What a venue publishes of itself: name, market, family of arrays, digests of its keys.

use serde::{Deserialize, Serialize};

use super::{Digest, Provenance, digest::Fields};
use crate::{
    arrays::{file::RiskArrays, limits::name_fault},
    parameters,
    plan::{InputKind, MAX_BITS, MAX_LEGS, Market},
};

/// The format of the file; the only one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Format {
    /// Version 1.
    #[default]
    #[serde(rename = "solventry-margin-venue-v1")]
    V1,
}

/// The reference string of a venue with public inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrsEntry {
    /// Of its file.
    pub digest: Digest,
    /// Who made it.
    pub provenance: Provenance,
}

/// A venue; fixed when its keys are made, while arrays change daily.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Venue {
    /// Format and version.
    pub format: Format,
    /// Name, 1 to 64 bytes.
    pub name: String,
    /// Family of risk arrays that it uses, and no other.
    pub family: String,
    /// Bits of values and of lots, kind of inputs.
    pub market: Market,
    /// Most values of a list.
    pub list_limit: usize,
    /// Whether the evaluation key serves more than 16 scenarios.
    pub is_large: bool,
    /// Digest of the parameters.
    pub parameters: Digest,
    /// Of the file of the public key.
    pub public_key: Digest,
    /// Of the file of the evaluation key.
    pub evaluation_key: Digest,
    /// Of the reference string, where inputs come with proofs.
    pub crs: Option<CrsEntry>,
}

/// Why a venue file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VenueError {
    /// Too long.
    #[error("{got} bytes of venue file; expected at most {limit}: is this the right file?")]
    TooLarge {
        /// Bytes.
        got: usize,
        /// Most.
        limit: usize,
    },
    /// Not JSON of this format.
    #[error("expected a JSON file of format solventry-margin-venue-v1: {0}")]
    Json(#[from] serde_json::Error),
    /// A field.
    #[error("{field} of the venue: expected {expected}, got {got:?}")]
    Field {
        /// Which.
        field: &'static str,
        /// In words.
        expected: String,
        /// Its value.
        got: String,
    },
}

impl Venue {
    /// Longest file, in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Reads and validates the file.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_json(json: &[u8]) -> Result<Self, VenueError> {
        if json.len() > Self::MAX_BYTES {
            return Err(VenueError::TooLarge { got: json.len(), limit: Self::MAX_BYTES });
        }
        let venue: Self = serde_json::from_slice(json)?;
        venue.validate()?;
        Ok(venue)
    }

    /// The file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Checks every field.
    ///
    /// # Errors
    ///
    /// The first that is out of bounds.
    pub fn validate(&self) -> Result<(), VenueError> {
        let Market { bits, value_bits, inputs } = self.market;
        let ours = Digest(parameters::digest());
        let is_name =
            |name: &str, most| (1..=most).contains(&name.len()) && !name.chars().any(char::is_control);
        let has_proofs = inputs == InputKind::Public;
        let fields = [
            (is_name(&self.name, 64), "name", "1 to 64 bytes of text".into(), self.name.clone()),
            (
                name_fault(&self.family).is_none(),
                "family",
                "1 to 32 of A-Z a-z 0-9 . _ - / :, as arrays name it".into(),
                self.family.clone(),
            ),
            ((8..=MAX_BITS).contains(&bits), "bits", format!("8 to {MAX_BITS}"), bits.to_string()),
            (
                (1..bits).contains(&value_bits),
                "value_bits",
                format!("1 to {}", bits.saturating_sub(1)),
                value_bits.to_string(),
            ),
            (
                (1..=MAX_LEGS).contains(&self.list_limit),
                "list_limit",
                format!("1 to {MAX_LEGS}"),
                self.list_limit.to_string(),
            ),
            (self.parameters == ours, "parameters", ours.to_string(), self.parameters.to_string()),
            (
                self.crs.is_some() == has_proofs,
                "crs",
                if has_proofs { "a reference string" } else { "none, since inputs are secret" }.into(),
                if self.crs.is_some() { "one" } else { "none" }.into(),
            ),
        ];
        match fields.into_iter().find(|(is_fine, ..)| !is_fine) {
            Some((_, field, expected, got)) => {
                Err(VenueError::Field { field, expected, got: got.chars().take(70).collect() })
            }
            None => Ok(()),
        }
    }

    /// SHA-256 over all fields in an injective encoding.
    pub fn digest(&self) -> Digest {
        let Market { bits, value_bits, inputs } = self.market;
        let fields = Fields::new("solventry/margin-venue/v1")
            .bytes(self.name.as_bytes())
            .bytes(self.family.as_bytes())
            .number(bits.into())
            .number(value_bits.into())
            .number(u64::from(inputs == InputKind::Public))
            .number(self.list_limit as u64)
            .number(self.is_large.into())
            .digest(&self.parameters)
            .digest(&self.public_key)
            .digest(&self.evaluation_key);
        let fields = match &self.crs {
            Some(CrsEntry { digest, provenance: Provenance::Development }) => fields.digest(digest).number(0),
            None => fields,
        };
        fields.hash()
    }

    /// Whether what is computed under this venue's proofs is UNTRUSTED.
    pub fn is_untrusted(&self) -> bool {
        self.crs.is_some_and(|crs| !crs.provenance.is_trusted())
    }

    /// Whether the arrays are of this venue's family.
    pub fn uses(&self, arrays: &RiskArrays) -> bool {
        arrays.content().family == self.family
    }
}
