//! The plan of a query, from public data alone: what it costs, how sure it is, whether it is exact.

mod bound;
mod inputs;
mod packed;
mod ranges;
mod steps;
mod text;
mod widths;

use std::num::NonZeroUsize;

pub use bound::Row;
use bound::{Bounds, Weights as Linear, add_log2};
pub use inputs::InputKind;
pub(crate) use inputs::InputNoise;
pub use ranges::Ranges;
pub use steps::Steps;
pub use widths::{Width, widest};

use crate::{
    circuit::{GROUP, Wanted, any_call, evaluate, margin_tops},
    reference::Weights,
};

/// Most scenarios.
pub const MAX_SCENARIOS: usize = 64;
/// Most legs: two for each of 128 instruments.
pub const MAX_LEGS: usize = 256;
/// Most collateral assets.
pub const MAX_COLLATERAL: usize = 64;
/// Most bits of an encoded value: products with weights fit an i64.
pub const MAX_BITS: u32 = 60;
/// A query that fails more often is refused, as log2.
pub const MAX_FAILURE_LOG2: f64 = -100.0;

/// What a venue fixes when it makes its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// Bits of an encoded value, p: sums and differences lie within ±2^(p−1).
    pub bits: u32,
    /// Bits of an input, B: lots of a leg or of an asset are below 2^B.
    pub value_bits: u32,
    /// How inputs are encrypted.
    pub inputs: InputKind,
}

/// What a query asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Whether collateral covers the margin: one bit, the cheap way.
    Call,
    /// The margin, and whether collateral covers it.
    Margin,
}

/// Why a query cannot be exact.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A number out of bounds.
    #[error("{what}: expected {least} to {most}, came {got}")]
    Size {
        /// Of what.
        what: &'static str,
        /// At least.
        least: usize,
        /// At most.
        most: usize,
        /// Came.
        got: usize,
    },
    /// Scenarios of different length.
    #[error("scenario {number}: expected {expected} weights, came {got}")]
    Shape {
        /// From 0.
        number: usize,
        /// As the first one has.
        expected: usize,
        /// Came.
        got: usize,
    },
    /// A sum may leave the range.
    #[error(
        "{what} may reach {largest}, values of {bits} bits hold less than {limit}: use a larger quantum, fewer bits of \
         lots, or a market with more bits"
    )]
    Range {
        /// Which sum.
        what: String,
        /// Its largest absolute value.
        largest: i128,
        /// p.
        bits: u32,
        /// 2^(p−1).
        limit: i128,
    },
    /// Noise may reach a margin.
    #[error(
        "{name}: noise of {deviation:.2} places beside {worst:.2} that inputs may add leaves a failure of 2^{failure:.0} \
         in a margin of {margin:.0}, at most 2^{limit:.0} is allowed: use fewer bits of values or smaller weights"
    )]
    Noise {
        /// Which bootstraps.
        name: &'static str,
        /// Standard deviation.
        deviation: f64,
        /// Of hostile inputs.
        worst: f64,
        /// log2.
        failure: f64,
        /// In places.
        margin: f64,
        /// log2.
        limit: f64,
    },
}

/// The plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Of the venue.
    pub market: Market,
    /// Asked.
    pub question: Question,
    /// Scenarios.
    pub scenarios: usize,
    /// Legs, two per instrument.
    pub legs: usize,
    /// Collateral assets.
    pub collateral: usize,
    /// Ranges of the sums.
    pub ranges: Ranges,
    /// Bootstraps by kind and margin, worst first.
    pub rows: Vec<Row>,
    /// Bootstraps in all.
    pub bootstraps: u64,
    /// log2 of the chance that the result is wrong.
    pub failure_log2: f64,
}

