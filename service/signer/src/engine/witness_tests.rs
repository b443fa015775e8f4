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
    let seen = witness.seen();
    let kept = &seen.prevotes[&Address([1; 32])];
    assert_eq!(kept.len(), MAX_ROUNDS);
    assert!(kept.values().all(|values| values.len() == MAX_VALUES));
}

fn prevote(witness: &Witness, round: u32, id: u8, node: u8) {
    witness.note(&vote(VoteType::Prevote, 1, round, id, node), &Signature([node; 64]));
}

#[test]
fn votes_for_everything_hide_no_lock() {
    // Node 4 votes for 9 at last, in the middle, or first, and for everything else around it.
    for place in 0..=8 {
        let witness = Witness::new(3);
        let mut junk = 10..;
        junk.by_ref().take(place).for_each(|id| prevote(&witness, 0, id, 4));
        prevote(&witness, 0, 9, 1);
        prevote(&witness, 0, 9, 2);
        junk.by_ref().take(8 - place).for_each(|id| prevote(&witness, 0, id, 4));
        assert!(!witness.has_lock(1, Digest([9; 32])));
        prevote(&witness, 0, 9, 4);
        assert!(witness.has_lock(1, Digest([9; 32])), "{place} other votes before those of others");
    }
}

#[test]
fn votes_for_everything_before_and_after_hide_no_lock() {
    let witness = Witness::new(3);
    prevote(&witness, 0, 9, 4);
    (10..30).for_each(|id| prevote(&witness, 0, id, 4));
    prevote(&witness, 0, 9, 1);
    prevote(&witness, 0, 9, 2);
    assert!(witness.has_lock(1, Digest([9; 32])), "the first vote is the one that Malachite counts");
    (30..60).for_each(|id| prevote(&witness, 0, id, 4));
    assert_eq!(witness.lock_round(1, Digest([9; 32])), Some(0), "a lock stays");

    // The votes of a certificate come in a row.
    let witness = Witness::new(3);
    (10..30).for_each(|id| prevote(&witness, 0, id, 4));
    prevote(&witness, 0, 9, 4);
    prevote(&witness, 0, 9, 1);
    prevote(&witness, 0, 9, 2);
    assert!(witness.has_lock(1, Digest([9; 32])));
}

#[test]
fn friends_that_vote_for_the_same_things_hide_no_lock() {
    let witness = Witness::new(5);
    for id in 10..30 {
        prevote(&witness, 0, id, 6);
        prevote(&witness, 0, id, 7);
    }
    (1..=3).for_each(|node| prevote(&witness, 0, 9, node));
    for node in [6, 7] {
        prevote(&witness, 0, 9, node);
        (30..40).for_each(|id| prevote(&witness, 0, id, node));
    }
    assert!(witness.has_lock(1, Digest([9; 32])));
}

#[test]
fn votes_of_rounds_far_ahead_hide_no_lock() {
    let witness = Witness::new(3);
    witness.enter(1, 500);
    prevote(&witness, 505, 9, 4);
    // As certificates with a single signature claim them.
    (1_000_000..1_002_000).for_each(|round| prevote(&witness, round, 10, 4));
    prevote(&witness, 505, 9, 1);
    prevote(&witness, 505, 9, 2);
    assert_eq!(witness.lock_round(1, Digest([9; 32])), Some(505));
    prevote(&witness, 2_000_000, 9, 4);
    prevote(&witness, 2_000_000, 9, 1);
    prevote(&witness, 2_000_000, 9, 2);
    assert_eq!(witness.lock_round(1, Digest([9; 32])), Some(2_000_000), "a full certificate counts");
}
