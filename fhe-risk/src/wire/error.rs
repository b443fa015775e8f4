//! Why bytes are not what they should be.

use super::Digest;

/// Why a file or message was refused. Offsets count from its beginning.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Reading or writing failed.
    #[error("{what}: {error}")]
    Io {
        /// Field.
        what: &'static str,
        /// Cause.
        error: std::io::Error,
    },
    /// The end came early.
    #[error("{what} at byte {offset}: expected {expected} bytes, but the end came before (file truncated?)")]
    Truncated {
        /// Field.
        what: &'static str,
        /// Where it begins.
        offset: u64,
        /// Bytes needed.
        expected: u64,
    },
    /// More bytes than there should be.
    #[error("{what}: expected the end at byte {offset}, but more follows")]
    Trailing {
        /// Kind of file.
        what: &'static str,
        /// Where it should have ended.
        offset: u64,
    },
    /// Another kind of file.
    #[error("expected a file of kind {expected}, but its first bytes differ (is it another file?)")]
    WrongKind {
        /// Kind.
        expected: &'static str,
    },
    /// A version that this program does not know.
    #[error("unsupported {what} version {got}: this program reads version {expected}")]
    Version {
        /// Kind.
        what: &'static str,
        /// Known.
        expected: u16,
        /// The file's.
        got: u16,
    },
    /// Made under other parameters.
    #[error(
        "{what} of other parameters: expected {expected}, got {got}; make it again with this version's parameters"
    )]
    Parameters {
        /// Kind.
        what: &'static str,
        /// Ours.
        expected: Digest,
        /// The file's.
        got: Digest,
    },
    /// A number out of bounds.
    #[error("{what}: expected {least} to {most}, got {got}")]
    Range {
        /// Field.
        what: &'static str,
        /// At least.
        least: u64,
        /// At most.
        most: u64,
        /// Got.
        got: u64,
    },
    /// Another object than the one that is expected here.
    #[error("{what}: expected the one with digest {expected}, got {got}")]
    Digest {
        /// Kind.
        what: &'static str,
        /// Expected.
        expected: Digest,
        /// Got.
        got: Digest,
    },
    /// Not what tfhe writes for this market.
    #[error("{what}: {problem}")]
    Invalid {
        /// Field.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A mask that no encryption has.
    #[error("{what}: {problem} entries of a mask of {length}; expected random ones (not an encryption)")]
    NotRandom {
        /// Field.
        what: &'static str,
        /// How many of what kind.
        problem: String,
        /// Entries in all.
        length: usize,
    },
}

impl WireError {
    pub(super) fn range(what: &'static str, least: usize, most: usize, got: usize) -> Self {
        Self::Range { what, least: least as u64, most: most as u64, got: got as u64 }
    }
}
