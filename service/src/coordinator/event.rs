//! What a coordinator tells while it works.

use std::fmt;

use super::{Culprit, Said};

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An earlier run left an attempt that goes on.
    Resumed {
        /// Whether it is decided already.
        decided: bool,
    },
    /// Sums of past payments were gathered.
    Sums {
        /// Nodes that agree on them.
        agreed: usize,
        /// Nodes that answered.
        answered: usize,
    },
    /// Both proofs are made.
    Proven {
        /// Size of the record in bytes.
        bytes: usize,
    },
    /// Nodes accepted the record.
    Submitted {
        /// How many.
        accepted: usize,
        /// Nodes of the group.
        nodes: usize,
    },
    /// The record went stale; it is proven again with fresh sums.
    Stale,
    /// The certificate was verified.
    Decided {
        /// Height of the journal.
        height: u64,
        /// Round.
        round: u32,
        /// Precommits.
        precommits: usize,
    },
    /// A signing session began.
    Session {
        /// Its number, from 1.
        number: usize,
        /// Names of the nodes in it.
        signers: Vec<String>,
    },
    /// A node is left out from here on.
    Left(Said),
    /// A node signed shares that are wrong.
    Lied(Box<Culprit>),
    /// Signatures for every input, verified.
    Signed {
        /// Inputs.
        inputs: usize,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resumed { decided: true } => {
                f.write_str("decided in an earlier run: nothing is proven again")
            }
            Self::Resumed { decided: false } => {
                f.write_str("an earlier run had proven it; asking for its fate")
            }
            Self::Sums { agreed, answered } => {
                write!(f, "sums of past payments: {agreed} of {answered} answering signers agree")
            }
            Self::Proven { bytes } => write!(f, "policy and headroom proven ({bytes} bytes)"),
            Self::Submitted { accepted, nodes } => {
                write!(f, "submitted: {accepted} of {nodes} signers verified the proofs and accept")
            }
            Self::Stale => f.write_str("another payment came first; proving again with fresh sums"),
            Self::Decided { height, round, precommits } => write!(
                f,
                "decided at height {height}, round {round}: certificate of {precommits} signers verified"
            ),
            Self::Session { number, signers } => {
                write!(f, "signing session {number}: {}", signers.join(", "))
            }
            Self::Left(said) => write!(f, "left out: {said}"),
            Self::Lied(culprit) => write!(f, "WRONG SHARE signed by {}; the evidence is kept", culprit.name),
            Self::Signed { inputs: 1 } => f.write_str("signed: 1 signature, verified"),
            Self::Signed { inputs } => write!(f, "signed: {inputs} signatures, verified"),
        }
    }
}
