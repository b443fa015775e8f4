//! Faults of a ledger folder, each with its place.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::fault::Fault;

/// A file of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerFile {
    /// `assets.csv`
    Assets,
    /// `accounts.csv`
    Accounts,
    /// `reserves.csv`
    Reserves,
}

impl LedgerFile {
    /// Name in the folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assets => "assets.csv",
            Self::Accounts => "accounts.csv",
            Self::Reserves => "reserves.csv",
        }
    }

    /// What its first line should be.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Assets => "symbol,decimals,min_coverage[,places]",
            Self::Accounts => "account_id,asset,amount (or account_id and one column per asset)",
            Self::Reserves => "asset,chain,address,amount[,message,signature]",
        }
    }
}

/// Line and character column, both from 1; the column is where the field begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line of the file.
    pub line: u64,
    /// Character of the line (a byte order mark does not count).
    pub column: u64,
}

/// One fault and where it stands. Never repeats account ids or amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: LedgerFile,
    /// The place; `None` where the file as a whole is at fault.
    pub position: Option<Position>,
    /// What was expected, what came, what to do.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(at) => write!(f, "{}:{}:{}: {}", self.file.name(), at.line, at.column, self.fault),
            None => write!(f, "{}: {}", self.file.name(), self.fault),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Problem", 4)?;
        fields.serialize_field("file", self.file.name())?;
        fields.serialize_field("line", &self.position.map(|at| at.line))?;
        fields.serialize_field("column", &self.position.map(|at| at.column))?;
        fields.serialize_field("message", &self.fault.to_string())?;
        fields.end()
    }
}

/// The first faults, and how many more there were.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Problem>,
    count: u64,
}

impl Problems {
    /// Faults kept; the others are counted.
    pub const LIMIT: usize = 1000;

    /// Adds one.
    pub fn add(&mut self, file: LedgerFile, position: Option<Position>, fault: impl Into<Fault>) {
        self.count = self.count.saturating_add(1);
        if self.list.len() < Self::LIMIT {
            self.list.push(Problem { file, position, fault: fault.into() });
        }
    }

    /// All faults, kept or not.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The kept faults in the order of the files, and the number of the others.
    pub fn finish(mut self) -> (Vec<Problem>, u64) {
        self.list.sort_by_key(|problem| (problem.file, problem.position));
        let kept = u64::try_from(self.list.len()).unwrap_or(u64::MAX);
        (self.list, self.count.saturating_sub(kept))
    }
}
