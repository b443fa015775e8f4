//! What a check of a ledger folder found, for people and for `--json`.

use std::fmt;

use serde::Serialize;
use solventry_types::amount::decimal;

use super::problem::Problem;

/// Outcome of reading a folder. Holds no account id, no amount and no total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Assets of the table.
    pub assets: usize,
    /// Accounts.
    pub accounts: usize,
    /// Holdings that are not zero.
    pub holdings: usize,
    /// Rows of `reserves.csv`.
    pub reserves: usize,
    /// Form of `accounts.csv`; `None` if its header could not be read.
    pub form: Option<AccountsForm>,
    /// Amounts that were finer than listed.
    pub dust: Vec<Dust>,
    /// Assets whose amounts do not fit in 64 bits.
    pub advice: Vec<Advice>,
    /// What the operator should know and may ignore.
    pub warnings: Vec<Warning>,
    /// Faults in the order of the files; at most 1000.
    pub problems: Vec<Problem>,
    /// Faults beyond those listed.
    pub further_problems: u64,
}

/// Form of `accounts.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountsForm {
    /// A row per account and asset.
    Long,
    /// A row per account.
    Wide,
}

/// Which side was rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Rounded up.
    Liabilities,
    /// Rounded down.
    Reserves,
}

/// What rounding to the listed unit changed for one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dust {
    /// Symbol.
    pub asset: String,
    /// Side.
    pub side: Side,
    /// Rows that were rounded.
    pub rows: u64,
    /// Sum of the changes, a decimal number of the coin.
    pub amount: String,
}

/// Decimals for which the largest amount of an asset fits in 64 bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Symbol.
    pub asset: String,
    /// Decimals in `assets.csv`.
    pub listed: u8,
    /// Most decimals that fit; `None` if even whole coins do not.
    pub fits: Option<u8>,
}

/// Something odd that is no fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Zero amounts in the long form.
    ZeroAmounts {
        /// Rows.
        rows: u64,
    },
    /// Fields `message` and `signature` that are not empty.
    UnusedSignatures {
        /// Rows.
        rows: u64,
    },
    /// There is no `reserves.csv`.
    NoReservesFile,
    /// Liabilities without any reserves.
    NoReserves {
        /// Symbol.
        asset: String,
    },
    /// Reserves below the minimum coverage of the liabilities.
    Short {
        /// Symbol.
        asset: String,
        /// Minimum coverage in basis points.
        min_coverage_bps: u32,
    },
    /// A minimum coverage below 100 %.
    LowMinimum {
        /// Symbol.
        asset: String,
        /// Minimum coverage in basis points.
        min_coverage_bps: u32,
    },
}

impl CheckReport {
    /// Whether the folder has no faults.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }
}

impl std::error::Error for CheckReport {}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, one: &str, more: &str| {
            let word = if count == 1 { one } else { more };
            format!("{count} {word}")
        };
        writeln!(
            f,
            "{}, {}, {}, {}",
            counted(self.assets, "asset", "assets"),
            counted(self.accounts, "account", "accounts"),
            counted(self.holdings, "holding", "holdings"),
            counted(self.reserves, "reserve entry", "reserve entries"),
        )?;
        self.dust.iter().try_for_each(|dust| writeln!(f, "{dust}"))?;
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "error: {problem}"))?;
        if self.further_problems > 0 {
            writeln!(f, "error: {} further errors are not listed", self.further_problems)?;
        }
        self.advice.iter().try_for_each(|advice| writeln!(f, "advice: {advice}"))?;
        if self.is_ok() {
            write!(f, "the ledger is well formed")
        } else {
            write!(f, "the ledger was refused")
        }
    }
}

impl fmt::Display for Dust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, way) = match self.side {
            Side::Liabilities => ("holdings", "up"),
            Side::Reserves => ("reserves", "down"),
        };
        let Self { asset, rows, amount, .. } = self;
        write!(
            f,
            "rounding: {rows} {what} of {asset} rounded {way} to its listed decimals, {amount} {asset} in all"
        )
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asset, listed, fits } = self;
        match fits {
            Some(fits) => write!(
                f,
                "{asset} is listed with {listed} decimals, too many for its largest amount: amounts are 64-bit \
                 numbers of 10^-decimals; list it with {fits} decimals in assets.csv"
            ),
            None => {
                write!(f, "the largest amount of {asset} is 2^64 whole coins or more; look for a mistake")
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |bps: &u32| format!("{} %", decimal((*bps).into(), 2));
        match self {
            Self::ZeroAmounts { rows } => {
                write!(f, "{rows} rows of accounts.csv have the amount zero; dropped")
            }
            Self::UnusedSignatures { rows } => {
                write!(f, "{rows} rows of reserves.csv have a message or signature; they are not used yet")
            }
            Self::NoReservesFile => {
                write!(f, "there is no reserves.csv; all reserves must come as attested commitments")
            }
            Self::NoReserves { asset } => {
                write!(f, "{asset}: customers hold it and reserves.csv does not list it; attest its reserves")
            }
            Self::Short { asset, min_coverage_bps } => write!(
                f,
                "{asset}: the reserves of reserves.csv are below {} of the liabilities; add or attest reserves",
                percent(min_coverage_bps)
            ),
            Self::LowMinimum { asset, min_coverage_bps } => write!(
                f,
                "{asset}: min_coverage {min_coverage_bps} means {}, less than all liabilities",
                percent(min_coverage_bps)
            ),
        }
    }
}
