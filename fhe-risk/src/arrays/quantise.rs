//! From money to whole quanta, rounded against the account.
//!
//! A loss is rounded up, for the long and the short leg apart: `long = ceil(loss / quantum)` and
//! `short = ceil(-loss / quantum)`; so two legs cost one quantum more where the loss is no multiple,
//! which a single signed array cannot express. The value of collateral is rounded down.

use super::{
    file::{Collateral, Instrument},
    limits::MAX_ENTRY,
    quantum::Quantum,
};

/// Widest magnitude of an entry, in bits.
pub const MAX_ENTRY_BITS: u32 = 31;

/// Money that one lot long gains in each scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct LotGains {
    /// Name of the instrument.
    pub name: String,
    /// Gains, in money, one per scenario.
    pub gains: Vec<f64>,
}

/// Money that one lot of collateral is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct LotValue {
    /// Name of the asset.
    pub name: String,
    /// Value before the haircut, in money.
    pub value: f64,
    /// Haircut in 1/10 000 of the value.
    pub haircut_bps: u32,
}

/// Quantised arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantised {
    /// The quantum.
    pub quantum: Quantum,
    /// Losses per lot and leg.
    pub instruments: Vec<Instrument>,
    /// Collateral per lot.
    pub collateral: Vec<Collateral>,
    /// What the rounding costs.
    pub loss: QuantisationLoss,
}

/// What rounding costs the account, in money per lot.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantisationLoss {
    /// By instrument: the most by which a scenario overstates the loss of a lot long, and of a lot
    /// short.
    pub legs: Vec<[f64; 2]>,
    /// By collateral asset: by how much a lot is understated.
    pub collateral: Vec<f64>,
}

/// Why something cannot be quantised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantiseError {
    /// A width that no file can hold.
    #[error("entries of {got} bits; expected 1 to {MAX_ENTRY_BITS}")]
    Bits {
        /// The width.
        got: u32,
    },
    /// A gain that is no number.
    #[error("the gain of {instrument} in scenario {scenario} is {got}; expected a finite amount of money")]
    Gain {
        /// Name of the instrument.
        instrument: String,
        /// Scenario, from 1.
        scenario: usize,
        /// The gain.
        got: f64,
    },
    /// Nothing to lose.
    #[error(
        "no instrument gains or loses anything in any scenario: are lots and price scan ranges above zero?"
    )]
    NoRisk,
    /// More money than the largest quantum can count.
    #[error(
        "a lot loses or gains {largest:.0} of money, too much for entries of {bits} bits: use smaller lots"
    )]
    TooMuch {
        /// Largest gain or loss of a lot.
        largest: f64,
        /// Width of the entries.
        bits: u32,
    },
    /// A haircut above 100 %, or a value that is no amount of money.
    #[error(
        "collateral {asset}: value {value} per lot and haircut {haircut_bps} bps; \
         expected at least 0 and at most 10000"
    )]
    Collateral {
        /// Name of the asset.
        asset: String,
        /// Value of a lot.
        value: f64,
        /// Haircut.
        haircut_bps: u32,
    },
    /// A factor that does not fit, or one of zero where the asset has a value.
    #[error(
        "one lot of {asset} counts {factor} quanta of {quantum} after the haircut; expected 1 to {most}: \
         choose a {} lot", if *factor == 0.0 { "larger" } else { "smaller" }
    )]
    Factor {
        /// Name of the asset.
        asset: String,
        /// Quanta per lot.
        factor: f64,
        /// Most.
        most: u64,
        /// The quantum.
        quantum: Quantum,
    },
}

