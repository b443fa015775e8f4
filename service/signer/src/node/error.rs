//! Why a node does not start or goes no further.

use std::path::PathBuf;

use crate::journal::JournalError;

/// Why a node does not start or goes no further. Holds no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// A file or folder.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The folder is taken.
    #[error("{0}: there is a node in it already; choose another folder")]
    Exists(PathBuf),
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The passphrase file.
    #[error("{0}: expected a passphrase of 8 to 1024 bytes on the first line")]
    Passphrase(PathBuf),
    /// Nobody has heard of this node.
    #[error("the group does not list this node (identity {0}); publish `card.node` and make the group anew")]
    NotInGroup(String),
    /// The group says other things about this node than its own card.
    #[error(
        "the group lists this node with another {0} than its own card; make the group anew from the card"
    )]
    OtherCard(&'static str),
    /// An address.
    #[error("{0:?}: expected host and port, such as 127.0.0.1:28001")]
    Address(String),
    /// One address for two things.
    #[error("{0:?} is given for --link and for --peer; expected two different ports")]
    SameAddress(String),
    /// Listening.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Address.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The group's policy circuit differs from this program's.
    #[error("the policy circuit of this program is not the pinned one ({0}); use the released program")]
    PolicyCircuit(String),
    /// The operating system has no randomness.
    #[error("the operating system gives no randomness")]
    Randomness,
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The agreement engine.
    #[error("agreement engine: {0}")]
    Engine(String),
}

impl NodeError {
    /// What is told over a link: no paths of this machine.
    pub fn told(&self) -> String {
        match self {
            Self::File { source, .. } => source.to_string(),
            Self::Content { problem, .. } => problem.clone(),
            other => other.to_string(),
        }
    }
}
