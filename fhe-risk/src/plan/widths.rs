//! The width table: how many bits of lots fit, by instruments, entries and kind of input.

use super::{InputKind, Market, Plan, Question};
use crate::reference::Weights;

/// The widest market for a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// It.
    pub market: Market,
    /// Bootstraps of a margin.
    pub bootstraps: u64,
}

/// Most bits of lots for `instruments`, `scenarios` and array entries of `entry_bits` magnitude bits,
/// whatever the arrays are; nothing if not even one bit fits.
pub fn widest(instruments: usize, scenarios: usize, entry_bits: u32, inputs: InputKind) -> Option<Width> {
    let most = (1i64 << entry_bits) - 1;
    // Long and short legs that lose and gain the most, against their opposites.
    let scenario = |number: usize| {
        let sign = if number.is_multiple_of(2) { 1 } else { -1 };
        [sign * most, -sign * most].repeat(instruments)
    };
    let weights =
        Weights { scenarios: (0..scenarios).map(scenario).collect(), collateral: vec![most as u64] };
    let fits = |value_bits: u32| {
        let bits = value_bits + entry_bits + (2 * instruments).next_power_of_two().ilog2() + 1;
        let plan = (bits <= super::MAX_BITS)
            .then(|| Plan::new(Market { bits, value_bits, inputs }, &weights, Question::Margin));
        let plan = plan?.ok()?;
        Some(Width { market: plan.market, bootstraps: plan.bootstraps })
    };
    (1..=32).rev().find_map(fits)
}
