//! The published file: risk arrays in whole quanta, with everything that says what they mean.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    limits::MAX_FILE_BYTES,
    quantum::Quantum,
    rules::{FileError, validate},
};

/// Domain of [`RiskArrays::digest`].
const DIGEST_DOMAIN: &str = "solventry/risk-arrays/v1";

/// The format of the file; the only one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Format {
    /// Version 1.
    #[default]
    #[serde(rename = "solventry-risk-arrays-v1")]
    V1,
}

/// What a file of risk arrays says; not yet validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Format and version.
    pub format: Format,
    /// Name of the family: arrays of one family follow one another from epoch to epoch.
    pub family: String,
    /// Currency of all money.
    pub currency: String,
    /// Money in one unit of every entry and factor.
    pub quantum: Quantum,
    /// Calendar days by which options have aged when a scenario reprices them.
    pub look_ahead_days: u32,
    /// Number of these arrays in their family.
    pub epoch: u64,
    /// First second of validity, in seconds since 1970.
    pub valid_from: u64,
    /// First second after it.
    pub valid_until: u64,
    /// Instruments, in the order of the positions.
    pub instruments: Vec<Instrument>,
    /// Collateral assets, in the order of the collateral amounts.
    pub collateral: Vec<Collateral>,
}

/// What one lot loses in each scenario, in quanta, rounded up; negative where it gains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Name.
    pub name: String,
    /// Loss of one lot long.
    pub long: Vec<i64>,
    /// Loss of one lot short.
    pub short: Vec<i64>,
}

/// What one lot of an asset counts as collateral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collateral {
    /// Name.
    pub name: String,
    /// Quanta per lot, after the haircut, rounded down.
    pub factor: u64,
}

/// Risk arrays of valid content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskArrays(Content);

impl RiskArrays {
    /// Validates the content.
    pub fn new(content: Content) -> Result<Self, FileError> {
        validate(&content)?;
        Ok(Self(content))
    }

    /// Reads and validates a JSON file of at most 4 MiB.
    pub fn read(json: &[u8]) -> Result<Self, FileError> {
        if json.len() > MAX_FILE_BYTES {
            return Err(FileError::TooLarge { got: json.len(), limit: MAX_FILE_BYTES });
        }
        Self::new(serde_json::from_slice(json)?)
    }

    /// The content.
    pub fn content(&self) -> &Content {
        &self.0
    }

    /// Number of scenarios, 1 to 64.
    pub fn scenarios(&self) -> usize {
        self.0.instruments.first().map_or(0, |instrument| instrument.long.len())
    }

    /// Whether `now` (seconds since 1970) lies in the window of validity.
    pub fn valid_at(&self, now: u64) -> bool {
        (self.0.valid_from..self.0.valid_until).contains(&now)
    }

    /// SHA-256 over all content in an injective encoding: every text and list behind its length,
    /// integers in 8 bytes, big-endian. White space and order of the JSON members do not matter.
    pub fn digest(&self) -> [u8; 32] {
        let content = &self.0;
        let mut hash = Fields(Sha256::new());
        hash.text(DIGEST_DOMAIN)
            .text(&content.family)
            .text(&content.currency)
            .text(&content.quantum.to_string());
        hash.number(content.look_ahead_days.into()).number(content.epoch);
        hash.number(content.valid_from).number(content.valid_until);
        hash.number(content.instruments.len() as u64);
        for instrument in &content.instruments {
            hash.text(&instrument.name).entries(&instrument.long).entries(&instrument.short);
        }
        hash.number(content.collateral.len() as u64);
        for asset in &content.collateral {
            hash.text(&asset.name).number(asset.factor);
        }
        hash.0.finalize().into()
    }

    /// The file, one array per line. Reading it back gives the same arrays.
    pub fn to_json(&self) -> String {
        let Content { family, currency, quantum, look_ahead_days, epoch, valid_from, valid_until, .. } =
            &self.0;
        let head = serde_json::json!(Format::V1);
        let (family, currency) = (serde_json::json!(family), serde_json::json!(currency));
        let instruments = rows(self.0.instruments.iter().map(|instrument| {
            let Instrument { name, long, short } = instrument;
            format!(
                "{{\"name\": {},\n     \"long\": {long:?},\n     \"short\": {short:?}}}",
                serde_json::json!(name)
            )
        }));
        let collateral = rows(self.0.collateral.iter().map(|asset| {
            format!("{{\"name\": {}, \"factor\": {}}}", serde_json::json!(asset.name), asset.factor)
        }));
        format!(
            "{{\n  \"format\": {head},\n  \"family\": {family},\n  \"currency\": {currency},\n  \
             \"quantum\": \"{quantum}\",\n  \"look_ahead_days\": {look_ahead_days},\n  \
             \"epoch\": {epoch},\n  \
             \"valid_from\": {valid_from},\n  \"valid_until\": {valid_until},\n  \
             \"instruments\": {instruments},\n  \"collateral\": {collateral}\n}}\n"
        )
    }
}

/// A JSON list, one item per line.
fn rows(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.map(|item| format!("\n    {item}")).collect();
    format!("[{}\n  ]", items.join(","))
}

/// Hashes fields behind their length.
struct Fields(Sha256);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    fn entries(&mut self, entries: &[i64]) -> &mut Self {
        self.bytes(&entries.iter().flat_map(|entry| entry.to_be_bytes()).collect::<Vec<_>>())
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
