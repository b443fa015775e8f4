//! Risk arrays by digest.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use solventry_fhe_risk::{
    arrays::{file::RiskArrays, limits::MAX_FILE_BYTES},
    wire::Digest,
};

use crate::files::{self, FileError};

/// Most files of a folder that are looked at.
const MAX_FILES: usize = 64;

/// Files of risk arrays, and folders of them, which are looked through again when a digest is not
/// known: arrays change daily.
pub struct Shelf {
    paths: Vec<PathBuf>,
    known: Mutex<HashMap<Digest, Arc<RiskArrays>>>,
}

/// Reads a file of risk arrays.
pub fn read(path: &Path) -> Result<RiskArrays, FileError> {
    RiskArrays::read(&files::read(path, MAX_FILE_BYTES)?).map_err(|error| FileError::new(path, error))
}

impl Shelf {
    /// Reads all files.
    pub fn new(paths: Vec<PathBuf>) -> Result<Self, FileError> {
        let shelf = Self { paths, known: Mutex::default() };
        shelf.load()?;
        Ok(shelf)
    }

    /// The arrays with a digest.
    pub fn find(&self, digest: &Digest) -> Option<Arc<RiskArrays>> {
        let found = self.known().get(digest).cloned();
        found.or_else(|| {
            // A file that cannot be read now serves nobody; the others do.
            let _ = self.load();
            self.known().get(digest).cloned()
        })
    }

    /// Number of known arrays.
    pub fn count(&self) -> usize {
        self.known().len()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Digest, Arc<RiskArrays>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn load(&self) -> Result<(), FileError> {
        for path in &self.paths {
            for file in list(path)? {
                let arrays = read(&file)?;
                self.known().insert(Digest(arrays.digest()), Arc::new(arrays));
            }
        }
        Ok(())
    }
}

/// A file itself, or the JSON files of a folder.
fn list(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| FileError::new(path, error))?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    if files.len() > MAX_FILES {
        let problem =
            format!("{} files of risk arrays; expected at most {MAX_FILES}: move old ones away", files.len());
        return Err(FileError::new(path, problem));
    }
    Ok(files)
}
