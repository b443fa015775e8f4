//! Reading a long journal back.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use solventry_protocol::Record;
use solventry_types::Validity;

use super::{
    desk::{START, desk},
    node::TestNode,
    order::Order,
};
use crate::{
    application::{RedbStore, Store},
    journal::{Journal, Sight, Verdict},
};

/// Payments of distinct anchors, decided once a second.
fn pay(node: &mut TestNode, payments: u32) {
    let order = Order { validity: Validity { from: START, until: u64::MAX }, ..Order::new(1, &[0x55]) };
    let template = {
        let claims = node.claims(&order, node.time() + 1);
        order.record(node.app.state(), claims, false)
    };
    for number in 0..payments {
        let mut evidence = template.clone();
        evidence.payment.nonce[..4].copy_from_slice(&number.to_be_bytes());
        // The first transaction id of the PSBT, behind its magic, key, length, version and count.
        let place = evidence.transaction.windows(32).position(|bytes| bytes == [0x55; 32]).unwrap();
        evidence.transaction[place..place + 4].copy_from_slice(&(number + 2).to_be_bytes());
        write(node, &Record::Payment(Box::new(evidence)));
    }
}

/// Writes an entry to the disk as if it had been executed.
fn write(node: &mut TestNode, record: &Record) {
    let app = &mut node.app;
    let entry = solventry_protocol::Entry::new(app.state.head, app.state.time + 1, record);
    let decided = desk().certify(app.next_height(), &entry);
    let key = decided.height.to_be_bytes().to_vec();
    let put = crate::application::Write::Put(
        crate::application::Table::Decided,
        key,
        crate::application::certificate::encode(&decided),
    );
    app.store.write(&[put]).unwrap();
    app.state.head = entry.header.value_id();
    app.state.time = entry.header.time;
    app.state.height += 1;
}

fn replay(payments: u32) -> f64 {
    let mut node = TestNode::ready();
    pay(&mut node, payments);
    let start = Instant::now();
    let node = node.restarted();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(node.app.state().families.len(), payments as usize);
    assert_eq!(node.app.state().locks.len(), payments as usize);
    seconds
}

#[test]
fn a_thousand_payments_are_read_back_without_their_proofs() {
    replay(1_000);
}

/// `cargo test --release -p solventry-signer -- --ignored --nocapture measured`.
#[test]
#[ignore = "a measurement"]
fn measured_replay_of_100_000_payments() {
    println!("100 000 payments: {:.2} s", replay(100_000));
}

/// The same call for the whole way from a proposal that a node sees first to its vote: decoding,
/// every step, both proofs, the verdict and the vote's mark on the disk.
#[test]
#[ignore = "a measurement"]
fn measured_way_of_a_payment_to_the_vote() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    let mut node = TestNode::on(RedbStore::open(&file).unwrap());
    node.prepare();
    let order = Order::new(1, &[1, 2]);
    let now = node.time() + 1;
    let record = Record::Payment(Box::new(order.record(node.app.state(), node.claims(&order, now), true)));
    let value = node.entry(now, &record).encode();
    drop(node);
    let mut times: Vec<_> = (0..500).map(|_| way_to_the_vote(&file, &value, now)).collect();
    times.sort();
    println!("{} bytes: median {:?}, 99 in 100 {:?}", value.len(), times[250], times[495]);
}

/// A node that has not seen the value judges it and is ready to vote.
fn way_to_the_vote(journal: &Path, value: &[u8], now: u64) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("journal");
    std::fs::copy(journal, &own).unwrap();
    let mut node = TestNode::on(RedbStore::open(&own).unwrap());
    let start = Instant::now();
    assert_eq!(node.app.judge(4, value, Sight::Fresh, now).unwrap(), Verdict::Valid);
    node.app.note_vote(4).unwrap();
    start.elapsed()
}

#[test]
fn a_file_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let open = || TestNode::on(RedbStore::open(&folder.path().join("journal")).unwrap());
    let mut node = open();
    node.prepare();
    node.pay(&Order::new(1, &[1])).unwrap();
    node.app.note_vote(5).unwrap();
    let digest = node.app.state().digest();
    drop(node);
    let node = open();
    assert_eq!((node.app.state().digest(), node.app.status().voted), (digest, 5));
}
