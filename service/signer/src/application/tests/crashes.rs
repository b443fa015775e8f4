//! A disk that fails before or after each write: what was said is never taken back, and what was
//! not written was not said.

use std::sync::{Arc, Mutex};

use solventry_protocol::Record;
use solventry_types::Digest;

use super::{
    desk::desk,
    node::{TestNode, says},
    order::Order,
};
use crate::{
    application::{RedbStore, Store, StoreError, Table, Visit, Write},
    journal::{Journal, JournalError, Sight, Verdict},
};

/// When the next write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Before anything is on the disk.
    Before,
    /// After all of it is, as when power is lost before the caller hears of it.
    After,
}

/// A disk with a fault.
struct Faulty {
    disk: RedbStore,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Store for Faulty {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        let fault = self.fault.lock().unwrap().take();
        if fault != Some(Fault::Before) {
            self.disk.write(batch)?;
        }
        if fault.is_some() { Err(StoreError("no power".into())) } else { Ok(()) }
    }

    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(table, key)
    }

    fn scan(&self, table: Table, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.disk.scan(table, visit)
    }
}

type Fuse = Arc<Mutex<Option<Fault>>>;

fn start() -> (TestNode<Faulty>, Fuse) {
    let fault = Fuse::default();
    let store = Faulty { disk: RedbStore::in_memory().unwrap(), fault: fault.clone() };
    (TestNode::on(store), fault)
}

fn is_store<T: std::fmt::Debug>(result: Result<T, JournalError>) -> bool {
    matches!(result, Err(JournalError::Store(_)))
}

#[test]
fn a_commit_is_on_the_disk_as_a_whole_or_not_at_all() {
    for fault in [Fault::Before, Fault::After] {
        let (mut node, fuse) = start();
        node.prepare();
        let order = Order::new(1, &[1]);
        let before = node.app.state().digest();
        let record = node.unproven(&order);
        let entry = node.entry(node.time() + 1, &record);
        let verdict = (crate::application::undecided::Judged::Valid, entry.encode());
        let crate::application::Application { undecided, store, .. } = &mut node.app;
        undecided.note(store, entry.header.value_id(), (verdict.0, &verdict.1), None).unwrap();
        let decided = desk().certify(4, &entry);
        *fuse.lock().unwrap() = Some(fault);
        assert!(is_store(node.app.commit(decided.clone())));
        assert_eq!(node.app.state().digest(), before, "the state moves after the disk");
        let mut node = TestNode::on(node.app.into_store());
        if fault == Fault::Before {
            assert_eq!(node.app.state().digest(), before);
            node.app.commit(decided).unwrap();
        }
        let family = &node.app.state().families[&order.id()];
        assert_eq!((family.charged, node.app.state().locks.len(), node.app.status().height), (401_000, 1, 4));
    }
}

#[test]
fn a_verdict_or_proposal_is_on_the_disk_before_it_is_given() {
    for fault in [Fault::Before, Fault::After] {
        let (mut node, fuse) = start();
        let now = node.time() + 40;
        *fuse.lock().unwrap() = Some(fault);
        assert!(is_store(node.app.propose(1, 0, now)));
        let mut node = TestNode::on(node.app.into_store());
        let value = node.app.propose(1, 0, now + 5).unwrap();
        let proposed = solventry_protocol::Entry::decode(&value).unwrap().0.header.time;
        // What may have left before the crash is said again; else the clock has moved on.
        assert_eq!(proposed, if fault == Fault::After { now } else { now + 5 });

        let (mut node, fuse) = start();
        let value = node.entry(now, &Record::Tick).encode();
        *fuse.lock().unwrap() = Some(fault);
        assert!(is_store(node.app.judge(1, &value, Sight::Fresh, now)));
        let mut node = TestNode::on(node.app.into_store());
        let later = node.app.judge(1, &value, Sight::Fresh, now + 500).unwrap();
        assert_eq!(later, if fault == Fault::After { Verdict::Valid } else { Verdict::Invalid });
    }
}

#[test]
fn a_vote_is_noted_before_it_leaves_and_a_mark_before_the_share() {
    for fault in [Fault::Before, Fault::After] {
        let (mut node, fuse) = start();
        *fuse.lock().unwrap() = Some(fault);
        assert!(is_store(node.app.note_vote(1)));
        let node = TestNode::on(node.app.into_store());
        assert_eq!(node.app.status().voted, u64::from(fault == Fault::After));

        let (mut node, fuse) = start();
        node.prepare();
        let order = Order::new(1, &[1]);
        node.pay(&order).unwrap();
        let authorized = node.app.authorize(order.id(), order.transaction(), node.time()).unwrap();
        *fuse.lock().unwrap() = Some(fault);
        assert!(node.app.mark(&authorized, &[[1; 32]], Digest([2; 32])).is_err());
        let mut node = TestNode::on(node.app.into_store());
        let authorized = node.app.authorize(order.id(), order.transaction(), node.time()).unwrap();
        let again = node.app.mark(&authorized, &[[1; 32]], Digest([2; 32]));
        assert_eq!(again.is_ok(), fault == Fault::Before, "a marker without a share is a dead attempt");
    }
}

#[test]
fn a_node_that_halts_signs_nothing_even_if_its_disk_fails_too() {
    let (mut node, fuse) = start();
    node.prepare();
    *fuse.lock().unwrap() = Some(Fault::Before);
    let order = Order::new(1, &[1]);
    let record = node.unproven(&order);
    assert!(is_store(node.decide(&record)));
    assert!(node.app.status().halted.is_some());
    assert!(matches!(node.app.note_vote(4), Err(JournalError::Halt { .. })));
}

/// Flips a bit of the entry at `height` and opens the journal again.
fn damaged(node: TestNode, height: u64, place: impl Fn(&[u8]) -> usize) -> String {
    let mut store = node.app.into_store();
    let key = height.to_be_bytes().to_vec();
    let mut bytes = store.read(Table::Decided, &key).unwrap().unwrap();
    let place = place(&bytes);
    bytes[place] ^= 1;
    store.write(&[Write::Put(Table::Decided, key, bytes)]).unwrap();
    let audit = Box::new(super::node::Heard::default());
    let (genesis, key) = (desk().genesis.clone(), desk().verifying.clone());
    let opened = crate::application::Application::open(store, genesis, key, audit);
    opened.err().expect("the damage was not noticed").to_string()
}

#[test]
fn a_damaged_entry_is_noticed() {
    let mut node = TestNode::new();
    node.decide_at(node.time() + 30, &Record::Tick).unwrap();
    node.decide_at(node.time() + 30, &Record::Tick).unwrap();
    // The last byte of the header's time: before the record's digest, its length, and the record.
    let time = |bytes: &[u8]| bytes.len() - Record::Tick.encode().len() - 4 - 32 - 1;
    says(&damaged(node, 1, time), &["decided height 2", "expected previous head"]);

    let mut node = TestNode::ready();
    node.pay(&Order::new(1, &[0x55])).unwrap();
    let input = |bytes: &[u8]| bytes.windows(32).position(|part| part == [0x55; 32]).unwrap();
    says(&damaged(node, 4, input), &["decided height 4", "of another record"]);
}
