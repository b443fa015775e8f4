//! The audit log on the disk: bounded, so that nobody fills it with refusals.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A log file that is set aside when it is full, once: the one set aside before is lost.
#[derive(Debug)]
pub struct AuditFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    most: u64,
}

impl AuditFile {
    /// Bytes after which a log is set aside: some 300 000 lines.
    pub const MOST: u64 = 64 << 20;

    /// Opens or makes a log that its owner alone may read.
    pub fn open(path: &Path, most: u64) -> io::Result<Self> {
        let file = append(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes, most })
    }

    /// Where a full log goes.
    fn aside(&self) -> PathBuf {
        self.path.with_extension("log.old")
    }
}

impl Write for AuditFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes >= self.most && line.ends_with(b"\n") {
            fs::rename(&self.path, self.aside())?;
            (self.file, self.bytes) = (append(&self.path)?, 0);
        }
        let written = self.file.write(line)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_set_aside_between_lines_and_never_two() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        for _ in 0..2 {
            let mut log = AuditFile::open(&path, 1_000).unwrap();
            for number in 0..5_000 {
                log.write_all(format!("line {number}\n").as_bytes()).unwrap();
            }
        }
        let sizes: Vec<u64> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2, "{sizes:?}");
        assert!(sizes.iter().all(|size| *size < 1_020), "{sizes:?}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("line ") && text.ends_with("line 4999\n"), "{text}");
    }
}
