//! Why a market has no risk arrays.

use crate::arrays::{
    date::Date,
    forecast::{Forecast, ForecastError},
    quantise::QuantiseError,
    rules::FileError,
    volatility::VolatilityError,
};

/// Why there are no arrays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A column that the history does not have.
    #[error("{user} refers to the prices of {column}, the history has {known}")]
    UnknownColumn {
        /// Instrument, asset or `given` figure.
        user: String,
        /// The column.
        column: String,
        /// Columns of the history.
        known: String,
    },
    /// A number out of its range.
    #[error("{name}: {what} is {got}, expected {expected}")]
    Number {
        /// Name of the instrument or asset.
        name: String,
        /// Which number.
        what: &'static str,
        /// The number.
        got: f64,
        /// The range.
        expected: &'static str,
    },
    /// An option without life.
    #[error("option {name} expired on {expiry}, the history ends on {as_of}: remove it")]
    Expired {
        /// Name of the option.
        name: String,
        /// Its expiry.
        expiry: Date,
        /// Last date of the history.
        as_of: Date,
    },
    /// Both or neither of volatility and quote.
    #[error("option {name}: give either its volatility or its quote")]
    Volatility {
        /// Name of the option.
        name: String,
    },
    /// A quote below exercise value or above the price of the future.
    #[error(
        "option {name}: no volatility explains the quote {quote} at the futures price {futures}; \
         is it per unit?"
    )]
    Quote {
        /// Name of the option.
        name: String,
        /// The quote.
        quote: f64,
        /// Price of the future.
        futures: f64,
    },
    /// No volatility for a column.
    #[error("prices of {column}: {source}")]
    Estimate {
        /// The column.
        column: String,
        /// Why.
        source: VolatilityError,
    },
    /// No forecast for a column.
    #[error("prices of {column}: forecast {forecast:?}: {source}")]
    Forecast {
        /// The column.
        column: String,
        /// Which forecast.
        forecast: Forecast,
        /// Why.
        source: ForecastError,
    },
    /// Losses that cannot be quantised.
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
    /// Arrays that break a rule of the file.
    #[error(transparent)]
    File(#[from] FileError),
}
