//! The process that is killed: a node's journal and share on a folder, from wherever it stands to
//! the end of the script. What it says goes to standard output, one line each, after a `!`.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{
    Entry, Genesis, Record,
    message::{SignedCommitments, package_digest},
};
use solventry_signer::{
    application::{Application, RedbStore, Refusal},
    journal::{Journal, Sight, Verdict},
};
use solventry_threshold::{KeyShare, commit, sign};
use solventry_types::{Chain, Digest, Locator, digest::InjectiveHasher};

use crate::{
    disk::{Disk, Fuse, Point, When, die},
    folder::{JOURNAL, PASSPHRASE, PAYMENT, SHARE, Unheard, certify, context, others, value_name},
};

/// Names the folder.
pub const FOLDER: &str = "SOLVENTRY_CRASH_FOLDER";
/// Point, side and number of the kill.
pub const FUSE: &str = "SOLVENTRY_CRASH_FUSE";
/// Set if the disk drops markers.
pub const DROPS: &str = "SOLVENTRY_CRASH_DROPS";
/// Marks of former lives, `nonce,package` each.
pub const USED: &str = "SOLVENTRY_CRASH_USED";
/// Signing rounds of every life before the payment is settled.
pub const ROUNDS: usize = 2;

struct Node {
    folder: PathBuf,
    genesis: Digest,
    app: Application<Disk>,
    /// For what is no write.
    fuse: Option<Fuse>,
    payment: Digest,
    transaction: Digest,
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n!{words}").unwrap();
    out.flush().unwrap();
}

pub fn main() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let fuse = std::env::var(FUSE).ok().map(|text| parse(&text));
    if let Some(fuse) = fuse.filter(|fuse| fuse.point == Point::Anywhere) {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(fuse.number));
            die();
        });
    }
    let mut node = Node::open(PathBuf::from(folder), fuse);
    let state = node.app.state();
    say(&format!("open {} {}", state.height, state.head));
    node.decide(PAYMENT);
    node.decide(PAYMENT + 1);
    if node.app.state().height == PAYMENT + 1 {
        let share = std::fs::read(node.folder.join(SHARE)).unwrap();
        let share = KeyShare::open(&share, PASSPHRASE, &context()).unwrap();
        node.replay();
        (0..ROUNDS).for_each(|_| node.release(&share));
    }
    node.decide(PAYMENT + 2);
    node.end();
}

fn parse(text: &str) -> Fuse {
    let numbers: Vec<u64> = text.split(',').map(|number| number.parse().unwrap()).collect();
    let when = if numbers[1] == 0 { When::Before } else { When::After };
    Fuse { point: Point::ALL[numbers[0] as usize], when, number: numbers[2] }
}

fn digest(text: &str) -> Digest {
    Digest(hex::decode(text).unwrap().try_into().unwrap())
}

fn nonce_id(commitments: &[Vec<u8>]) -> Digest {
    let hasher = InjectiveHasher::new("solventry/nonces/v1");
    commitments.iter().fold(hasher, |hasher, commitment| hasher.field(commitment)).finish()
}

impl Node {
    fn open(folder: PathBuf, fuse: Option<Fuse>) -> Self {
        let genesis = Genesis::decode(&std::fs::read(folder.join("genesis")).unwrap()).unwrap();
        let id = genesis.digest();
        let (payment, transaction) = paid(&folder, &genesis);
        let file = RedbStore::open(&folder.join(JOURNAL)).unwrap();
        let disk = Disk { file, fuse, drops_markers: std::env::var_os(DROPS).is_some() };
        // Made only if proofs are verified: it takes a second.
        let key = LazyLock::new(|| PolicyVerifyingKey::generate().unwrap());
        let app = Application::open(disk, genesis, key, Box::new(Unheard)).unwrap();
        Self { folder, genesis: id, app, fuse, payment, transaction }
    }

