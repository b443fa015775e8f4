//! Why the store refuses or fails.

use std::path::PathBuf;

use crate::files::FileError;

/// Why the store refuses or fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A nonce that is not higher than an earlier one.
    #[error(
        "expected a nonce above {last}, which this account used before, got {got}: encrypt the portfolio again"
    )]
    Replayed {
        /// Highest so far.
        last: u64,
        /// Of this query.
        got: u64,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error("{}: {error}", path.display())]
    Database {
        /// Where.
        path: PathBuf,
        /// Why.
        error: Box<redb::Error>,
    },
    /// A record that we did not write.
    #[error("{}: a record of another version", .0.display())]
    Record(PathBuf),
}
