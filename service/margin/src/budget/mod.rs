//! What the authority has told, in bits, kept across restarts; and its counters.
//!
//! An answer is charged before it leaves: a crash in between costs the account, never the secret.

mod error;

use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableTable, TableDefinition, WriteTransaction};
use solventry_fhe_risk::wire::Digest;

pub use self::error::BudgetError;
use crate::files::{self, FileError};

/// By venue, account and portfolio.
const PORTFOLIOS: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("bits-by-portfolio");
/// By venue.
const VENUES: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("bits-by-venue");
/// By venue and account.
const ACCOUNTS: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("bits-by-account");
/// By venue and account: highest nonce that was answered.
const NONCES: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("nonces");
/// By query, result and disclosure: when an answer was charged, in seconds since 1970.
/// Of the result, since engines that lie could otherwise have one after the other decrypted for the
/// price of the first.
const ANSWERS: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("answers");
/// By oracle: attestations made.
const COUNTERS: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("attestations");

/// In its folder.
const FILE: &str = "budget.redb";
/// The kinds of answers count up to this; each contains those below.
const HIGHEST_KIND: u8 = 2;

/// Bits that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one unchanged portfolio, per account and venue: the positions have many more.
    pub portfolio: u64,
    /// Of one account at one venue in all.
    pub account: u64,
    /// Of a venue in all: about 10^5 answers to chosen queries would give its secret key.
    pub venue: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { portfolio: 64, account: 10_000, venue: 50_000 }
    }
}

/// What an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Public key of the venue, under whatever name it goes.
    pub venue: Digest,
    /// Account.
    pub account: [u8; 32],
    /// Pseudonym of the portfolio.
    pub portfolio: Digest,
    /// Of the query.
    pub nonce: u64,
    /// Digest of the query.
    pub query: Digest,
    /// Digest of the encrypted result.
    pub result: Digest,
    /// Seconds since 1970 when it is asked.
    pub now: u64,
}

/// What was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Now; nothing if the same answer was told before.
    pub bits: u64,
    /// For this portfolio in all.
    pub portfolio: u64,
    /// For this account in all.
    pub account: u64,
    /// When the answer was charged first, in seconds since 1970.
    pub time: u64,
}

/// The authority's memory.
pub struct Budget {
    path: PathBuf,
    database: Database,
}

impl Budget {
    /// Opens `budget.redb` in a private folder, or makes it.
    pub fn open(folder: &Path) -> Result<Self, BudgetError> {
        files::private_folder(folder)?;
        let path = folder.join(FILE);
        match Database::create(&path) {
            Ok(database) => Ok(Self { path, database }),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(FileError::new(&path, files::IN_USE).into()),
            Err(error) => Err(BudgetError::Database { path, error: Box::new(error.into()) }),
        }
    }

    /// Whether there is one in a folder; an empty file remembers nothing.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).metadata().is_ok_and(|file| file.is_file() && file.len() > 0)
    }

    /// Charges `bits` for the answer `kind` to a query, durably, or refuses. The same answer,
    /// of the same result, costs nothing again, nor does one of a lower kind, which it contains.
    pub fn charge(
        &self,
        subject: &Subject,
        kind: u8,
        bits: u64,
        limits: Limits,
    ) -> Result<Charge, BudgetError> {
        let decided = self.write(|transaction| charge(transaction, subject, kind, bits, limits));
        decided?
    }

    /// Whether [`Self::charge`] would refuse now; worth asking before an evaluation.
    ///
    /// # Errors
    ///
    /// Those of the charge.
    pub fn require_room(
        &self,
        subject: &Subject,
        kind: u8,
        bits: u64,
        limits: Limits,
    ) -> Result<(), BudgetError> {
        let run = || {
            let transaction = self.database.begin_write()?;
            let decided = charge(&transaction, subject, kind, bits, limits)?;
            transaction.abort()?;
            Ok(decided.map(drop))
        };
        run().unwrap_or_else(|error: redb::Error| Err(self.failed(error)))
    }

    /// Bits told of a portfolio, and of its account.
    pub fn spent(&self, subject: &Subject) -> Result<(u64, u64), BudgetError> {
        let (account, portfolio) = keys(subject);
        self.write(|transaction| {
            let (portfolios, accounts) =
                (transaction.open_table(PORTFOLIOS)?, transaction.open_table(ACCOUNTS)?);
            Ok((told(&portfolios, &portfolio)?, told(&accounts, &account)?))
        })
    }

    /// The next number of an oracle's attestations, counting from 1; never given twice.
    pub fn next_counter(&self, oracle: &[u8; 32]) -> Result<u64, BudgetError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(COUNTERS)?;
            let next = told(&table, oracle)?.saturating_add(1);
            table.insert(oracle.as_slice(), next)?;
            Ok(next)
        })
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, BudgetError> {
        let run = || {
            let transaction = self.database.begin_write()?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: redb::Error) -> BudgetError {
        BudgetError::Database { path: self.path.clone(), error: Box::new(error) }
    }
}

