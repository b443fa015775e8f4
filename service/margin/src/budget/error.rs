//! Why the budget refuses.

use std::path::PathBuf;

use crate::files::FileError;

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// The portfolio's bits are used up.
    #[error(
        "the budget of this portfolio is used up: {spent} of {limit} bits told, this answer costs {bits}; ask for less \
         (--disclose call), or wait until the portfolio changes"
    )]
    Portfolio {
        /// Told.
        spent: u64,
        /// Limit.
        limit: u64,
        /// Asked.
        bits: u64,
    },
    /// The account's bits are used up.
    #[error(
        "the budget of this account at this venue is used up: {spent} of {limit} bits told, this answer costs {bits}; \
         the venue must make new keys, or its authority raise --account-budget"
    )]
    Account {
        /// Told.
        spent: u64,
        /// Limit.
        limit: u64,
        /// Asked.
        bits: u64,
    },
    /// The venue's bits are used up.
    #[error(
        "the budget of this venue's key is used up: {spent} of {limit} bits told, this answer costs {bits}; the venue must \
         make new keys"
    )]
    Venue {
        /// Told.
        spent: u64,
        /// Limit.
        limit: u64,
        /// Asked.
        bits: u64,
    },
    /// An old query.
    #[error(
        "the query is old: its nonce is {got}, one of nonce {answered} was answered already; encrypt the portfolio again"
    )]
    Old {
        /// Highest that was answered.
        answered: u64,
        /// Of this one.
        got: u64,
    },
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database in it.
    #[error("{}: {error}", path.display())]
    Database {
        /// Where.
        path: PathBuf,
        /// Why.
        error: Box<redb::Error>,
    },
}
