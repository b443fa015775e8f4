//! Ciphertexts as plain vectors.

use crate::{
    circuit::Torus,
    parameters::{INPUT_DIMENSION, POLYNOMIAL},
};

/// An LWE ciphertext: mask, then body. Phase = body − ⟨mask, key⟩.
#[derive(Clone, PartialEq, Eq)]
pub struct Lwe(pub Vec<u64>);

/// Entries of a ciphertext under the input key.
pub const WIDE: usize = INPUT_DIMENSION + 1;
/// Entries of a ciphertext under the large compute key.
pub const COMPUTED: usize = POLYNOMIAL + 1;

impl Lwe {
    /// An encryption of zero without noise or secret.
    pub fn zero(entries: usize) -> Self {
        Self(vec![0; entries])
    }

    /// Mask.
    pub fn mask(&self) -> &[u64] {
        &self.0[..self.0.len() - 1]
    }

    /// Body.
    pub fn body(&self) -> u64 {
        self.0[self.0.len() - 1]
    }

    /// self + factor·other.
    pub fn add_multiple(&mut self, other: &Self, factor: i64) {
        for (sum, entry) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.wrapping_add(entry.wrapping_mul(factor as u64));
        }
    }
}

impl Torus for Lwe {
    fn add(&mut self, other: &Self) {
        self.add_multiple(other, 1);
    }

    fn sub(&mut self, other: &Self) {
        self.add_multiple(other, -1);
    }

    fn scale(&mut self, factor: u64) {
        self.0.iter_mut().for_each(|entry| *entry = entry.wrapping_mul(factor));
    }

    fn offset(&mut self, constant: u64) {
        if let Some(body) = self.0.last_mut() {
            *body = body.wrapping_add(constant);
        }
    }
}
