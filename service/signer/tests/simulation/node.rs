//! One node: the state machine, what is around it, crashes and restarts.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use arc_malachitebft_app_channel::app::{metrics::Metrics, types::PeerId};
use arc_malachitebft_core_consensus::{Error, Input, LivenessMsg, Params, SignedConsensusMsg, State};
use arc_malachitebft_core_types::{
    ExtendedCommitCertificate, ExtendedCommitSignature, Round, Timeout, ValuePayload, ValueResponse,
    VoteExtensionPolicy,
};
use ed25519_dalek::SigningKey;
use solventry_protocol::{Entry, decision::quorum};
use solventry_signer::{
    engine::{
        Address, Agreement, Height, Keys, ValidatorSet, admission::Admission, peer_id, signing::Signature,
        witness::Witness,
    },
    journal::Decided,
};
use solventry_types::Digest;

use crate::{
    side::{Message, Out, Side},
    subject::Subject,
    verifier::Remembering,
};

/// A node, or one of two twins with the same key.
pub struct Node<J> {
    /// Place in the group.
    pub number: usize,
    genesis: Digest,
    /// None while it is down.
    state: Option<State<Agreement>>,
    pub side: Side<J>,
    metrics: Metrics,
    /// Starts so far: timers of an earlier life do not count.
    pub life: u64,
}

impl<J: Subject> Node<J> {
    pub fn new(
        number: usize,
        key: &SigningKey,
        set: &ValidatorSet,
        nodes: usize,
        genesis: Digest,
        journal: J,
    ) -> Self {
        let witness = Arc::new(Witness::new(quorum(nodes)));
        let side = Side {
            journal,
            keys: Keys::new(genesis, key.clone()),
            verifier: Remembering::new(genesis, Arc::clone(&witness)),
            witness,
            set: set.clone(),
            address: Address(key.verifying_key().to_bytes()),
            now: 0,
            out: Vec::new(),
            later: VecDeque::new(),
            timers: BTreeMap::new(),
            generation: 0,
            log: (Height(0), Vec::new(), 0),
            replaying: false,
            held: false,
            height: Height(0),
            round: 0,
            waiting: BTreeMap::new(),
            admission: Admission::default(),
            judged: BTreeMap::new(),
            doom: None,
        };
        Self { number, genesis, state: None, side, metrics: Metrics::new(), life: 0 }
    }

    pub fn is_up(&self) -> bool {
        self.state.is_some()
    }

