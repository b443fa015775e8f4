//! Reading within limits, writing durably and privately.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{BufWriter, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::StoreError;

/// Reads at most `limit` bytes; a larger file is refused.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| StoreError::new(path, error);
    let mut bytes = Vec::new();
    let more_than_limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed)?.take(more_than_limit).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(StoreError::new(path, format!("expected at most {limit} bytes, the file is larger")));
    }
    Ok(bytes)
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The owner alone: secrets.
    Private,
    /// Everyone: what is published.
    Public,
}

/// Writes a file all at once or not at all: temporary file, fsync, rename, fsync of the folder.
pub fn write(path: &Path, access: Access, bytes: &[u8]) -> Result<(), StoreError> {
    write_with(path, access, |writer| writer.write_all(bytes))
}

/// The same with a function that writes.
pub fn write_with(
    path: &Path,
    access: Access,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::new(path, error);
    let folder = folder_of(path);
    let name = path.file_name().ok_or_else(|| StoreError::new(path, "expected the name of a file"))?;
    let temporary = folder.join(format!(".{}.{:08x}.tmp", name.to_string_lossy(), OsRng.next_u32()));
    let mode = if access == Access::Private { 0o600 } else { 0o644 };
    let result = (|| {
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        let mut writer = BufWriter::with_capacity(1 << 20, file);
        content(&mut writer)?;
        writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary); // nothing half-written stays behind
    }
    result.map_err(failed)
}

/// Writes a file that must not exist yet, all at once or not at all.
pub fn write_new(path: &Path, access: Access, bytes: &[u8]) -> Result<(), StoreError> {
    refuse_existing(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{:08x}", OsRng.next_u32()));
    let beside = Path::new(&beside);
    write(beside, access, bytes)?;
    // Unlike a rename, a link fails where the name was taken meanwhile. Some file systems have no
    // links; there the rename follows right after the check.
    let linked = match std::fs::hard_link(beside, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            refuse_existing(path).and_then(|()| rename(beside, path))
        }
        other => other.map_err(|error| StoreError::new(path, error)),
    };
    let _ = std::fs::remove_file(beside);
    linked
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| StoreError::new(to, error))
}

/// Refuses to overwrite: outputs of commands are new files.
pub fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok() {
        return Err(StoreError::new(path, "exists already; choose another name or remove it"));
    }
    Ok(())
}

/// Refuses an output that exists or whose folder does not; worth asking before a long run.
pub fn require_writable(path: &Path) -> Result<(), StoreError> {
    refuse_existing(path)?;
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(StoreError::new(folder, "expected a folder that exists, to write into"));
    }
    let probe = folder.join(format!(".{:08x}.tmp", OsRng.next_u32()));
    let writable = File::create_new(&probe).map_err(|error| StoreError::new(folder, error));
    let _ = std::fs::remove_file(&probe);
    writable.map(drop)
}

/// Makes a folder that only the owner can enter; fine if it is there.
pub fn folder(path: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| StoreError::new(path, error))
}

/// The same for secrets: an existing folder that others can enter is refused.
pub fn private_folder(path: &Path) -> Result<(), StoreError> {
    folder(path)?;
    let metadata = std::fs::metadata(path).map_err(|error| StoreError::new(path, error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let problem =
            format!("secrets go here, but others can enter it (mode {mode:o}); run chmod 700 on it");
        return Err(StoreError::new(path, problem));
    }
    Ok(())
}

/// Whether a file may be read by others than its owner.
pub fn others_can_read(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// 32 bytes from the operating system.
pub fn random_secret() -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut secret = Zeroizing::new([0; 32]);
    OsRng
        .try_fill_bytes(secret.as_mut())
        .map_err(|error| StoreError::new(Path::new("operating system randomness"), error))?;
    Ok(secret)
}

/// Reads a secret of 32 bytes, written as 64 hexadecimal digits.
pub fn read_secret(path: &Path) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let text = Zeroizing::new(read(path, 128)?);
    let text = text.trim_ascii_end();
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, secret.as_mut())
        .map_err(|_| StoreError::new(path, "expected a secret key of 64 hexadecimal digits"))?;
    Ok(secret)
}

/// Writes a secret of 32 bytes as 64 hexadecimal digits, for the owner alone.
pub fn write_secret(path: &Path, secret: &[u8; 32]) -> Result<(), StoreError> {
    let text = Zeroizing::new(hex::encode(secret) + "\n");
    write(path, Access::Private, text.as_bytes())
}

/// The folder that a path's last part lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
