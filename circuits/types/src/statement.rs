//! Statements: the public inputs that do not depend on a challenge, by name.

use ark_bn254::{Fr, G1Affine};
use ark_ec::CurveGroup;

use crate::{
    codec::{CodecError, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    profile::Profile,
};

/// Commitments of one block: slots and labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockCommitment {
    /// C_b, the packed slots.
    pub slots: G1Affine,
    /// E_b, the labels.
    pub labels: G1Affine,
}

/// What one shard proof is about (C-SHARD): these blocks hold ranged amounts whose sums per
/// asset are committed in `totals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardStatement {
    /// C_b and E_b in order; exactly B of them.
    pub blocks: Vec<BlockCommitment>,
    /// C_T, the totals per asset.
    pub totals: G1Affine,
    /// M, the mask of the evaluation.
    pub mask: G1Affine,
}

impl ShardStatement {
    /// Bytes of the encoding for `profile`.
    pub const fn bytes(profile: Profile) -> usize {
        64 * profile.shard_blocks + 64
    }

    /// C_b and E_b in order, C_T, M.
    pub fn write(&self, writer: &mut Writer) {
        for block in &self.blocks {
            writer.g1(&block.slots).g1(&block.labels);
        }
        writer.g1(&self.totals).g1(&self.mask);
    }

    /// Reads the B blocks of `profile` and the two other points.
    pub fn read(reader: &mut Reader<'_>, profile: Profile) -> Result<Self, CodecError> {
        let mut blocks = Vec::with_capacity(profile.shard_blocks);
        for _ in 0..profile.shard_blocks {
            blocks.push(BlockCommitment {
                slots: reader.g1("block commitment")?,
                labels: reader.g1("label commitment")?,
            });
        }
        Ok(Self { blocks, totals: reader.g1("totals commitment")?, mask: reader.g1("shard mask")? })
    }
}

/// Digest of everything that commits to the liabilities of an epoch: published by
/// `epoch commit`, before reserves are gathered. Leaves out the masks, which belong to a proof.
pub fn liabilities_digest<'a>(
    context: Digest,
    shards: impl IntoIterator<Item = &'a ShardStatement>,
) -> Digest {
    shards
        .into_iter()
        .fold(InjectiveHasher::new("solventry/liabilities/v1").field(&context.0), |hasher, shard| {
            let mut writer = Writer::new();
            for block in &shard.blocks {
                writer.g1(&block.slots).g1(&block.labels);
            }
            hasher.field(writer.g1(&shard.totals).as_bytes())
        })
        .finish()
}

/// `C_L = Σ_shards C_T`: commits to the liabilities per asset. Computed, never read from a file.
pub fn liabilities_commitment<'a>(shards: impl IntoIterator<Item = &'a ShardStatement>) -> G1Affine {
    shards.into_iter().map(|shard| shard.totals).sum::<ark_bn254::G1Projective>().into_affine()
}

/// What the coverage proof is about, besides what the verifier computes (C_L, I_R, I_c, I_p).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageStatement {
    /// M', the mask of the evaluation.
    pub mask: G1Affine,
    /// Root of the surplus tree (C-COV-3).
    pub headroom_root: Fr,
}

impl CoverageStatement {
    /// Mask, root.
    pub fn write(&self, writer: &mut Writer) {
        writer.g1(&self.mask).scalar(&self.headroom_root);
    }

    /// Reads both.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self { mask: reader.g1("coverage mask")?, headroom_root: reader.scalar("headroom root")? })
    }
}
