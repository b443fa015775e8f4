//! Replacements, cancellations, settlements, and what they do to charges, locks and outflow.

use solventry_protocol::{
    Record,
    record::{Cancel, Outcome, Settle, cancel_message},
};
use solventry_types::Digest;

use super::{
    desk::{BLOCK, SNAPSHOT, desk, signed},
    node::{TestNode, says},
    order::{Order, psbt},
    support::transactions::{keypair, script},
};

/// A cancellation of an order by these inputs and fee, signed by the proposer.
fn cancel(order: &Order, inputs: &[u8], fee: u64) -> Record {
    cancel_by(order, inputs, fee, &[&desk().proposer])
}

fn cancel_by(order: &Order, inputs: &[u8], fee: u64, by: &[&ed25519_dalek::SigningKey]) -> Record {
    let transaction = psbt(order.vault, inputs, &[], fee);
    let accounts = desk().vault(order.vault).accounts;
    let digest = solventry_chains::decode_cancel(&transaction, &accounts).unwrap().digest();
    let message = cancel_message(desk().genesis.digest(), order.id(), digest);
    Record::Cancel(Cancel { payment_id: order.id(), transaction, approvals: signed(by, message) })
}

/// Outflow of bitcoin.
fn outflow(node: &TestNode) -> u128 {
    let epoch = node.app.state().epoch.as_ref().unwrap();
    node.app.state().outflow(epoch, &epoch.context.assets.assets()[0], None, None)
}

fn paid() -> (TestNode, Order) {
    let (mut node, order) = (TestNode::ready(), Order::new(1, &[1, 2]));
    node.pay(&order).unwrap();
    (node, order)
}

#[test]
fn a_replacement_spends_the_anchor_and_is_charged_the_maximum() {
    let (mut node, order) = paid();
    let first = node.app.state().families[&order.id()].decided;
    // Another fee, another second input.
    let dearer = Order { fee: 2_000, inputs: vec![1, 3], ..order.clone() };
    node.pay(&dearer).unwrap();
    let cheaper = Order { fee: 500, inputs: vec![1], ..order.clone() };
    node.pay(&cheaper).unwrap();
    let state = node.app.state();
    let family = &state.families[&order.id()];
    assert_eq!((family.charged, family.members.len(), family.decided), (402_000, 3, first + 2));
    assert_eq!(state.locks.len(), 3);
    assert_eq!(outflow(&node), 402_000);
    let charges: Vec<_> = state.charges.iter().collect();
    assert_eq!(charges.len(), 1, "one charge, at the latest decision");
    assert_eq!((charges[0].1, charges[0].3), (first + 2, 402_000));
}

#[test]
fn a_replacement_without_the_anchor_or_of_the_same_transaction_is_refused() {
    let (mut node, order) = paid();
    let other = Order { inputs: vec![2, 1], ..order.clone() };
    says(&node.refusal(&node.unproven(&other)), &["Anchor("]);
    says(&node.refusal(&node.unproven(&order)), &["SameTransaction("]);
}

#[test]
fn an_input_of_another_payment_is_refused_until_that_one_is_settled() {
    let (mut node, order) = paid();
    let other = Order::new(2, &[3, 2]);
    says(&node.refusal(&node.unproven(&other)), &[&format!("Locked({})", order.id())]);
    node.decide(&desk().settle(order.id(), Outcome::Confirmed, BLOCK + 1)).unwrap();
    assert!(node.app.state().locks.is_empty());
    node.pay(&other).unwrap();
    says(&node.refusal(&node.unproven(&order)), &["Settled("]);
}

#[test]
fn outflow_counts_until_the_snapshot_of_the_epoch_in_force_has_seen_the_anchor_spent() {
    for (height, rest) in [(BLOCK + 20, 0), (BLOCK + 21, 401_000)] {
        let (mut node, order) = paid();
        node.decide(&desk().settle(order.id(), Outcome::SpentOtherwise, height)).unwrap();
        assert_eq!(outflow(&node), 401_000, "settled after the snapshot in force");
        node.decide_at(SNAPSHOT + 4_000, &desk().activate(1)).unwrap();
        assert_eq!(outflow(&node), rest);
        let digest = node.app.state().digest();
        assert_eq!(node.restarted().app.state().digest(), digest);
    }
    // Proven late to have been spent before the snapshot in force.
    let (mut node, order) = paid();
    node.decide(&desk().settle(order.id(), Outcome::Confirmed, BLOCK)).unwrap();
    assert_eq!(outflow(&node), 0);
    let spent =
        node.app.sums("treasury", solventry_types::Chain::Bitcoin, &solventry_types::Locator::Native, 0);
    assert_eq!(spent.unwrap().spent, [401_000; 4], "windows are never refunded");
}

