//! The folder of secrets: `master.key`, and one folder per epoch.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use solventry_types::MasterSecret;

use super::{StoreError, epoch_folder::EpochFolder, files};

const LOST_MASTER: &str = "the master secret of the epochs in this folder is missing; restore it from a backup \
    (with another one no inclusion file could be made)";

/// A folder of secrets; only its owner can enter it.
#[derive(Debug, Clone)]
pub struct SecretsFolder {
    root: PathBuf,
}

impl SecretsFolder {
    /// The folder at `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes the folder and the master secret where they are missing.
    pub fn prepare(&self) -> Result<(), StoreError> {
        files::private_folder(&self.root)?;
        let lock = self.root.join("lock");
        let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        // Two first runs at once must agree on one master secret.
        let _held = held.map_err(|error| StoreError::new(&lock, error))?;
        let path = self.master_path();
        if !path.exists() {
            if self.has_epochs()? {
                return Err(StoreError::new(&path, LOST_MASTER));
            }
            files::write_secret(&path, &*files::random_secret()?)?;
        }
        Ok(())
    }

    fn has_epochs(&self) -> Result<bool, StoreError> {
        let failed = |error| StoreError::new(&self.root, error);
        let entries = std::fs::read_dir(&self.root).map_err(failed)?;
        Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("epoch-")))
    }

    /// The master secret that account nonces derive from.
    pub fn master(&self) -> Result<MasterSecret, StoreError> {
        let path = self.master_path();
        if !path.exists() {
            return Err(StoreError::new(&path, LOST_MASTER));
        }
        Ok(MasterSecret::from_bytes(*files::read_secret(&path)?))
    }

    /// The folder of one epoch, which nobody else may use meanwhile.
    pub fn epoch(&self, epoch: u64) -> Result<EpochFolder, StoreError> {
        EpochFolder::open(&self.root.join(format!("epoch-{epoch}")))
    }

    /// The folder of an epoch that exists already; nothing is made.
    pub fn begun_epoch(&self, epoch: u64) -> Result<EpochFolder, StoreError> {
        EpochFolder::open(&self.begun_path(epoch)?)
    }

    /// The same, after waiting for whoever works on the epoch: several payments may be proven at
    /// once.
    pub fn begun_epoch_when_free(&self, epoch: u64) -> Result<EpochFolder, StoreError> {
        EpochFolder::open_when_free(&self.begun_path(epoch)?)
    }

    fn begun_path(&self, epoch: u64) -> Result<PathBuf, StoreError> {
        let path = self.root.join(format!("epoch-{epoch}"));
        if path.join("state").exists() {
            return Ok(path);
        }
        Err(StoreError::new(&path, format!("no secrets of epoch {epoch} here; was it made with --secrets?")))
    }

    fn master_path(&self) -> PathBuf {
        self.root.join("master.key")
    }
}
