//! Fiat–Shamir challenges. The verifier's transcript makes them; the circuits take them as
//! public inputs and never see a transcript.

use ark_bn254::Fr;

/// Challenges of one shard proof, in squeezing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardChallenges {
    /// Point of the range identity (C-SHARD-1).
    pub alpha: Fr,
    /// Point of the per-asset sum identity (C-SHARD-2), `X` in the design.
    pub chi: Fr,
    /// Evaluation point of the committed blocks (C-SHARD-3).
    pub rho: Fr,
    /// Weight that joins the commitments into one opening (C-SHARD-3).
    pub gamma: Fr,
}

/// Challenges of the coverage proof, in squeezing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageChallenges {
    /// Point of the range identity (C-COV-2).
    pub alpha: Fr,
    /// Evaluation point of the committed vectors (C-COV-1).
    pub rho: Fr,
    /// Weight that joins the commitments into one opening (C-COV-1).
    pub gamma: Fr,
}
