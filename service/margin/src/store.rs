//! The engine's disk: bundles of venues, queries, results, and where each stands. What was accepted
//! is on disk before it is acknowledged; a restart loses nothing.

use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::{Digest, Query, SignedResult};

use crate::files::{self, Access, FileError};

/// By query: [`Record`] as JSON.
const QUERIES: TableDefinition<'_, &'static [u8], &'static [u8]> = TableDefinition::new("queries");
/// By venue and account: highest nonce that was accepted.
const NONCES: TableDefinition<'_, &'static [u8], u64> = TableDefinition::new("nonces");

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
}

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
            remove_temporary(part)?;
        }
        let path = folder.join("store.redb");
        let database = Database::create(&path).map_err(|error| database(&path, error.into()))?;
        let store = Self { folder: folder.to_owned(), path, database };
        store.write(|transaction| {
            transaction.open_table(QUERIES)?;
            transaction.open_table(NONCES)?;
            Ok(())
        })?;
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

    /// Takes a query: its bytes and its account's nonce are on disk when this returns.
    pub fn accept(&self, query: &Query, digest: &Digest, bytes: &[u8], now: u64) -> Result<(), StoreError> {
        let path = self.query_path(digest);
        files::write(&path, Access::Private, bytes)?;
        let account = [query.venue.0, query.sender.account].concat();
        let nonce = query.sender.nonce;
        let accepted = self.write(|transaction| {
            let mut nonces = transaction.open_table(NONCES)?;
            let last = nonces.get(account.as_slice())?.map(|last| last.value());
            if let Some(last) = last.filter(|last| nonce <= *last) {
                return Ok(Err(StoreError::Replayed { last, got: nonce }));
            }
            nonces.insert(account.as_slice(), nonce)?;
            let mut queries = transaction.open_table(QUERIES)?;
            let sequence = redb::ReadableTableMetadata::len(&queries)?;
            let record = Record { stage: Stage::Waiting, sequence, received: now };
            queries.insert(digest.0.as_slice(), encode(&record).as_slice())?;
            Ok(Ok(()))
        });
        let accepted = accepted.and_then(|accepted| accepted);
        if accepted.is_err() {
            let _ = std::fs::remove_file(&path); // it was not accepted
        }
        accepted
    }

    /// Where a query stands; nothing if it is not known.
    pub fn stage(&self, query: &Digest) -> Result<Option<Stage>, StoreError> {
        let bytes =
            self.read(|table| Ok(table.get(query.0.as_slice())?.map(|bytes| bytes.value().to_vec())))?;
        bytes.map(|bytes| Ok(self.decode(&bytes)?.stage)).transpose()
    }

    /// What is to be evaluated, in the order of acceptance.
    pub fn waiting(&self) -> Result<Vec<Digest>, StoreError> {
        let records = self.read(|table| {
            table
                .iter()?
                .map(|entry| entry.map(|(key, bytes)| (key.value().to_vec(), bytes.value().to_vec())))
                .collect::<Result<Vec<_>, _>>()
                .map_err(redb::Error::from)
        })?;
        let mut waiting = Vec::new();
        for (key, bytes) in records {
            let record = self.decode(&bytes)?;
            let key: [u8; 32] = key.try_into().map_err(|_| StoreError::Record(self.path.clone()))?;
            if record.stage == Stage::Waiting {
                waiting.push((record.sequence, Digest(key)));
            }
        }
        waiting.sort_unstable_by_key(|(sequence, _)| *sequence);
        Ok(waiting.into_iter().map(|(_, query)| query).collect())
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
#[path = "store_tests.rs"]
mod tests;
