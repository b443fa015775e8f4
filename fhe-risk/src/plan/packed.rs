//! Noise of packed values.

use super::bound::{Bound, Weights, signed};
use crate::circuit::Torus;

/// A packed value.
#[derive(Debug, Clone)]
pub struct Packed {
    /// By the weights of the inputs in it.
    pub wide: Weights,
    /// In the constant coefficient, without that of the inputs.
    pub own: Bound,
    /// Variance of every other coefficient.
    pub beside: f64,
}

impl Packed {
    /// Adds or subtracts; `is_in_step` if the digits of both are the same, up to the sign.
    fn join(&mut self, other: &Self, is_in_step: bool) {
        let factor = if is_in_step { 2.0 } else { 1.0 };
        self.own = self.own.plus(other.own);
        self.own.variance *= factor;
        self.beside = (self.beside + other.beside) * factor;
    }
}

impl Torus for Packed {
    fn add(&mut self, other: &Self) {
        self.join(other, parallel(&self.wide.0, &other.wide.0) > 0.0);
        self.wide.add(&other.wide);
    }

    fn sub(&mut self, other: &Self) {
        self.join(other, parallel(&self.wide.0, &other.wide.0) < 0.0);
        self.wide.sub(&other.wide);
    }

    fn scale(&mut self, factor: u64) {
        self.wide.scale(factor);
        self.own = self.own.times(signed(factor));
        self.beside *= signed(factor).powi(2);
    }

    fn offset(&mut self, _constant: u64) {}
}

/// Above zero for weights that are multiples of each other, below for opposite ones, else zero.
fn parallel(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let both = dot(a, b);
    // Cauchy and Schwarz: equal just for multiples; sums of rounded products are off by less.
    if both * both >= dot(a, a) * dot(b, b) * (1.0 - 1e-9) { both } else { 0.0 }
}
