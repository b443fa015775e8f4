//! The operator's side of proof-gated signing: carries messages between signer nodes, asks for
//! decisions and shares, and names whoever answers falsely.
//!
//! A coordinator is trusted for liveness only. Everything that it gives out was checked here: a
//! decision by its certificate, commitments and shares by their nodes' signatures, signatures by
//! the transaction's own keys. How messages travel is [`Ask`]'s affair, so that all of this runs
//! against scripted nodes in tests.

mod attempts;
mod culprit;
mod decision;
mod error;
mod event;
pub mod follow;
mod frost;
mod generation;
mod links;
mod rounds;
mod sums;
pub mod unproven;

use std::{ops::ControlFlow, time::Duration};

use ed25519_dalek::{Signature, VerifyingKey};
use solventry_protocol::{
    Group, Request, Response,
    message::{NodeStatus, VaultStatus},
};
use solventry_types::{Digest, codec::CodecError};

pub use attempts::Attempts;
pub use culprit::Culprit;
pub use decision::{await_decision, decide, submit};
pub use error::{CoordinatorError, Said};
pub use event::Event;
pub use frost::read_group_key;
pub use generation::generate_key;
pub use links::{Links, link_key};
pub use rounds::{Aggregate, Unusable, Work, sign};
pub use solventry_threshold::GroupKey;
pub use sums::agreed_sums;

/// Why a node gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// No link, or none in time.
    #[error("no answer: {0}")]
    Silent(String),
    /// Bytes that are no answer.
    #[error("its answer cannot be read: {0}")]
    Malformed(#[from] CodecError),
}

/// What a node said.
pub type Answer = Result<Response, AskError>;

/// How requests reach the nodes of a group.
pub trait Ask {
    /// Asks nodes by number, all at once, and gives each answer as it comes. Ends when all have
    /// answered, when `each` breaks, or after `deadline`; whoever has not answered then is silent.
    fn ask(
        &self,
        requests: Vec<(usize, Request)>,
        deadline: Duration,
        each: &mut dyn FnMut(usize, Answer) -> ControlFlow<()>,
    );

    /// Waits.
    fn pause(&self, span: Duration);

    /// Time since some fixed moment.
    fn elapsed(&self) -> Duration;
}

/// How long a coordinator waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For one answer.
    pub answer: Duration,
    /// For a step of key generation.
    pub generation: Duration,
    /// For a decision, or for enough nodes to sign.
    pub decision: Duration,
    /// Between two questions about the same thing.
    pub poll: Duration,
}

impl Patience {
    /// A proof is verified in tens of milliseconds and a height takes a second or two; ten times
    /// that for far and busy nodes.
    pub const USUAL: Self = Self {
        answer: Duration::from_secs(20),
        generation: Duration::from_secs(60),
        decision: Duration::from_secs(60),
        poll: Duration::from_millis(250),
    };

    /// As usual, but no longer than `span` for a decision or a step of key generation, and no
    /// longer than that for one answer.
    pub fn within(span: Duration) -> Self {
        Self { answer: Self::USUAL.answer.min(span), generation: span, decision: span, ..Self::USUAL }
    }
}

/// The nodes of a group and a way to ask them.
#[derive(Clone, Copy)]
pub struct Nodes<'a> {
    group: &'a Group,
    ask: &'a dyn Ask,
    patience: Patience,
}

impl<'a> Nodes<'a> {
    /// Nodes of `group`, asked by `ask`.
    pub fn new(group: &'a Group, ask: &'a dyn Ask, patience: Patience) -> Self {
        Self { group, ask, patience }
    }

