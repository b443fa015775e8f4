//! Risk arrays by digest.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use solventry_fhe_risk::{
    arrays::{file::RiskArrays, limits::MAX_FILE_BYTES},
    wire::Digest,
};

use crate::files::{self, FileError};

/// Most files of a folder that are looked at.
const MAX_FILES: usize = 64;
/// Least time between two looks for arrays that are not known.
const PAUSE: Duration = Duration::from_secs(1);

/// Files of risk arrays, and folders of them, which are looked through again when a digest is not
/// known: arrays change daily. What cannot be read there is left out and logged.
pub struct Shelf {
    paths: Vec<PathBuf>,
    known: Mutex<HashMap<Digest, Arc<RiskArrays>>>,
    /// When unknown arrays were last looked for.
    looked: Mutex<Option<Instant>>,
}

/// Reads a file of risk arrays.
pub fn read(path: &Path) -> Result<RiskArrays, FileError> {
    RiskArrays::read(&files::read(path, MAX_FILE_BYTES)?).map_err(|error| FileError::new(path, error))
}

impl Shelf {
    /// Reads all files; one that is named itself, not by its folder, must be there and valid.
    pub fn new(paths: Vec<PathBuf>) -> Result<Self, FileError> {
        for path in paths.iter().filter(|path| !path.is_dir()) {
            read(path)?;
        }
        let shelf = Self { paths, known: Mutex::default(), looked: Mutex::default() };
        shelf.load();
        Ok(shelf)
    }

    /// The arrays with a digest.
    pub fn find(&self, digest: &Digest) -> Option<Arc<RiskArrays>> {
        let found = self.known().get(digest).cloned();
        found.or_else(|| {
            // Whoever asks meanwhile waits for this look.
            let mut looked = locked(&self.looked);
            if looked.is_none_or(|last| last.elapsed() >= PAUSE) {
                self.load();
                *looked = Some(Instant::now());
            }
            self.known().get(digest).cloned()
        })
    }

    /// Number of known arrays.
    pub fn count(&self) -> usize {
        self.known().len()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Digest, Arc<RiskArrays>>> {
        locked(&self.known)
    }

    /// A file that cannot be used now serves nobody; the others do.
    fn load(&self) {
        for path in &self.paths {
            let files = list(path).unwrap_or_else(|error| {
                left_out(&error);
                Vec::new()
            });
            for file in files {
                match read(&file) {
                    Ok(arrays) => {
                        self.known().insert(Digest(arrays.digest()), Arc::new(arrays));
                    }
                    Err(error) => left_out(&error),
                }
            }
        }
    }
}

fn left_out(error: &FileError) {
    tracing::warn!(%error, "risk arrays left out");
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file itself, or the JSON files of a folder; of too many the last by name, since names that
/// carry a date end with the newest.
fn list(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| FileError::new(path, error))?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    for file in files.drain(..files.len().saturating_sub(MAX_FILES)) {
        let problem =
            format!("expected at most {MAX_FILES} files of risk arrays in a folder: move old ones away");
        left_out(&FileError::new(&file, problem));
    }
    Ok(files)
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
