//! The nodes, the network between them and the clock.

use std::collections::BTreeMap;

use arc_malachitebft_core_consensus::{MAX_FUTURE_ROUND_LOOKAHEAD, SignedConsensusMsg};
use arc_malachitebft_core_types::{NilOrVal, SignedMessage, Timeout};
use ed25519_dalek::SigningKey;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use solventry_protocol::{Entry, Record};
use solventry_signer::engine::{Agreement, Height, Keys, ValidatorSet, Vote};
use solventry_types::{Digest, VaultConfiguration};

pub use crate::plan::{Faults, Plan};
use crate::{
    checks::{Checks, statement},
    node::Node,
    plan::{Crash, below},
    side::{Message, Out},
    subject::{Subject, Submission},
    toy, verifier,
};

/// Genesis of all histories of toys.
pub const GENESIS: Digest = Digest([7; 32]);
/// Clock of the first millisecond, in Unix seconds.
pub const EPOCH: u64 = 1_700_000_000;
/// How long the nodes may take to finish after everything has healed, in milliseconds.
const BOUND: u64 = 600_000;
/// How often nodes say how far they are.
const STATUS: u64 = 2_000;

enum Event {
    Start(usize),
    Crash(Crash),
    Submit(usize),
    Deliver(usize, usize, Message),
    Timer(usize, u64, Timeout, u64),
    Status(usize),
}

/// A history in progress.
pub struct World<J> {
    pub plan: Plan,
    pub checks: Checks,
    pub crashes: u64,
    /// Invalid records that honest nodes refused.
    pub refused: u64,
    pub steps: u64,
    genesis: Digest,
    submissions: Vec<Submission>,
    nodes: Vec<Node<J>>,
    identities: Vec<[u8; 32]>,
    events: BTreeMap<(u64, u64), Event>,
    now: u64,
    sequence: u64,
    rng: ChaCha8Rng,
}

/// Identity key of a node.
pub fn key(number: usize) -> SigningKey {
    SigningKey::from_bytes(&[number as u8 + 1; 32])
}

impl<J: Subject> World<J> {
    pub fn new(plan: Plan, journal: impl Fn(usize) -> J) -> Self {
        Self::of(GENESIS, plan, journal)
    }

