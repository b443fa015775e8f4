//! Commitment of a policy: Poseidon hashes and Merkle trees behind one salted root.
//!
//! Poseidon (Grassi et al., USENIX Security 2021, 2019/458) is P128Pow5T3 over the Pallas base
//! field, as in Zcash Orchard: width 3, rate 2, x^5, 8 full and 56 partial rounds, 128 bits.
//!
//! **Binding.** Each kind of hash has its own number of inputs, which stands in the capacity
//! (2019/458, section 4.2), and all but tree nodes begin with their own tag. Trees have one fixed
//! depth each, so that a node is never taken for a leaf. Two policies with one root are a
//! collision; a leaf that hashes to the empty leaf's 0 is a preimage. All inputs are integers
//! below 2^128, encoded as they are: no two policies have the same inputs.
//!
//! **Hiding.** The root absorbs 256 bits of salt. With Poseidon a random function the root says
//! nothing about the rest to whoever does not guess the salt. No other node leaves the prover.

mod fields;
mod tree;

use ff::PrimeField;
use halo2_gadgets::poseidon::primitives::{ConstantLength, Hash, P128Pow5T3};
use halo2_proofs::pasta::Fp;
use solventry_types::{Digest, Lane};

pub use fields::{PolicyFields, RuleFields, TierFields};
pub use tree::{Path, Tree};

use crate::rules::{DESTINATION_DEPTH, Policy, RULE_DEPTH, Rule, Salt};

/// First input of the leaf of a destination.
pub const DESTINATION_TAG: u128 = u128::from_be_bytes(*b"Solventry/dest/1");
/// First input of the leaf of a rule.
pub const RULE_TAG: u128 = u128::from_be_bytes(*b"Solventry/rule/1");
/// First input of the root.
pub const ROOT_TAG: u128 = u128::from_be_bytes(*b"Solventry/root/1");

/// Poseidon of exactly `L` inputs.
pub fn hash<const L: usize>(inputs: [Fp; L]) -> Fp {
    Hash::<Fp, P128Pow5T3, ConstantLength<L>, 3, 2>::init().hash(inputs)
}

/// The high and the low half of 32 bytes, both big-endian. Each is below 2^128: nothing aliases.
pub fn limbs(bytes: &[u8; 32]) -> [Fp; 2] {
    let half = |bytes: &[u8]| bytes.iter().fold(0, |value, byte| (value << 8) | u128::from(*byte));
    let (high, low) = bytes.split_at(16);
    [half(high), half(low)].map(Fp::from_u128)
}

/// Leaf of a destination.
pub fn destination_leaf(destination: &Digest) -> Fp {
    let [high, low] = limbs(&destination.0);
    hash([Fp::from_u128(DESTINATION_TAG), high, low])
}

impl Rule {
    /// Tree of the listed destinations, in their order.
    pub fn destination_tree(&self) -> Tree<DESTINATION_DEPTH> {
        Tree::new(self.destinations.iter().map(destination_leaf).collect())
    }

    /// Leaf of the rule over the root of its destinations.
    pub fn leaf(&self, destinations_root: Fp) -> Fp {
        let (asset, lane) = (limbs(&self.asset.0), lane_element(self.lane));
        hash(RuleFields::of(self).inputs(Fp::from_u128(RULE_TAG), asset, lane, destinations_root))
    }
}

impl Policy {
    /// Tree of the rules, in the order of the policy.
    pub fn rule_tree(&self) -> Tree<RULE_DEPTH> {
        let leaf = |rule: &Rule| rule.leaf(rule.destination_tree().root());
        Tree::new(self.rules.iter().map(leaf).collect())
    }

    /// Salted root over the root of the rules.
    pub fn root_over(&self, rules_root: Fp) -> Fp {
        let (vault, approver_set) = (limbs(&self.vault.0), limbs(&self.approver_set.0));
        let fields = PolicyFields::of(self);
        hash(fields.inputs(Fp::from_u128(ROOT_TAG), vault, approver_set, rules_root))
    }

    /// Salted root: 32 canonical little-endian bytes of a Pallas base-field element.
    ///
    /// Does not ask whether the policy is valid ([`Policy::validate`]); no more than
    /// [`crate::rules::MAX_RULES`] rules and 2^20 destinations of a rule are committed to.
    pub fn root(&self) -> [u8; 32] {
        self.root_over(self.rule_tree().root()).to_repr()
    }
}

impl Salt {
    /// Limbs of the salt, both hashed: 256 bits, none lost to a reduction.
    pub(crate) fn limbs(&self) -> [Fp; 2] {
        limbs(&self.0)
    }
}

/// 0 for the normal lane, 1 for the rebalance lane.
pub(crate) fn lane_element(lane: Lane) -> Fp {
    Fp::from(u64::from(lane.code()))
}