/// Rounds all gains and values to the smallest round quantum (1, 2 or 5 times a power of ten) for
/// which every entry has at most `bits` bits of magnitude. Factors of collateral must fit the same
/// width; they do not change the quantum, the lot of the asset is to be chosen to fit.
pub fn quantise(
    instruments: &[LotGains],
    collateral: &[LotValue],
    bits: u32,
) -> Result<Quantised, QuantiseError> {
    if !(1..=MAX_ENTRY_BITS).contains(&bits) {
        return Err(QuantiseError::Bits { got: bits });
    }
    let most = (1u64 << bits) - 1;
    let largest = largest(instruments)?;
    let mut rounds = Quantum::rounds();
    let quantum = rounds.find(|quantum| quantum.ceil(largest) <= most as f64);
    let quantum = quantum.ok_or(QuantiseError::TooMuch { largest, bits })?;
    let mut loss = QuantisationLoss { legs: Vec::new(), collateral: Vec::new() };
    let mut legs = Vec::new();
    for LotGains { name, gains } in instruments {
        let round = |losses: Vec<f64>| round_up(&losses, quantum);
        let (long, long_excess) = round(gains.iter().map(|gain| -gain).collect());
        let (short, short_excess) = round(gains.clone());
        legs.push(Instrument { name: name.clone(), long, short });
        loss.legs.push([long_excess, short_excess]);
    }
    let mut factors = Vec::new();
    for asset in collateral {
        let (factor, shortfall) = round_down(asset, quantum, most)?;
        factors.push(Collateral { name: asset.name.clone(), factor });
        loss.collateral.push(shortfall);
    }
    Ok(Quantised { quantum, instruments: legs, collateral: factors, loss })
}

impl QuantisationLoss {
    /// The largest, per lot of anything, in money.
    pub fn per_lot(&self) -> f64 {
        self.legs.iter().flatten().chain(&self.collateral).copied().fold(0.0, f64::max)
    }

    /// Bound, in money, on how much rounding lowers a portfolio's excess (collateral less margin),
    /// from its lots in the order of the arrays. None where the numbers of lots are not those of
    /// instruments and assets.
    pub fn of_portfolio(&self, long: &[u64], short: &[u64], collateral: &[u64]) -> Option<f64> {
        if long.len() != self.legs.len()
            || short.len() != self.legs.len()
            || collateral.len() != self.collateral.len()
        {
            return None;
        }
        let legs = self.legs.iter().zip(long).zip(short);
        let legs =
            legs.map(|(([long, short], x_long), x_short)| long * *x_long as f64 + short * *x_short as f64);
        let collateral = self.collateral.iter().zip(collateral).map(|(loss, lots)| loss * *lots as f64);
        Some(legs.chain(collateral).sum())
    }
}

/// Largest gain or loss of all.
fn largest(instruments: &[LotGains]) -> Result<f64, QuantiseError> {
    let mut largest = 0f64;
    for LotGains { name, gains } in instruments {
        if let Some(at) = gains.iter().position(|gain| !gain.is_finite()) {
            return Err(QuantiseError::Gain { instrument: name.clone(), scenario: at + 1, got: gains[at] });
        }
        largest = gains.iter().fold(largest, |most, gain| most.max(gain.abs()));
    }
    if largest > 0.0 { Ok(largest) } else { Err(QuantiseError::NoRisk) }
}

/// Losses in quanta, rounded up, and the most by which one of them overstates.
fn round_up(losses: &[f64], quantum: Quantum) -> (Vec<i64>, f64) {
    let counts = losses.iter().map(|loss| quantum.ceil(*loss));
    let excess = counts.clone().zip(losses).map(|(count, loss)| quantum.worth(count) - loss);
    // In range: no loss is above 2^31 quanta.
    (counts.clone().map(|count| count as i64).collect(), excess.fold(0.0, f64::max))
}

/// Value after the haircut in quanta, rounded down, and by how much that understates it.
fn round_down(asset: &LotValue, quantum: Quantum, most: u64) -> Result<(u64, f64), QuantiseError> {
    let LotValue { name, value, haircut_bps } = asset;
    let (name, haircut_bps) = (|| name.clone(), *haircut_bps);
    if !(value.is_finite() && *value >= 0.0 && haircut_bps <= 10_000) {
        return Err(QuantiseError::Collateral { asset: name(), value: *value, haircut_bps });
    }
    let counted = value * f64::from(10_000 - haircut_bps) / 10_000.0;
    let factor = quantum.floor(counted);
    if factor > most.min(MAX_ENTRY - 1) as f64 || (factor == 0.0 && counted > 0.0) {
        return Err(QuantiseError::Factor { asset: name(), factor, most, quantum });
    }
    Ok((factor as u64, counted - quantum.worth(factor)))
}

#[cfg(test)]
#[path = "quantise_tests.rs"]
mod tests;
