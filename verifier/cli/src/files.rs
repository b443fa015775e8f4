//! Reading and writing files, within limits.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use crate::outcome::Failure;

/// Reads at most `limit` bytes; a larger file is refused before it is read.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let failed = |problem: String| Failure::Input(format!("{}: {problem}", path.display()));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    let more_than_limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(more_than_limit).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() > limit {
        return Err(failed(format!("expected at most {limit} bytes, the file is larger")));
    }
    Ok(bytes)
}

/// Writes a new file; refuses to overwrite.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Input(format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}
