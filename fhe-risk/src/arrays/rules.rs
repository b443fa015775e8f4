//! The rules of a file of risk arrays.

use std::{collections::HashMap, fmt};

use super::{
    file::{Content, Instrument},
    limits::{MAX_COLLATERAL, MAX_ENTRY, MAX_INSTRUMENTS, MAX_SCENARIOS, name_fault},
};

/// Which leg of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// Bought.
    Long,
    /// Sold.
    Short,
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Long { "long" } else { "short" })
    }
}

/// Why a file is no risk arrays. Scenarios are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// More bytes than any file of this format needs.
    #[error("{got} bytes of risk arrays; a file has at most {limit}: is this the right file?")]
    TooLarge {
        /// Bytes.
        got: usize,
        /// Most.
        limit: usize,
    },
    /// Not JSON of this format; the message names line and column.
    #[error("expected a JSON file of format solventry-risk-arrays-v1: {0}")]
    Json(#[from] serde_json::Error),
    /// A name that no file may have.
    #[error("{what} {index} has the name {name:?}: {fault}")]
    Name {
        /// Instrument, collateral asset, family or currency.
        what: &'static str,
        /// Its place, from 1.
        index: usize,
        /// The name, shortened.
        name: String,
        /// What is wrong with it and what would be right.
        fault: &'static str,
    },
    /// Two of one name.
    #[error("{what} {first} and {second} are both named {name}; every name stands once")]
    Duplicate {
        /// Instrument or collateral asset.
        what: &'static str,
        /// The name.
        name: String,
        /// Place of the first, from 1.
        first: usize,
        /// Place of the second, from 1.
        second: usize,
    },
    /// Too few or too many.
    #[error("{got} {what}; a file has {least} to {most}")]
    Count {
        /// Instruments, scenarios or collateral assets.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// A leg with another number of scenarios than the first one.
    #[error(
        "the {leg} array of {instrument} has {got} scenarios, the first instrument's long array {expected}"
    )]
    Scenarios {
        /// Name of the instrument.
        instrument: String,
        /// Its leg.
        leg: Leg,
        /// Scenarios of the first leg.
        expected: usize,
        /// Scenarios of this one.
        got: usize,
    },
    /// An entry of 2^31 or more.
    #[error(
        "the {leg} loss of {instrument} in scenario {scenario} is {got} quanta; \
         expected less than 2^31, a larger quantum helps"
    )]
    Entry {
        /// Name of the instrument.
        instrument: String,
        /// Its leg.
        leg: Leg,
        /// Scenario.
        scenario: usize,
        /// The entry.
        got: i64,
    },
    /// Long and short loss sum to a gain: one of the two was not rounded up.
    #[error(
        "{instrument} in scenario {scenario}: long loss {long} and short loss {short} sum to less \
         than 0 quanta, so they were not rounded up"
    )]
    NotRoundedUp {
        /// Name of the instrument.
        instrument: String,
        /// Scenario.
        scenario: usize,
        /// Long entry.
        long: i64,
        /// Short entry.
        short: i64,
    },
    /// A collateral factor of 2^31 or more.
    #[error("one lot of {asset} counts {got} quanta; expected less than 2^31, a smaller lot helps")]
    Factor {
        /// Name of the asset.
        asset: String,
        /// The factor.
        got: u64,
    },
    /// The arrays are valid at no time.
    #[error("valid from {from} until {until}; expected the end after the start")]
    Validity {
        /// Start.
        from: u64,
        /// End.
        until: u64,
    },
}

/// All rules of the format, whole file first, then instrument by instrument.
pub(super) fn validate(content: &Content) -> Result<(), FileError> {
    let Content { family, currency, valid_from: from, valid_until: until, instruments, collateral, .. } =
        content;
    names("family", [family.as_str()].into_iter())?;
    names("currency", [currency.as_str()].into_iter())?;
    if from >= until {
        return Err(FileError::Validity { from: *from, until: *until });
    }
    count("instruments", instruments.len(), 1, MAX_INSTRUMENTS)?;
    count("collateral assets", collateral.len(), 0, MAX_COLLATERAL)?;
    names("instrument", instruments.iter().map(|instrument| instrument.name.as_str()))?;
    names("collateral asset", collateral.iter().map(|asset| asset.name.as_str()))?;
    let scenarios = instruments.first().map_or(0, |instrument| instrument.long.len());
    count("scenarios", scenarios, 1, MAX_SCENARIOS)?;
    for instrument in instruments {
        leg(instrument, Leg::Long, &instrument.long, scenarios)?;
        leg(instrument, Leg::Short, &instrument.short, scenarios)?;
        rounded_up(instrument)?;
    }
    match collateral.iter().find(|asset| asset.factor >= MAX_ENTRY) {
        Some(asset) => Err(FileError::Factor { asset: asset.name.clone(), got: asset.factor }),
        None => Ok(()),
    }
}

fn count(what: &'static str, got: usize, least: usize, most: usize) -> Result<(), FileError> {
    if (least..=most).contains(&got) { Ok(()) } else { Err(FileError::Count { what, got, least, most }) }
}

/// Every name well-formed and there once.
fn names<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), FileError> {
    let mut places = HashMap::new();
    for (place, name) in names.enumerate() {
        let index = place + 1;
        if let Some(fault) = name_fault(name) {
            return Err(FileError::Name { what, index, name: name.chars().take(40).collect(), fault });
        }
        if let Some(first) = places.insert(name, index) {
            return Err(FileError::Duplicate { what, name: name.to_owned(), first, second: index });
        }
    }
    Ok(())
}

/// As many scenarios as every leg, and entries in range.
fn leg(instrument: &Instrument, leg: Leg, entries: &[i64], expected: usize) -> Result<(), FileError> {
    let name = || instrument.name.clone();
    if entries.len() != expected {
        return Err(FileError::Scenarios { instrument: name(), leg, expected, got: entries.len() });
    }
    match entries.iter().position(|entry| entry.unsigned_abs() >= MAX_ENTRY) {
        Some(at) => Err(FileError::Entry { instrument: name(), leg, scenario: at + 1, got: entries[at] }),
        None => Ok(()),
    }
}

/// ceil(x) + ceil(-x) is never below zero.
fn rounded_up(instrument: &Instrument) -> Result<(), FileError> {
    let pairs = instrument.long.iter().zip(&instrument.short);
    match pairs.enumerate().find(|(_, (long, short))| **long + **short < 0) {
        Some((at, (long, short))) => Err(FileError::NotRoundedUp {
            instrument: instrument.name.clone(),
            scenario: at + 1,
            long: *long,
            short: *short,
        }),
        None => Ok(()),
    }
}
