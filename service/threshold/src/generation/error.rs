//! Why a run of key generation ends, and who is at fault.

/// What nodes did against the protocol, by messages that they signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Bytes that are not a message of the step.
    #[error("a signed message that is malformed or not canonical")]
    Malformed,
    /// The number of commitments is not the threshold.
    #[error("a commitment to a polynomial of the wrong degree")]
    Degree,
    /// The secret behind the commitment is not shown to be known.
    #[error("a wrong proof of knowledge")]
    ProofOfKnowledge,
    /// Two different messages of step 1 in one session.
    #[error("two different signed messages of step 1")]
    Equivocation,
    /// An echo of what nobody said.
    #[error("an echo of a message of step 1 that its node did not sign")]
    Echo,
    /// A share that does not open, or does not lie on the sender's polynomial.
    #[error("a share that does not open or does not fit its sender's commitment")]
    Share,
    /// A confirmation or outcome of another key than the packages of step 1 give.
    #[error("a confirmation of another group key")]
    Confirmation,
}

impl Fault {
    /// Whether the signed messages alone prove it to everybody. A bad share is seen by its
    /// recipient only: to others it is one node's word against another's.
    pub const fn is_evident(self) -> bool {
        !matches!(self, Self::Share)
    }
}

/// Why a run of key generation ended without a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerationError {
    /// The setup, or this node's place in it.
    #[error("key generation setup: {0}")]
    Setup(&'static str),
    /// A step that is not due.
    #[error("expected step {expected} of key generation, got step {got}; each step is answered once")]
    Order {
        /// The step that is due; 5 when all are done.
        expected: u8,
        /// The step that came.
        got: u8,
    },
    /// An earlier step failed.
    #[error("this run of key generation has failed; start another with a fresh session")]
    Ended,
    /// Not one answer of each node.
    #[error("expected the answers of {expected} nodes, got {got}")]
    Bodies {
        /// Nodes, or 0 in step 1.
        expected: usize,
        /// Answers.
        got: usize,
    },
    /// What comes back as this node's answer is another one.
    #[error("the answer shown as this node's own is not what it gave: whoever carries messages altered it")]
    OwnAnswer,
    /// Not signed by the node. Who did it cannot be told from the messages: the node, or whoever
    /// carried its answer.
    #[error(
        "the answer of node {node} is not a message of this session, step and node under its key: it or the carrier is faulty"
    )]
    Unsigned {
        /// Number of the node.
        node: usize,
    },
    /// Nodes broke the protocol.
    #[error("nodes {nodes:?} sent {fault}")]
    Fault {
        /// What they did.
        fault: Fault,
        /// Their numbers, rising.
        nodes: Vec<usize>,
    },
    /// Two nodes answered step 4 with different keys; the answers alone do not say who is wrong.
    #[error("nodes {first} and {second} end with different group keys: at least one of them is faulty")]
    Disagreement {
        /// One node.
        first: usize,
        /// The other.
        second: usize,
    },
    /// This node's own values were refused by the threshold cryptography or the cipher.
    #[error("key generation failed on this node's own values: {0}")]
    Own(&'static str),
}

impl GenerationError {
    /// Nodes at fault by messages that they signed; none where blame cannot be decided.
    pub fn culprits(&self) -> &[usize] {
        match self {
            Self::Fault { nodes, .. } => nodes,
            _ => &[],
        }
    }

    /// One fault of some nodes; none if there are no such nodes.
    pub(super) fn faults(fault: Fault, nodes: Vec<usize>) -> Result<(), Self> {
        if nodes.is_empty() { Ok(()) } else { Err(Self::Fault { fault, nodes }) }
    }

    /// The fault of one node.
    pub(super) fn fault(fault: Fault, node: usize) -> Self {
        Self::Fault { fault, nodes: vec![node] }
    }
}
