//! Fiat–Shamir: a labelled, length-prefixed Keccak-256 transcript (SPEC, "Transcript").
//!
//! Absorbed in this order: protocol label and version, circuit id, digest of the verifying keys,
//! context digest, shard index and count, every public input that does not depend on a challenge,
//! and D. Never absorbed: challenges and what depends on them.

use ark_bn254::{Fr, G1Affine};
use ark_ff::{Field, One, PrimeField, Zero};
use sha3::{Digest as _, Keccak256};
use solventry_types::{
    Digest,
    challenge::{CoverageChallenges, ShardChallenges},
    codec::Writer,
    digest::length_prefix,
    statement::{CoverageStatement, ShardStatement},
};

use crate::keys::VerifyingKeys;

/// Protocol label and version of this release.
pub const PROTOCOL: &str = "solventry/v1";

/// Every table entry and asset id is below this; α and χ must not be.
const POLES: u64 = 1 << 16;

/// A challenge fell on a pole: the proof is refused, the prover blinds afresh and tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("challenge {challenge} falls on a pole of the {circuit} circuit")]
pub struct PoleError {
    /// Circuit.
    pub circuit: &'static str,
    /// Challenge.
    pub challenge: &'static str,
}

/// Absorbs labelled data and squeezes challenges.
#[derive(Clone)]
pub struct Transcript(Keccak256);

impl Transcript {
    /// Starts with protocol label and circuit id.
    pub fn new(circuit: &str) -> Self {
        let mut transcript = Self(Keccak256::new());
        transcript.absorb("protocol", PROTOCOL.as_bytes());
        transcript.absorb("circuit", circuit.as_bytes());
        transcript
    }

    /// Absorbs `label` and `bytes`, each behind its length.
    pub fn absorb(&mut self, label: &str, bytes: &[u8]) {
        for field in [label.as_bytes(), bytes] {
            self.0.update(length_prefix(field));
            self.0.update(field);
        }
    }

    /// Squeezes 64 bytes and reduces them modulo the order (bias below 2^-250).
    #[allow(clippy::disallowed_methods)] // reduction of uniform bytes is what is wanted here
    pub fn challenge(&mut self, label: &str) -> Fr {
        self.absorb("challenge", label.as_bytes());
        let seed = self.0.clone().finalize();
        let half = |index: u8| Keccak256::new().chain_update(seed).chain_update([index]).finalize();
        let wide = [half(0), half(1)].concat();
        self.absorb("squeezed", &seed);
        Fr::from_be_bytes_mod_order(&wide)
    }
}

/// What all proofs of an epoch share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochBinding {
    /// Digest of the verifying keys, which covers reference string, n, ω and A_max.
    pub keys: Digest,
    /// Digest of the epoch context.
    pub context: Digest,
    /// Number of shards.
    pub shards: u32,
}

/// Challenges of shard `index`; `d` is the commitment to its committed wires.
pub fn shard_challenges(
    keys: &VerifyingKeys,
    epoch: &EpochBinding,
    index: u32,
    statement: &ShardStatement,
    d: &G1Affine,
) -> Result<ShardChallenges, PoleError> {
    let mut transcript = start(&format!("solventry-shard-v1/{}", keys.profile), epoch);
    transcript.absorb("shard index", &index.to_be_bytes());
    for block in &statement.blocks {
        transcript.absorb("block commitment", &point(&block.slots));
        transcript.absorb("label commitment", &point(&block.labels));
    }
    transcript.absorb("totals commitment", &point(&statement.totals));
    transcript.absorb("mask", &point(&statement.mask));
    transcript.absorb("D", &point(d));
    let [alpha, chi, rho, gamma] = ["alpha", "chi", "rho", "gamma"].map(|name| transcript.challenge(name));
    let refused = |challenge| PoleError { circuit: "shard", challenge };
    refuse_small(alpha).ok_or(refused("alpha"))?;
    refuse_small(chi).ok_or(refused("chi"))?;
    refuse_root(rho, keys.profile.block_slots).ok_or(refused("rho"))?;
    refuse_zero(gamma).ok_or(refused("gamma"))?;
    Ok(ShardChallenges { alpha, chi, rho, gamma })
}

