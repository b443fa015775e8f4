//! Forecasts of volatility, which may only **raise** the finished price scan range.
//!
//! Both forecast the variance per day over the horizon from logarithmic returns: [`Garch`] by a
//! GARCH(1,1) model fitted by quasi-maximum likelihood, [`har_variance`] by a heterogeneous
//! autoregression of daily, weekly and monthly realised variance.

pub mod garch;
pub mod har;
mod minimise;

pub use garch::Garch;
pub use har::har_variance;
use serde::Deserialize;

/// Fewest returns from which a forecast is made.
pub const MIN_RETURNS: usize = 250;

/// Which forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forecast {
    /// GARCH(1,1).
    Garch,
    /// Heterogeneous autoregression.
    Har,
}

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// Too few returns.
    #[error("{got} returns, a forecast needs {MIN_RETURNS}: give a longer history or leave the forecast out")]
    TooShort {
        /// Returns.
        got: usize,
    },
    /// Returns that do not vary, or not enough to tell the regressors apart.
    #[error("the returns do not vary enough for a forecast: leave it out for this instrument")]
    Degenerate,
    /// The fit did not end at a maximum.
    #[error(
        "the GARCH fit stopped with a gradient of {gradient:.1e} per return, \
         expected at most 1e-6: leave it out"
    )]
    NotConverged {
        /// Largest component of the gradient of the mean log-likelihood.
        gradient: f64,
    },
}

impl Forecast {
    /// Daily volatility over the next `days` days.
    pub fn volatility(self, returns: &[f64], days: u32) -> Result<f64, ForecastError> {
        let variance = match self {
            Self::Garch => Garch::fit(returns)?.mean_variance(days),
            Self::Har => har_variance(returns, days)?,
        };
        Ok(variance.max(0.0).sqrt())
    }
}

/// The price scan range after forecasts: never below the finished one.
pub fn raise(price_scan_range: f64, forecasts: impl IntoIterator<Item = f64>) -> f64 {
    forecasts.into_iter().fold(price_scan_range, f64::max)
}

/// Enough returns.
fn long_enough(returns: &[f64]) -> Result<(), ForecastError> {
    if returns.len() < MIN_RETURNS { Err(ForecastError::TooShort { got: returns.len() }) } else { Ok(()) }
}

#[cfg(test)]
mod simulate;

#[cfg(test)]
mod tests {
    use super::{simulate::returns, *};

    #[test]
    fn a_forecast_only_raises() {
        assert_eq!(raise(7.0, [3.0, 5.0]), 7.0);
        assert_eq!(raise(7.0, [3.0, 9.0]), 9.0);
        assert_eq!(raise(7.0, []), 7.0);
        assert_eq!(raise(7.0, [f64::NAN]), 7.0);
    }

    #[test]
    fn both_forecasts_are_near_the_volatility_of_a_simulated_series() {
        let returns = returns(2000);
        let rms = crate::arrays::volatility::root_mean_square(&returns);
        for forecast in [Forecast::Garch, Forecast::Har] {
            let volatility = forecast.volatility(&returns, 2).unwrap();
            assert!(volatility > 0.4 * rms && volatility < 2.5 * rms, "{forecast:?}: {volatility} {rms}");
        }
    }

    #[test]
    fn short_and_constant_series_are_refused() {
        for forecast in [Forecast::Garch, Forecast::Har] {
            assert_eq!(forecast.volatility(&[0.01; 249], 1), Err(ForecastError::TooShort { got: 249 }));
            assert_eq!(forecast.volatility(&[0.0; 300], 1), Err(ForecastError::Degenerate));
            assert_eq!(forecast.volatility(&[0.01; 300], 1), Err(ForecastError::Degenerate));
        }
    }
}