    /// Judges, votes and executes the entry of a height, if it is not decided yet.
    fn decide(&mut self, height: u64) {
        if self.app.next_height() != height {
            return;
        }
        let value = std::fs::read(self.folder.join(value_name(height))).unwrap();
        let now = Entry::decode(&value).unwrap().0.header.time;
        assert_eq!(self.app.judge(height, &value, Sight::Fresh, now).unwrap(), Verdict::Valid);
        self.app.note_vote(height).unwrap();
        self.app.commit(certify(self.genesis, height, &value)).unwrap();
        say(&format!("committed {height} {}", self.app.state().head));
    }

    /// A coordinator offers again what was used in a former life.
    fn replay(&mut self) {
        let now = self.app.state().time;
        let authorized = self.app.authorize(self.payment, self.transaction, now).unwrap();
        let used = std::env::var(USED).unwrap_or_default();
        for mark in used.split_whitespace() {
            let (nonce, package) = mark.split_once(',').unwrap();
            let (nonce, package) = (digest(nonce), digest(package));
            let other = self.app.mark(&authorized, &[nonce.0], Digest([0xaa; 32]));
            assert!(matches!(other, Err(Refusal::UsedNonce)), "a used nonce: {other:?}");
            let again = self.app.mark(&authorized, &[[0xbb; 32]], package);
            assert!(matches!(again, Err(Refusal::UsedPackage)), "a used package: {again:?}");
        }
    }

    /// One signing round: nonces, marker, share.
    fn release(&mut self, share: &KeyShare) {
        let now = self.app.state().time;
        let authorized = self.app.authorize(self.payment, self.transaction, now).unwrap();
        let (nonces, own) = commit(share, authorized.messages().len()).unwrap();
        let (id, mut package) = (nonce_id(&own), others(&self.folder));
        package.insert(share.number(), own.clone());
        let digest = self.package(&package);
        self.app.mark(&authorized, &[id.0], digest).unwrap();
        self.reach(Point::Unsaid);
        let shares = sign(nonces, share, authorized.messages(), &package).unwrap();
        let hex = [&authorized.intent().0[..], &id.0, &digest.0, &shares[0]].map(hex::encode);
        let (message, own) = (hex::encode(&authorized.messages()[0]), hex::encode(&own[0]));
        say(&format!("share {} {message} {own}", hex.join(" ")));
        self.reach(Point::Said);
    }

    fn package(&self, commitments: &BTreeMap<usize, Vec<Vec<u8>>>) -> Digest {
        let signed = |(node, commitments): (&usize, &Vec<Vec<u8>>)| SignedCommitments {
            node: *node as u8,
            commitments: commitments.clone(),
            signature: [0; 64],
        };
        let list: Vec<_> = commitments.iter().map(signed).collect();
        package_digest(self.payment, self.transaction, &list)
    }

    fn reach(&mut self, point: Point) {
        if let Some(fuse) = &mut self.fuse {
            fuse.reach(point, When::After);
        }
    }

    fn end(&self) {
        let state = self.app.state();
        let family = &state.families[&self.payment];
        let sums = self.app.sums("treasury", Chain::Bitcoin, &Locator::Native, state.time).unwrap();
        let (charged, members, locks) = (family.charged, family.members.len(), state.locks.len());
        say(&format!("end {} {charged} {members} {locks} {} {}", state.digest(), sums.spent[0], sums.count));
    }
}

/// Payment and transaction of the payment's entry.
fn paid(folder: &Path, genesis: &Genesis) -> (Digest, Digest) {
    let value = std::fs::read(folder.join(value_name(PAYMENT))).unwrap();
    let (_, record) = Entry::decode(&value).unwrap();
    let Record::Payment(evidence) = record else { panic!("expected a payment") };
    let transfer = solventry_chains::decode(&evidence.transaction, &evidence.vault.accounts).unwrap();
    (evidence.payment.id(genesis.digest()), transfer.digest())
}
