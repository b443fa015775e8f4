//! Reading within limits, writing durably and privately.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{BufWriter, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rand_core::{OsRng, RngCore};

/// A file or folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct FileError {
    /// Where.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub problem: String,
    /// Whether the input is at fault, not the machine.
    pub is_input: bool,
}

impl FileError {
    /// About content.
    pub fn new(path: &Path, problem: impl ToString) -> Self {
        Self { path: path.to_owned(), problem: problem.to_string(), is_input: true }
    }

    fn io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
        let is_input = matches!(error.kind(), NotFound | IsADirectory | NotADirectory | PermissionDenied);
        Self { path: path.to_owned(), problem: error.to_string(), is_input }
    }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The owner alone: secrets.
    Private,
    /// Everyone: what is published.
    Public,
}

/// Of a database that is open elsewhere.
pub const IN_USE: &str = "another process uses it; wait for that one, or stop it first";

/// Opens a file to read.
pub fn open(path: &Path) -> Result<File, FileError> {
    File::open(path).map_err(|error| FileError::io(path, &error))
}

/// Reads at most `limit` bytes of anything but a signing key: that was named by mistake, and its
/// content is not to end in an error about something else, or on a wire.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let bytes = read_any(path, limit)?;
    let text = bytes.trim_ascii();
    if text.len() == 64 && text.iter().all(u8::is_ascii_hexdigit) {
        return Err(FileError::new(path, "looks like a signing key, which does not belong here; not used"));
    }
    Ok(bytes)
}

/// Reads at most `limit` bytes; a larger file is refused.
pub fn read_any(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    open(path)?.take(most).read_to_end(&mut bytes).map_err(|error| FileError::io(path, &error))?;
    if bytes.len() > limit {
        return Err(FileError::new(path, format!("expected at most {limit} bytes, the file is larger")));
    }
    Ok(bytes)
}

/// Writes a file all at once or not at all: temporary file, fsync, rename, fsync of the folder.
pub fn write(path: &Path, access: Access, bytes: &[u8]) -> Result<(), FileError> {
    let write = |writer: &mut dyn Write| writer.write_all(bytes).map_err(|error| error.to_string());
    write_with(path, access, write)
}

/// The same with a function that writes.
pub fn write_with<T, E: ToString>(
    path: &Path,
    access: Access,
    content: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, FileError> {
    let folder = folder_of(path);
    let name = path.file_name().ok_or_else(|| FileError::new(path, "expected the name of a file"))?;
    let temporary = folder.join(format!(".{}.{:08x}.tmp", name.to_string_lossy(), OsRng.next_u32()));
    let mode = if access == Access::Private { 0o600 } else { 0o644 };
    let io = |error: std::io::Error| FileError::io(path, &error);
    let result = (|| {
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary).map_err(io)?;
        let mut writer = BufWriter::with_capacity(1 << 20, file);
        let value = content(&mut writer).map_err(|error| FileError::new(path, error))?;
        writer.into_inner().map_err(|error| io(error.into_error()))?.sync_all().map_err(io)?;
        std::fs::rename(&temporary, path).map_err(io)?;
        sync_folder(folder).map_err(io)?;
        Ok(value)
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary); // nothing half-written stays behind
    }
    result
}

/// Makes a renamed file's new name durable.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Refuses to overwrite: outputs of commands are new files.
pub fn refuse_existing(path: &Path) -> Result<(), FileError> {
    if path.symlink_metadata().is_ok() {
        return Err(FileError::new(path, "exists already; choose another name or remove it"));
    }
    Ok(())
}

/// Refuses an output that exists or whose folder does not; worth asking before a long run.
pub fn require_writable(path: &Path) -> Result<(), FileError> {
    refuse_existing(path)?;
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(FileError::new(folder, "expected a folder that exists, to write into"))
}

/// Makes a folder that only its owner can enter; one that others can enter is refused.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| FileError::io(path, &error))?;
    let mode = std::fs::metadata(path).map_err(|error| FileError::io(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let mode = mode & 0o777;
        let problem =
            format!("secrets go here, but others can enter it (mode {mode:o}); run chmod 700 on it");
        return Err(FileError::new(path, problem));
    }
    Ok(())
}

/// Refuses a secret that others can read.
pub fn require_private(path: &Path) -> Result<(), FileError> {
    let mode = std::fs::metadata(path).map_err(|error| FileError::io(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let problem =
            format!("a secret, but others can read it (mode {:o}); run chmod 600 on it", mode & 0o777);
        return Err(FileError::new(path, problem));
    }
    Ok(())
}

/// The folder that a path's last part lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
