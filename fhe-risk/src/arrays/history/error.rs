//! What may be wrong with a price history.

use super::{MAX_BYTES, MAX_GAP};
use crate::arrays::date::Date;

/// Why a file is no price history. Lines and columns are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// More bytes than allowed.
    #[error("the price history has {got} bytes, at most {MAX_BYTES} are read: cut old rows")]
    TooLarge {
        /// Bytes.
        got: usize,
    },
    /// Not UTF-8, or broken quotes.
    #[error("the price history is no readable CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The header does not start with `date`.
    #[error("line 1, column 1: expected the header `date`, got {got:?}")]
    Header {
        /// What stands there, shortened.
        got: String,
    },
    /// A column with a name that no instrument may have, or that another one has.
    #[error("line 1, column {column}: the instrument name {name:?}: {fault}")]
    Name {
        /// Column.
        column: usize,
        /// The name, shortened.
        name: String,
        /// What is wrong with it and what would be right.
        fault: &'static str,
    },
    /// Too few or too many columns or rows.
    #[error("the price history has {got} {what}, expected {least} to {most}")]
    Count {
        /// Instruments or rows of prices.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// A row with another number of cells than the header.
    #[error("line {line}: {got} cells, the header has {expected}; an unknown price is an empty cell")]
    Cells {
        /// Line.
        line: u64,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        got: usize,
    },
    /// No date.
    #[error("line {line}, column 1: expected a date such as 2024-01-31, got {got:?}")]
    Date {
        /// Line.
        line: u64,
        /// What stands there, shortened.
        got: String,
    },
    /// Dates out of order.
    #[error("line {line}: the date {date} does not come after {before}; sort the rows, one per date")]
    Order {
        /// Line.
        line: u64,
        /// Its date.
        date: Date,
        /// Date of the row before.
        before: Date,
    },
    /// No price.
    #[error(
        "line {line}, column {column} ({instrument}): \
         expected a positive decimal such as 45012.5, got {got:?}"
    )]
    Price {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
        /// Name of the column.
        instrument: String,
        /// What stands there, shortened.
        got: String,
    },
    /// A gap that is too long, or with no price before it.
    #[error(
        "line {line}, column {column} ({instrument}): no price for {gap} rows; a gap has at most \
         {MAX_GAP}, with a price before it: fill in the prices, or drop the column or the rows before"
    )]
    Gap {
        /// Line.
        line: u64,
        /// Column.
        column: usize,
        /// Name of the column.
        instrument: String,
        /// Rows of the gap so far.
        gap: usize,
    },
}
