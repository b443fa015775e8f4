//! Trust anchors: what the verifier brings along and never reads from the file it verifies.

use serde::{Deserialize, Serialize};
use solventry_types::{Digest, EpochContext};

/// Largest anchors file in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Value of the `format` field.
pub const FORMAT: &str = "solventry-anchors-v1";

/// What a verifier trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// Always [`FORMAT`].
    pub format: String,
    /// Name of the entity, as it must stand in the attestation; any name if absent, since the key
    /// is what identifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Ed25519 public key of the entity.
    pub entity_key: Hex<32>,
    /// Digests of acceptable verifying keys.
    pub verifying_keys: Vec<Hex<32>>,
    /// Digests of acceptable verifying keys of the headroom circuit, for signing evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headroom_keys: Vec<Hex<32>>,
    /// Digests of acceptable vault configurations, for signing evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vaults: Vec<Hex<32>>,
    /// Attestors of hidden reserves.
    #[serde(default)]
    pub attestors: Attestors,
    /// Least minimum coverage that every asset of the table must have, in basis points.
    #[serde(default = "full_coverage")]
    pub least_coverage_bps: u32,
    /// Oldest acceptable epoch.
    #[serde(default)]
    pub least_epoch: u64,
    /// Oldest acceptable snapshot, in seconds before the verifier's time; any age if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<u64>,
}

/// Whose word counts for reserves that are not public.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestors {
    /// Ed25519 public keys.
    pub keys: Vec<Hex<32>>,
    /// How many distinct ones must sign each attested class.
    pub quorum: usize,
    /// Names of the attested classes that count; all if absent. Custody by others, for example,
    /// may be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
}

/// Why anchors cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorsError {
    /// Too large a file.
    #[error("anchors file of {0} bytes: expected at most {MAX_BYTES}")]
    TooLarge(usize),
    /// Not the JSON that is expected.
    #[error("anchors file: {0}; make one with `solventry-verify anchors new`")]
    Json(#[from] serde_json::Error),
    /// A field out of range.
    #[error("anchors file: {0}")]
    Invalid(&'static str),
}

impl Anchors {
    /// Reads the JSON form.
    pub fn from_json(bytes: &[u8]) -> Result<Self, AnchorsError> {
        if bytes.len() > MAX_BYTES {
            return Err(AnchorsError::TooLarge(bytes.len()));
        }
        let anchors: Self = serde_json::from_slice(bytes)?;
        anchors.validate()?;
        Ok(anchors)
    }

    /// The JSON form, for people to read.
    pub fn to_json(&self) -> Result<String, AnchorsError> {
        self.validate()?;
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Checks every field.
    pub fn validate(&self) -> Result<(), AnchorsError> {
        let keys = &self.attestors.keys;
        let distinct = keys.iter().enumerate().all(|(index, key)| !keys.iter().take(index).any(|k| k == key));
        let invalid = |problem| Err(AnchorsError::Invalid(problem));
        if self.format != FORMAT {
            return invalid("`format` must be \"solventry-anchors-v1\"");
        }
        if self
            .entity
            .as_ref()
            .is_some_and(|name| !(1..=EpochContext::MAX_ENTITY_BYTES).contains(&name.len()))
        {
            return invalid("`entity` must be 1 to 128 bytes");
        }
        if self.verifying_keys.is_empty() {
            return invalid("`verifying_keys` must list at least one digest");
        }
        if keys.contains(&self.entity_key) {
            return invalid("the entity's own key cannot be one of `attestors.keys`");
        }
        if !distinct {
            return invalid("`attestors.keys` must be distinct");
        }
        if !keys.is_empty() && !(1..=keys.len()).contains(&self.attestors.quorum) {
            return invalid("`attestors.quorum` must be from 1 to the number of attestor keys");
        }
        if keys.is_empty() && self.attestors.quorum != 0 {
            return invalid("`attestors.quorum` must be 0 when there are no attestor keys");
        }
        Ok(())
    }

    /// Whether these verifying keys are pinned.
    pub fn pins(&self, keys: Digest) -> bool {
        holds(&self.verifying_keys, keys)
    }

    /// Whether this verifying key of the headroom circuit is pinned.
    pub fn pins_headroom(&self, key: Digest) -> bool {
        holds(&self.headroom_keys, key)
    }

    /// Whether this vault configuration is pinned.
    pub fn pins_vault(&self, configuration: Digest) -> bool {
        holds(&self.vaults, configuration)
    }
}

fn holds(pinned: &[Hex<32>], digest: Digest) -> bool {
    pinned.iter().any(|pinned| pinned.0 == digest.0)
}

/// `N` bytes, written as lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; N];
        let digits = N.saturating_mul(2);
        hex::decode_to_slice(&text, &mut bytes)
            .map_err(|_| serde::de::Error::custom(format!("expected {digits} hexadecimal digits")))?;
        Ok(Self(bytes))
    }
}

const fn full_coverage() -> u32 {
    10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors() -> Anchors {
        Anchors {
            format: FORMAT.into(),
            entity: Some("E".into()),
            entity_key: Hex([1; 32]),
            verifying_keys: vec![Hex([2; 32])],
            headroom_keys: vec![],
            vaults: vec![Hex([5; 32])],
            attestors: Attestors { keys: vec![Hex([3; 32]), Hex([4; 32])], quorum: 2, classes: None },
            least_coverage_bps: 10_000,
            least_epoch: 3,
            max_age_seconds: None,
        }
    }

    #[test]
    fn json_survives_the_round_trip() {
        let json = anchors().to_json().unwrap();
        assert_eq!(Anchors::from_json(json.as_bytes()).unwrap(), anchors());
    }

    #[test]
    fn bad_anchors_are_refused() {
        let with = |change: fn(&mut Anchors)| {
            let mut anchors = anchors();
            change(&mut anchors);
            anchors.validate().is_err()
        };
        assert!(with(|a| a.attestors.quorum = 3));
        assert!(with(|a| a.attestors.quorum = 0));
        assert!(with(|a| a.attestors.keys = vec![Hex([3; 32]); 2]));
        assert!(with(|a| a.attestors.keys.clear()));
        assert!(with(|a| a.entity_key = a.attestors.keys[0]));
        assert!(with(|a| a.verifying_keys.clear()));
        assert!(with(|a| a.format = "v2".into()));
        let unknown = anchors().to_json().unwrap().replacen('{', "{\"least_covrage\": 1,", 1);
        assert!(Anchors::from_json(unknown.as_bytes()).is_err());
        assert!(Anchors::from_json(&[b'['; 100_000]).is_err());
    }
}
