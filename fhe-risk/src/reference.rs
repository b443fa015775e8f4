//! The same margin in clear: what the encrypted one must equal to the last digit.

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portfolio {
    /// Long, short, long, short, …
    pub legs: Vec<u64>,
    /// By collateral asset.
    pub collateral: Vec<u64>,
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
    weights.scenarios.iter().map(|scenario| dot(scenario.iter().copied(), &portfolio.legs)).collect()
}

/// The margin; nothing if a sum does not fit 63 bits, a list is short, or there is no scenario.
pub fn margin(weights: &Weights, portfolio: &Portfolio) -> Option<Margin> {
    let margin = losses(weights, portfolio)?.into_iter().max()?.max(0);
    let factors = weights.collateral.iter().map(|factor| i64::try_from(*factor).unwrap_or(i64::MAX));
    let collateral = dot(factors, &portfolio.collateral)?;
    Some(Margin { margin, collateral, call: collateral < margin })
}

fn dot(weights: impl ExactSizeIterator<Item = i64>, values: &[u64]) -> Option<i64> {
    if weights.len() != values.len() {
        return None;
    }
    let products = weights.zip(values).map(|(weight, value)| i128::from(weight) * i128::from(*value));
    i64::try_from(products.sum::<i128>()).ok()
}
