//! Errors of the client.

/// What went wrong between client and engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No answer.
    #[error("{url}: {error}{}", hint(error))]
    Transport {
        /// Where.
        url: String,
        /// Why.
        error: Box<ureq::Error>,
    },
    /// A refusal.
    #[error("{url} answered {status}: {reason}")]
    Refused {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// The engine has too much to do, for longer than the caller's patience.
    #[error("{url} is busy: {reason} (see --patience)")]
    Busy {
        /// Where.
        url: String,
        /// Its words.
        reason: String,
    },
    /// The connection was closed before all was sent.
    #[error(
        "{url} closed the connection while it was sent to: it is busy or refuses so many bytes; try again later (see --patience)"
    )]
    Closed {
        /// Where.
        url: String,
    },
    /// An answer that is none.
    #[error("{url}: expected {expected}")]
    Answer {
        /// Where.
        url: String,
        /// In words.
        expected: &'static str,
    },
    /// The query was refused while it waited.
    #[error("the engine refused the query: {0}")]
    Query(String),
    /// It takes longer than the caller's patience.
    #[error(
        "no result after {0} s; the engine keeps the query, ask again later with the same file (see --patience)"
    )]
    Patience(u64),
    /// The engine does not answer any more.
    #[error(
        "no result after {seconds} s, and the last answer was none ({error}); the engine keeps the query, run the same command again later"
    )]
    Lost {
        /// The caller's patience.
        seconds: u64,
        /// The last error.
        error: Box<ClientError>,
    },
}

impl ClientError {
    /// Whether it may pass while a query is kept, as when an engine is started again.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Transport { .. } | Self::Refused { status: 502..=504, .. })
    }
}

fn hint(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            " (does an engine run there? see --server)"
        }
        _ => "",
    }
}
