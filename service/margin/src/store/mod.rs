//! The engine's disk: bundles of venues, queries, results, and where each stands. What was accepted
//! is on disk before it is acknowledged; a restart loses nothing.

mod error;

use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::{Digest, Query, SignedResult};

pub use self::error::StoreError;
use crate::files::{self, Access, FileError};

/// By query: [`Record`] as JSON.
const QUERIES: TableDefinition<'_, &'static [u8], &'static [u8]> = TableDefinition::new("queries");
/// By venue and account: highest nonce that was accepted.
const NONCES: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("nonces");
/// Under [`SEQUENCE`]: queries accepted so far.
const COUNTS: TableDefinition<'_, &'static str, u64> = TableDefinition::new("counts");
const SEQUENCE: &str = "accepted";

/// Where a query stands, on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Accepted, not yet evaluated.
    Waiting,
    /// There is a result.
    Done(Digest),
    /// There will be none.
    Refused(String),
}

#[derive(Serialize, Deserialize)]
struct Record {
    stage: Stage,
    /// Order of acceptance.
    sequence: u64,
    /// Seconds since 1970.
    received: u64,
    /// Who asks; nothing in records of before accounts were counted.
    #[serde(default)]
    account: Option<Digest>,
}

/// A query that is to be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub query: Digest,
    /// Key of the account that asks, if it is known.
    pub account: Option<Digest>,
}

/// The engine's folder.
pub struct Store {
    folder: PathBuf,
    path: PathBuf,
    database: Database,
}

