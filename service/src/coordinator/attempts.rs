//! What a coordinator keeps of one payment while it works, so that a restart goes on where the
//! last run was: every record that it ever submitted, with its decision once there is one.
//!
//! Each attempt is a signing evidence file of its own. It is written before it is submitted, since
//! a record may be decided at any later moment.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use solventry_protocol::SigningEvidence;

use super::{CoordinatorError, Culprit};
use crate::store::{
    StoreError,
    files::{self, Access},
};

/// Most attempts that are kept; far more than one run makes.
const MOST: usize = 1_000;

/// The attempts at one payment, locked while this value lives.
#[derive(Debug)]
pub struct Attempts {
    root: PathBuf,
    kept: Vec<SigningEvidence>,
    _lock: File,
}

impl Attempts {
    /// Makes or opens the folder and reads what an earlier run left.
    pub fn open(root: &Path) -> Result<Self, CoordinatorError> {
        files::private_folder(root)?;
        let path = root.join("lock");
        let lock = File::create(&path).map_err(|error| StoreError::new(&path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(
                    StoreError::new(root, "another process signs this payment; wait until it ends").into()
                );
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::new(&path, error).into()),
        }
        let mut attempts = Self { root: root.to_owned(), kept: vec![], _lock: lock };
        while attempts.path(attempts.kept.len()).exists() && attempts.kept.len() < MOST {
            let path = attempts.path(attempts.kept.len());
            let bytes = files::read(&path, SigningEvidence::MAX_BYTES)?;
            let evidence = SigningEvidence::decode(&bytes).map_err(|error| StoreError::new(&path, error))?;
            attempts.kept.push(evidence);
        }
        Ok(attempts)
    }

    /// Attempts in the order in which they were made.
    pub fn kept(&self) -> &[SigningEvidence] {
        &self.kept
    }

    /// Keeps a new attempt; its place.
    pub fn add(&mut self, evidence: SigningEvidence) -> Result<usize, CoordinatorError> {
        let place = self.kept.len();
        files::write_new(&self.path(place), Access::Private, &evidence.encode())?;
        self.kept.push(evidence);
        Ok(place)
    }

    /// Keeps what has become of an attempt.
    pub fn update(&mut self, place: usize, evidence: SigningEvidence) -> Result<(), CoordinatorError> {
        files::write(&self.path(place), Access::Private, &evidence.encode())?;
        if let Some(kept) = self.kept.get_mut(place) {
            *kept = evidence;
        }
        Ok(())
    }

    /// Keeps evidence against a node; the file.
    pub fn accuse(&self, culprit: &Culprit) -> Result<PathBuf, CoordinatorError> {
        let name = format!("culprit-{}-{}", culprit.shares.node, culprit.package_digest());
        let path = self.root.join(name);
        files::write(&path, Access::Private, &culprit.encode())?;
        Ok(path)
    }

    /// Removes what is no longer needed once the result is written; evidence against nodes stays.
    pub fn finish(self) {
        for place in 0..self.kept.len() {
            let _ = std::fs::remove_file(self.path(place)); // the result is on disk; this is tidying
        }
        let _ = std::fs::remove_file(self.root.join("lock"));
        let _ = std::fs::remove_dir(&self.root);
    }

    /// Where an attempt is kept, for messages.
    pub fn file(&self, place: usize) -> String {
        self.path(place).display().to_string()
    }

    fn path(&self, place: usize) -> PathBuf {
        self.root.join(format!("attempt-{}", place.saturating_add(1)))
    }
}
