//! Why an attestation is refused, step by step.

use solventry_types::{CodecError, Digest};

use crate::{keys::KeyError, pairing::NoRandomness, reserves::EvidenceError, transcript::PoleError};

/// Why an attestation is refused. The step numbers are those of [`super::STEPS`], from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// Step 1.
    #[error(transparent)]
    Format(#[from] CodecError),
    /// Step 2: another entity.
    #[error("the attestation is of entity {got:?}, the anchors are for {expected:?}")]
    Entity {
        /// Entity of the anchors.
        expected: String,
        /// Entity of the file.
        got: String,
    },
    /// Step 2: another key.
    #[error("the entity key in the file is not the one in the anchors")]
    EntityKey,
    /// Step 2: the signature.
    #[error("the entity's signature does not verify: the file was altered after signing")]
    Signature,
    /// Step 3: not pinned.
    #[error("the verifying keys (digest {got}) are not among those pinned in the anchors")]
    KeysNotPinned {
        /// Digest of the keys in the file.
        got: Digest,
    },
    /// Step 3: unusable.
    #[error("verifying keys: {0}")]
    Keys(#[from] KeyError),
    /// Step 3: another profile.
    #[error("the verifying keys are for profile {keys}, the attestation uses {file}")]
    Profile {
        /// Profile of the keys.
        keys: &'static str,
        /// Profile of the file.
        file: &'static str,
    },
    /// Step 4: old epoch.
    #[error("epoch {got} is older than the anchors accept (at least {expected})")]
    Epoch {
        /// Least epoch of the anchors.
        expected: u64,
        /// Epoch of the file.
        got: u64,
    },
    /// Step 4: future snapshot.
    #[error("the snapshot time {got} lies in the future (now is {now}, both in Unix seconds)")]
    Future {
        /// The verifier's time.
        now: u64,
        /// Time in the file.
        got: u64,
    },
    /// Step 4: old snapshot.
    #[error("the snapshot is {age} seconds old, the anchors accept at most {limit}")]
    TooOld {
        /// Limit of the anchors.
        limit: u64,
        /// Age by the verifier's time.
        age: u64,
    },
    /// Step 5.
    #[error(
        "asset {symbol} demands only {got} basis points of coverage, the anchors ask at least {expected}"
    )]
    Coverage {
        /// Symbol.
        symbol: String,
        /// Least coverage of the anchors.
        expected: u32,
        /// Coverage in the table.
        got: u32,
    },
    /// Step 6.
    #[error("shard {shard}: a commitment occurs twice in the epoch (block reused)")]
    Repeated {
        /// Index of the shard with the second occurrence.
        shard: usize,
    },
    /// Step 7.
    #[error("reserve evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Step 8, a shard.
    #[error("shard {shard}: {source}")]
    ShardPole {
        /// Index of the shard.
        shard: usize,
        /// The pole.
        source: PoleError,
    },
    /// Step 8, coverage.
    #[error("coverage: {0}")]
    CoveragePole(PoleError),
    /// Step 9.
    #[error("shard {shard}: the proof does not satisfy the shard circuit (C-SHARD)")]
    ShardProof {
        /// Index of the shard.
        shard: usize,
    },
    /// Step 10.
    #[error("shard {shard}: the proof is not about the committed blocks, totals and mask (C-SHARD-3)")]
    ShardOpening {
        /// Index of the shard.
        shard: usize,
    },
    /// Step 11.
    #[error("coverage: the proof does not satisfy the coverage circuit (C-COV)")]
    CoverageProof,
    /// Step 12.
    #[error("coverage: the proof is not about these totals, reserves and asset table (C-COV-1)")]
    CoverageOpening,
    /// Steps 9 to 12.
    #[error("internal: {0}")]
    Internal(&'static str),
    /// Steps 9 to 12.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl AttestationError {
    /// The step that refused, from 1.
    pub const fn step(&self) -> usize {
        match self {
            Self::Format(_) => 1,
            Self::Entity { .. } | Self::EntityKey | Self::Signature => 2,
            Self::KeysNotPinned { .. } | Self::Keys(_) | Self::Profile { .. } => 3,
            Self::Epoch { .. } | Self::Future { .. } | Self::TooOld { .. } => 4,
            Self::Coverage { .. } => 5,
            Self::Repeated { .. } => 6,
            Self::Evidence(_) => 7,
            Self::ShardPole { .. } | Self::CoveragePole(_) => 8,
            Self::ShardProof { .. } | Self::Internal(_) | Self::NoRandomness(_) => 9,
            Self::ShardOpening { .. } => 10,
            Self::CoverageProof => 11,
            Self::CoverageOpening => 12,
        }
    }
}
