//! The circuits of the solvency proof and their native twins.
//!
//! A circuit is a fixed description ([`r1cs::Circuit`]): matrices, names of the public inputs,
//! and which wires are committed before the challenges exist (J1). Values are assigned in two
//! stages by [`shard`] and [`coverage`]; the second takes challenges as plain structs and never
//! sees a transcript. [`headroom`] has neither commitment nor challenge. Claims are numbered as in
//! `circuits/SPEC.md`.

pub mod coverage;
pub mod gadgets;
pub mod headroom;
pub mod r1cs;
pub mod shard;
pub mod surplus_tree;

/// A twin refused a witness: the claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim {claim} does not hold: {problem}")]
pub struct Refused {
    /// Number of the claim in `circuits/SPEC.md`.
    pub claim: &'static str,
    /// What was found; holds no value of the witness.
    pub problem: &'static str,
}

/// A challenge fell on a pole of a rational identity. The prover blinds afresh and starts again;
/// the verifier refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a challenge falls on a pole")]
pub struct Pole;