/// Of the account, and of the portfolio.
fn keys(subject: &Subject) -> (Vec<u8>, Vec<u8>) {
    let account = [subject.venue.0, subject.account].concat();
    let portfolio = [account.as_slice(), &subject.portfolio.0].concat();
    (account, portfolio)
}

/// The number at a key, or none.
fn told(table: &redb::Table<'_, &'static [u8], u64>, key: &[u8]) -> Result<u64, redb::Error> {
    Ok(table.get(key)?.map_or(0, |number| number.value()))
}

/// A refusal changes nothing.
fn charge(
    transaction: &WriteTransaction,
    subject: &Subject,
    kind: u8,
    bits: u64,
    limits: Limits,
) -> Result<Result<Charge, BudgetError>, redb::Error> {
    let (account, portfolio) = keys(subject);
    let answer = |kind| [subject.query.0.as_slice(), &subject.result.0, &[kind]].concat();
    let (mut nonces, mut answers) = (transaction.open_table(NONCES)?, transaction.open_table(ANSWERS)?);
    let mut portfolios = transaction.open_table(PORTFOLIOS)?;
    let mut accounts = transaction.open_table(ACCOUNTS)?;
    let answered = told(&nonces, &account)?;
    if subject.nonce < answered {
        return Ok(Err(BudgetError::Old { answered, got: subject.nonce }));
    }
    let (of_portfolio, of_account) = (told(&portfolios, &portfolio)?, told(&accounts, &account)?);
    for kind in kind..=HIGHEST_KIND {
        if let Some(time) = answers.get(answer(kind).as_slice())?.map(|time| time.value()) {
            return Ok(Ok(Charge { bits: 0, portfolio: of_portfolio, account: of_account, time }));
        }
    }
    let mut venues = transaction.open_table(VENUES)?;
    let of_venue = told(&venues, &subject.venue.0)?;
    let [new_portfolio, new_account, new_venue] =
        [of_portfolio, of_account, of_venue].map(|spent| spent.saturating_add(bits));
    if new_portfolio > limits.portfolio {
        return Ok(Err(BudgetError::Portfolio { spent: of_portfolio, limit: limits.portfolio, bits }));
    }
    if new_account > limits.account {
        return Ok(Err(BudgetError::Account { spent: of_account, limit: limits.account, bits }));
    }
    if new_venue > limits.venue {
        return Ok(Err(BudgetError::Venue { spent: of_venue, limit: limits.venue, bits }));
    }
    venues.insert(subject.venue.0.as_slice(), new_venue)?;
    nonces.insert(account.as_slice(), subject.nonce)?;
    answers.insert(answer(kind).as_slice(), subject.now)?;
    portfolios.insert(portfolio.as_slice(), new_portfolio)?;
    accounts.insert(account.as_slice(), new_account)?;
    Ok(Ok(Charge { bits, portfolio: new_portfolio, account: new_account, time: subject.now }))
}

#[cfg(test)]
mod tests;
