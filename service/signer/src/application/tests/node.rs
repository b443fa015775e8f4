//! A node's application under test, and what is asked of it.

use std::sync::Arc;

use solventry_protocol::{Entry, JournalClaims, Record};

use super::{
    desk::{desk, total},
    order::{FEE_CAP, Order},
    support::transactions::{keypair, script},
};
use crate::{
    application::{Application, Audit, RedbStore, Refused, Store, undecided::Judged},
    journal::{Journal, JournalError},
};

/// Refusals, for tests to look at.
#[derive(Clone, Default)]
pub struct Heard(pub Arc<std::sync::Mutex<Vec<Refused>>>);

impl Audit for Heard {
    fn refused(&mut self, refused: &Refused) {
        self.0.lock().unwrap().push(refused.clone());
    }
}

/// A node's application and what its audit log holds.
pub struct TestNode<S = RedbStore> {
    pub app: Application<S>,
    pub heard: Heard,
}

impl TestNode {
    /// An empty journal in memory.
    pub fn new() -> Self {
        Self::on(RedbStore::in_memory().unwrap())
    }

    /// Both vaults with policies, the first epoch in force.
    pub fn ready() -> Self {
        let mut node = Self::new();
        node.prepare();
        node
    }
}

impl<S: Store> TestNode<S> {
    /// The journal of the desk on a disk.
    pub fn on(store: S) -> Self {
        let (desk, heard) = (desk(), Heard::default());
        let app =
            Application::open(store, desk.genesis.clone(), desk.verifying.clone(), Box::new(heard.clone()));
        Self { app: app.unwrap(), heard }
    }

    pub fn prepare(&mut self) {
        let desk = desk();
        self.decide(&desk.change("treasury", 0, |_| {})).unwrap();
        self.decide(&desk.change("cold", 0, |_| {})).unwrap();
        self.decide(&desk.activate(0)).unwrap();
    }

    pub fn time(&self) -> u64 {
        self.app.state().time
    }

    /// Reads everything back from the disk.
    pub fn restarted(self) -> Self {
        Self::on(self.app.into_store())
    }

    pub fn entry(&self, time: u64, record: &Record) -> Entry {
        Entry::new(self.app.state().head, time, record)
    }

    /// Commits a record with a certificate, one second on.
    pub fn decide(&mut self, record: &Record) -> Result<(), JournalError> {
        self.decide_at(self.time() + 1, record)
    }

    pub fn decide_at(&mut self, time: u64, record: &Record) -> Result<(), JournalError> {
        let entry = self.entry(time, record);
        let decided = desk().certify(self.app.next_height(), &entry);
        self.app.commit(decided)
    }

    /// Commits a record as one that this node has judged: its proofs are not verified.
    pub fn decide_unproven(&mut self, time: u64, record: &Record) -> Result<(), JournalError> {
        let entry = self.entry(time, record);
        let verdict = (Judged::Valid, entry.encode());
        let id = entry.header.value_id();
        let Application { undecided, store, .. } = &mut self.app;
        undecided.note(store, id, (verdict.0, &verdict.1), None).unwrap();
        let decided = desk().certify(self.app.next_height(), &entry);
        self.app.commit(decided)
    }

    /// Claims that are the journal's own, for a payment that takes `leaves` listed units out.
    pub fn claims(&self, order: &Order, time: u64) -> JournalClaims {
        let state = self.app.state();
        let epoch = state.epoch.as_ref().unwrap();
        let asset = &epoch.context.assets.assets()[0];
        let spent = state.spent(order.vault, asset, time, Some(order.id()));
        let known = state.families.get(&order.id()).map_or(0, |family| family.charged);
        let stays = order.destination == script(&keypair(3));
        let charged = known.max(order.amount + order.fee);
        let leaves = if stays { (charged - order.amount).max(charged.min(FEE_CAP)) } else { charged };
        let outflow = state.outflow(epoch, asset, Some(order.id()), None) + u128::from(leaves);
        JournalClaims {
            spent: spent.sums.map(total),
            count: spent.count,
            since_last: spent.since_last,
            outflow: total(outflow),
        }
    }

    /// A record with the journal's own claims one second on and no proofs.
    pub fn unproven(&self, order: &Order) -> Record {
        let claims = self.claims(order, self.time() + 1);
        Record::Payment(Box::new(order.record(self.app.state(), claims, false)))
    }

    /// Decides a payment without proofs, one second on.
    pub fn pay(&mut self, order: &Order) -> Result<(), JournalError> {
        let record = self.unproven(order);
        self.decide_unproven(self.time() + 1, &record)
    }
}

/// The reason of a halt.
pub fn reason(result: Result<(), JournalError>) -> String {
    match result {
        Err(JournalError::Halt { reason, .. }) => reason,
        other => panic!("expected a halt, got {other:?}"),
    }
}

impl<S: Store> TestNode<S> {
    /// Why a record is refused one second on; its variant's name and its words.
    pub fn refusal(&mut self, record: &Record) -> String {
        self.refusal_at(self.time() + 1, record)
    }

    pub fn refusal_at(&mut self, time: u64, record: &Record) -> String {
        let record = Record::decode(&record.encode()).unwrap();
        let refusal = self.app.admit(&record, time).unwrap_err();
        format!("{refusal:?} {refusal}")
    }

    /// The record is accepted one second on.
    pub fn accepts(&mut self, record: &Record) {
        self.app.submit(&record.encode(), [9; 32], self.time() + 1).unwrap();
    }
}

/// Asserts that a text holds all of these.
#[track_caller]
pub fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "expected {part:?} in: {text}");
    }
}
