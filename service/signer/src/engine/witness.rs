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

use arc_malachitebft_core_types::{NilOrVal, VoteType};
use solventry_types::Digest;

use super::{
    context::{Address, Vote},
    signing::Signature,
};
use crate::journal::CommitVote;

/// Rounds that are kept per node: at one minute each, the longest, over four hours.
const MAX_ROUNDS: usize = 256;
/// Values that are kept per node and round: an honest node votes for one.
const MAX_VALUES: usize = 4;

type Votes = BTreeMap<Address, BTreeMap<u32, Vec<(Digest, Signature)>>>;

/// Verified votes of one height.
pub struct Witness {
    quorum: usize,
    votes: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    height: u64,
    prevotes: Votes,
    precommits: Votes,
}

impl Witness {
    /// A witness that calls `quorum` votes enough.
    pub fn new(quorum: usize) -> Self {
        Self { quorum, votes: Mutex::default() }
    }

    /// Notes a vote whose signature was verified.
    pub fn note(&self, vote: &Vote, signature: &Signature) {
        let (NilOrVal::Val(id), Some(round)) = (vote.value, vote.round.as_u32()) else { return };
        let mut seen = self.lock();
        if vote.height.0 > seen.height {
            *seen = Seen { height: vote.height.0, ..Seen::default() };
        }
        if vote.height.0 == seen.height {
            let votes = match vote.kind {
                VoteType::Prevote => &mut seen.prevotes,
                VoteType::Precommit => &mut seen.precommits,
            };
            insert(votes.entry(vote.address).or_default(), round, id, *signature);
        }
    }

    /// Whether 2f + 1 nodes prevoted the value in one round.
    pub fn has_lock(&self, height: u64, id: Digest) -> bool {
        let seen = self.lock();
        seen.height == height && !self.enough(&seen.prevotes, id).is_empty()
    }

    /// Round and precommits of the value, if there are 2f + 1 of one round.
    pub fn certificate(&self, height: u64, id: Digest) -> Option<(u32, Vec<CommitVote>)> {
        let seen = self.lock();
        let round = self.enough(&seen.precommits, id).first().copied().filter(|_| seen.height == height)?;
        let votes = seen.precommits.iter().filter_map(|(address, rounds)| {
            let (_, signature) = rounds.get(&round)?.iter().find(|(voted, _)| *voted == id)?;
            Some(CommitVote { identity: address.0, signature: signature.0 })
        });
        Some((round, votes.collect()))
    }

    /// Rounds in which a quorum voted for the value.
    fn enough(&self, votes: &Votes, id: Digest) -> Vec<u32> {
        let mut counts = BTreeMap::<u32, usize>::new();
        for (round, values) in votes.values().flatten() {
            if values.iter().any(|(voted, _)| *voted == id) {
                let count = counts.entry(*round).or_default();
                *count = count.saturating_add(1);
            }
        }
        counts.into_iter().filter(|(_, count)| *count >= self.quorum).map(|(round, _)| round).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Every update leaves a consistent state, so a panic elsewhere does not spoil it.
        self.votes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn insert(
    rounds: &mut BTreeMap<u32, Vec<(Digest, Signature)>>,
    round: u32,
    id: Digest,
    signature: Signature,
) {
    let values = rounds.entry(round).or_default();
    if values.len() < MAX_VALUES && values.iter().all(|(voted, _)| *voted != id) {
        values.push((id, signature));
    }
    if rounds.len() > MAX_ROUNDS {
        rounds.pop_first();
    }
}

#[cfg(test)]
mod tests {
    use arc_malachitebft_core_types::Round;

    use super::*;
    use crate::engine::context::Height;

    fn vote(kind: VoteType, height: u64, round: u32, id: u8, node: u8) -> Vote {
        Vote {
            kind,
            height: Height(height),
            round: Round::new(round),
            value: NilOrVal::Val(Digest([id; 32])),
            address: Address([node; 32]),
        }
    }

    #[test]
    fn a_quorum_of_distinct_nodes_in_one_round_is_a_lock() {
        let witness = Witness::new(3);
        let id = Digest([9; 32]);
        let note = |height, round, value, node| {
            witness.note(&vote(VoteType::Prevote, height, round, value, node), &Signature([0; 64]));
        };
        note(1, 0, 9, 1);
        note(1, 0, 9, 1);
        note(1, 0, 9, 2);
        note(1, 1, 9, 3);
        note(1, 0, 8, 3);
        assert!(!witness.has_lock(1, id), "one node counts once, and rounds are not added up");
        note(1, 0, 9, 4);
        assert!(witness.has_lock(1, id));
        assert!(!witness.has_lock(2, id));
        note(2, 0, 8, 1);
        assert!(!witness.has_lock(1, id), "only the latest height is kept");
    }

    #[test]
    fn precommits_are_kept_with_their_signatures() {
        let witness = Witness::new(3);
        for node in 1..=3 {
            assert_eq!(witness.certificate(1, Digest([9; 32])), None);
            witness.note(&vote(VoteType::Precommit, 1, 4, 9, node), &Signature([node; 64]));
        }
        let (round, votes) = witness.certificate(1, Digest([9; 32])).unwrap();
        assert_eq!((round, votes.len()), (4, 3));
        assert_eq!(votes[1], CommitVote { identity: [2; 32], signature: [2; 64] });
        assert!(!witness.has_lock(1, Digest([9; 32])), "precommits are no prevotes");
    }

    #[test]
    fn a_node_that_votes_for_everything_fills_only_its_own_place() {
        let witness = Witness::new(3);
        for round in 0..2000 {
            for id in 0..10 {
                witness.note(&vote(VoteType::Prevote, 1, round, id, 1), &Signature([0; 64]));
            }
        }
        let seen = witness.lock();
        let kept = &seen.prevotes[&Address([1; 32])];
        assert_eq!(kept.len(), MAX_ROUNDS);
        assert!(kept.values().all(|values| values.len() == MAX_VALUES));
    }
}
