//! What agreement asks of the application.

use solventry_types::Digest;

/// How a value came here. Only the first sight of a fresh proposal is judged by the clock:
/// otherwise a late node could refuse what the others have decided (02-signing, "Height").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Proposed in the current round, no proof of lock.
    Fresh,
    /// Proposed again with a proof of lock, or synced from a peer with a certificate.
    Known,
}

/// Whether a value may be decided at this height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The node may vote for it.
    Valid,
    /// It votes nil.
    Invalid,
}

/// One signed precommit of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitVote {
    /// Identity key of the node.
    pub identity: [u8; 32],
    /// Its signature of [`solventry_protocol::decision::precommit_message`].
    pub signature: [u8; 64],
}

/// A decided value with its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Height.
    pub height: u64,
    /// Round.
    pub round: u32,
    /// Encoded [`solventry_protocol::Entry`].
    pub value: Vec<u8>,
    /// At least 2f + 1 precommits.
    pub votes: Vec<CommitVote>,
}

/// Why the application cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The disk refused or holds what it should not.
    #[error("journal store: {0}")]
    Store(String),
    /// A certified value is not valid here: more than f nodes are faulty. Evidence is kept.
    #[error(
        "height {height}: a certified record is refused here ({reason}); signing stops, the evidence is kept"
    )]
    Halt {
        /// Height.
        height: u64,
        /// Why the record is refused.
        reason: String,
    },
    /// The engine and the application disagree about where they are.
    #[error("expected height {expected}, got {got}")]
    Height {
        /// The application's next height.
        expected: u64,
        /// The one given.
        got: u64,
    },
}

/// The application as the agreement engine, or the simulation, drives it. `now` is the node's own
/// clock in Unix seconds.
pub trait Journal: Send + 'static {
    /// The height that is decided next; the first is 1.
    fn next_height(&self) -> u64;

    /// Whether that height should begin now: a record waits, or a tick is due.
    fn wants_height(&self, now: u64) -> bool;

    /// The encoded entry to propose. Asked again for one height and round, it gives the same bytes.
    fn propose(&mut self, height: u64, round: u32, now: u64) -> Result<Vec<u8>, JournalError>;

    /// Judges a value once and for all: verdict and bytes are stored under its value id, durably,
    /// and the verdict is given again whenever the value is seen again at this height. Only a
    /// refusal for nothing but the clock is judged again when the sight becomes
    /// [`Sight::Known`]: others have locked or certified the value, and a node that stuck to its
    /// refusal could never follow them. Bytes refused for other reasons need not be kept.
    fn judge(&mut self, height: u64, value: &[u8], sight: Sight, now: u64) -> Result<Verdict, JournalError>;

    /// The bytes of a value that was proposed or judged at the current height, also after a
    /// restart: the engine's log holds value ids only.
    fn value(&self, height: u64, id: Digest) -> Option<Vec<u8>>;

    /// Remembers, durably, that this node is about to vote at `height`; called before the first
    /// vote of a height leaves.
    fn note_vote(&mut self, height: u64) -> Result<(), JournalError>;

    /// Executes a decided value in one durable transaction. Never called twice for one height.
    fn commit(&mut self, decided: Decided) -> Result<(), JournalError>;

    /// A decided height, for peers that are late.
    fn decided(&self, height: u64) -> Result<Option<Decided>, JournalError>;
}