    /// Nodes of another genesis.
    pub fn of(genesis: Digest, plan: Plan, journal: impl Fn(usize) -> J) -> Self {
        verifier::forget();
        let count = plan.faults.len();
        let identities: Vec<_> = (0..count).map(|number| key(number).verifying_key().to_bytes()).collect();
        let set = ValidatorSet::new(&identities).unwrap();
        let node = |number: &usize| Node::new(*number, &key(*number), &set, count, genesis, journal(*number));
        let nodes = plan.instances.iter().map(node).collect();
        let rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x5eed);
        let mut world = Self {
            plan,
            checks: Checks::default(),
            crashes: 0,
            refused: 0,
            steps: 0,
            genesis,
            submissions: vec![],
            nodes,
            identities,
            events: BTreeMap::new(),
            now: 0,
            sequence: 0,
            rng,
        };
        for instance in 0..world.nodes.len() {
            world.at(0, Event::Start(instance));
            world.at(STATUS, Event::Status(instance));
        }
        for crash in world.plan.crashes.clone() {
            world.at(crash.at, Event::Crash(crash));
        }
        world
    }

    /// What coordinators hand in.
    pub fn submit(&mut self, submissions: Vec<Submission>) {
        for (place, submission) in submissions.iter().enumerate() {
            self.at(submission.at, Event::Submit(place));
        }
        self.submissions = submissions;
    }

    /// Milliseconds since the beginning.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// What auditors know.
    pub fn vault(&self) -> VaultConfiguration {
        toy::vault(self.genesis, &self.identities)
    }

    /// Runs until every honest node has decided `target` heights.
    pub fn run(&mut self, target: u64) -> Result<(), String> {
        while self.honest().any(|node| node.side.journal.next_height() <= target) {
            let Some(((now, _), event)) = self.events.pop_first() else { return Err("nothing to do".into()) };
            if now > self.plan.heal + BOUND {
                let at = |node: &Node<J>| (node.side.journal.next_height(), node.side.round);
                let at: Vec<_> = self.honest().map(at).collect();
                return Err(format!("no progress after healing: heights and rounds {at:?}"));
            }
            (self.now, self.steps) = (now, self.steps + 1);
            self.step(event)?;
        }
        Ok(())
    }

    fn step(&mut self, event: Event) -> Result<(), String> {
        let count = self.plan.faults.len();
        let instance = match &event {
            Event::Crash(crash) => crash.instance,
            Event::Submit(place) => self.submissions[*place].instance,
            Event::Start(to) | Event::Deliver(to, ..) | Event::Timer(to, ..) | Event::Status(to) => *to,
        };
        let node = &mut self.nodes[instance];
        node.side.now = EPOCH + self.now / 1000 + self.plan.skew[instance];
        match event {
            Event::Start(_) if !node.is_up() => node.start(count),
            Event::Deliver(_, from, message) if node.is_up() => {
                node.receive(from, self.plan.instances[from], message);
            }
            Event::Timer(_, life, timeout, generation) if node.is_up() && node.life == life => {
                node.timer(timeout, generation);
            }
            Event::Submit(place) if node.is_up() => {
                let submission = &self.submissions[place];
                let honest = self.plan.faults[node.number] == Faults::None;
                let taken = node.submit(&submission.record).is_ok();
                if honest && submission.never {
                    if taken {
                        return Err(format!("node {} took an invalid record", node.number));
                    }
                    self.refused += 1;
                }
            }
            Event::Status(_) => {
                let tip = node.side.journal.next_height() - 1;
                if node.is_up() {
                    node.side.out.push(Out::Send(Message::Status(tip)));
                    if self.plan.faults[node.number] == Faults::Stuffer {
                        self.stuff(instance);
                    }
                }
                self.at(STATUS, Event::Status(instance));
            }
            Event::Crash(crash) if node.is_up() => match crash.within {
                Some(effects) => node.side.doom = Some(effects),
                None => self.crash(instance, crash)?,
            },
            _ => {}
        }
        self.drain(instance)?;
        if self.nodes[instance].side.is_dead() {
            let crash = self.plan.crashes.iter().find(|crash| crash.instance == instance).copied();
            self.crash(instance, crash.expect("only planned crashes"))?;
        }
        Ok(())
    }

    fn crash(&mut self, instance: usize, crash: Crash) -> Result<(), String> {
        self.crashes += 1;
        self.nodes[instance].crash(crash.keep)?;
        if self.plan.amnesia {
            self.nodes[instance].forget();
        }
        self.at(crash.down, Event::Start(instance));
        Ok(())
    }

    fn drain(&mut self, instance: usize) -> Result<(), String> {
        let out = std::mem::take(&mut self.nodes[instance].side.out);
        let number = self.nodes[instance].number;
        let fault = self.plan.faults[number];
        let honest = fault == Faults::None;
        for out in out {
            match out {
                Out::Timer(timeout, generation, duration) => {
                    let life = self.nodes[instance].life;
                    let after = u64::try_from(duration.as_millis()).unwrap();
                    self.at(after, Event::Timer(instance, life, timeout, generation));
                }
                Out::Decided(decided, state) if honest => {
                    self.checks.decide(decided, state, &self.vault())?;
                }
                Out::Caught(misbehavior) if honest => {
                    self.checks.catch(&misbehavior, self.genesis, &self.honest_identities())?;
                }
                Out::Failed(problem) if honest => return Err(format!("node {number}: {problem}")),
                Out::To(to, message) => self.send(instance, to, message),
                Out::Send(message) => {
                    if let (true, Message::Consensus(message)) = (honest, &message) {
                        let (statement, content) = statement(message);
                        self.checks.say(statement, content)?;
                    }
                    self.broadcast(instance, fault, message);
                }
                Out::Decided(..) | Out::Caught(_) | Out::Failed(_) => {}
            }
        }
        Ok(())
    }

    fn broadcast(&mut self, from: usize, fault: Faults, message: Message) {
        let number = self.nodes[from].number;
        let contradiction = match (fault, &message) {
            (Faults::Silent, _) => return,
            (Faults::DoubleVoter, Message::Consensus(SignedConsensusMsg::Vote(vote))) => {
                self.contradict(number, &vote.message)
            }
            _ => None,
        };
        for to in 0..self.nodes.len() {
            let second = from > 0 && self.nodes[from - 1].number == number;
            let split = self.plan.split && fault == Faults::Twins;
            if self.nodes[to].number == number || (split && (to % 2 == 1) != second) {
                continue;
            }
            self.send(from, to, message.clone());
            if let Some(other) = &contradiction {
                self.send(from, to, other.clone());
            }
        }
    }

    /// Two values for every round of the height that a node may take values for, and some of the
    /// next height, so that all begin it.
    fn stuff(&mut self, from: usize) {
        let side = &self.nodes[from].side;
        let (height, last) = (side.journal.next_height(), side.round + MAX_FUTURE_ROUND_LOOKAHEAD);
        let rounds = (0..=last).map(|round| (height, round));
        let all = rounds.chain([(height + 1, 0)]).flat_map(|place| [(place, 0), (place, 1)]);
        let to = (0..self.nodes.len()).filter(|to| *to != from);
        for (((height, round), tag), to) in all.flat_map(|value| to.clone().map(move |to| (value, to))) {
            let place = [height.to_be_bytes(), u64::from(round).to_be_bytes()].concat();
            let head = Digest([&place[..], &[tag; 16]].concat().try_into().unwrap());
            let value = Entry::new(head, EPOCH, &Record::Tick).encode();
            self.at(5, Event::Deliver(to, from, Message::Value(Height(height), round, value)));
        }
    }

    /// The opposite vote: nil, or for a value that some node knows.
    fn contradict(&self, number: usize, vote: &Vote) -> Option<Message> {
        let mut known = self.nodes.iter().flat_map(|node| node.side.judged.keys());
        let value = match vote.value {
            NilOrVal::Val(_) => NilOrVal::Nil,
            NilOrVal::Nil => NilOrVal::Val(*known.next()?),
        };
        let vote = Vote { value, ..*vote };
        let signature = Keys::new(self.genesis, key(number)).vote(&vote)?;
        let vote = SignedMessage::<Agreement, Vote>::new(vote, signature);
        Some(Message::Consensus(SignedConsensusMsg::Vote(vote)))
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        let healed = self.now >= self.plan.heal;
        let cut = self.plan.partitions.iter().any(|partition| {
            (partition.from..partition.until).contains(&self.now)
                && partition.groups[from] != partition.groups[to]
        });
        let (chance, slow) = (below(&mut self.rng, 100), below(&mut self.rng, 10) == 0);
        if cut || (!healed && chance < self.plan.loss) {
            return;
        }
        let most = if slow && !healed { 4_000 } else { 100 };
        let delay = 5 + below(&mut self.rng, most);
        self.at(delay, Event::Deliver(to, from, message));
    }

    fn at(&mut self, after: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((self.now + after, self.sequence), event);
    }

    fn honest(&self) -> impl Iterator<Item = &Node<J>> {
        self.nodes.iter().filter(|node| self.plan.faults[node.number] == Faults::None)
    }

    fn honest_identities(&self) -> Vec<[u8; 32]> {
        self.honest().map(|node| self.identities[node.number]).collect()
    }
}
