//! What a market consists of: a TOML file beside the price history.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{black76::Right, date::Date, forecast::Forecast, volatility::Parameters};

/// Largest configuration, in bytes.
pub const MAX_CONFIG_BYTES: usize = 1 << 20;

/// A market: which instruments, which collateral, with which parameters. Money is in `currency`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketConfig {
    /// Name of the family of arrays.
    pub family: String,
    /// Currency of prices and of all money.
    pub currency: String,
    /// Number of the arrays in their family.
    pub epoch: u64,
    /// First second of validity, in seconds since 1970.
    pub valid_from: u64,
    /// First second after it.
    pub valid_until: u64,
    /// Calendar days by which options age in a scenario; 2, as the default horizon, unless given.
    #[serde(default = "two_days")]
    pub look_ahead_days: u32,
    /// Bits of magnitude of an entry; 9 unless given.
    #[serde(default = "nine_bits")]
    pub entry_bits: u32,
    /// Forecasts that may raise price scan ranges; none unless given.
    #[serde(default)]
    pub forecasts: Vec<Forecast>,
    /// From returns to price scan ranges.
    #[serde(default)]
    pub volatility: Parameters,
    /// Figures from outside, by column of the price history.
    #[serde(default)]
    pub given: BTreeMap<String, GivenConfig>,
    /// Instruments, in the order of the positions.
    #[serde(rename = "instrument")]
    pub instruments: Vec<InstrumentConfig>,
    /// Collateral assets, in the order of the collateral amounts.
    #[serde(rename = "collateral", default)]
    pub collateral: Vec<CollateralConfig>,
}

/// Daily volatilities that the history does not give.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenConfig {
    /// Stressed volatility, in place of the history's own.
    pub stressed_volatility: Option<f64>,
    /// Volatility over 10 years, in place of the history's own (if it is that long).
    pub ten_year_volatility: Option<f64>,
}

/// One instrument.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum InstrumentConfig {
    /// A future.
    Future(OutrightConfig),
    /// The thing itself: gains and loses as a future.
    Spot(OutrightConfig),
    /// An option on a future.
    Option(OptionConfig),
}

/// An instrument whose value follows a price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutrightConfig {
    /// Name.
    pub name: String,
    /// Column of the price history.
    pub prices: String,
    /// Units of the priced thing in one lot.
    pub lot: f64,
}

/// A European option on a future.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionConfig {
    /// Name.
    pub name: String,
    /// Column of the price history that holds the price of the future.
    pub prices: String,
    /// Units of the priced thing in one lot.
    pub lot: f64,
    /// Call or put.
    pub right: Right,
    /// Strike, in the unit of the price.
    pub strike: f64,
    /// Day of expiry.
    pub expiry: Date,
    /// Volatility per year (0.2 is 20 %); this or `quote`.
    pub volatility: Option<f64>,
    /// Price of the option on the last day of the history, from which the volatility follows.
    pub quote: Option<f64>,
    /// Volatility move of the scenarios as a fraction of the volatility; a quarter unless given.
    #[serde(default = "quarter")]
    pub volatility_move: f64,
    /// Interest rate per year, continuously compounded; zero unless given.
    #[serde(default)]
    pub rate: f64,
}

/// One collateral asset.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollateralConfig {
    /// Name.
    pub name: String,
    /// Column of the price history; without one a unit is worth 1, as the currency itself.
    pub prices: Option<String>,
    /// Units in one lot.
    pub lot: f64,
    /// Haircut in 1/10 000 of the value.
    pub haircut_bps: u32,
}

/// Why a file is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// More bytes than allowed.
    #[error(
        "the market configuration has {got} bytes, at most {MAX_CONFIG_BYTES} are read: \
         is this the right file?"
    )]
    TooLarge {
        /// Bytes.
        got: usize,
    },
    /// Not TOML of this form; the message shows the place.
    #[error("the market configuration: {0}")]
    Toml(#[from] toml::de::Error),
}

impl MarketConfig {
    /// Reads a TOML file of at most 1 MiB. Values are checked when arrays are built.
    pub fn read(toml: &[u8]) -> Result<Self, ConfigError> {
        if toml.len() > MAX_CONFIG_BYTES {
            return Err(ConfigError::TooLarge { got: toml.len() });
        }
        Ok(toml::from_slice(toml)?)
    }
}

fn two_days() -> u32 {
    2
}

fn nine_bits() -> u32 {
    9
}

fn quarter() -> f64 {
    0.25
}