impl Plan {
    /// Plans a query.
    ///
    /// # Errors
    ///
    /// If the result could be inexact, or a list is empty, too long or of the wrong shape.
    pub fn new(market: Market, weights: &Weights, question: Question) -> Result<Self, PlanError> {
        let legs = require_shape(market, weights)?;
        let ranges = Ranges::new(market, weights)?;
        let rows = rows(market, weights, legs, question);
        if let Some(row) = rows.iter().find(|row| row.failure_log2 > MAX_FAILURE_LOG2) {
            return Err(PlanError::Noise {
                name: row.name,
                deviation: row.deviation,
                worst: row.worst,
                failure: row.failure_log2,
                margin: row.margin,
                limit: MAX_FAILURE_LOG2,
            });
        }
        let bootstraps = rows.iter().filter(|row| row.name != DECODING).map(|row| row.count).sum();
        let failure_log2 = rows.iter().map(|row| row.failure_log2).fold(f64::NEG_INFINITY, add_log2);
        Ok(Self {
            market,
            question,
            scenarios: weights.scenarios.len(),
            legs,
            collateral: weights.collateral.len(),
            ranges,
            rows,
            bootstraps,
            failure_log2,
        })
    }

    /// Whether the evaluation key needs its large part.
    pub fn needs_large_key(&self) -> bool {
        self.scenarios > GROUP && self.question == Question::Margin
    }

    /// Processor time, from that of one bootstrap.
    pub fn core_seconds(&self, bootstrap_seconds: f64, threads: NonZeroUsize) -> (f64, f64) {
        let core = self.bootstraps as f64 * bootstrap_seconds;
        (core, core / threads.get() as f64)
    }
}

/// Name of the rows that decrypt. A phase is read wrongly beyond half of its unit; one beyond a quarter
/// is refused, which costs an answer and never gives a wrong one.
const DECODING: &str = "decoding";

fn require_shape(market: Market, weights: &Weights) -> Result<usize, PlanError> {
    let legs = weights.scenarios.first().map_or(0, Vec::len);
    let sizes = [
        ("bits of values", 8, MAX_BITS as usize, market.bits as usize),
        ("bits of lots", 1, (market.bits as usize).saturating_sub(1), market.value_bits as usize),
        ("scenarios", 1, MAX_SCENARIOS, weights.scenarios.len()),
        ("legs", 1, MAX_LEGS, legs),
        ("collateral assets", 0, MAX_COLLATERAL, weights.collateral.len()),
    ];
    for (what, least, most, got) in sizes {
        if !(least..=most).contains(&got) {
            return Err(PlanError::Size { what, least, most, got });
        }
    }
    match weights.scenarios.iter().enumerate().find(|(_, scenario)| scenario.len() != legs) {
        Some((number, scenario)) => Err(PlanError::Shape { number, expected: legs, got: scenario.len() }),
        None => Ok(legs),
    }
}

/// Runs the evaluation on bounds.
fn rows(market: Market, weights: &Weights, legs: usize, question: Question) -> Vec<Row> {
    let inputs = InputNoise::new(market.inputs, vec![legs, weights.collateral.len()]);
    let machine = Bounds::new(&inputs);
    let losses: Vec<_> = weights
        .scenarios
        .iter()
        .map(|scenario| Linear(scenario.iter().map(|weight| *weight as f64).collect()))
        .collect();
    let mut collateral = vec![0.0; legs];
    collateral.extend(weights.collateral.iter().map(|factor| *factor as f64));
    let collateral = Linear(collateral);
    match question {
        Question::Call => {
            let call = any_call(&machine, market.bits, losses, &collateral);
            machine.note(DECODING, 1 << 62, call, 1);
        }
        Question::Margin => {
            let wanted = Wanted { margin: true, call: true };
            let outcome = evaluate(&machine, market.bits, losses, &collateral, wanted);
            let tops = margin_tops(market.bits);
            for (place, window) in outcome.margin.iter().enumerate() {
                // Both halves of a window come from one table: their noise is in step, not independent.
                let bound = bound::Bound { variance: 2.0 * window.variance, ..*window };
                let known = tops.get(place + 1).map_or(0, |below| below + 1);
                machine.note(DECODING, 1 << (62 - tops[place] + known), bound, 1);
            }
            if let Some(call) = outcome.call {
                machine.note(DECODING, 1 << 62, call, 1);
            }
            if !weights.collateral.is_empty() {
                machine.note(DECODING, 1 << (63 - market.bits), inputs.bound(&collateral.0), 1);
            }
        }
    }
    let mut rows = machine.into_rows();
    rows.sort_by(|a, b| b.failure_log2.total_cmp(&a.failure_log2));
    rows
}

#[cfg(test)]
mod tests;
