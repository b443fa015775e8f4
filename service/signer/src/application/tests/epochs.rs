//! Activation of epochs.

use solventry_protocol::{Genesis, Record, record::Activate};
use solventry_types::{Attestation, Chain, SnapshotBlock};

use super::{
    desk::{BLOCK, MAX_AGE, SNAPSHOT, desk},
    node::{TestNode, says},
    order::Order,
};
use crate::application::{Application, RedbStore};

/// The second epoch's file with another context: observers sign it, its own signature is not good.
fn altered(edit: impl FnOnce(&mut Attestation)) -> Record {
    let mut attestation = desk().epochs[1].attestation.clone();
    edit(&mut attestation);
    desk().activate_bytes(attestation.encode())
}

/// A journal with the first epoch, at a time when the second can be activated.
fn later() -> TestNode {
    let mut node = TestNode::ready();
    node.decide_at(SNAPSHOT + 4_000, &Record::Tick).unwrap();
    node
}

#[test]
fn epochs_go_forward_in_number_time_and_blocks() {
    let mut node = later();
    node.accepts(&desk().activate(1));
    says(&node.refusal(&altered(|a| a.context.epoch = 7)), &["EpochNumber { last: 7, got: 7 }"]);
    says(&node.refusal(&altered(|a| a.context.snapshot_time = SNAPSHOT)), &["SnapshotTime"]);
    let time = node.time() + 1;
    says(&node.refusal(&altered(|a| a.context.snapshot_time = time + 1)), &["SnapshotTime"]);
    says(
        &node.refusal(&altered(|a| a.context.snapshot_blocks[0].height = BLOCK)),
        &["SnapshotHeight { chain: Bitcoin, last: 820000, got: 820000 }"],
    );
    says(&node.refusal(&altered(|a| a.context.snapshot_blocks.clear())), &["SnapshotBlock(Bitcoin)"]);
    let solana = SnapshotBlock { chain: Chain::Solana, height: 1, hash: [1; 32] };
    says(&node.refusal(&altered(|a| a.context.snapshot_blocks = vec![solana])), &["SnapshotBlock(Bitcoin)"]);
    // The rules of the journal pass, the attestation itself does not.
    says(&node.refusal(&altered(|a| a.context.snapshot_time -= 1)), &["Attestation(", "signature"]);
}

#[test]
fn a_snapshot_that_is_too_old_is_not_activated() {
    let mut node = later();
    let snapshot = desk().epochs[1].attestation.context.snapshot_time;
    says(&node.refusal_at(snapshot + MAX_AGE + 1, &desk().activate(1)), &["EpochAge", "expected at most"]);
    let record = desk().activate(1);
    assert!(node.app.admit(&record, snapshot + MAX_AGE).is_ok());
}

#[test]
fn the_quorum_of_observers_vouches_for_the_snapshot() {
    let mut node = later();
    let Record::Activate(good) = desk().activate(1) else { unreachable!() };
    let mut one = Activate { observations: good.observations[..1].to_vec(), ..good.clone() };
    says(&node.refusal(&Record::Activate(one.clone())), &["Quorum", "at least 2 observers, got 1"]);
    let Record::Activate(other) = desk().activate(0) else { unreachable!() };
    one.observations = other.observations;
    says(&node.refusal(&Record::Activate(one)), &["Signature { number: 1 }"]);
    node.decide(&Record::Activate(good)).unwrap();
    assert_eq!(node.app.status().attestation, desk().epochs[1].attestation.digest());
}

#[test]
fn a_table_without_a_place_of_open_payments_or_with_other_decimals_is_refused() {
    let mut node = later();
    let mut order = Order::new(1, &[1]);
    order.validity.until = SNAPSHOT + 10_000;
    let without = || {
        altered(|a| {
            let assets = a.context.assets.assets()[1..].to_vec();
            a.context.assets = solventry_types::AssetTable::new(assets).unwrap();
        })
    };
    let decimals = || {
        altered(|a| {
            let mut assets = a.context.assets.assets().to_vec();
            assets[0].places[0].decimals = 10;
            a.context.assets = solventry_types::AssetTable::new(assets).unwrap();
        })
    };
    // Nothing was paid: only the attestation's own checks refuse.
    says(&node.refusal(&without()), &["Attestation("]);
    says(&node.refusal(&decimals()), &["Attestation("]);
    node.pay(&order).unwrap();
    says(&node.refusal(&without()), &["DroppedPlace(Bitcoin)"]);
    says(&node.refusal(&decimals()), &["PlaceDecimals { chain: Bitcoin, expected: 8, got: 10 }"]);
    // Proven settled by the new snapshot, the place may go; its decimals stay for ever.
    let outcome = solventry_protocol::record::Outcome::Confirmed;
    node.decide(&desk().settle(order.id(), outcome, BLOCK + 20)).unwrap();
    says(&node.refusal(&without()), &["Attestation("]);
    says(&node.refusal(&decimals()), &["PlaceDecimals"]);
}

#[test]
fn development_keys_need_leave() {
    let strict = Genesis { allow_dev_setup: false, ..desk().genesis.clone() };
    let store = RedbStore::in_memory().unwrap();
    let audit = Box::new(super::node::Heard::default());
    let mut app = Application::open(store, strict.clone(), desk().verifying.clone(), audit).unwrap();
    let Record::Activate(good) = desk().activate(0) else { unreachable!() };
    let digest = desk().epochs[0].attestation.digest();
    let message = solventry_protocol::record::epoch_message(strict.digest(), digest);
    let observations = super::desk::signed(&[&desk().observers[0], &desk().observers[1]], message);
    let record = Record::Activate(Activate { observations, ..good });
    let refusal = app.submit(&record.encode(), [9; 32], app.state().time + 1).unwrap_err();
    says(&format!("{refusal:?}"), &["DevelopmentSetup"]);
}

#[test]
fn an_epoch_is_verified_again_at_restart_and_payments_go_on() {
    let mut node = TestNode::ready();
    node.pay(&Order::new(1, &[1])).unwrap();
    let digest = node.app.state().digest();
    let mut node = node.restarted();
    assert_eq!(node.app.state().digest(), digest);
    assert!(node.app.state().epoch.as_ref().unwrap().verified.is_some());
    node.pay(&Order::new(2, &[2])).unwrap();
}