/// What the coverage transcript absorbs besides the statement.
pub struct CoverageInputs<'a> {
    /// C_T of every shard, in order.
    pub totals: &'a [G1Affine],
    /// Digest of the reserve evidence: classes, lists, commitments, signatures.
    pub evidence: Digest,
    /// C_R,i of the attested classes, in order.
    pub attested: &'a [G1Affine],
}

/// Challenges of the coverage proof.
pub fn coverage_challenges(
    keys: &VerifyingKeys,
    epoch: &EpochBinding,
    inputs: &CoverageInputs<'_>,
    statement: &CoverageStatement,
    d: &G1Affine,
) -> Result<CoverageChallenges, PoleError> {
    let mut transcript = start(&format!("solventry-coverage-v1/{}", keys.profile), epoch);
    inputs.totals.iter().for_each(|totals| transcript.absorb("totals commitment", &point(totals)));
    transcript.absorb("reserve evidence", &inputs.evidence.0);
    inputs.attested.iter().for_each(|class| transcript.absorb("reserve commitment", &point(class)));
    let mut root = Writer::new();
    transcript.absorb("headroom root", root.scalar(&statement.headroom_root).as_bytes());
    transcript.absorb("mask", &point(&statement.mask));
    transcript.absorb("D", &point(d));
    let [alpha, rho, gamma] = ["alpha", "rho", "gamma"].map(|name| transcript.challenge(name));
    let refused = |challenge| PoleError { circuit: "coverage", challenge };
    refuse_small(alpha).ok_or(refused("alpha"))?;
    refuse_root(rho, keys.profile.block_slots).ok_or(refused("rho"))?;
    refuse_zero(gamma).ok_or(refused("gamma"))?;
    Ok(CoverageChallenges { alpha, rho, gamma })
}

fn start(circuit: &str, epoch: &EpochBinding) -> Transcript {
    let mut transcript = Transcript::new(circuit);
    transcript.absorb("verifying keys", &epoch.keys.0);
    transcript.absorb("context", &epoch.context.0);
    transcript.absorb("shards", &epoch.shards.to_be_bytes());
    transcript
}

fn point(point: &G1Affine) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.g1(point);
    writer.finish()
}

fn refuse_small(challenge: Fr) -> Option<()> {
    (challenge.into_bigint() >= Fr::from(POLES).into_bigint()).then_some(())
}

fn refuse_root(rho: Fr, n: usize) -> Option<()> {
    let n = u64::try_from(n).ok()?;
    (!rho.pow([n]).is_one()).then_some(())
}

fn refuse_zero(challenge: Fr) -> Option<()> {
    (!challenge.is_zero()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z17_every_label_byte_and_order_changes_the_challenge() {
        let squeeze = |items: &[(&str, &[u8])]| {
            let mut transcript = Transcript::new("c");
            items.iter().for_each(|(label, bytes)| transcript.absorb(label, bytes));
            transcript.challenge("x")
        };
        let base = squeeze(&[("a", b"12"), ("b", b"3")]);
        assert_eq!(base, squeeze(&[("a", b"12"), ("b", b"3")]));
        for other in [
            &[("a", b"1" as &[u8]), ("b", b"23")][..],
            &[("b", b"3"), ("a", b"12")],
            &[("a", b"12"), ("c", b"3")],
            &[("a", b"12"), ("b", b"3"), ("", b"")],
        ] {
            assert_ne!(base, squeeze(other));
        }
    }

    #[test]
    fn z17_poles_are_refused() {
        assert!(refuse_small(Fr::from(65_535u64)).is_none());
        assert!(refuse_small(Fr::from(65_536u64)).is_some());
        assert!(refuse_root(Fr::one(), 256).is_none());
        assert!(refuse_root(-Fr::one(), 256).is_none());
        assert!(refuse_root(Fr::from(2u64), 256).is_some());
        assert!(refuse_zero(Fr::zero()).is_none());
    }
}
