//! Why a coordinator cannot go on.

use std::fmt;

use solventry_types::codec::CodecError;

use crate::{signing::PaymentRefused, store::StoreError};

/// A node and what it said, or what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Number of the node, from 0.
    pub node: usize,
    /// Its name in the group.
    pub name: String,
    /// What.
    pub what: String,
}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoordinatorError {
    /// Too few nodes answered usefully.
    #[error(
        "{got} of {nodes} nodes {what}, at least {needed} are needed. The others, which must run, be reachable, and \
         have this coordinator in their group, for questions about a vault as its owner (KEY=VAULT), said:{}",
        list(.others)
    )]
    TooFew {
        /// What they do, in words.
        what: &'static str,
        /// Nodes of the group.
        nodes: usize,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        got: usize,
        /// What the other nodes said.
        others: Vec<Said>,
    },
    /// More than f nodes refuse, so at least one honest one does.
    #[error("{} of {nodes} signers refuse this {what}:{}", .refusals.len(), list(.refusals))]
    Refused {
        /// Kind of record.
        what: &'static str,
        /// Nodes of the group.
        nodes: usize,
        /// Who refused, and why where the node tells.
        refusals: Vec<Said>,
    },
    /// The record waited and is no longer valid.
    #[error(
        "the {what} was accepted, then dropped before it was decided. Run the same command again; make no \
         new payment for it before this one's validity has ended, since a node may still propose it:{}",
        list(.nodes)
    )]
    Dropped {
        /// Kind of record.
        what: &'static str,
        /// Who dropped it.
        nodes: Vec<Said>,
    },
    /// No certificate in time.
    #[error(
        "no decision within {seconds} s: {waiting} of {count} nodes answer, at least {needed} must \
         agree; it may still come: run the same command again, it goes on where it was{}",
        list(.nodes)
    )]
    Undecided {
        /// Seconds waited.
        seconds: u64,
        /// Nodes of the group.
        count: usize,
        /// How many decide.
        needed: usize,
        /// How many answer, and wait for it too.
        waiting: usize,
        /// What the nodes said last, false certificates among it.
        nodes: Vec<Said>,
    },
    /// Key generation.
    #[error("key generation, step {step}: {problem}{}", list(.nodes))]
    Generation {
        /// Step, 1 to 4.
        step: u8,
        /// What went wrong.
        problem: String,
        /// Nodes at fault, and what nodes say of it.
        nodes: Vec<Said>,
    },
    /// All signing sessions failed.
    #[error(
        "no signature after {sessions} sessions: fewer than {needed} of the nodes sign; run the command again when more do:{}",
        list(.dropped)
    )]
    Sessions {
        /// Sessions held.
        sessions: usize,
        /// t.
        needed: usize,
        /// Nodes that were dropped, and why.
        dropped: Vec<Said>,
    },
    /// The group key does not fit what is signed.
    #[error("signing package: {problem}; is the group key the vault's?")]
    Scheme {
        /// What is wrong.
        problem: String,
    },
    /// Proofs that went stale again and again.
    #[error(
        "{proofs} proofs went stale before they were decided: other payments of this vault keep coming first; run the command again"
    )]
    Stale {
        /// Proofs made.
        proofs: usize,
    },
    /// The group key is of another account.
    #[error(
        "the group key is not that of the vault's account; give the file that `signers dkg` wrote for vault {vault:?}"
    )]
    OtherKey {
        /// Vault.
        vault: String,
    },
    /// A file of an earlier run is of another payment.
    #[error("{path}: it is of another payment or vault; choose another --out or --state")]
    OtherAttempt {
        /// The file.
        path: String,
    },
    /// The owner's own policy or coverage refuses, or a proof cannot be made.
    #[error(transparent)]
    Payment(#[from] PaymentRefused),
    /// A file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file's or answer's content.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl CoordinatorError {
    /// Numbers of the nodes that are at fault or in the way.
    pub fn nodes(&self) -> Vec<usize> {
        let said = match self {
            Self::TooFew { others, .. } => others,
            Self::Refused { refusals, .. } => refusals,
            Self::Dropped { nodes, .. } | Self::Undecided { nodes, .. } | Self::Generation { nodes, .. } => {
                nodes
            }
            Self::Sessions { dropped, .. } => dropped,
            _ => return vec![],
        };
        said.iter().map(|said| said.node).collect()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

fn list(said: &[Said]) -> String {
    said.iter().map(|said| format!("\n  {said}")).collect()
}
