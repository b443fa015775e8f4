//! Noise of the inputs, for the weights that a query gives them.

use super::{
    MAX_LEGS,
    bound::{Bound, PLACE},
};
use crate::parameters::{INPUT_DIMENSION, INPUT_NOISE_LOG, MAX_INPUT_WEIGHT};

/// How inputs were encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// With the secret key, by the venue itself.
    Secret,
    /// With the public key and a proof, by anybody.
    Public,
}

/// Noise of inputs that come in lists.
pub struct InputNoise {
    kind: InputKind,
    lengths: Vec<usize>,
}

/// Variance of TUniform(3): (2^7 + 1)/6.
fn variance() -> f64 {
    (2f64.powi(2 * INPUT_NOISE_LOG as i32 + 1) + 1.0) / 6.0
}

impl InputNoise {
    /// Lists by number of values; weights follow in their order.
    pub fn new(kind: InputKind, lengths: Vec<usize>) -> Self {
        Self { kind, lengths }
    }

    /// What Σ weight·input is off by, re-randomisation included.
    pub fn bound(&self, weights: &[f64]) -> Bound {
        let mut rest = weights;
        let mut bound = Bound::default();
        for length in &self.lengths {
            let (list, behind) = rest.split_at((*length).min(rest.len()));
            rest = behind;
            // Both lists are re-randomised, or encrypted, with the noise of one public key.
            bound = bound.plus(self.list(list));
        }
        bound
    }

    fn list(&self, weights: &[f64]) -> Bound {
        let absolute: f64 = weights.iter().map(|weight| weight.abs()).sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let fresh = compact(weights, squares);
        let (deviation, worst) = match self.kind {
            InputKind::Secret => ((fresh + variance() * squares).sqrt(), 0.0),
            InputKind::Public => {
                // The sender chooses r: at worst all ones, all in step, and in step with what
                // re-randomisation makes of the same e.
                let chosen = variance() * INPUT_DIMENSION as f64 * absolute * absolute;
                (fresh.sqrt() + chosen.sqrt(), hostile() * absolute)
            }
        };
        Bound { variance: 0.0, input: deviation / PLACE, worst: worst / PLACE }
    }
}

/// Honest noise of a compact list: e·r + e1·s + e2 for two binary vectors of mean ½ that all its
/// values share, value j with both turned by X^j.
///
/// Their means are in step: the same for all values but for the signs that turning brings, so that
/// coefficient t of Σ v_j·X^j·(1 + X + …) is what stands up to t less what stands behind it.
fn compact(weights: &[f64], squares: f64) -> f64 {
    let sum: f64 = weights.iter().sum();
    let mut before = 0.0;
    let mut mean = (INPUT_DIMENSION - weights.len()) as f64 * sum * sum;
    for weight in weights {
        before += weight;
        mean += (2.0 * before - sum).powi(2);
    }
    variance() * (2.0 * (INPUT_DIMENSION as f64 * squares + mean) / 4.0 + squares)
}

/// What a proof lets through: ‖(e1, e2)‖ ≤ 2^3·√(n + k), so by Cauchy and Schwarz
/// |⟨e1, s⟩ + e2| ≤ that·√(‖s‖² + 1), with the weight of s bounded at key generation. k is that of
/// the reference string, however short the list is: tfhe-zk-pok 0.9 takes its bound from there.
fn hostile() -> f64 {
    let norm = 2f64.powi(INPUT_NOISE_LOG as i32) * ((INPUT_DIMENSION + MAX_LEGS) as f64).sqrt();
    norm * ((MAX_INPUT_WEIGHT + 1) as f64).sqrt()
}
