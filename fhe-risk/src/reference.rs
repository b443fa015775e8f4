//! The same margin in clear: what the encrypted one must equal to the last digit.

use std::fmt;

/// Weights of one query: scenario by scenario on the legs, then on the collateral.
///
/// Legs stand in the order long, short, long, short, …; entries are losses per lot in quanta, a
/// gain is negative. Collateral factors are quanta per lot, never negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// By scenario, then leg.
    pub scenarios: Vec<Vec<i64>>,
    /// By collateral asset.
    pub collateral: Vec<u64>,
}

/// Lots held, as they are encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Portfolio {
    /// Long, short, long, short, …
    pub legs: Vec<u64>,
    /// By collateral asset.
    pub collateral: Vec<u64>,
}

/// How many there are; what is held is secret.
impl fmt::Debug for Portfolio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portfolio({} legs, {} assets)", self.legs.len(), self.collateral.len())
    }
}

/// A margin, in quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margin {
    /// max(0, largest loss).
    pub margin: i64,
    /// Value of the collateral after haircuts.
    pub collateral: i64,
    /// Whether it is below the margin.
    pub call: bool,
}

impl Margin {
    /// Collateral − margin.
    pub fn excess(&self) -> i64 {
        self.collateral - self.margin
    }
}

/// loss_s = Σ weight·leg, by scenario; nothing if a sum does not fit 63 bits or a list is short.
pub fn losses(weights: &Weights, portfolio: &Portfolio) -> Option<Vec<i64>> {
    weights.scenarios.iter().map(|scenario| dot(scenario, &portfolio.legs)).collect()
}

/// The margin; nothing if a sum does not fit 63 bits, a list is short, or there is no scenario.
pub fn margin(weights: &Weights, portfolio: &Portfolio) -> Option<Margin> {
    let margin = losses(weights, portfolio)?.into_iter().max()?.max(0);
    let collateral = dot(&weights.collateral, &portfolio.collateral)?;
    Some(Margin { margin, collateral, call: collateral < margin })
}

fn dot<W: Copy + Into<i128>>(weights: &[W], values: &[u64]) -> Option<i64> {
    if weights.len() != values.len() {
        return None;
    }
    let mut pairs = weights.iter().zip(values);
    let sum = pairs.try_fold(0i128, |sum, (weight, value)| {
        sum.checked_add((*weight).into().checked_mul(i128::from(*value))?)
    })?;
    i64::try_from(sum).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_do_not_fit_are_told() {
        let weights = Weights { scenarios: vec![vec![i64::MIN; 4]], collateral: vec![u64::MAX] };
        let hold = |lots: u64, asset: u64| Portfolio { legs: vec![lots; 4], collateral: vec![asset] };
        assert_eq!(losses(&weights, &hold(u64::MAX, 0)), None);
        assert_eq!(margin(&weights, &hold(0, 1)), None);
        assert_eq!(margin(&weights, &hold(0, u64::MAX)), None);
        assert_eq!(margin(&weights, &hold(0, 0)), Some(Margin { margin: 0, collateral: 0, call: false }));
    }

    #[test]
    fn lots_are_not_printed() {
        let portfolio = Portfolio { legs: vec![1234, 0], collateral: vec![5678] };
        assert_eq!(format!("{portfolio:?}"), "Portfolio(2 legs, 1 assets)");
    }
}