    /// Starts at the journal's next height, and replays the log as the engine does.
    pub fn start(&mut self, nodes: usize) {
        self.life += 1;
        let witness = Arc::new(Witness::new(quorum(nodes)));
        self.side.verifier = Remembering::new(self.genesis, Arc::clone(&witness));
        self.side.witness = witness;
        let height = Height(self.side.journal.next_height());
        let params = Params {
            address: self.side.address,
            threshold_params: Default::default(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: true,
        };
        self.state = Some(State::new(Agreement, height, self.side.set.clone(), params, 10, 500));
        self.start_height(height);
    }

    /// Loses what is not on the disk; `keep` decides how much of the log that was not flushed stays.
    pub fn crash(&mut self, keep: usize) -> Result<(), String> {
        self.state = None;
        let side = &mut self.side;
        side.out.clear();
        side.later.clear();
        side.timers.clear();
        side.waiting.clear();
        side.judged.clear();
        side.admission = Admission::default();
        (side.held, side.height, side.doom) = (false, Height(0), None);
        let unflushed = side.log.1.len() - side.log.2;
        side.log.1.truncate(side.log.2 + if unflushed == 0 { 0 } else { keep % (unflushed + 1) });
        side.log.2 = side.log.1.len();
        side.journal.restart()
    }

    /// Loses the whole log.
    pub fn forget(&mut self) {
        self.side.log = (Height(0), Vec::new(), 0);
    }

    fn start_height(&mut self, height: Height) {
        let entries = if self.side.log.0 == height { self.side.log.1.clone() } else { Vec::new() };
        if entries.is_empty() {
            self.side.log = (height, Vec::new(), 0);
        }
        self.side.held = false;
        let set = self.side.set.clone();
        self.process(Input::StartHeight(height, set, false, None, VoteExtensionPolicy::Disabled));
        if let Some(state) = self.state.as_mut().filter(|_| !entries.is_empty()) {
            state.record_recovered_own_precommit_extensions(entries.iter());
            state.index_wal_entries(entries.iter());
            self.side.replaying = true;
            entries.into_iter().for_each(|entry| self.process(entry));
            self.side.replaying = false;
            if let Some(state) = self.state.as_mut() {
                state.reset_entries_index();
            }
        }
        self.settle();
    }

    /// Processes an input and all that follow from it.
    pub fn input(&mut self, input: Input<Agreement>) {
        self.process(input);
        self.settle();
    }

    pub fn timer(&mut self, timeout: Timeout, generation: u64) {
        if self.side.timers.get(&timeout.to_string()) == Some(&generation) {
            self.side.timers.remove(&timeout.to_string());
            self.input(Input::TimeoutElapsed(timeout));
        }
    }

    /// A coordinator hands in a record.
    pub fn submit(&mut self, record: &[u8]) -> Result<(), String> {
        let taken = self.side.journal.submit(record, self.side.now);
        self.proceed(false);
        taken
    }

    /// A message of another instance, which is of the node `publisher`.
    pub fn receive(&mut self, from: usize, publisher: usize, message: Message) {
        let next = self.side.journal.next_height();
        match message {
            Message::Consensus(SignedConsensusMsg::Vote(vote))
            | Message::Liveness(LivenessMsg::Vote(vote)) => {
                self.input(Input::Vote(vote));
            }
            Message::Consensus(SignedConsensusMsg::Proposal(proposal)) => {
                self.input(Input::Proposal(proposal))
            }
            Message::Liveness(LivenessMsg::PolkaCertificate(certificate)) => {
                self.input(Input::PolkaCertificate(certificate));
            }
            Message::Liveness(LivenessMsg::SkipRoundCertificate(certificate)) => {
                self.input(Input::RoundCertificate(certificate));
            }
            Message::Value(height, round, value) => {
                self.side.receive(publisher, height, round, value);
                self.proceed(height.0 >= next);
            }
            Message::Status(tip) => {
                self.proceed(tip >= next);
                if tip >= next {
                    self.side.out.push(Out::To(from, Message::Ask(next)));
                }
            }
            Message::Ask(height) => {
                if let Ok(Some(decided)) = self.side.journal.decided(height) {
                    self.side.out.push(Out::To(from, Message::Answer(Box::new(decided))));
                }
            }
            Message::Answer(decided) => {
                if decided.height == next && !self.side.held {
                    self.input(Input::SyncValueResponse(response(&decided)));
                }
            }
        }
    }

    /// Goes on to the next height if the journal wants it, or another node is there.
    fn proceed(&mut self, ahead: bool) {
        if self.state.is_some() && self.side.held && (ahead || self.side.journal.wants_height(self.side.now))
        {
            self.start_height(Height(self.side.journal.next_height()));
        } else {
            self.settle();
        }
    }

    fn settle(&mut self) {
        while !self.side.is_dead() {
            let Some(input) = self.side.later.pop_front() else { break };
            self.process(input);
        }
        if self.side.held && !self.side.is_dead() && self.side.journal.wants_height(self.side.now) {
            self.proceed(false);
        }
    }

    fn process(&mut self, input: Input<Agreement>) {
        let Some(state) = self.state.as_mut().filter(|_| !self.side.is_dead()) else { return };
        let side = &mut self.side;
        let result: Result<(), Error<Agreement>> = arc_malachitebft_core_consensus::process!(
            input: input,
            state: state,
            metrics: &self.metrics,
            with: effect => side.handle(effect)
        );
        if let Err(error) = result {
            self.side.out.push(Out::Failed(error.to_string()));
        }
    }
}

fn response(decided: &Decided) -> ValueResponse<Agreement> {
    let (entry, _) = Entry::decode(&decided.value).unwrap();
    let commits = decided
        .votes
        .iter()
        .map(|vote| ExtendedCommitSignature::new(Address(vote.identity), Signature(vote.signature), None));
    let certificate = ExtendedCommitCertificate {
        height: Height(decided.height),
        round: Round::new(decided.round),
        value_id: entry.header.value_id(),
        commit_signatures: commits.collect(),
    };
    let peer = PeerId::from_bytes(&peer_id(&[1; 32]).unwrap()).unwrap();
    ValueResponse::new(peer, decided.value.clone().into(), certificate)
}