    /// The group.
    pub const fn group(&self) -> &'a Group {
        self.group
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.group.nodes.len()
    }

    /// Name of a node.
    pub fn name(&self, node: usize) -> String {
        self.group.nodes.get(node).map_or_else(|| format!("node {node}"), |node| node.name.clone())
    }

    /// A node with what it said, or what is said of it.
    pub fn said(&self, node: usize, what: impl ToString) -> Said {
        Said { node, name: self.name(node), what: what.to_string() }
    }

    /// The same question to every node, answers in the order in which they come.
    pub fn all(&self, request: &Request, deadline: Duration) -> Vec<(usize, Answer)> {
        self.each((0..self.count()).map(|node| (node, request.clone())).collect(), deadline)
    }

    /// A question to each of some nodes.
    pub fn each(&self, requests: Vec<(usize, Request)>, deadline: Duration) -> Vec<(usize, Answer)> {
        let mut answers = Vec::with_capacity(requests.len());
        self.ask.ask(requests, deadline, &mut |node, answer| {
            answers.push((node, answer));
            ControlFlow::Continue(())
        });
        answers
    }

    /// Where every node stands, in order of their numbers.
    pub fn statuses(&self) -> Vec<(usize, Result<NodeStatus, String>)> {
        let mut statuses: Vec<_> = self
            .all(&Request::Status, self.patience.answer)
            .into_iter()
            .map(|(node, answer)| match answer {
                Ok(Response::Status(status)) => (node, Ok(status)),
                other => (node, Err(complaint(&other))),
            })
            .collect();
        statuses.sort_by_key(|(node, _)| *node);
        statuses
    }

    /// A vault's configuration in force, as f + 1 nodes agree on it: one of them is honest.
    pub fn vault(&self, name: &str) -> Result<VaultStatus, CoordinatorError> {
        let answers = self.all(&Request::Vault(name.to_owned()), self.patience.answer);
        let (mut found, mut others) = (Vec::new(), Vec::new());
        for (node, answer) in answers {
            match answer {
                Ok(Response::Vault(status)) => found.push(status),
                other => others.push(self.said(node, complaint(&other))),
            }
        }
        let needed = self.group.faulty().saturating_add(1);
        let votes = |status: &VaultStatus| found.iter().filter(|other| *other == status).count();
        // Of two states with f + 1 votes, the later: some nodes are behind.
        let agreed = found.iter().filter(|status| votes(status) >= needed);
        let latest = agreed.max_by_key(|status| (status.sequence, status.epoch));
        latest.cloned().ok_or_else(|| CoordinatorError::TooFew {
            what: "tell the same of the vault",
            nodes: self.count(),
            needed,
            got: found.iter().map(votes).max().unwrap_or(0),
            others,
        })
    }

    /// Starts the journal on every node. A node that started with this genesis before answers
    /// alike.
    pub fn start(&self, genesis: &solventry_protocol::Genesis) -> Result<Vec<Said>, CoordinatorError> {
        let expected = genesis.digest();
        let mut others = Vec::new();
        let answers = self.all(&Request::Genesis(genesis.encode()), self.patience.generation);
        let mut started = 0usize;
        for (node, answer) in answers {
            match answer {
                Ok(Response::Genesis(digest)) if digest == expected => started = started.saturating_add(1),
                Ok(Response::Genesis(digest)) => {
                    others.push(self.said(node, format!("it runs another journal, {digest}")));
                }
                other => others.push(self.said(node, complaint(&other))),
            }
        }
        let needed = self.group.threshold();
        if started < needed {
            return Err(CoordinatorError::TooFew {
                what: "start this journal",
                nodes: self.count(),
                needed,
                got: started,
                others,
            });
        }
        Ok(others)
    }
}

/// Words for an answer that is not the expected one.
pub(crate) fn complaint(answer: &Answer) -> String {
    match answer {
        Ok(Response::Refused(refusal)) => match &refusal.detail {
            Some(detail) => format!("refused: {detail}"),
            None => "refused".to_owned(),
        },
        Ok(Response::Unavailable(reason)) => format!("not now: {reason}"),
        Ok(_) => "it answered another question".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Whether `signature` is the node's over `message`, by the strict rules.
pub(crate) fn is_signed(key: &[u8; 32], message: Digest, signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(&message.0, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod frost_tests;
#[cfg(test)]
mod links_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
