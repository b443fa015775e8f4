//! Lots by name, as a person writes them.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, Error as _, MapAccess, Visitor},
};
use solventry_fhe_risk::{arrays::file::RiskArrays, plan::Market, reference::Portfolio, wire::WireError};

/// Largest file of a portfolio, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

/// Lots by name, as a person writes them; not yet matched with instruments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lots {
    /// By instrument; negative for sold.
    pub positions: Names<i64>,
    /// By collateral asset.
    #[serde(default)]
    pub collateral: Names<u64>,
}

/// Values by name, every name once.
#[derive(Clone, PartialEq, Eq)]
pub struct Names<T>(pub BTreeMap<String, T>);

/// How many there are; what is held is secret.
impl<T> fmt::Debug for Names<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({})", self.0.len())
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// Why a portfolio is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortfolioError {
    /// Neither form.
    #[error(
        "expected a portfolio as JSON ({{\"positions\": {{\"NAME\": -3}}, \"collateral\": {{\"NAME\": 5}}}}): {0}"
    )]
    Json(#[from] serde_json::Error),
    /// A line of the table.
    #[error("line {line}: expected {expected}")]
    Line {
        /// From 1.
        line: usize,
        /// In words.
        expected: &'static str,
    },
    /// A name that the arrays do not have.
    #[error("the risk arrays have no {what} {name:?}; expected one of {known}")]
    Unknown {
        /// Instrument or asset.
        what: &'static str,
        /// Name.
        name: String,
        /// Names that there are.
        known: String,
    },
    /// More lots than the market's bits hold.
    #[error("{name}: expected at most {most} lots at this venue ({bits} bits), got more")]
    Range {
        /// Instrument or asset.
        name: String,
        /// Most.
        most: u64,
        /// Of lots.
        bits: u32,
    },
    /// Encryption.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// A number whose errors do not repeat it.
struct Whole<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "expected a whole number of lots; of collateral, not negative";
        T::deserialize(deserializer).map(Self).map_err(|_| D::Error::custom(expected))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Once<T> {
            type Value = Names<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lots by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names<T>, A::Error> {
                let mut names = BTreeMap::new();
                while let Some((name, Whole(lots))) = map.next_entry::<String, Whole<T>>()? {
                    if names.insert(name.clone(), lots).is_some() {
                        return Err(A::Error::custom(format!("{name:?} stands twice")));
                    }
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Once(std::marker::PhantomData))
    }
}

impl Lots {
    /// Reads JSON, or a table with the header `kind,name,lots` and rows `position,NAME,-3` or
    /// `collateral,NAME,5`.
    pub fn read(bytes: &[u8]) -> Result<Self, PortfolioError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        if bytes.trim_ascii_start().first() == Some(&b'{') {
            return Ok(serde_json::from_slice(bytes)?);
        }
        let mut lots = Self::default();
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line.trim_ascii_end());
            lots.line(number, &line)
                .map_err(|expected| PortfolioError::Line { line: number + 1, expected })?;
        }
        Ok(lots)
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), &'static str> {
        const HEADER: &str = "kind,name,lots";
        if number == 0 {
            return if line == HEADER {
                Ok(())
            } else {
                Err("the header kind,name,lots of a portfolio (or JSON)")
            };
        }
        if line.is_empty() {
            return Ok(());
        }
        let mut cells = line.split(',');
        let (Some(kind), Some(name), Some(lots), None) =
            (cells.next(), cells.next(), cells.next(), cells.next())
        else {
            return Err("three cells: kind,name,lots");
        };
        let is_new = match kind {
            "position" => {
                let lots = lots.parse().map_err(|_| "a whole number of lots, negative if sold")?;
                self.positions.0.insert(name.to_owned(), lots).is_none()
            }
            "collateral" => {
                let lots = lots.parse().map_err(|_| "a whole number of lots, not negative")?;
                self.collateral.0.insert(name.to_owned(), lots).is_none()
            }
            _ => return Err("the kind position or collateral"),
        };
        if is_new { Ok(()) } else { Err("every name once") }
    }

    /// Lots in the order of the arrays, long and short apart; names that are not given hold none.
    pub fn legs(&self, arrays: &RiskArrays, market: Market) -> Result<Portfolio, PortfolioError> {
        let content = arrays.content();
        let instruments: Vec<_> =
            content.instruments.iter().map(|instrument| instrument.name.as_str()).collect();
        let assets: Vec<_> = content.collateral.iter().map(|asset| asset.name.as_str()).collect();
        require_known("instrument", self.positions.0.keys(), &instruments)?;
        require_known("collateral asset", self.collateral.0.keys(), &assets)?;
        let mut portfolio = Portfolio { legs: Vec::new(), collateral: Vec::new() };
        for name in instruments {
            let lots = self.positions.0.get(name).copied().unwrap_or(0);
            let size = require_range(name, lots.unsigned_abs(), market)?;
            portfolio.legs.extend(if lots < 0 { [0, size] } else { [size, 0] });
        }
        for name in assets {
            let lots = self.collateral.0.get(name).copied().unwrap_or(0);
            portfolio.collateral.push(require_range(name, lots, market)?);
        }
        Ok(portfolio)
    }
}

fn require_known<'a>(
    what: &'static str,
    mut names: impl Iterator<Item = &'a String>,
    known: &[&str],
) -> Result<(), PortfolioError> {
    match names.find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            let (name, known) = (name.chars().take(60).collect(), known.join(", "));
            Err(PortfolioError::Unknown { what, name, known })
        }
        None => Ok(()),
    }
}

fn require_range(name: &str, got: u64, market: Market) -> Result<u64, PortfolioError> {
    let (bits, most) = (market.value_bits, (1 << market.value_bits) - 1);
    if got <= most { Ok(got) } else { Err(PortfolioError::Range { name: name.to_owned(), most, bits }) }
}

#[cfg(test)]
#[path = "lots_tests.rs"]
mod tests;
