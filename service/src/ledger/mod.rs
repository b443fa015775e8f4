//! Ledger folders: what an operator hands in, checked before anything is proven.
//!
//! A folder holds three CSV files (RFC 4180, UTF-8 with or without a byte order mark, LF or
//! CRLF, comma-separated, one record per line, columns found by their header name):
//!
//! - `assets.csv`: `symbol,decimals,min_coverage[,places]`. `min_coverage` in basis points
//!   (10000 means 100 %). `places` is a `;`-separated list of `chain/native/DECIMALS` and
//!   `chain/CONTRACT/DECIMALS`, e.g. `ethereum/native/18`.
//! - `accounts.csv`: long form `account_id,asset,amount`, rows of one account anywhere in the
//!   file; or wide form, `account_id` and one column per asset symbol, empty cells meaning zero.
//! - `reserves.csv`, optional: `asset,chain,address,amount[,message,signature]`. `chain` is a
//!   chain, or `chain/native` or `chain/CONTRACT` where the asset has several places there.
//!
//! Amounts are decimal strings (`12`, `0.5`): no sign, exponent or separators, digits on both
//! sides of the point. [`read_ledger`] reports every fault of the folder at once, with file,
//! line and column; [`generate_ledger`] writes synthetic folders.

mod accounts;
mod amount;
mod assets;
mod catalog;
mod customers;
mod fault;
mod generate;
mod index;
mod lines;
mod problem;
mod read;
mod report;
mod reserves;
mod table;
mod tally;

pub use amount::{AmountError, DecimalText};
pub use fault::{Echo, Fault};
pub use generate::{GenerateError, GenerateOptions, Generated, generate_ledger};
pub use problem::{LedgerFile, Position, Problem};
pub use read::{LedgerFolder, ReadOptions, read_assets, read_ledger};
pub use report::{AccountsForm, Advice, CheckReport, Dust, Side, Warning};
use solventry_chains::address;
pub use solventry_chains::address::{
    AddressError, PlaceError, account_text, address_text, locator_text, parse_address, parse_place,
};