#[test]
fn a_payment_to_a_listed_own_account_lets_out_its_fee_and_is_charged_in_full() {
    let mut node = TestNode::ready();
    let order = Order { destination: script(&keypair(3)), ..Order::new(1, &[1]) };
    node.pay(&order).unwrap();
    // Its fee cap: as much as a cancellation may pay without new proofs.
    assert_eq!(outflow(&node), 2_000);
    assert_eq!(node.app.state().families[&order.id()].charged, 401_000);
    node.decide(&cancel(&order, &[1], 2_000)).unwrap();
    assert_eq!(outflow(&node), 2_000);
}

#[test]
fn settlements_need_the_observers_a_block_and_an_open_payment() {
    let (mut node, order) = paid();
    let settle = |edit: &dyn Fn(&mut Settle)| {
        let Record::Settle(mut settle) = desk().settle(order.id(), Outcome::Confirmed, BLOCK + 1) else {
            unreachable!()
        };
        edit(&mut settle);
        Record::Settle(settle)
    };
    says(&node.refusal(&desk().settle(Digest([1; 32]), Outcome::Confirmed, 1)), &["UnknownPayment"]);
    says(&node.refusal(&desk().settle(order.id(), Outcome::Confirmed, 0)), &["NoBlock"]);
    says(&node.refusal(&settle(&|s| s.observations.truncate(1))), &["Quorum", "observers, got 1"]);
    says(&node.refusal(&settle(&|s| s.outcome = Outcome::SpentOtherwise)), &["Signature"]);
    says(&node.refusal(&settle(&|s| s.block_height -= 1)), &["Signature"]);
    let by_nodes = settle(&|s| {
        s.observations = signed(&[&desk().nodes[0], &desk().nodes[1]], s.message(desk().genesis.digest()));
    });
    says(&node.refusal(&by_nodes), &["UnknownSigner"]);
    node.decide(&settle(&|_| {})).unwrap();
    says(&node.refusal(&desk().settle(order.id(), Outcome::Confirmed, BLOCK + 2)), &["Settled"]);
}

#[test]
fn a_cancellation_takes_no_more_than_the_fee_and_ends_replacements() {
    let (mut node, order) = paid();
    says(&node.refusal(&cancel(&order, &[2, 1], 500)), &["Anchor("]);
    says(&node.refusal(&cancel(&order, &[1], 2_001)), &["CancelFee { limit: 2000, got: 2001 }"]);
    says(&node.refusal(&cancel_by(&order, &[1], 500, &[])), &["Quorum", "at least 1 proposers or approvers"]);
    says(&node.refusal(&cancel_by(&order, &[1], 500, &[&desk().observers[0]])), &["UnknownSigner"]);
    let other = Order::new(2, &[7]);
    says(&node.refusal(&cancel(&other, &[7], 500)), &["UnknownPayment"]);
    node.pay(&other).unwrap();
    says(&node.refusal(&cancel(&order, &[1, 7], 500)), &["Locked("]);

    node.decide(&cancel(&order, &[1, 9], 2_000)).unwrap();
    let family = &node.app.state().families[&order.id()];
    assert_eq!((family.charged, family.members.len(), family.keys.len()), (401_000, 2, 3));
    says(&node.refusal(&cancel(&order, &[1, 9], 2_000)), &["SameTransaction"]);
    let dearer = Order { fee: 1_500, ..order.clone() };
    says(&node.refusal(&node.unproven(&dearer)), &["Cancelled("]);
    // A second one, by an approver.
    node.decide(&cancel_by(&order, &[1], 1_999, &[&desk().approvers[1]])).unwrap();
    let digest = node.app.state().digest();
    let mut node = node.restarted();
    assert_eq!(node.app.state().digest(), digest);
    node.decide(&desk().settle(order.id(), Outcome::SpentOtherwise, BLOCK + 1)).unwrap();
    says(&node.refusal(&cancel(&order, &[1], 1_000)), &["Settled("]);
}

#[test]
fn a_cancellation_that_pays_somebody_is_none() {
    let (mut node, order) = paid();
    let Record::Cancel(mut cancel) = cancel(&order, &[1], 500) else { unreachable!() };
    cancel.transaction = order.psbt();
    let refusal = node.refusal(&Record::Cancel(cancel));
    says(&refusal, &["NotOwn(0)", "a cancellation pays nobody else"]);
}
