//! The file of one headroom proof.

use solventry_types::{
    HeadroomProof, HeadroomStatement,
    codec::{Magic, Reader, Writer},
};

use super::{HeadroomError, HeadroomVerifyingKey, holds_alone};
use crate::keys::KeyError;

/// Statement, verifying key and proof. The key travels with the proof for those who export it;
/// whoever relies on the proof pins the key's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadroomFile {
    /// What is proven.
    pub statement: HeadroomStatement,
    /// The key it is proven under.
    pub key: HeadroomVerifyingKey,
    /// The proof.
    pub proof: HeadroomProof,
}

impl HeadroomFile {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVHDR\n", version: 1, what: "headroom proof" };
    /// Bytes of the encoding.
    pub const BYTES: usize =
        10 + HeadroomStatement::BYTES + 4 + HeadroomVerifyingKey::BYTES + HeadroomProof::BYTES;

    /// The canonical encoding (SPEC, "Headroom proof").
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        self.statement.write(&mut writer);
        writer.var_bytes(&self.key.encode());
        self.proof.write(&mut writer);
        writer.finish()
    }

    /// Parses, and lints the key. The proof is not verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes, Self::BYTES)?;
        reader.header(&Self::MAGIC)?;
        let statement = HeadroomStatement::read(&mut reader)?;
        let key = reader.var_bytes(HeadroomVerifyingKey::BYTES, "headroom verifying key")?;
        let key = HeadroomVerifyingKey::decode(key)?;
        let proof = HeadroomProof::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { statement, key, proof })
    }

    /// Whether the proof holds under the key that travels with it: see [`holds_alone`].
    pub fn holds_alone(&self) -> Result<(), HeadroomError> {
        holds_alone(&self.key, &self.statement, &self.proof)
    }
}
