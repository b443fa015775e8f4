//! State of an epoch under way, behind the one bounded bincode codec.

use bincode::Options;
use serde::{Deserialize, Serialize};
use solventry_prover::secrets::EpochSecret;
use solventry_types::{
    Digest, EpochContext, Total,
    codec::{Reader, Writer},
    digest::InjectiveHasher,
};
use zeroize::Zeroize;

/// Largest encoded state in bytes.
pub const MAX_BYTES: u64 = 4 << 20;
const VERSION: u16 = 1;

/// What was fixed when the epoch was begun. Holds secrets.
#[derive(Serialize, Deserialize)]
pub struct EpochState {
    version: u16,
    seed: [u8; 32],
    ledger: [u8; 32],
    keys: [u8; 32],
    master: [u8; 32],
    context: Vec<u8>,
    totals: Vec<u128>,
}

/// What an epoch is bound to; changing any of it needs a new epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundTo {
    /// Digest of the ledger.
    pub ledger: Digest,
    /// Digest of the verifying keys.
    pub keys: Digest,
    /// Fingerprint of the master secret.
    pub master: Digest,
}

/// A state that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the epoch's state is damaged or of another version; restore it from a backup")]
pub struct StateError;

impl EpochState {
    /// Fixes an epoch.
    pub fn new(seed: &[u8; 32], bound: BoundTo, context: &EpochContext, totals: &[Total]) -> Self {
        let mut writer = Writer::new();
        context.write(&mut writer);
        Self {
            version: VERSION,
            seed: *seed,
            ledger: bound.ledger.0,
            keys: bound.keys.0,
            master: bound.master.0,
            context: writer.finish(),
            totals: totals.iter().map(|total| total.units()).collect(),
        }
    }

    /// Entity, epoch, assets, capacity.
    pub fn context(&self) -> Result<EpochContext, StateError> {
        let mut reader = Reader::new(&self.context, self.context.len()).map_err(|_| StateError)?;
        let context = EpochContext::read(&mut reader).map_err(|_| StateError)?;
        reader.finish().map_err(|_| StateError)?;
        Ok(context)
    }

    /// Blinding and placement secrets, bound to context and ledger.
    pub fn secret(&self) -> EpochSecret {
        let binding = InjectiveHasher::new("solventry/epoch-binding/v1")
            .field(&self.context)
            .field(&self.ledger)
            .finish();
        EpochSecret::new(self.seed, binding)
    }

    /// What the epoch was begun with.
    pub fn bound(&self) -> BoundTo {
        BoundTo { ledger: Digest(self.ledger), keys: Digest(self.keys), master: Digest(self.master) }
    }

    /// Liabilities per asset.
    pub fn totals(&self) -> Result<Vec<Total>, StateError> {
        self.totals.iter().map(|units| Total::from_units(*units).map_err(|_| StateError)).collect()
    }

    /// The encoding.
    pub fn encode(&self) -> Result<Vec<u8>, StateError> {
        codec().serialize(self).map_err(|_| StateError)
    }

    /// Decodes within [`MAX_BYTES`]; trailing bytes are refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        let state: Self = codec().deserialize(bytes).map_err(|_| StateError)?;
        if state.version == VERSION { Ok(state) } else { Err(StateError) }
    }
}

impl Drop for EpochState {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.totals.zeroize();
    }
}

#[allow(clippy::disallowed_methods)] // the bounded codec itself
fn codec() -> impl Options {
    bincode::DefaultOptions::new().with_limit(MAX_BYTES).with_fixint_encoding().reject_trailing_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_lengths_are_refused_without_allocating() {
        assert!(EpochState::decode(&[0xff; 24]).is_err());
        let mut bytes = vec![0; 130];
        bytes.extend([0xff; 8]); // length of the context
        assert!(EpochState::decode(&bytes).is_err());
    }
}