impl Store {
    /// Opens a folder, or makes it; what a crash left half-written is removed.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        for part in [folder, &folder.join("venues"), &folder.join("queries"), &folder.join("results")] {
            files::private_folder(part)?;
        }
        let path = folder.join("store.redb");
        let database = Database::create(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => FileError::new(&path, files::IN_USE).into(),
            error => database(&path, error.into()),
        })?;
        // Not before it is known that nobody else is writing them.
        for part in [folder, &folder.join("venues"), &folder.join("queries"), &folder.join("results")] {
            remove_temporary(part)?;
        }
        let store = Self { folder: folder.to_owned(), path, database };
        store.write(|transaction| {
            transaction.open_table(QUERIES)?;
            transaction.open_table(NONCES)?;
            Ok(())
        })?;
        store.remove_unknown()?;
        Ok(store)
    }

    /// The engine's own signing key lies here.
    pub fn key_path(&self) -> PathBuf {
        self.folder.join("engine.key")
    }

    /// Folder of bundles.
    pub fn venues(&self) -> PathBuf {
        self.folder.join("venues")
    }

    /// A venue's bundle.
    pub fn bundle(&self, venue: &Digest) -> PathBuf {
        self.venues().join(format!("{venue}.bundle"))
    }

    /// Takes a query: its bytes and its account's nonce are on disk when this returns. What is on
    /// record already stays as it is; gives whether the query is new.
    pub fn accept(&self, query: &Query, digest: &Digest, bytes: &[u8], now: u64) -> Result<bool, StoreError> {
        let account = [query.venue.0, query.sender.account].concat();
        let nonce = query.sender.nonce;
        let accepted = self.write(|transaction| {
            let mut queries = transaction.open_table(QUERIES)?;
            if queries.get(digest.0.as_slice())?.is_some() {
                return Ok(Ok(false));
            }
            let mut nonces = transaction.open_table(NONCES)?;
            let last = nonces.get(account.as_slice())?.map(|last| last.value());
            if let Some(last) = last.filter(|last| nonce <= *last) {
                return Ok(Err(StoreError::Replayed { last, got: nonce }));
            }
            // A file whose record is not written after all goes at the next start.
            if let Err(error) = files::write(&self.query_path(digest), Access::Private, bytes) {
                return Ok(Err(error.into()));
            }
            nonces.insert(account.as_slice(), nonce)?;
            let mut counts = transaction.open_table(COUNTS)?;
            let sequence = counts.get(SEQUENCE)?.map_or(0, |count| count.value()).saturating_add(1);
            counts.insert(SEQUENCE, sequence)?;
            let account = Some(Digest(query.sender.account));
            let record = Record { stage: Stage::Waiting, sequence, received: now, account };
            queries.insert(digest.0.as_slice(), encode(&record).as_slice())?;
            Ok(Ok(true))
        });
        accepted.and_then(|accepted| accepted)
    }

    /// Where a query stands; nothing if it is not known.
    pub fn stage(&self, query: &Digest) -> Result<Option<Stage>, StoreError> {
        let bytes =
            self.read(|table| Ok(table.get(query.0.as_slice())?.map(|bytes| bytes.value().to_vec())))?;
        bytes.map(|bytes| Ok(self.decode(&bytes)?.stage)).transpose()
    }

    /// What is to be evaluated, in the order of acceptance.
    pub fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let mut waiting = self.records()?;
        waiting.retain(|(_, record)| record.stage == Stage::Waiting);
        waiting.sort_unstable_by_key(|(_, record)| record.sequence);
        Ok(waiting.into_iter().map(|(query, record)| Waiting { query, account: record.account }).collect())
    }

    /// Forgets what ended and was received before `time`; nonces stay for ever.
    pub fn forget(&self, time: u64) -> Result<usize, StoreError> {
        let mut old = self.records()?;
        old.retain(|(_, record)| record.stage != Stage::Waiting && record.received < time);
        self.write(|transaction| {
            let mut queries = transaction.open_table(QUERIES)?;
            for (query, _) in &old {
                queries.remove(query.0.as_slice())?;
            }
            Ok(())
        })?;
        for (query, _) in &old {
            let _ = std::fs::remove_file(self.result_path(query)); // at worst it takes room
        }
        Ok(old.len())
    }

    fn records(&self) -> Result<Vec<(Digest, Record)>, StoreError> {
        let entries = self.read(|table| {
            let entries = table.iter()?;
            let owned =
                entries.map(|entry| entry.map(|(key, bytes)| (key.value().to_vec(), bytes.value().to_vec())));
            owned.collect::<Result<Vec<_>, _>>().map_err(redb::Error::from)
        })?;
        let record = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let key: [u8; 32] = key.try_into().map_err(|_| StoreError::Record(self.path.clone()))?;
            Ok((Digest(key), self.decode(&bytes)?))
        };
        entries.into_iter().map(record).collect()
    }

    /// Removes queries that were written but not accepted before a crash.
    fn remove_unknown(&self) -> Result<(), StoreError> {
        let waiting: Vec<_> = self.waiting()?.iter().map(|waiting| waiting.query.to_string()).collect();
        let folder = self.folder.join("queries");
        let entries = std::fs::read_dir(&folder).map_err(|error| FileError::new(&folder, error))?;
        for entry in entries.filter_map(Result::ok) {
            if !waiting.iter().any(|query| entry.file_name() == query.as_str()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// A query's bytes.
    pub fn query(&self, query: &Digest) -> Result<Vec<u8>, StoreError> {
        Ok(files::read(&self.query_path(query), Query::MAX_BYTES)?)
    }

    /// A result's file.
    pub fn result(&self, query: &Digest) -> Result<Vec<u8>, StoreError> {
        Ok(files::read(&self.result_path(query), SignedResult::MAX_BYTES)?)
    }

    /// Records how an evaluation ended; its query's bytes are not needed any more.
    pub fn finish(&self, query: &Digest, outcome: &Result<SignedResult, String>) -> Result<(), StoreError> {
        let stage = match outcome {
            Ok(signed) => {
                files::write(&self.result_path(query), Access::Private, &signed.encode())?;
                Stage::Done(Digest::of(&signed.result))
            }
            Err(reason) => Stage::Refused(reason.clone()),
        };
        let known =
            self.read(|table| Ok(table.get(query.0.as_slice())?.map(|bytes| bytes.value().to_vec())))?;
        let known = known.ok_or_else(|| StoreError::Record(self.path.clone()))?;
        let record = encode(&Record { stage, ..self.decode(&known)? });
        self.write(|transaction| {
            transaction.open_table(QUERIES)?.insert(query.0.as_slice(), record.as_slice())?;
            Ok(())
        })?;
        let _ = std::fs::remove_file(self.query_path(query)); // at worst it takes room
        Ok(())
    }

    fn query_path(&self, query: &Digest) -> PathBuf {
        self.folder.join("queries").join(query.to_string())
    }

    fn result_path(&self, query: &Digest) -> PathBuf {
        self.folder.join("results").join(query.to_string())
    }

    fn decode(&self, bytes: &[u8]) -> Result<Record, StoreError> {
        serde_json::from_slice(bytes).map_err(|_| StoreError::Record(self.path.clone()))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&redb::ReadOnlyTable<&'static [u8], &'static [u8]>) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let run = || work(&self.database.begin_read()?.open_table(QUERIES)?);
        run().map_err(|error| database(&self.path, error))
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&redb::WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let run = || {
            let transaction = self.database.begin_write()?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|error| database(&self.path, error))
    }
}

fn encode(record: &Record) -> Vec<u8> {
    serde_json::to_vec(record).unwrap_or_default()
}

fn database(path: &Path, error: redb::Error) -> StoreError {
    StoreError::Database { path: path.to_owned(), error: Box::new(error) }
}

/// Names that begin with a point are those of files that were being written.
fn remove_temporary(folder: &Path) -> Result<(), FileError> {
    let entries = std::fs::read_dir(folder).map_err(|error| FileError::new(folder, error))?;
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
