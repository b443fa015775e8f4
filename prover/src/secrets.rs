//! Secrets of one epoch: everything that blinds or permutes follows from one seed, so that an
//! interrupted epoch resumes with the same commitments. Proof randomness (κ, r, s, masks)
//! is drawn afresh from the operating system for every proof and never derived.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::UniformRand;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use solventry_types::{Digest, Profile, digest::InjectiveHasher};
use zeroize::Zeroize;

/// Seed of one epoch, bound to what it blinds.
pub struct EpochSecret {
    seed: [u8; 32],
    binding: Digest,
}

/// Blinding scalars of one shard.
pub struct ShardBlinding {
    /// r_b, one per block.
    pub blocks: Vec<Fr>,
    /// s_b, one per block.
    pub labels: Vec<Fr>,
    /// r_T.
    pub totals: Fr,
}

impl EpochSecret {
    /// `seed` is 32 bytes of operating-system randomness, drawn once per epoch; `binding` is the
    /// digest of context and ledger. With another ledger the same seed gives other scalars, so a
    /// blinding scalar is never used for two different vectors.
    pub const fn new(seed: [u8; 32], binding: Digest) -> Self {
        Self { seed, binding }
    }

    /// Generator of the random placement of accounts.
    pub(crate) fn placement_rng(&self) -> ChaCha20Rng {
        self.rng("placement", 0)
    }

    /// Blinding of shard `index`.
    pub fn blinding(&self, profile: Profile, index: u32) -> ShardBlinding {
        let mut rng = self.rng("blinding", index);
        let mut scalars = || (0..profile.shard_blocks).map(|_| Fr::rand(&mut rng)).collect();
        let (blocks, labels) = (scalars(), scalars());
        ShardBlinding { blocks, labels, totals: Fr::rand(&mut rng) }
    }

    /// Salts of the surplus tree (C-COV-3). Bound to the reserve evidence, so that one salt never
    /// hides two different groups of surpluses; derived, so that headroom proofs can open the
    /// tree later.
    pub fn salts(&self, evidence: Digest, count: usize) -> Vec<Fr> {
        let seed = self.derive("salts", 0).field(&evidence.0).finish();
        let mut rng = ChaCha20Rng::from_seed(seed.0);
        (0..count).map(|_| Fr::rand(&mut rng)).collect()
    }

    /// Blinding of C_L: the sum of all r_T.
    pub fn liabilities_blinding(&self, profile: Profile, shards: u32) -> Fr {
        (0..shards).map(|index| self.blinding(profile, index).totals).sum()
    }

    fn rng(&self, purpose: &str, index: u32) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.derive(purpose, index).finish().0)
    }

    fn derive(&self, purpose: &str, index: u32) -> InjectiveHasher {
        InjectiveHasher::new("solventry/epoch-secret/v1")
            .field(&self.seed)
            .field(&self.binding.0)
            .field(purpose.as_bytes())
            .integer(index.into())
    }
}

impl Drop for EpochSecret {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochSecret(hidden)")
    }
}
