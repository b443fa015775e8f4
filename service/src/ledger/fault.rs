//! What can be wrong in a ledger folder: what was expected, what came, what to do.

use std::{fmt, io};

use solventry_types::{
    AssetTable, Chain, Profile, account::AccountIdError, asset::AssetTableError, reserves::ReserveEvidence,
};

use super::{AddressError, AmountError, PlaceError};

/// Text from a file, made safe to show: ASCII, at most 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo(String);

impl Echo {
    const MAX_CHARS: usize = 32;

    /// Escapes and truncates.
    pub fn new(text: &str) -> Self {
        let mut shown: String = text.chars().take(Self::MAX_CHARS).flat_map(char::escape_default).collect();
        if text.chars().nth(Self::MAX_CHARS).is_some() {
            shown.push_str("...");
        }
        Self(format!("'{shown}'"))
    }

    /// For keys, to which a secret value may have been glued by mistake: none that long is
    /// repeated.
    pub fn key(text: &str) -> Self {
        match text.chars().count() {
            count if count > Self::MAX_CHARS => Self(format!("one of {count} characters")),
            _ => Self::new(text),
        }
    }

    /// For columns that may hold an account id or an amount by mistake: only what looks like a
    /// symbol is repeated.
    pub fn symbol(text: &str) -> Self {
        let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        if letters && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Self::new(text);
        }
        Self(format!("a text of {} characters", text.chars().count()))
    }
}

