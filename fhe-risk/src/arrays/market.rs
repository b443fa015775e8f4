//! Prices, scan ranges and scenario gains of one market, in money.

use std::collections::BTreeMap;

mod error;

pub use error::BuildError;

use super::{
    black76::Contract,
    config::{CollateralConfig, InstrumentConfig, MarketConfig, OptionConfig, OutrightConfig},
    date::Date,
    forecast::{Forecast, raise},
    history::{PriceHistory, log_returns},
    quantise::{LotGains, LotValue},
    scenario::{Scan, option_gains, outright_gains},
    volatility::{Given, Volatility, estimate, root_mean_square},
};

/// Days of a year in option prices.
const YEAR: f64 = 365.0;
/// Calendar days of the long look-back period.
const TEN_YEARS: i32 = 3652;

/// How far the price of one column is scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceRange {
    /// Last price.
    pub price: f64,
    /// Daily volatility.
    pub volatility: Volatility,
    /// Daily volatility by forecast.
    pub forecasts: Vec<(Forecast, f64)>,
    /// Price scan range, in the unit of the price.
    pub range: f64,
}

/// The inputs, and the ranges found so far.
pub(super) struct Market<'a> {
    config: &'a MarketConfig,
    history: &'a PriceHistory,
    pub(super) as_of: Date,
    pub(super) ranges: BTreeMap<String, PriceRange>,
}

impl<'a> Market<'a> {
    pub(super) fn new(config: &'a MarketConfig, history: &'a PriceHistory) -> Result<Self, BuildError> {
        // A history is never empty.
        let as_of = history.dates()[history.dates().len() - 1];
        let market = Self { config, history, as_of, ranges: BTreeMap::new() };
        config.given.keys().try_for_each(|column| market.prices("given", column).map(|_| ()))?;
        Ok(market)
    }

    /// Gains of one lot long.
    pub(super) fn lot_gains(&mut self, instrument: &InstrumentConfig) -> Result<LotGains, BuildError> {
        let (name, lot, gains) = match instrument {
            InstrumentConfig::Future(OutrightConfig { name, prices, lot })
            | InstrumentConfig::Spot(OutrightConfig { name, prices, lot }) => {
                (name, *lot, outright_gains(self.range(name, prices)?.range))
            }
            InstrumentConfig::Option(option) => {
                let PriceRange { price, range, .. } = self.range(&option.name, &option.prices)?;
                let contract = self.contract(option, price)?;
                let look_ahead_years = f64::from(self.config.look_ahead_days) / YEAR;
                let scan = Scan { range, volatility_move: option.volatility_move, look_ahead_years };
                (&option.name, option.lot, option_gains(&contract, &scan))
            }
        };
        check_lot(name, lot)?;
        Ok(LotGains { name: name.clone(), gains: gains.iter().map(|gain| gain * lot).collect() })
    }

    /// Today's terms of an option.
    fn contract(&self, option: &OptionConfig, futures: f64) -> Result<Contract, BuildError> {
        let OptionConfig { right, strike, expiry, rate, volatility_move, .. } = *option;
        let name = || option.name.clone();
        number(&option.name, "strike", strike, strike > 0.0 && strike.is_finite(), "above 0")?;
        number(&option.name, "rate", rate, (-1.0..=1.0).contains(&rate), "-1 to 1 (0.05 is 5 %)")?;
        let moves = (0.0..1.0).contains(&volatility_move);
        number(&option.name, "volatility_move", volatility_move, moves, "at least 0 and below 1")?;
        let days = expiry.days_since(self.as_of);
        if days <= 0 {
            return Err(BuildError::Expired { name: name(), expiry, as_of: self.as_of });
        }
        let contract =
            Contract { right, futures, strike, years: f64::from(days) / YEAR, volatility: 0.0, rate };
        let volatility =
            match (option.volatility, option.quote) {
                (Some(volatility), None) => volatility,
                (None, Some(quote)) => contract
                    .implied_volatility(quote)
                    .ok_or_else(|| BuildError::Quote { name: name(), quote, futures })?,
                _ => return Err(BuildError::Volatility { name: name() }),
            };
        let likely = volatility > 0.0 && volatility <= 10.0;
        number(
            &option.name,
            "volatility",
            volatility,
            likely,
            "above 0 and at most 10 (0.2 is 20 % a year)",
        )?;
        Ok(Contract { volatility, ..contract })
    }

    /// Value of one lot of collateral.
    pub(super) fn lot_value(&self, asset: &CollateralConfig) -> Result<LotValue, BuildError> {
        let CollateralConfig { name, prices, lot, haircut_bps } = asset;
        check_lot(name, *lot)?;
        let price = match prices {
            Some(column) => *self.prices(name, column)?.last().unwrap_or(&0.0),
            None => 1.0,
        };
        Ok(LotValue { name: name.clone(), value: price * lot, haircut_bps: *haircut_bps })
    }

    fn prices(&self, user: &str, column: &str) -> Result<&[f64], BuildError> {
        self.history.prices(column).ok_or_else(|| BuildError::UnknownColumn {
            user: user.to_owned(),
            column: column.to_owned(),
            known: self.history.instruments().join(", "),
        })
    }

    /// The price scan range of a column, computed once.
    fn range(&mut self, user: &str, column: &str) -> Result<PriceRange, BuildError> {
        if let Some(range) = self.ranges.get(column) {
            return Ok(range.clone());
        }
        let prices = self.prices(user, column)?;
        let (price, returns) = (prices[prices.len() - 1], log_returns(prices));
        let parameters = &self.config.volatility;
        let given = self.config.given.get(column).copied().unwrap_or_default();
        let ten_year = given.ten_year_volatility.or_else(|| self.ten_year(&returns));
        let given = Given { stressed: given.stressed_volatility, ten_year };
        let volatility = estimate(&returns, parameters, given)
            .map_err(|source| BuildError::Estimate { column: column.to_owned(), source })?;
        let mut forecasts = Vec::new();
        for forecast in &self.config.forecasts {
            let figure = forecast.volatility(&returns, parameters.horizon_days);
            let error =
                |source| BuildError::Forecast { column: column.to_owned(), forecast: *forecast, source };
            forecasts.push((*forecast, figure.map_err(error)?));
        }
        let scan = |volatility| parameters.price_scan_range(price, volatility);
        let range =
            raise(scan(volatility.applied), forecasts.iter().map(|(_, volatility)| scan(*volatility)));
        let range = PriceRange { price, volatility, forecasts, range };
        self.ranges.insert(column.to_owned(), range.clone());
        Ok(range)
    }

    /// Volatility over the last 10 years, where the history is that long.
    fn ten_year(&self, returns: &[f64]) -> Option<f64> {
        let dates = self.history.dates();
        let first = dates.iter().position(|date| self.as_of.days_since(*date) < TEN_YEARS)?;
        // The return that ends on a date stands one place before it.
        (first > 0).then(|| root_mean_square(&returns[first - 1..]))
    }
}

fn check_lot(name: &str, lot: f64) -> Result<(), BuildError> {
    number(name, "lot", lot, lot > 0.0 && lot.is_finite(), "units in one lot, above 0")
}

fn number(
    name: &str,
    what: &'static str,
    got: f64,
    valid: bool,
    expected: &'static str,
) -> Result<(), BuildError> {
    if valid { Ok(()) } else { Err(BuildError::Number { name: name.to_owned(), what, got, expected }) }
}
