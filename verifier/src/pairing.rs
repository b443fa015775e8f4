//! One product of pairings for many checks.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{CurveGroup, pairing::Pairing};
use ark_ff::{One, Zero};
use rand_core::{OsRng, RngCore};

/// The operating system gave no randomness; nothing can be verified in a batch without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness for the batch weights")]
pub struct NoRandomness;

/// A uniform non-zero 128-bit weight from the operating system. Weights must be drawn after
/// everything they weigh is fixed, or errors can be made to cancel (threat Z18).
pub fn weight() -> Result<Fr, NoRandomness> {
    let mut bytes = [0; 16];
    loop {
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| NoRandomness)?;
        let weight = Fr::from(u128::from_be_bytes(bytes));
        if !weight.is_zero() {
            return Ok(weight);
        }
    }
}

/// Terms of `Π e(g1, g2)`.
#[derive(Default)]
pub struct PairingProduct {
    left: Vec<G1Projective>,
    right: Vec<G2Affine>,
}

impl PairingProduct {
    /// The empty product.
    pub const fn new() -> Self {
        Self { left: Vec::new(), right: Vec::new() }
    }

    /// Multiplies by `e(left, right)`.
    pub fn add(&mut self, left: impl Into<G1Projective>, right: G2Affine) {
        self.left.push(left.into());
        self.right.push(right);
    }

    /// Whether the product is 1.
    pub fn is_one(&self) -> bool {
        let left: Vec<G1Affine> = G1Projective::normalize_batch(&self.left);
        Bn254::multi_pairing(left, &self.right).0.is_one()
    }
}
