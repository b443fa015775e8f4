//! The folder of a node before its payment: made once with real proofs, copied for every run.

use std::{collections::BTreeMap, path::Path};

use ed25519_dalek::{Signer, SigningKey};
use solventry_link::LinkKey;
use solventry_protocol::{Entry, JournalClaims, Record, decision::precommit_message, record::Outcome};
use solventry_signer::{
    application::{Application, Audit, RedbStore, Refused},
    journal::{CommitVote, Decided, Journal, Sight, Verdict},
};
use solventry_threshold::{GroupKey, KeyShare, Member, Run, Setup, ShareContext, Suite, commit};
use solventry_types::Digest;

use crate::{
    desk::{BLOCK, desk, total},
    order::Order,
};

/// Height of the payment; a tick and its settlement follow.
pub const PAYMENT: u64 = 4;
/// Of the key share's file.
pub const PASSPHRASE: &[u8] = b"correct horse";
/// Names of the files beside the journal.
pub const JOURNAL: &str = "journal.redb";
pub const SHARE: &str = "share.solv";

/// Hears nothing.
pub struct Unheard;

impl Audit for Unheard {
    fn refused(&mut self, _: &Refused) {}
}

/// What every run begins with.
pub struct Prepared {
    /// The payment is judged: its verdict is on the disk.
    pub judged: tempfile::TempDir,
    /// It is not.
    pub fresh: tempfile::TempDir,
    /// Entries from [`PAYMENT`] on.
    pub values: Vec<Vec<u8>>,
    pub key: GroupKey,
}

/// Whose share it is: node 0.
pub fn context() -> ShareContext {
    ShareContext { identity: [1; 32], group: Digest([2; 32]), generation: 0 }
}

/// File of an entry.
pub fn value_name(height: u64) -> String {
    format!("{height}.entry")
}

/// A certificate of the first three nodes of the desk.
pub fn certify(genesis: Digest, height: u64, value: &[u8]) -> Decided {
    let (entry, _) = Entry::decode(value).unwrap();
    let votes = (50..53).map(|seed| {
        let node = SigningKey::from_bytes(&[seed; 32]);
        let identity = node.verifying_key().to_bytes();
        let message = precommit_message(genesis, height, 0, entry.header.value_id(), &identity);
        CommitVote { identity, signature: node.sign(&message.0).to_bytes() }
    });
    Decided { height, round: 0, value: value.to_vec(), votes: votes.collect() }
}

impl Prepared {
    pub fn new() -> Self {
        let (judged, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let desk = desk();
        let genesis = desk.genesis.digest();
        let store = RedbStore::open(&fresh.path().join(JOURNAL)).unwrap();
        let key = desk.verifying.clone();
        let mut app = Application::open(store, desk.genesis.clone(), key, Box::new(Unheard)).unwrap();
        let records = [desk.change("treasury", 0, |_| {}), desk.change("cold", 0, |_| {}), desk.activate(0)];
        for record in &records {
            let entry = Entry::new(app.state().head, app.state().time + 1, record);
            let decided = certify(genesis, app.next_height(), &entry.encode());
            app.commit(decided).unwrap();
        }
        let values = values(&app);
        std::fs::write(fresh.path().join("genesis"), desk.genesis.encode()).unwrap();
        for (height, value) in (PAYMENT..).zip(&values) {
            std::fs::write(fresh.path().join(value_name(height)), value).unwrap();
        }
        let shares = generate();
        let sealed = shares[0].seal(PASSPHRASE, &context()).unwrap();
        std::fs::write(fresh.path().join(SHARE), sealed).unwrap();
        for number in [1, 2] {
            let (_, commitments) = commit(&shares[number], 1).unwrap();
            std::fs::write(fresh.path().join(format!("commitments.{number}")), &commitments[0]).unwrap();
        }
        // The file is closed before it is copied.
        let now = app.state().time + 1;
        drop(app.into_store());
        copy(fresh.path(), judged.path());
        let store = RedbStore::open(&judged.path().join(JOURNAL)).unwrap();
        let key = desk.verifying.clone();
        let mut app = Application::open(store, desk.genesis.clone(), key, Box::new(Unheard)).unwrap();
        assert_eq!(app.judge(PAYMENT, &values[0], Sight::Fresh, now).unwrap(), Verdict::Valid);
        drop(app.into_store());
        Self { judged, fresh, values, key: shares[0].group_key().clone() }
    }
}

/// The payment with its proofs, a tick, the settlement.
fn values(app: &Application<RedbStore>) -> Vec<Vec<u8>> {
    let (state, order) = (app.state(), Order::new(1, &[1]));
    let asset = &state.epoch.as_ref().unwrap().context.assets.assets()[0];
    let time = state.time + 1;
    let spent = state.spent(order.vault, asset, time, None);
    let claims = JournalClaims {
        spent: spent.sums.map(total),
        count: spent.count,
        since_last: spent.since_last,
        outflow: total(u128::from(order.amount + order.fee)),
    };
    let payment = Record::Payment(Box::new(order.record(state, claims, true)));
    let settle = desk().settle(order.id(), Outcome::Confirmed, BLOCK + 1);
    let mut head = state.head;
    let records = [(time, payment), (time + 30, Record::Tick), (time + 31, settle)];
    let entry = |(time, record): (u64, Record)| {
        let entry = Entry::new(head, time, &record);
        head = entry.header.value_id();
        entry.encode()
    };
    records.into_iter().map(entry).collect()
}

/// Key generation of four nodes in one process.
fn generate() -> Vec<KeyShare> {
    let seeds: Vec<[u8; 32]> = (1..5).map(|seed| [seed; 32]).collect();
    let member = |seed: &[u8; 32]| Member {
        identity: SigningKey::from_bytes(seed).verifying_key().to_bytes(),
        link: LinkKey::from_secret(seed).unwrap().public(),
    };
    let members = seeds.iter().map(member).collect();
    let (session, vault) = ([7; 32], "treasury".into());
    let setup = Setup { suite: Suite::Taproot, session, vault, members, threshold: 3 };
    let run = |(number, seed): (usize, &[u8; 32])| {
        Run::new(setup.clone(), number, &SigningKey::from_bytes(seed), seed).unwrap()
    };
    let mut runs: Vec<Run> = seeds.iter().enumerate().map(run).collect();
    let mut bodies = Vec::new();
    for step in 1..=Run::STEPS {
        bodies = runs.iter_mut().map(|run| run.step(step, &bodies).unwrap()).collect();
    }
    runs.into_iter().map(|run| run.finish().unwrap()).collect()
}

/// Commitments of the two other nodes of the package.
pub fn others(folder: &Path) -> BTreeMap<usize, Vec<Vec<u8>>> {
    let read = |number| (number, vec![std::fs::read(folder.join(format!("commitments.{number}"))).unwrap()]);
    [1, 2].map(read).into()
}

/// Copies the files of a folder.
pub fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
