//! Changes of configurations and observers, disabling, ticks.

use solventry_protocol::{
    Record,
    genesis::Quorum,
    record::{Disable, ObserverChange},
};
use solventry_types::Digest;

use super::{
    desk::{DELAY, desk, key, public, signed},
    node::{TestNode, reason, says},
    order::Order,
};

fn disable(sequence: u64, by: &[&ed25519_dalek::SigningKey]) -> Record {
    let mut disable = Disable { vault: "treasury".into(), sequence, approvals: vec![] };
    disable.approvals = signed(by, disable.message(desk().genesis.digest()));
    Record::Disable(disable)
}

fn observers(sequence: u64, least: u16, by: &[&ed25519_dalek::SigningKey]) -> Record {
    let keys = vec![public(&key(70))];
    let mut change = ObserverChange { sequence, observers: Quorum { keys, least }, approvals: vec![] };
    change.approvals = signed(by, change.message(desk().genesis.digest()));
    Record::Observers(change)
}

#[test]
fn the_first_policy_takes_effect_at_once_and_later_changes_after_the_delay() {
    let (desk, mut node) = (desk(), TestNode::ready());
    let old = desk.policy(&desk.vault("treasury")).root();
    let root = |node: &TestNode| {
        let state = node.app.state();
        state.vaults["treasury"].at(state.time).configuration.policy_root
    };
    assert_eq!(root(&node), old);
    let decided = node.time() + 1;
    node.decide(&desk.change("treasury", 1, |change| change.policy_root = [7; 32])).unwrap();
    assert_eq!(root(&node), old);
    assert_eq!(node.app.vault_status("treasury").unwrap().pending, Some(decided + DELAY));
    node.decide_at(decided + DELAY - 1, &Record::Tick).unwrap();
    assert_eq!(root(&node), old);
    node.decide_at(decided + DELAY + 30, &Record::Tick).unwrap();
    assert_eq!(root(&node), [7; 32]);
    assert_eq!(node.app.vault_status("treasury").unwrap().pending, None);
}

#[test]
fn a_change_in_force_by_the_header_is_in_force_for_its_record() {
    let (desk, mut node) = (desk(), TestNode::ready());
    let order = Order::new(1, &[1]);
    let record = node.unproven(&order);
    let decided = node.time() + 1;
    node.decide(&desk.change("treasury", 1, |change| change.policy_root = [7; 32])).unwrap();
    // No entry stands between decision and the time of effect: the header alone brings it.
    let refusal = node.refusal_at(decided + DELAY, &record);
    says(&refusal, &["OtherConfiguration"]);
}

#[test]
fn changes_need_their_turn_their_quorum_and_a_sound_result() {
    let (desk, mut node) = (desk(), TestNode::ready());
    let [first, second, third] = [0, 1, 2].map(|number| &desk.approvers[number]);
    let genesis = desk.genesis.digest();
    let change = |sequence, edit: &dyn Fn(&mut solventry_protocol::record::Change)| {
        desk.change("treasury", sequence, |change| edit(change))
    };
    node.accepts(&change(1, &|_| {}));
    says(&node.refusal(&change(0, &|_| {})), &["Sequence", "expected sequence number 1, got 0"]);
    says(&node.refusal(&change(2, &|_| {})), &["Sequence"]);
    says(&node.refusal(&change(1, &|c| c.vault = "other".into())), &["UnknownVault"]);
    let by =
        |keys: &[&ed25519_dalek::SigningKey]| change(1, &|c| c.approvals = signed(keys, c.message(genesis)));
    says(&node.refusal(&by(&[third])), &["Quorum", "at least 2 approvers of the vault, got 1"]);
    says(&node.refusal(&by(&[first, &desk.proposer])), &["UnknownSigner"]);
    says(&node.refusal(&by(&[first, &desk.nodes[0]])), &["UnknownSigner"]);
    let other = change(1, &|c| {
        c.approvals = signed(&[first, second], c.message(genesis));
        c.policy_root[0] ^= 1;
    });
    says(&node.refusal(&other), &["Signature { number: 1 }"]);
    let foreign = change(1, &|c| c.approvals = signed(&[first, second], c.message(Digest([1; 32]))));
    says(&node.refusal(&foreign), &["Signature"]);
    says(&node.refusal(&change(1, &|c| c.proposers.clear())), &["Configuration", "proposers"]);
    says(&node.refusal(&change(1, &|c| c.approvers.truncate(1))), &["TooFewApprovers"]);
    says(&node.refusal(&change(1, &|c| c.policy_root = [0; 32])), &["NoPolicy"]);
}

#[test]
fn approvers_that_were_replaced_no_longer_count() {
    let (desk, mut node) = (desk(), TestNode::ready());
    let mut keys = [public(&key(80)), public(&key(81))].to_vec();
    keys.sort();
    let swap = desk.change("treasury", 1, |change| change.approvers = keys.clone());
    let decided = node.time() + 1;
    node.decide(&swap).unwrap();
    // Until the delay is over the old ones stand.
    node.accepts(&desk.change("treasury", 2, |_| {}));
    node.decide_at(decided + DELAY, &disable_by_old(2)).unwrap_err();
    let mut node = node.restarted();
    assert!(node.app.status().halted.is_some());
    let record = desk.change("treasury", 2, |_| {});
    let refusal = node.app.submit(&record.encode(), [9; 32], node.time() + 1).unwrap_err();
    says(&format!("{refusal:?}"), &["Halted"]);
}

