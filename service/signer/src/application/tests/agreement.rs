//! What agreement relies on: verdicts given once, proposals repeated byte for byte, certificates.

use ed25519_dalek::Signer;
use solventry_protocol::{Entry, Record, decision::precommit_message};

use super::{
    desk::{desk, key, public},
    node::{TestNode, says},
};
use crate::{
    application::{CLOCK_TOLERANCE, TICK},
    journal::{CommitVote, Journal, JournalError, Sight, Verdict},
};

fn tick(node: &TestNode, time: u64) -> Vec<u8> {
    node.entry(time, &Record::Tick).encode()
}

#[test]
fn a_fresh_proposal_is_within_thirty_seconds_of_the_clock() {
    let node = TestNode::new();
    let time = node.time() + 100;
    let value = tick(&node, time);
    for (now, expected) in [
        (time - CLOCK_TOLERANCE, Verdict::Valid),
        (time + CLOCK_TOLERANCE, Verdict::Valid),
        (time - CLOCK_TOLERANCE - 1, Verdict::Invalid),
        (time + CLOCK_TOLERANCE + 1, Verdict::Invalid),
    ] {
        let mut node = TestNode::new();
        assert_eq!(node.app.judge(1, &value, Sight::Fresh, now).unwrap(), expected);
        let mut node = TestNode::new();
        assert_eq!(node.app.judge(1, &value, Sight::Known, now).unwrap(), Verdict::Valid);
    }
}

#[test]
fn a_verdict_is_given_once_and_survives_a_restart() {
    let mut node = TestNode::new();
    let time = node.time() + 100;
    let (good, late) = (tick(&node, time), tick(&node, time + 50));
    assert_eq!(node.app.judge(1, &good, Sight::Fresh, time).unwrap(), Verdict::Valid);
    assert_eq!(node.app.judge(1, &late, Sight::Fresh, time).unwrap(), Verdict::Invalid);
    let mut node = node.restarted();
    // The clock has moved on; neither verdict has.
    assert_eq!(node.app.judge(1, &good, Sight::Fresh, time + 500).unwrap(), Verdict::Valid);
    assert_eq!(node.app.judge(1, &late, Sight::Fresh, time + 50).unwrap(), Verdict::Invalid);
    let id = Entry::decode(&good).unwrap().0.header.value_id();
    assert_eq!(node.app.value(1, id), Some(good));
    // Others may decide what was off this node's clock.
    let id = Entry::decode(&late).unwrap().0.header.value_id();
    assert_eq!(node.app.value(1, id).as_ref(), Some(&late));
    // With a proof of lock the clock is not asked.
    assert_eq!(node.app.judge(1, &late, Sight::Known, time + 500).unwrap(), Verdict::Valid);
    assert_eq!(node.app.judge(1, &late, Sight::Fresh, time + 500).unwrap(), Verdict::Valid);
}

#[test]
fn what_is_invalid_stays_so_however_it_comes() {
    let mut node = TestNode::new();
    let time = node.time() + TICK - 1;
    let early = tick(&node, time);
    assert_eq!(node.app.judge(1, &early, Sight::Fresh, time).unwrap(), Verdict::Invalid);
    assert_eq!(node.app.judge(1, &early, Sight::Known, time).unwrap(), Verdict::Invalid);
    assert_eq!(node.app.judge(1, b"no entry", Sight::Fresh, time).unwrap(), Verdict::Invalid);
    let heard = node.heard.0.lock().unwrap();
    assert_eq!((heard.len(), heard[0].asked, heard[0].kind), (2, "vote", "tick"));
    assert_eq!((heard[1].asked, heard[1].kind), ("vote", "unreadable"));
}

