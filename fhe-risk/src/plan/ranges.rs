//! Ranges: no sum of the evaluation may wrap.

use super::{Market, PlanError};
use crate::reference::Weights;

/// Largest absolute values, in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranges {
    /// Of a loss.
    pub loss: i128,
    /// Of the difference of two losses.
    pub difference: i128,
    /// Of the collateral.
    pub collateral: i128,
    /// Of collateral − loss.
    pub excess: i128,
}

impl Ranges {
    /// Checks all sums for all legal inputs.
    ///
    /// # Errors
    ///
    /// The first sum that may leave ±2^(p−1).
    pub fn new(market: Market, weights: &Weights) -> Result<Self, PlanError> {
        let most = (1i128 << market.value_bits) - 1;
        let require = |what: String, largest: i128| {
            let limit = 1i128 << (market.bits - 1);
            let error = || PlanError::Range { what, largest, bits: market.bits, limit };
            if largest < limit { Ok(largest) } else { Err(error()) }
        };
        let collateral: i128 = weights.collateral.iter().map(|factor| i128::from(*factor) * most).sum();
        require("the collateral".into(), collateral)?;
        let mut ranges = Self { loss: 0, difference: 0, collateral, excess: 0 };
        for (number, scenario) in weights.scenarios.iter().enumerate() {
            let (low, high) = span(scenario.iter().map(|weight| i128::from(*weight)), most);
            let loss = require(format!("the loss of scenario {number}"), high.max(-low))?;
            let excess = require(format!("collateral minus loss {number}"), high.max(collateral - low))?;
            (ranges.loss, ranges.excess) = (ranges.loss.max(loss), ranges.excess.max(excess));
            for (other, second) in weights.scenarios.iter().enumerate().skip(number + 1) {
                let both = scenario.iter().zip(second).map(|(a, b)| i128::from(*a) - i128::from(*b));
                let (low, high) = span(both, most);
                let what = format!("the difference of losses {number} and {other}");
                ranges.difference = ranges.difference.max(require(what, high.max(-low))?);
            }
        }
        Ok(ranges)
    }
}

/// Least and largest Σ weight·x for 0 ≤ x ≤ `most`.
fn span(weights: impl Iterator<Item = i128>, most: i128) -> (i128, i128) {
    weights.fold((0, 0), |(low, high), weight| (low + weight.min(0) * most, high + weight.max(0) * most))
}
