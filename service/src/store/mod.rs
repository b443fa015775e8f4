//! Folders on disk: keys, and the secrets of epochs.

pub mod epoch_folder;
pub mod files;
pub mod keys_folder;
pub mod secrets_folder;
pub mod shard_file;
pub mod state;

use std::path::{Path, PathBuf};

/// A file or folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct StoreError {
    /// Which one.
    pub path: PathBuf,
    /// What is wrong and what to do.
    pub problem: String,
}

impl StoreError {
    /// An error about `path`.
    pub fn new(path: &Path, problem: impl ToString) -> Self {
        Self { path: path.to_owned(), problem: problem.to_string() }
    }
}