#[test]
fn a_proposal_is_repeated_byte_for_byte_and_valid_at_once() {
    let mut node = TestNode::new();
    let now = node.time() + 40;
    let first = node.app.propose(1, 0, now).unwrap();
    let change = desk().change("treasury", 0, |_| {});
    node.app.submit(&change.encode(), [9; 32], now).unwrap();
    assert_eq!(node.app.propose(1, 0, now + 7).unwrap(), first);
    let mut node = node.restarted();
    assert_eq!(node.app.propose(1, 0, now + 9).unwrap(), first);
    assert_eq!(node.app.judge(1, &first, Sight::Fresh, now + 900).unwrap(), Verdict::Valid);
    node.app.submit(&change.encode(), [9; 32], now).unwrap();
    let second = node.app.propose(1, 1, now).unwrap();
    assert_eq!(Entry::decode(&second).unwrap().1.kind(), "configuration change");
}

#[test]
fn a_tick_is_proposed_even_before_it_is_due_and_accepted_by_clocks_that_agree() {
    let mut node = TestNode::new();
    let now = node.time() + 1;
    assert!(!node.app.wants_height(now));
    assert!(node.app.wants_height(node.time() + TICK));
    let value = node.app.propose(1, 0, now).unwrap();
    assert_eq!(Entry::decode(&value).unwrap().0.header.time, node.time() + TICK);
    let mut other = TestNode::new();
    assert_eq!(other.app.judge(1, &value, Sight::Fresh, now).unwrap(), Verdict::Valid);
}

#[test]
fn heights_are_in_order() {
    let mut node = TestNode::new();
    let height = |error: JournalError| matches!(error, JournalError::Height { expected: 1, got: 2 });
    assert!(height(node.app.propose(2, 0, 0).unwrap_err()));
    assert!(height(node.app.judge(2, &[], Sight::Fresh, 0).unwrap_err()));
    assert!(height(node.app.note_vote(2).unwrap_err()));
    let decided = desk().certify(2, &node.entry(node.time() + 30, &Record::Tick));
    assert!(height(node.app.commit(decided).unwrap_err()));
    assert_eq!(node.app.decided(1).unwrap(), None);
}

#[test]
fn only_a_certificate_of_a_quorum_advances_the_journal() {
    let mut node = TestNode::new();
    let entry = node.entry(node.time() + 30, &Record::Tick);
    let good = desk().certify(1, &entry);
    let attempt = |node: &mut TestNode, edit: &dyn Fn(&mut crate::journal::Decided)| {
        let mut decided = good.clone();
        edit(&mut decided);
        match node.app.commit(decided) {
            Err(JournalError::Certificate { reason, .. }) => reason,
            other => panic!("expected a refused certificate, got {other:?}"),
        }
    };
    says(&attempt(&mut node, &|d| d.votes.truncate(2)), &["at least 3 signers, got 2"]);
    says(&attempt(&mut node, &|d| d.votes[2] = d.votes[0].clone()), &["each signer once"]);
    says(&attempt(&mut node, &|d| d.votes[1].signature[3] ^= 1), &["is not signed by its key"]);
    says(&attempt(&mut node, &|d| d.round = 3), &["is not signed by its key"]);
    says(&attempt(&mut node, &|d| d.value.truncate(20)), &["truncated"]);
    let stranger = key(99);
    let identity = public(&stranger);
    let message = precommit_message(desk().genesis.digest(), 1, 2, entry.header.value_id(), &identity);
    let vote = CommitVote { identity, signature: stranger.sign(&message.0).to_bytes() };
    says(&attempt(&mut node, &|d| d.votes[2] = vote.clone()), &["precommit of signer 255"]);
    assert_eq!(node.app.status().height, 0);
    assert!(node.app.status().halted.is_none(), "a bad certificate proves nothing about the others");
    node.app.commit(good.clone()).unwrap();
    assert_eq!(node.app.decided(1).unwrap(), Some(good));
}

#[test]
fn the_voted_height_survives() {
    let mut node = TestNode::new();
    node.app.note_vote(1).unwrap();
    let node = node.restarted();
    assert_eq!(node.app.status().voted, 1);
}
