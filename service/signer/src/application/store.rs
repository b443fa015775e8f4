//! The node's disk: small tables of bytes, written in durable batches that hold all or nothing.

use std::{io::ErrorKind, path::Path};

use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, StorageError, TableDefinition, TableError,
    backends::InMemoryBackend,
};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Genesis, highest voted height, whether the node has halted.
    Meta,
    /// Decided entries with their certificates, by height.
    Decided,
    /// Verdicts and values that are not decided yet, by height and value id.
    Verdicts,
    /// Ids of the values that this node proposed, by height and round.
    Proposals,
    /// Certified values that failed here.
    Evidence,
    /// Nonces that were used.
    Nonces,
    /// Signing packages of which a share left, or was about to.
    Packages,
}

/// One change of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets a value.
    Put(Table, Vec<u8>, Vec<u8>),
    /// Removes a value.
    Remove(Table, Vec<u8>),
}

/// The disk failed, or holds what it should not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// Why a file is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is in use.
    #[error("another process has it open; does this node run already?")]
    Busy,
    /// The system refuses it.
    #[error("{0}")]
    System(std::io::Error),
    /// It is no journal, or its checksums fail.
    #[error("the journal is damaged ({0})")]
    Damaged(String),
}

/// Called with each key and value of a scan, in order of keys.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// A disk. A batch is durable when `write` returns; after an error or a crash all of it is there
/// or nothing is.
pub trait Store: Send + 'static {
    /// Writes a batch.
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError>;

    /// Reads one value.
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits a whole table in order of keys.
    fn scan(&self, table: Table, visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// The store of a node: one redb file, or the same in memory.
#[derive(Debug)]
pub struct RedbStore(Database);

impl RedbStore {
    /// Opens or creates a file. All its checksums are verified: redb trusts a file that was closed
    /// cleanly otherwise, and may panic later over one that was altered since.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let opened = Database::builder().set_check_integrity_on_open(true).create(path);
        opened.map(Self).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => OpenError::Busy,
            DatabaseError::Storage(StorageError::Io(error)) if !is_of_content(&error) => {
                OpenError::System(error)
            }
            other => OpenError::Damaged(other.to_string()),
        })
    }

    /// A store that is lost with the process.
    pub fn in_memory() -> Result<Self, StoreError> {
        Database::builder().create_with_backend(InMemoryBackend::new()).map(Self).map_err(words)
    }
}

impl Store for RedbStore {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        let mut transaction = self.0.begin_write().map_err(words)?;
        transaction.set_durability(Durability::Immediate).map_err(words)?;
        for change in batch {
            match change {
                Write::Put(table, key, value) => {
                    let mut open = transaction.open_table(table.definition()).map_err(words)?;
                    open.insert(key.as_slice(), value.as_slice()).map_err(words)?;
                }
                Write::Remove(table, key) => {
                    let mut open = transaction.open_table(table.definition()).map_err(words)?;
                    open.remove(key.as_slice()).map_err(words)?;
                }
            }
        }
        transaction.commit().map_err(words)
    }

    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.0.begin_read().map_err(words)?;
        match transaction.open_table(table.definition()) {
            Ok(open) => Ok(open.get(key).map_err(words)?.map(|value| value.value().to_vec())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(words(error)),
        }
    }

    fn scan(&self, table: Table, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let transaction = self.0.begin_read().map_err(words)?;
        let open = match transaction.open_table(table.definition()) {
            Ok(open) => open,
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(words(error)),
        };
        for row in open.range::<&[u8]>(..).map_err(words)? {
            let (key, value) = row.map_err(words)?;
            visit(key.value(), value.value())?;
        }
        Ok(())
    }
}

impl Table {
    const fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(match self {
            Self::Meta => "meta",
            Self::Decided => "decided",
            Self::Verdicts => "verdicts",
            Self::Proposals => "proposals",
            Self::Evidence => "evidence",
            Self::Nonces => "nonces",
            Self::Packages => "packages",
        })
    }
}

/// Whether the file's content is at fault, and not the way to it.
fn is_of_content(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof | ErrorKind::Other
    )
}

/// An error of the database in its own words.
fn words(error: impl std::error::Error) -> StoreError {
    StoreError(error.to_string())
}
