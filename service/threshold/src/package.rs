//! What is signed together: messages, and the commitments of exactly t nodes to each.

use std::collections::BTreeMap;

use frost_core::{SigningPackage, round1::SigningCommitments};

use crate::{
    frost::{Kind, canonical, identifier},
    suite::{GroupKey, Suite},
};

/// Most messages of one round: inputs of a transaction.
pub const MAX_MESSAGES: usize = 16;
/// Longest message under Ed25519 in bytes: a packet of Solana.
pub const MAX_MESSAGE_BYTES: usize = 1232;
/// Largest commitment in bytes: header and two points.
const MAX_COMMITMENT_BYTES: usize = 80;

/// Why messages and commitments make no signing round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Number of messages.
    #[error("expected 1 to {MAX_MESSAGES} messages, got {0}")]
    Messages(usize),
    /// Length of a message.
    #[error("message {place}: expected 32 bytes (taproot) or 1 to {MAX_MESSAGE_BYTES} (Ed25519), got {got}")]
    Length {
        /// Place of the message, from 0.
        place: usize,
        /// Bytes.
        got: usize,
    },
    /// Number of nodes.
    #[error("expected commitments of exactly {expected} nodes, got {got}")]
    Nodes {
        /// t.
        expected: usize,
        /// Nodes.
        got: usize,
    },
    /// A node that the group does not have.
    #[error("commitments of node {got}, but the group has {nodes} nodes, numbered from 0")]
    UnknownNode {
        /// n.
        nodes: usize,
        /// The number given.
        got: usize,
    },
    /// Commitments that are not one canonical pair of points per message.
    #[error("nodes {0:?} gave commitments that are not one canonical pair of points for each message")]
    Commitments(Vec<usize>),
    /// The group key is not of its suite.
    #[error("the group key does not hold a package of its suite")]
    Key,
}

impl PackageError {
    /// Nodes whose signed commitments are malformed.
    pub fn culprits(&self) -> &[usize] {
        match self {
            Self::Commitments(nodes) => nodes,
            _ => &[],
        }
    }
}

/// Checks messages and commitments; one package per message.
pub(crate) fn packages<C: Kind>(
    key: &GroupKey,
    messages: &[Vec<u8>],
    commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
) -> Result<Vec<SigningPackage<C>>, PackageError> {
    check_messages(key.suite, messages)?;
    let (expected, got, nodes) = (usize::from(key.threshold), commitments.len(), key.count());
    if got != expected {
        return Err(PackageError::Nodes { expected, got });
    }
    if let Some(got) = commitments.keys().copied().find(|node| *node >= nodes) {
        return Err(PackageError::UnknownNode { nodes, got });
    }
    let mut rounds = vec![BTreeMap::new(); messages.len()];
    let mut malformed = Vec::new();
    for (node, own) in commitments {
        match identifier::<C>(*node).zip(decode_commitments::<C>(own, messages.len())) {
            Some((id, own)) => rounds.iter_mut().zip(own).for_each(|(round, commitment)| {
                round.insert(id, commitment);
            }),
            None => malformed.push(*node),
        }
    }
    if !malformed.is_empty() {
        return Err(PackageError::Commitments(malformed));
    }
    Ok(rounds.into_iter().zip(messages).map(|(round, message)| SigningPackage::new(round, message)).collect())
}

fn check_messages(suite: Suite, messages: &[Vec<u8>]) -> Result<(), PackageError> {
    if !(1..=MAX_MESSAGES).contains(&messages.len()) {
        return Err(PackageError::Messages(messages.len()));
    }
    let fits = |length| match suite {
        Suite::Taproot => length == 32,
        Suite::Ed25519 => (1..=MAX_MESSAGE_BYTES).contains(&length),
    };
    match messages.iter().position(|message| !fits(message.len())) {
        None => Ok(()),
        Some(place) => {
            let got = messages.get(place).map_or(0, Vec::len);
            Err(PackageError::Length { place, got })
        }
    }
}

fn decode_commitments<C: Kind>(own: &[Vec<u8>], messages: usize) -> Option<Vec<SigningCommitments<C>>> {
    let decode = |bytes: &Vec<u8>| {
        canonical(bytes, MAX_COMMITMENT_BYTES, SigningCommitments::deserialize, SigningCommitments::serialize)
    };
    if own.len() == messages { own.iter().map(decode).collect() } else { None }
}
