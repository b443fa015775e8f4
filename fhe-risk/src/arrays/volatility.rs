//! Daily volatility and the price scan range: how far a price may move within the horizon.
//!
//! 1. **Current**: exponentially weighted moving average of squared returns with zero mean,
//!    `v = λ·v + (1 − λ)·r²`, one step per return. Seed: the mean of the first `seed_returns`
//!    squared returns; the steps start at the return after them.
//! 2. **Stressed**: the largest root mean square of `stress_window` consecutive returns of the
//!    history, or a figure from outside.
//! 3. **Anti-procyclicality** (Regulation (EU) 648/2012 (EMIR), implemented by Article 28(1) of
//!    Delegated Regulation (EU) 153/2013, which asks for one of three measures). Letter b: stressed
//!    observations weigh at least 25 %, here in the variance, `(1 − w)·current² + w·stressed²`,
//!    where that is more than the current variance. Letter c, where a figure is given: not below the
//!    volatility over a 10-year look-back period. The measures may only raise.
//! 4. **Price scan range** `price · max(floor, m·σ·√horizon)`.

use serde::Deserialize;

/// Decay factor of clearing houses' filtered margins: half-life 138 days.
pub const LAMBDA_CLEARING: f64 = 0.995;
/// Decay factor of RiskMetrics for daily data (Technical Document, 1996): half-life 11 days.
pub const LAMBDA_RISKMETRICS: f64 = 0.94;

/// How returns become a price scan range.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Decay factor λ, in [0.5, 1).
    pub lambda: f64,
    /// Returns whose mean square is the seed, at least 1.
    pub seed_returns: usize,
    /// Standard deviations m of the price scan range, in [1, 20]; 3 is past the 99.5 % quantile of
    /// the normal distribution (2.576) by a sixth, for tails that are fatter.
    pub multiplier: f64,
    /// Horizon in rows of the history (trading days), in 1 to 60: the time to close a position out;
    /// 2 days for derivatives that are not over the counter (Article 26 of 153/2013).
    pub horizon_days: u32,
    /// Least price scan range as a fraction of the price, in [0, 1].
    pub floor: f64,
    /// Weight w of the stressed variance, in [0.25, 1].
    pub stressed_weight: f64,
    /// Returns in the window of the stressed volatility, at least 10.
    pub stress_window: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            lambda: LAMBDA_CLEARING,
            seed_returns: 60,
            multiplier: 3.0,
            horizon_days: 2,
            floor: 0.01,
            stressed_weight: 0.25,
            stress_window: 60,
        }
    }
}

/// Figures from outside of the history, each a daily volatility (0.02 is 2 %).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Given {
    /// Stressed volatility, in place of the history's own.
    pub stressed: Option<f64>,
    /// Volatility over 10 years.
    pub ten_year: Option<f64>,
}

/// Daily volatility of one instrument, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Volatility {
    /// Exponentially weighted.
    pub current: f64,
    /// Stressed.
    pub stressed: f64,
    /// Over 10 years, where known.
    pub ten_year: Option<f64>,
    /// What counts: at least the current and the 10-year one.
    pub applied: f64,
}

/// Why there is no volatility.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VolatilityError {
    /// A parameter out of its range.
    #[error("the parameter {name} is {got}, expected {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// Its value.
        got: f64,
        /// The range.
        expected: &'static str,
    },
    /// Too few returns.
    #[error("{got} returns, but {needed} are needed: give a longer history or lower seed_returns")]
    TooShort {
        /// Returns.
        got: usize,
        /// Needed: the seed and one more.
        needed: usize,
    },
}

impl Parameters {
    /// Refuses parameters out of their ranges.
    pub fn validate(&self) -> Result<(), VolatilityError> {
        let Self { lambda, seed_returns, multiplier, horizon_days, floor, stressed_weight, stress_window } =
            *self;
        let rules = [
            ("lambda", lambda, (0.5..1.0).contains(&lambda), "at least 0.5 and below 1"),
            ("seed_returns", seed_returns as f64, seed_returns >= 1, "at least 1"),
            ("multiplier", multiplier, (1.0..=20.0).contains(&multiplier), "1 to 20"),
            ("horizon_days", horizon_days.into(), (1..=60).contains(&horizon_days), "1 to 60"),
            ("floor", floor, (0.0..=1.0).contains(&floor), "0 to 1, a fraction of the price"),
            ("stressed_weight", stressed_weight, (0.25..=1.0).contains(&stressed_weight), "0.25 to 1"),
            ("stress_window", stress_window as f64, stress_window >= 10, "at least 10"),
        ];
        match rules.into_iter().find(|(_, _, valid, _)| !valid) {
            Some((name, got, _, expected)) => Err(VolatilityError::Parameter { name, got, expected }),
            None => Ok(()),
        }
    }

    /// Price scan range for a price and a daily volatility, in the unit of the price.
    pub fn price_scan_range(&self, price: f64, volatility: f64) -> f64 {
        let move_ = self.multiplier * volatility * f64::from(self.horizon_days).sqrt();
        price * move_.max(self.floor)
    }
}

/// Daily volatility from logarithmic returns, oldest first.
pub fn estimate(
    returns: &[f64],
    parameters: &Parameters,
    given: Given,
) -> Result<Volatility, VolatilityError> {
    parameters.validate()?;
    let needed = parameters.seed_returns + 1;
    if returns.len() < needed {
        return Err(VolatilityError::TooShort { got: returns.len(), needed });
    }
    let figure = |name, figure: Option<f64>| match figure {
        Some(got) if !(got > 0.0 && got < 1.0) => Err(VolatilityError::Parameter {
            name,
            got,
            expected: "a daily volatility between 0 and 1, such as 0.02",
        }),
        figure => Ok(figure),
    };
    let ten_year = figure("ten_year_volatility", given.ten_year)?;
    let own = || stressed(returns, parameters.stress_window);
    let stressed = figure("stressed_volatility", given.stressed)?.unwrap_or_else(own);
    let current = ewma(returns, parameters.lambda, parameters.seed_returns);
    let weight = parameters.stressed_weight;
    let blended = ((1.0 - weight) * current * current + weight * stressed * stressed).sqrt();
    let applied = current.max(blended).max(ten_year.unwrap_or(0.0));
    Ok(Volatility { current, stressed, ten_year, applied })
}

/// Root mean square: volatility with zero mean. Zero without returns.
pub fn root_mean_square(returns: &[f64]) -> f64 {
    (returns.iter().map(|r| r * r).sum::<f64>() / returns.len().max(1) as f64).sqrt()
}

fn ewma(returns: &[f64], lambda: f64, seed: usize) -> f64 {
    let (seed, rest) = returns.split_at(seed);
    let start = root_mean_square(seed).powi(2);
    rest.iter().fold(start, |variance, r| lambda * variance + (1.0 - lambda) * r * r).sqrt()
}

/// Over all returns where they do not fill one window.
fn stressed(returns: &[f64], window: usize) -> f64 {
    returns.windows(window.min(returns.len())).map(root_mean_square).fold(0.0, f64::max)
}

#[cfg(test)]
#[path = "volatility_tests.rs"]
mod tests;
