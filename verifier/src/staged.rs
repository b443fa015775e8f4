//! Proofs of Groth16 with one commitment stage; the equation is the one that plain proofs satisfy too.

use ark_bn254::Fr;
use solventry_types::proof::StagedProof;

use crate::{
    equation::{self, Claim, Stage},
    keys::StagedVerifyingKey,
    pairing::NoRandomness,
};

/// One proof with the public inputs that it must hold for (without the constant).
#[derive(Debug, Clone)]
pub struct StagedClaim<'a> {
    /// Key of the circuit.
    pub key: &'a StagedVerifyingKey,
    /// Public inputs, exactly as many as the key has, rebuilt by the verifier.
    pub inputs: Vec<Fr>,
    /// The proof.
    pub proof: StagedProof,
}

/// A batch that does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StagedError {
    /// Nothing to verify is not success.
    #[error("an empty batch proves nothing")]
    Empty,
    /// Too few or too many public inputs.
    #[error("proof {index}: expected {expected} public inputs, got {got}")]
    InputCount {
        /// Place in the batch.
        index: usize,
        /// Inputs of the key.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// This proof does not satisfy the equation.
    #[error("proof {index} does not satisfy its circuit")]
    Invalid {
        /// Place in the batch.
        index: usize,
    },
    /// No batch weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Verifies all proofs in one product of pairings, with 128-bit weights from the operating
/// system; if it fails, finds the first proof that fails alone.
pub fn verify_batch(claims: &[StagedClaim<'_>]) -> Result<(), StagedError> {
    equation::verify(&claims.iter().map(StagedClaim::equation).collect::<Vec<_>>())
}

impl StagedClaim<'_> {
    fn equation(&self) -> Claim<'_> {
        let StagedProof { d, a, b, c } = self.proof;
        let stage = Some(Stage { d, delta1_g2: self.key.delta1_g2 });
        Claim { key: self.key.elements(), inputs: &self.inputs, stage, a, b, c }
    }
}
