//! The naive program: every number a signed FHE integer of 64 bits, as tfhe's manual would write it.
//!
//! What it lacks in speed it has in plainness: it shares nothing with the engine but the parameter
//! set, so it is what the engine is compared with, in tests and in the benchmark.

use tfhe::integer::{BooleanBlock, RadixClientKey, ServerKey, SignedRadixCiphertext, gen_keys_radix};

use crate::{
    parameters::COMPUTE,
    reference::{Margin, Portfolio, Weights},
};

/// Blocks of two bits in 64.
const BLOCKS: usize = 32;

/// Both keys: an oracle hides nothing from itself.
pub struct Oracle {
    client: RadixClientKey,
    server: ServerKey,
}

/// Encrypted lots.
pub struct Encrypted {
    legs: Vec<SignedRadixCiphertext>,
    collateral: Vec<SignedRadixCiphertext>,
}

/// An encrypted margin.
pub struct Outcome {
    margin: SignedRadixCiphertext,
    collateral: SignedRadixCiphertext,
    call: BooleanBlock,
}

impl Oracle {
    /// New keys, under the engine's compute parameters.
    pub fn generate() -> Self {
        let (client, server) = gen_keys_radix(COMPUTE, BLOCKS);
        Self { client, server }
    }

    /// Encrypts a portfolio.
    pub fn encrypt(&self, portfolio: &Portfolio) -> Encrypted {
        let encrypt =
            |values: &[u64]| values.iter().map(|value| self.client.encrypt_signed(*value as i64)).collect();
        Encrypted { legs: encrypt(&portfolio.legs), collateral: encrypt(&portfolio.collateral) }
    }

    /// Multiplies, adds and compares; nothing if there is no scenario.
    pub fn evaluate(&self, weights: &Weights, portfolio: &Encrypted) -> Option<Outcome> {
        let losses = weights.scenarios.iter().map(|scenario| self.dot(scenario, &portfolio.legs));
        let worst = losses.reduce(|worst, loss| self.server.max_parallelized(&worst, &loss))?;
        let margin = self.server.scalar_max_parallelized(&worst, 0i64);
        let factors: Vec<_> = weights.collateral.iter().map(|factor| *factor as i64).collect();
        let collateral = self.dot(&factors, &portfolio.collateral);
        let call = self.server.lt_parallelized(&collateral, &margin);
        Some(Outcome { margin, collateral, call })
    }

    fn dot(&self, weights: &[i64], values: &[SignedRadixCiphertext]) -> SignedRadixCiphertext {
        let product = |(weight, value): (&i64, _)| self.server.scalar_mul_parallelized(value, *weight);
        let products: Vec<_> = weights.iter().zip(values).map(product).collect();
        let sum = self.server.sum_ciphertexts_parallelized(&products);
        sum.unwrap_or_else(|| self.server.create_trivial_zero_radix(BLOCKS))
    }

    /// Decrypts.
    pub fn decrypt(&self, outcome: &Outcome) -> Margin {
        Margin {
            margin: self.client.decrypt_signed(&outcome.margin),
            collateral: self.client.decrypt_signed(&outcome.collateral),
            call: self.client.decrypt_bool(&outcome.call),
        }
    }
}
