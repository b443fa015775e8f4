//! A node's application side without an engine, and what the engine and peers tell it.

use std::{future::Future, time::Duration};

use arc_malachitebft_core_consensus::{MisbehaviorEvidence, Role};
use arc_malachitebft_core_types::{
    LinearTimeouts, NilOrVal, Round, Validator as _, VoteExtensions, VoteType,
};
use ed25519_dalek::SigningKey;
use solventry_protocol::{Entry, Group, Record, decision::quorum, group::Node};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::*;
use crate::{
    engine::{Address, Vote, parts::cut, peer_id, signing::Signature},
    journal::Decided,
};

/// A journal that takes everything at its height.
#[derive(Default)]
pub(super) struct Willing {
    decided: Vec<Decided>,
    pub(super) judged: BTreeMap<Digest, Vec<u8>>,
}

impl Willing {
    fn require(&self, got: u64) -> Result<(), JournalError> {
        let expected = self.next_height();
        if got == expected { Ok(()) } else { Err(JournalError::Height { expected, got }) }
    }
}

impl Journal for Willing {
    fn next_height(&self) -> u64 {
        self.decided.len() as u64 + 1
    }

    fn wants_height(&self, _: u64) -> bool {
        true
    }

    fn propose(&mut self, height: u64, _: u32, _: u64) -> Result<Vec<u8>, JournalError> {
        self.require(height).map(|()| value(height, 0))
    }

    fn judge(&mut self, height: u64, value: &[u8], _: Sight, _: u64) -> Result<Verdict, JournalError> {
        self.require(height)?;
        let (entry, _) = Entry::decode(value).unwrap();
        self.judged.insert(entry.header.value_id(), value.to_vec());
        Ok(Verdict::Valid)
    }

    fn value(&self, _: u64, id: Digest) -> Option<Vec<u8>> {
        self.judged.get(&id).cloned()
    }

    fn note_vote(&mut self, _: u64) -> Result<(), JournalError> {
        Ok(())
    }

    fn commit(&mut self, decided: Decided) -> Result<(), JournalError> {
        self.require(decided.height)?;
        self.decided.push(decided);
        Ok(())
    }

    fn decided(&self, _: u64) -> Result<Option<Decided>, JournalError> {
        Ok(None)
    }
}

pub(super) fn value(height: u64, tag: u64) -> Vec<u8> {
    Entry::new(Digest([9; 32]), 1000 * height + tag, &Record::Tick).encode()
}

pub(super) fn id(value: &[u8]) -> Digest {
    Entry::decode(value).unwrap().0.header.value_id()
}

/// Node 0 of four, and what it publishes.
pub(super) struct Fixture {
    pub(super) app: App,
    pub(super) journal: Arc<Mutex<Willing>>,
    _published: mpsc::Receiver<NetworkMsg<Agreement>>,
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

pub(super) fn peer(number: u8) -> PeerId {
    PeerId::from_bytes(&peer_id(&[number + 101; 32]).unwrap()).unwrap()
}

pub(super) fn fixture() -> Fixture {
    let node = |number: u8| Node {
        name: format!("node {number}"),
        identity: key(number).verifying_key().to_bytes(),
        link: [number; 32],
        link_address: format!("127.0.0.1:{number}"),
        peer: peer(number).to_bytes(),
        peer_address: format!("/ip4/127.0.0.1/tcp/{}", 1000 + u16::from(number)),
        provider: String::new(),
        region: String::new(),
        jurisdiction: String::new(),
    };
    let group = Group { nodes: (0..4).map(node).collect(), coordinators: vec![] };
    let setup = EngineSetup {
        genesis: Digest([7; 32]),
        listen: group.nodes[0].peer_address.clone(),
        group,
        identity: key(0),
        peer_secret: Zeroizing::new([101; 32]),
        folder: std::path::PathBuf::new(),
        timeouts: LinearTimeouts::default(),
        clock: Arc::new(|| 1000),
        on_misbehavior: Arc::new(|_| {}),
        on_vote: Arc::new(|_| {}),
    };
    let journal = Arc::new(Mutex::new(Willing::default()));
    let (network, _published) = mpsc::channel(16);
    let witness = Arc::new(Witness::new(quorum(4)));
    let prepared = setup.prepare().unwrap();
    Fixture { app: App::new(&setup, prepared, journal.clone(), witness, network), journal, _published }
}

/// The answer to a message; none if it is dropped.
pub(super) async fn answer<T>(
    app: &mut App,
    message: impl FnOnce(Reply<T>) -> AppMsg<Agreement>,
) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    app.handle(message(reply)).await.expect("no message of a peer is an error");
    within(answer).await.ok()
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(1), future).await.expect("the answer is there")
}

/// Rounds begin; gives the ids of the values recalled, with their rounds.
pub(super) async fn start(app: &mut App, height: u64, round: u32) -> Vec<(Digest, u32)> {
    let (height, proposer) = (Height(height), app.set.proposer(Height(height), round));
    let proposer = *proposer.address();
    let started = |reply_value| {
        let round = Round::new(round);
        AppMsg::StartedRound { height, round, proposer, role: Role::Validator, reply_value }
    };
    let values = answer(app, started).await.unwrap();
    values.into_iter().map(|value| (value.value.0, defined(value.round))).collect()
}

/// A node publishes a value of one part; gives the round under which consensus gets it.
pub(super) async fn publish(
    app: &mut App,
    node: u8,
    (height, round): (u64, u32),
    bytes: &[u8],
) -> Option<u32> {
    let part = cut(Height(height), round, id(bytes), bytes).remove(0);
    let received = |reply| {
        let (from, published_by) = (peer((node + 1) % 4), Some(peer(node)));
        AppMsg::ReceivedProposalPart { from, published_by, part, reply }
    };
    answer(app, received).await.unwrap().map(|value| defined(value.round))
}

fn certificate(height: u64, bytes: &[u8]) -> CommitCertificate<Agreement> {
    let (height, round, value_id) = (Height(height), Round::new(0), id(bytes));
    CommitCertificate { height, round, value_id, commit_signatures: vec![] }
}

pub(super) async fn decide(app: &mut App, height: u64, bytes: &[u8]) {
    let (certificate, extensions) = (certificate(height, bytes), VoteExtensions::default());
    answer(app, |reply| AppMsg::Decided { certificate, extensions, reply }).await.unwrap();
}

pub(super) async fn finalize(app: &mut App, height: u64, bytes: &[u8]) -> Next<Agreement> {
    let (certificate, extensions) = (certificate(height, bytes), VoteExtensions::default());
    let evidence = MisbehaviorEvidence { proposals: Default::default(), votes: Default::default() };
    answer(app, |reply| AppMsg::Finalized { certificate, extensions, evidence, reply }).await.unwrap()
}

pub(super) fn prevote(app: &App, node: u8, round: u32, value: Digest) {
    let (kind, height, round) = (VoteType::Prevote, app.height, Round::new(round));
    let (value, address) = (NilOrVal::Val(value), Address(key(node).verifying_key().to_bytes()));
    app.witness.note(&Vote { kind, height, round, value, address }, &Signature([0; 64]));
}
