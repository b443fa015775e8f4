//! From a price history and a market's configuration to risk arrays.
//!
//! The last row of the history is "today". Arithmetic is in f64, whose logarithm and exponential may
//! differ in the last bit between platforms: what counts is the published file and its digest.

use std::{collections::BTreeMap, fmt};

use super::{
    config::MarketConfig,
    date::Date,
    file::{Content, Format, RiskArrays},
    history::PriceHistory,
    market::{BuildError, Market, PriceRange},
    quantise::{QuantisationLoss, quantise},
};

/// Risk arrays with what they come from.
#[derive(Debug, Clone)]
pub struct Built {
    /// The arrays.
    pub arrays: RiskArrays,
    /// Last date of the history.
    pub as_of: Date,
    /// Price scan ranges of the columns in use.
    pub ranges: BTreeMap<String, PriceRange>,
    /// What rounding costs, in money.
    pub loss: QuantisationLoss,
}

/// Builds the arrays of all instruments and collateral assets.
pub fn build(config: &MarketConfig, history: &PriceHistory) -> Result<Built, BuildError> {
    let mut market = Market::new(config, history)?;
    let gains = config.instruments.iter().map(|instrument| market.lot_gains(instrument));
    let gains = gains.collect::<Result<Vec<_>, _>>()?;
    let values = config.collateral.iter().map(|asset| market.lot_value(asset));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let quantised = quantise(&gains, &values, config.entry_bits)?;
    let arrays = RiskArrays::new(Content {
        format: Format::V1,
        family: config.family.clone(),
        currency: config.currency.clone(),
        quantum: quantised.quantum,
        look_ahead_days: config.look_ahead_days,
        epoch: config.epoch,
        valid_from: config.valid_from,
        valid_until: config.valid_until,
        instruments: quantised.instruments,
        collateral: quantised.collateral,
    })?;
    Ok(Built { arrays, as_of: market.as_of, ranges: market.ranges, loss: quantised.loss })
}

impl fmt::Display for Built {
    /// For people: ranges, quantum, quantisation loss, digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Content { family, currency, quantum, epoch, instruments, collateral, .. } = self.arrays.content();
        writeln!(f, "risk arrays {family}, epoch {epoch}, as of {}", self.as_of)?;
        writeln!(
            f,
            "{:<16} {:>14} {:>9} {:>9} {:>14}",
            "prices", "last", "daily %", "stress %", "scan range"
        )?;
        for (column, range) in &self.ranges {
            let (applied, stressed) = (range.volatility.applied * 100.0, range.volatility.stressed * 100.0);
            let PriceRange { price, range, .. } = range;
            writeln!(f, "{column:<16} {price:>14.4} {applied:>9.3} {stressed:>9.3} {range:>14.4}")?;
        }
        let (count, assets, scenarios) = (instruments.len(), collateral.len(), self.arrays.scenarios());
        writeln!(
            f,
            "{count} instruments, {scenarios} scenarios, {assets} collateral assets, \
             quantum {quantum} {currency}"
        )?;
        writeln!(f, "quantisation loss: at most {:.2} {currency} per lot and leg", self.loss.per_lot())?;
        write!(f, "digest {}", hex::encode(self.arrays.digest()))
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