fn disable_by_old(sequence: u64) -> Record {
    disable(sequence, &[&desk().approvers[0]])
}

#[test]
fn one_approver_or_f_plus_one_nodes_disable_at_once_and_void_a_pending_change() {
    let desk = desk();
    let nodes = [&desk.nodes[0], &desk.nodes[1]];
    for by in [&[&desk.approvers[2]][..], &nodes] {
        let mut node = TestNode::ready();
        node.decide(&desk.change("treasury", 1, |change| change.policy_root = [7; 32])).unwrap();
        node.decide(&disable(2, by)).unwrap();
        let status = node.app.vault_status("treasury").unwrap();
        assert_eq!((status.disabled, status.pending, status.sequence), (true, None, 3));
        node.decide_at(node.time() + 2 * DELAY, &Record::Tick).unwrap();
        assert!(node.app.vault_status("treasury").unwrap().disabled);
        says(&node.refusal(&disable(3, by)), &["AlreadyDisabled"]);
        says(&node.refusal(&node.unproven(&Order::new(1, &[1]))), &["Disabled(\"treasury\")"]);
        // A change enables it again, after the delay.
        node.decide(&desk.change("treasury", 3, |_| {})).unwrap();
        assert!(node.app.vault_status("treasury").unwrap().disabled);
        node.decide_at(node.time() + DELAY, &Record::Tick).unwrap();
        assert!(!node.app.vault_status("treasury").unwrap().disabled);
    }
}

#[test]
fn fewer_and_others_do_not_disable() {
    let (desk, mut node) = (desk(), TestNode::ready());
    says(
        &node.refusal(&disable(1, &[&desk.nodes[3]])),
        &["Quorum", "at least 2 nodes, or one approver, got 1"],
    );
    says(&node.refusal(&disable(1, &[&desk.proposer])), &["UnknownSigner"]);
    says(&node.refusal(&disable(1, &[])), &["Quorum"]);
    says(&node.refusal(&disable(0, &[&desk.approvers[0]])), &["Sequence"]);
    let Record::Disable(mut double) = disable(1, &[&desk.nodes[3]]) else { unreachable!() };
    double.approvals.push(double.approvals[0].clone());
    // Neither the parser nor the rule takes one node for two.
    assert!(Record::decode(&Record::Disable(double.clone()).encode()).is_err());
    assert!(reason_of(&mut node, double).contains("expected each key once"));
}

fn reason_of(node: &mut TestNode, disable: Disable) -> String {
    let record = Record::Disable(disable);
    let time = node.time() + 1;
    node.app.admit(&record, time).unwrap_err().to_string()
}

#[test]
fn observers_change_with_the_quorum_of_every_vault_and_after_the_delay() {
    let (desk, mut node) = (desk(), TestNode::ready());
    let both = [&desk.approvers[0], &desk.approvers[1]];
    says(&node.refusal(&observers(0, 1, &both[..1])), &["Quorum", "approvers of every vault"]);
    says(&node.refusal(&observers(1, 1, &both)), &["Sequence"]);
    says(&node.refusal(&observers(0, 2, &both)), &["Observers"]);
    says(&node.refusal(&observers(0, 1, &[&desk.approvers[0], &desk.proposer])), &["UnknownSigner"]);
    let at = node.time() + 1 + DELAY;
    node.decide(&observers(0, 1, &both)).unwrap();
    let state = node.app.state();
    assert_eq!(state.observers(at - 1), &desk.genesis.observers);
    assert_eq!(state.observers(at).keys, vec![public(&key(70))]);
    node.decide_at(at, &Record::Tick).unwrap();
    let digest = node.app.state().digest();
    assert_eq!(node.restarted().app.state().digest(), digest);
}

#[test]
fn observers_change_at_once_while_no_vault_has_a_policy() {
    let (desk, mut node) = (desk(), TestNode::new());
    node.decide(&observers(0, 1, &[&desk.approvers[0], &desk.approvers[1]])).unwrap();
    assert_eq!(node.app.state().observers(node.time()).keys, vec![public(&key(70))]);
}

#[test]
fn ticks_are_thirty_seconds_apart() {
    let mut node = TestNode::new();
    let start = node.time();
    says(&reason(node.decide_at(start + 29, &Record::Tick)), &["expected a journal time of at least"]);
    let mut node = TestNode::new();
    node.decide_at(start + 30, &Record::Tick).unwrap();
    says(&node.refusal_at(start + 90, &Record::Tick), &["SubmittedTick"]);
}

#[test]
fn time_rises_and_the_chain_of_heads_holds() {
    let (desk, mut node) = (desk(), TestNode::new());
    let first = desk.change("treasury", 0, |_| {});
    let time = node.time();
    let stale = node.entry(time + 2, &first);
    says(&reason(node.decide_at(time, &first)), &["expected a journal time after"]);
    let mut node = TestNode::new();
    node.decide(&desk.change("cold", 0, |_| {})).unwrap();
    let decided = desk.certify(2, &stale);
    says(&reason(crate::journal::Journal::commit(&mut node.app, decided)), &["expected previous head"]);
}
