//! Which votes of the current height were seen and verified.
//!
//! Malachite pairs a proposal with its value by the value id alone and does not tell the
//! application whether a proof of lock is genuine. A node that took the proposer's word for it
//! could be made to skip the clock, so the verifier notes every vote whose signature holds, and
//! only 2f + 1 noted prevotes make a value known: at least f + 1 honest nodes have judged it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use arc_malachitebft_core_consensus::MAX_FUTURE_ROUND_LOOKAHEAD;
use arc_malachitebft_core_types::{NilOrVal, VoteType};
use solventry_types::Digest;

use super::{
    context::{Address, Vote},
    said::Said,
    setup::OnVote,
    signing::Signature,
};
use crate::journal::CommitVote;

/// Rounds that are kept per node: at one minute each, the longest, over four hours.
const MAX_ROUNDS: usize = 256;
/// Values that are kept per node and round: an honest node votes for one.
const MAX_VALUES: usize = 4;

type Values = Vec<(Digest, Signature)>;
type Votes = BTreeMap<Address, BTreeMap<u32, Values>>;

/// Verified votes of one height.
pub struct Witness {
    quorum: usize,
    on_vote: Option<OnVote>,
    votes: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    height: u64,
    /// Where consensus is.
    round: u32,
    prevotes: Votes,
    precommits: Votes,
    /// Values with a quorum of prevotes, and the latest round of one. What was a quorum once
    /// remains one, whatever its voters sign later.
    locked: BTreeMap<Digest, u32>,
    /// Values with a quorum of precommits in one round.
    certified: BTreeMap<Digest, (u32, Vec<CommitVote>)>,
}

impl Witness {
    /// A witness that calls `quorum` votes enough.
    pub fn new(quorum: usize) -> Self {
        Self { quorum, on_vote: None, votes: Mutex::default() }
    }

    /// Tells `on_vote` of every verified vote: identity of the node, and height.
    pub fn telling(self, on_vote: OnVote) -> Self {
        Self { on_vote: Some(on_vote), ..self }
    }

    /// Consensus enters a round.
    pub fn enter(&self, height: u64, round: u32) {
        let mut seen = self.seen();
        seen.reach(height);
        if seen.height == height {
            seen.round = round;
        }
    }

    /// Notes a vote whose signature was verified.
    pub fn note(&self, vote: &Vote, signature: &Signature) {
        if let Some(on_vote) = &self.on_vote {
            on_vote(Said::of(vote, *signature));
        }
        let (NilOrVal::Val(id), Some(round)) = (vote.value, vote.round.as_u32()) else { return };
        let mut seen = self.seen();
        seen.reach(vote.height.0);
        if vote.height.0 == seen.height {
            seen.take(vote, (round, id, *signature), self.quorum);
        }
    }

    /// Whether 2f + 1 nodes prevoted the value in one round.
    pub fn has_lock(&self, height: u64, id: Digest) -> bool {
        self.lock_round(height, id).is_some()
    }

    /// The latest round in which 2f + 1 nodes prevoted the value.
    pub fn lock_round(&self, height: u64, id: Digest) -> Option<u32> {
        let seen = self.seen();
        seen.locked.get(&id).copied().filter(|_| seen.height == height)
    }

    /// Round and precommits of the value, if there are 2f + 1 of one round.
    pub fn certificate(&self, height: u64, id: Digest) -> Option<(u32, Vec<CommitVote>)> {
        let seen = self.seen();
        seen.certified.get(&id).cloned().filter(|_| seen.height == height)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Every update leaves a consistent state, so a panic elsewhere does not spoil it.
        self.votes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Forgets a lower height.
    fn reach(&mut self, height: u64) {
        if height > self.height {
            *self = Self { height, ..Self::default() };
        }
    }

    fn take(&mut self, vote: &Vote, (round, id, signature): (u32, Digest, Signature), quorum: usize) {
        let votes = match vote.kind {
            VoteType::Prevote => &mut self.prevotes,
            VoteType::Precommit => &mut self.precommits,
        };
        insert(votes, vote.address, (round, id, signature), self.round);
        let voters = voters(votes, round, id);
        if voters.len() < quorum {
            return;
        }
        match vote.kind {
            VoteType::Prevote => {
                let latest = self.locked.entry(id).or_default();
                *latest = round.max(*latest);
                // Honest nodes lock one value per round: more cannot be without f + 1 liars.
                if self.locked.len() > MAX_ROUNDS {
                    let oldest = self.locked.iter().min_by_key(|(_, round)| **round).map(|(id, _)| *id);
                    oldest.map(|oldest| self.locked.remove(&oldest));
                }
            }
            VoteType::Precommit if self.certified.len() < MAX_ROUNDS => {
                self.certified.insert(id, (round, voters));
            }
            VoteType::Precommit => {}
        }
    }
}

/// Nodes that voted for the value in the round.
fn voters(votes: &Votes, round: u32, id: Digest) -> Vec<CommitVote> {
    let vote = |(address, rounds): (&Address, &BTreeMap<u32, Values>)| {
        let (_, signature) = rounds.get(&round)?.iter().find(|(voted, _)| *voted == id)?;
        Some(CommitVote { identity: address.0, signature: signature.0 })
    };
    votes.iter().filter_map(vote).collect()
}

/// Notes a vote. A node that signs more than it may displaces only its own votes: never its first of
/// a round, which is the one that Malachite counts, and of the others the one that fewest nodes
/// share. So the latest stays too: it may be part of a certificate, whose votes come in a row.
fn insert(votes: &mut Votes, node: Address, (round, id, signature): (u32, Digest, Signature), now: u32) {
    let rounds = votes.entry(node).or_default();
    let values = rounds.entry(round).or_default();
    if values.iter().any(|(voted, _)| *voted == id) {
        return;
    }
    values.push((id, signature));
    let middle: Vec<_> = values.iter().skip(1).rev().skip(1).rev().map(|(voted, _)| *voted).collect();
    let crowded = values.len() > MAX_VALUES;
    if rounds.len() > MAX_ROUNDS {
        drop_round(rounds, round, now);
    }
    let Some(least) = middle.into_iter().min_by_key(|voted| voters(votes, round, *voted).len()) else {
        return;
    };
    if crowded && let Some(values) = votes.get_mut(&node).and_then(|rounds| rounds.get_mut(&round)) {
        values.retain(|(voted, _)| *voted != least);
    }
}

/// Drops a round that is further ahead than votes are taken for, which only a certificate can
/// name, or else the oldest.
fn drop_round(rounds: &mut BTreeMap<u32, Values>, except: u32, now: u32) {
    let last = now.saturating_add(MAX_FUTURE_ROUND_LOOKAHEAD);
    let others = || rounds.keys().copied().filter(|round| *round != except);
    if let Some(round) = others().next_back().filter(|round| *round > last).or_else(|| others().next()) {
        rounds.remove(&round);
    }
}

#[cfg(test)]
#[path = "witness_tests.rs"]
mod tests;