impl fmt::Display for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be wrong in a ledger folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    // The file.
    /// Not there.
    #[error("file not found; a ledger folder holds assets.csv, accounts.csv and, optionally, reserves.csv")]
    Missing,
    /// The system refused.
    #[error("the file cannot be read: {kind}")]
    Unreadable {
        /// Its reason.
        kind: io::ErrorKind,
    },
    /// Nothing in it.
    #[error("expected a header line, came an empty file; the first line must be {expected}")]
    NoHeader {
        /// The header.
        expected: &'static str,
    },
    /// Only a header.
    #[error("expected at least one row after the header, came none")]
    NoRows,
    /// Excel's "Unicode text".
    #[error("expected UTF-8, came UTF-16; save the file as 'CSV UTF-8 (comma delimited)'")]
    Utf16,

    // A line.
    /// Over the limit.
    #[error(
        "expected a line of at most {limit} bytes, came a longer one (skipped); look for a missing line end"
    )]
    LongLine {
        /// The limit.
        limit: usize,
    },
    /// Another encoding.
    #[error("expected UTF-8, came other bytes; save the file as UTF-8")]
    NotUtf8,
    /// NUL and the like.
    #[error(
        "expected text, came a control character (byte {code}); remove it, or save the file as UTF-8 CSV"
    )]
    Control {
        /// The byte.
        code: u8,
    },
    /// A quoted field that does not end on its line.
    #[error(
        "expected a closing quote on the same line, came the end of the line; fields have no line breaks"
    )]
    OpenQuote,
    /// A quote within an unquoted field.
    #[error("expected no quote inside an unquoted field, came one; quote the field and double the quote")]
    StrayQuote,
    /// Text after a closing quote.
    #[error(
        "expected a comma after the closing quote, came other text; double quotes that are part of a field"
    )]
    AfterQuote,
    /// Another number of fields than the header.
    #[error(
        "expected {expected} fields as in the header, came {got}; quote fields with commas, write amounts without"
    )]
    Width {
        /// Fields of the header.
        expected: usize,
        /// Fields of the line.
        got: usize,
    },

    // The header.
    /// Semicolons or tabs.
    #[error("expected columns separated by commas, came semicolons or tabs; export as comma-separated CSV")]
    Separator,
    /// A column that the file does not have.
    #[error("expected the columns {expected}, came a column {got}; rename or remove it")]
    UnknownColumn {
        /// The header.
        expected: &'static str,
        /// The name.
        got: Echo,
    },
    /// One name twice.
    #[error("expected every column once, came {name} again; remove one")]
    RepeatedColumn {
        /// The name.
        name: Echo,
    },
    /// A required column is not there.
    #[error("expected the columns {expected}, came a header without {name}; add the column")]
    MissingColumn {
        /// The header.
        expected: &'static str,
        /// The name.
        name: &'static str,
    },

    // Assets.
    /// A symbol out of form.
    #[error("expected a symbol of 1 to 32 visible ASCII characters without comma or quote, came {got}")]
    Symbol {
        /// The symbol.
        got: Echo,
    },
    /// Decimals out of range.
    #[error("expected decimals from 0 to {}, came {got}; e.g. 8 for BTC", AssetTable::MAX_DECIMALS)]
    Decimals {
        /// The field.
        got: Echo,
    },
    /// Coverage out of range.
    #[error("expected min_coverage in whole basis points from 1 to 1048575, came {got}; 10000 means 100 %")]
    Coverage {
        /// The field.
        got: Echo,
    },
    /// A place out of form.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Too many places.
    #[error("expected at most {} places for one asset, came {got}", AssetTable::MAX_PLACES)]
    ManyPlaces {
        /// Places.
        got: usize,
    },
    /// A symbol twice.
    #[error("expected every symbol once, came {symbol} again (first in line {first_line}); remove one")]
    DuplicateSymbol {
        /// The symbol.
        symbol: String,
        /// Where it came first.
        first_line: u64,
    },
    /// A place twice.
    #[error(
        "expected every place with one asset, came {place} again (first in line {first_line}); remove one"
    )]
    DuplicatePlace {
        /// The place.
        place: String,
        /// Where it came first.
        first_line: u64,
    },
    /// Too many assets.
    #[error("expected at most {} assets, came more; the rest of the file was not read", Profile::STANDARD.max_assets)]
    ManyAssets,

    /// A rule of the table beyond those above.
    #[error(transparent)]
    Table(AssetTableError),

    // Accounts.
    /// An id out of form.
    #[error("expected an account id of 1 to 256 bytes: {0}")]
    AccountId(#[from] AccountIdError),
    /// An amount out of form.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A symbol that is not in the table.
    #[error("expected a symbol of assets.csv, came {got}; {}", hint_text(.hint.as_deref()))]
    UnknownAsset {
        /// The symbol.
        got: Echo,
        /// The symbol that differs only in case.
        hint: Option<String>,
    },
    /// (account, asset) twice.
    #[error(
        "expected one row per account and asset, came the pair of line {first_line} again; add the two up"
    )]
    DuplicateHolding {
        /// Where it came first.
        first_line: u64,
    },
    /// A wide row twice.
    #[error("expected one row per account, came the account of line {first_line} again; merge the two")]
    DuplicateAccount {
        /// Where it came first.
        first_line: u64,
    },
    /// Over 64 bits.
    #[error(
        "expected an amount below 2^64 units of 10^-{decimals} {symbol}, came a larger one; {}",
        decimals_text(*.fits)
    )]
    TooLarge {
        /// The asset.
        symbol: String,
        /// Its listed decimals.
        decimals: u8,
        /// Decimals for which this amount fits.
        fits: Option<u8>,
    },
    /// Finer than listed, with `exact`.
    #[error(
        "expected at most {decimals} decimals for {symbol}, came more; list more decimals, or allow rounding"
    )]
    Dust {
        /// The asset.
        symbol: String,
        /// Its listed decimals.
        decimals: u8,
    },
    /// A sum over 96 bits.
    #[error("expected a total of {symbol} below 2^96 units, came more; list the asset with fewer decimals")]
    TotalOverflow {
        /// The asset.
        symbol: String,
    },
    /// More accounts than an epoch can hold.
    #[error("expected fewer than 2^32 accounts, came more")]
    ManyAccounts,

    // Reserves.
    /// A chain that is not known here.
    #[error(
        "expected one of the chains bitcoin, ethereum and solana, came {got}; attest reserves that lie elsewhere"
    )]
    UnknownChain {
        /// The field.
        got: Echo,
    },
    /// The asset does not live there.
    #[error("expected a chain where {symbol} lives, came one without a place; add the place to assets.csv")]
    NoPlace {
        /// The asset.
        symbol: String,
    },
    /// The asset lives there more than once.
    #[error("expected one place of {symbol} on {chain}, came a chain with several; write {chain}/CONTRACT")]
    AmbiguousPlace {
        /// The asset.
        symbol: String,
        /// The chain.
        chain: Chain,
    },
    /// An address out of form.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// One address twice.
    #[error(
        "expected every address once per asset, came the address of line {first_line} again (perhaps in another \
         spelling); add the two up"
    )]
    DuplicateAddress {
        /// Where it came first.
        first_line: u64,
    },
    /// Finer than the chain.
    #[error("expected at most {decimals} decimals, as many as {symbol} has on {chain}, came more")]
    FinerThanChain {
        /// The asset.
        symbol: String,
        /// The chain.
        chain: Chain,
        /// Its decimals there.
        decimals: u8,
    },
    /// Over 128 bits.
    #[error("expected an amount below 2^128 chain units, came a larger one")]
    ReserveTooLarge,
    /// Too many rows.
    #[error(
        "expected at most {} rows, came more; the rest of the file was not read",
        ReserveEvidence::MAX_ENTRIES
    )]
    ManyReserves,
}

impl From<io::Error> for Fault {
    /// A file that cannot be opened.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Unreadable { kind },
        }
    }
}

fn hint_text(hint: Option<&str>) -> String {
    match hint {
        Some(symbol) => format!("symbols are case-sensitive: write {symbol}"),
        None => "add it there or correct the spelling".to_owned(),
    }
}

fn decimals_text(fits: Option<u8>) -> String {
    match fits {
        Some(decimals) => format!("it fits with {decimals} decimals in assets.csv"),
        None => "it fits with no number of decimals".to_owned(),
    }
}
