//! What lets a share leave, and what stops it.

use solventry_protocol::{
    Record,
    record::{Cancel, Disable, Outcome, cancel_message},
};
use solventry_types::Digest;

use super::{
    desk::{BLOCK, START, desk, signed},
    node::{TestNode, says},
    order::{Order, psbt},
};
use crate::application::{Authorized, Refusal, Store};

fn paid() -> (TestNode, Order) {
    let (mut node, order) = (TestNode::ready(), Order::new(1, &[1, 2]));
    node.pay(&order).unwrap();
    (node, order)
}

fn refused(node: &mut TestNode, order: &Order, now: u64) -> String {
    let refusal = node.app.authorize(order.id(), order.transaction(), now).unwrap_err();
    format!("{refusal:?}")
}

fn authorize<S: Store>(node: &mut super::node::TestNode<S>, order: &Order) -> Authorized {
    node.app.authorize(order.id(), order.transaction(), node.app.state().time).unwrap()
}

fn disable(sequence: u64) -> Record {
    let mut disable = Disable { vault: "treasury".into(), sequence, approvals: vec![] };
    disable.approvals = signed(&[&desk().approvers[0]], disable.message(desk().genesis.digest()));
    Record::Disable(disable)
}

#[test]
fn a_decided_payment_is_authorized_with_its_own_sighashes() {
    let (mut node, order) = paid();
    let transfer = solventry_chains::decode(&order.psbt(), &desk().vault("treasury").accounts).unwrap();
    let authorized = authorize(&mut node, &order);
    assert_eq!(authorized.vault(), "treasury");
    assert!(authorized.messages().iter().map(Vec::as_slice).eq(transfer.messages()));
    assert_eq!(authorized.intent(), solventry_chains::Intent::new(order.id(), &transfer).digest());
    let mut node = node.restarted();
    assert_eq!(authorize(&mut node, &order).intent(), authorized.intent());
}

#[test]
fn nothing_undecided_replaced_settled_or_disabled_is_authorized() {
    let (mut node, order) = paid();
    let (now, other) = (node.time(), Order::new(2, &[3]));
    says(&refused(&mut node, &other, now), &["UnknownPayment"]);
    let dearer = Order { fee: 2_000, ..order.clone() };
    says(&refused(&mut node, &dearer, now), &["NotLast"]);
    node.pay(&dearer).unwrap();
    says(&refused(&mut node, &order, now), &["NotLast"]);
    authorize(&mut node, &dearer);
    node.app.set_quarantined(true);
    says(&refused(&mut node, &dearer, now), &["Quarantined"]);
    node.app.set_quarantined(false);
    node.decide(&desk().settle(order.id(), Outcome::Confirmed, BLOCK + 1)).unwrap();
    says(&refused(&mut node, &dearer, now), &["Settled"]);
    assert!(node.heard.0.lock().unwrap().iter().any(|refused| refused.asked == "share"));
}

#[test]
fn validity_is_judged_by_journal_time_and_by_the_own_clock() {
    let (mut node, order) = paid();
    let until = order.validity.until;
    authorize(&mut node, &order);
    let id = (order.id(), order.transaction());
    assert!(node.app.authorize(id.0, id.1, until).is_ok());
    says(&refused(&mut node, &order, until + 1), &["Validity"]);
    says(&refused(&mut node, &order, START - 1), &["Validity"]);
    let authorized = authorize(&mut node, &order);
    node.decide_at(until + 1, &Record::Tick).unwrap();
    says(&refused(&mut node, &order, until), &["Validity"]);
    // What was authorized before is asked again.
    let late = node.app.mark(&authorized, &[[1; 32]], Digest([2; 32])).unwrap_err();
    assert!(matches!(late, Refusal::Validity { .. }), "{late:?}");
}

#[test]
fn a_cancellation_is_signed_past_validity_but_not_for_a_disabled_vault() {
    let (mut node, order) = paid();
    node.decide_at(order.validity.until + 100, &Record::Tick).unwrap();
    let transaction = psbt("treasury", &[1], &[], 800);
    let accounts = desk().vault("treasury").accounts;
    let digest = solventry_chains::decode_cancel(&transaction, &accounts).unwrap().digest();
    let message = cancel_message(desk().genesis.digest(), order.id(), digest);
    let approvals = signed(&[&desk().proposer], message);
    node.decide(&Record::Cancel(Cancel { payment_id: order.id(), transaction, approvals })).unwrap();
    let now = node.time();
    assert_eq!(node.app.authorize(order.id(), digest, now).unwrap().messages().len(), 1);
    node.decide(&disable(1)).unwrap();
    let refusal = node.app.authorize(order.id(), digest, now).unwrap_err();
    says(&format!("{refusal:?}"), &["Disabled"]);
}

#[test]
fn disabling_between_authorization_and_share_stops_the_share() {
    let (mut node, order) = paid();
    let authorized = authorize(&mut node, &order);
    node.decide(&disable(1)).unwrap();
    let refusal = node.app.mark(&authorized, &[[1; 32]], Digest([2; 32])).unwrap_err();
    assert!(matches!(refusal, Refusal::Disabled(_)), "{refusal:?}");
}

#[test]
fn a_change_or_an_epoch_does_not_void_a_decided_payment() {
    let (mut node, order) = paid();
    node.decide(&desk().change("treasury", 1, |change| change.policy_root = [7; 32])).unwrap();
    node.decide_at(START + 3_000, &desk().activate(1)).unwrap();
    authorize(&mut node, &order);
}

#[test]
fn nonces_and_packages_are_used_once_even_after_a_restart() {
    let (mut node, order) = paid();
    let authorized = authorize(&mut node, &order);
    let (one, two) = (Digest([1; 32]), Digest([2; 32]));
    node.app.mark(&authorized, &[[1; 32], [2; 32]], one).unwrap();
    let mut node = node.restarted();
    let authorized = authorize(&mut node, &order);
    let mut mark =
        |nonces: &[[u8; 32]], package| format!("{:?}", node.app.mark(&authorized, nonces, package));
    assert_eq!(mark(&[[3; 32]], one), "Err(UsedPackage)");
    assert_eq!(mark(&[[3; 32], [2; 32]], two), "Err(UsedNonce)");
    assert_eq!(mark(&[[4; 32], [4; 32]], two), "Err(UsedNonce)");
    assert_eq!(mark(&[], two), "Err(NoNonce)");
    // A refused mark leaves nothing behind.
    assert_eq!(mark(&[[3; 32], [4; 32]], two), "Ok(())");
}
