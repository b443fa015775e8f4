//! The application of a node under simulation, and the people whose records it decides.

use std::sync::{Arc, LazyLock};

use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{
    Approval, Entry, Genesis, Group, Record,
    genesis::Quorum,
    group::Node,
    record::{Change, Disable, ObserverChange},
};
use solventry_signer::{
    application::{Application, Audit, RedbStore, Refused},
    journal::{Decided, Journal, JournalError, Sight, Verdict},
};
use solventry_types::{Digest, VaultAccounts, VaultConfiguration};
use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
};

use crate::{
    plan::{Faults, Plan, below},
    subject::{Subject, Submission},
    world::{EPOCH, World, key},
};

/// Heights of a history.
pub const TARGET: u64 = 10;
/// Seconds until a change takes effect.
const DELAY: u64 = 15;
/// Sequence numbers of a vault that are tried.
const TURNS: u64 = 4;
/// How often coordinators hand in each record.
const TRIES: u64 = 10;

static POLICY_KEY: LazyLock<Arc<PolicyVerifyingKey>> =
    LazyLock::new(|| Arc::new(PolicyVerifyingKey::generate().unwrap()));

struct Unheard;

impl Audit for Unheard {
    fn refused(&mut self, _: &Refused) {}
}

/// A node's journal on a disk in memory.
pub struct Real {
    genesis: Genesis,
    /// None only while it restarts.
    app: Option<Application<RedbStore>>,
    /// What a faulty node proposes, and calls valid.
    lie: Option<Record>,
}

impl Real {
    fn open(genesis: Genesis, store: RedbStore) -> Result<Application<RedbStore>, String> {
        let opened = Application::open(store, genesis, Arc::clone(&POLICY_KEY), Box::new(Unheard));
        opened.map_err(|error| error.to_string())
    }

    fn app(&self) -> &Application<RedbStore> {
        self.app.as_ref().unwrap()
    }

    fn app_mut(&mut self) -> &mut Application<RedbStore> {
        self.app.as_mut().unwrap()
    }

    fn is_lie(&self, value: &[u8]) -> bool {
        Entry::decode(value).is_ok_and(|(_, record)| Some(record) == self.lie)
    }
}

impl Journal for Real {
    fn next_height(&self) -> u64 {
        self.app().next_height()
    }

    fn wants_height(&self, now: u64) -> bool {
        self.app().wants_height(now)
    }

    fn propose(&mut self, height: u64, round: u32, now: u64) -> Result<Vec<u8>, JournalError> {
        let state = self.app().state();
        match &self.lie {
            Some(record) if round.is_multiple_of(2) => {
                Ok(Entry::new(state.head, now.max(state.time + 1), record).encode())
            }
            _ => self.app_mut().propose(height, round, now),
        }
    }

    fn judge(&mut self, height: u64, value: &[u8], sight: Sight, now: u64) -> Result<Verdict, JournalError> {
        let verdict = self.app_mut().judge(height, value, sight, now)?;
        Ok(if self.is_lie(value) { Verdict::Valid } else { verdict })
    }

    fn value(&self, height: u64, id: Digest) -> Option<Vec<u8>> {
        self.app().value(height, id)
    }

    fn note_vote(&mut self, height: u64) -> Result<(), JournalError> {
        self.app_mut().note_vote(height)
    }

    fn commit(&mut self, decided: Decided) -> Result<(), JournalError> {
        self.app_mut().commit(decided)
    }

    fn decided(&self, height: u64) -> Result<Option<Decided>, JournalError> {
        self.app().decided(height)
    }
}

impl Subject for Real {
    /// The pool is gone; state, standing and votes come back from the disk as they were.
    fn restart(&mut self) -> Result<(), String> {
        let Some(app) = self.app.take() else { return Err("it is not open".into()) };
        let (standing, state) = (app.status(), app.state().digest());
        let app = Self::open(self.genesis.clone(), app.into_store())?;
        if app.status() != standing || app.state().digest() != state {
            return Err(format!("it stood at {standing:?}, and after a restart at {:?}", app.status()));
        }
        self.app = Some(app);
        Ok(())
    }

    fn submit(&mut self, record: &[u8], now: u64) -> Result<(), String> {
        let taken = self.app_mut().submit(record, [9; 32], now);
        taken.map(|_| ()).map_err(|refusal| refusal.to_string())
    }

    fn state_digest(&self) -> Option<Digest> {
        Some(self.app().state().digest())
    }
}

/// Nodes of one journal, and people who hand in records.
pub fn world(plan: Plan) -> World<Real> {
    let genesis = genesis(plan.faults.len());
    let faults = plan.faults.clone();
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ 0x9e0_91e);
    let lies = below(&mut rng, 2) == 0;
    let people = People { genesis: genesis.digest() };
    let submissions = people.submissions(&plan, &mut rng);
    let journal = |number: usize| {
        let app = Real::open(genesis.clone(), RedbStore::in_memory().unwrap()).unwrap();
        let lie = (lies && faults[number] != Faults::None).then(|| people.disable("cold", 99, 0));
        Real { genesis: genesis.clone(), app: Some(app), lie }
    };
    let mut world = World::of(genesis.digest(), plan, journal);
    world.submit(submissions);
    world
}

fn approver(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[40 + number; 32])
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn approvers() -> Vec<[u8; 32]> {
    let mut keys: Vec<_> = (0..3).map(|number| public(&approver(number))).collect();
    keys.sort();
    keys
}

fn genesis(nodes: usize) -> Genesis {
    let node = |number: usize| Node {
        name: format!("node {number}"),
        identity: public(&key(number)),
        link: [number as u8 + 1; 32],
        link_address: format!("127.0.0.1:280{number}"),
        peer: vec![number as u8; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/270{number}"),
        provider: format!("provider {number}"),
        region: "region".into(),
        jurisdiction: "country".into(),
    };
    let vault = |name: &str, seed| VaultConfiguration {
        genesis: Digest([0; 32]),
        name: name.into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[seed; 32]].concat()] },
        siblings: vec![],
        proposers: vec![public(&approver(9))],
        approvers: approvers(),
        oracle: None,
        signers: vec![],
        policy_root: [0; 32],
    };
    let anchors = Anchors {
        format: FORMAT.into(),
        entity: Some("Example".into()),
        entity_key: Hex(public(&approver(8))),
        verifying_keys: vec![Hex([1; 32])],
        headroom_keys: vec![Hex([2; 32])],
        vaults: vec![],
        attestors: Attestors::default(),
        least_coverage_bps: 10_000,
        max_age_seconds: None,
        least_epoch: 1,
    };
    let genesis = Genesis {
        group: Group { nodes: (0..nodes).map(node).collect(), coordinators: vec![] },
        anchors,
        observers: Quorum { keys: vec![public(&approver(7))], least: 1 },
        bitcoin_depth: 6,
        solana_depth: 32,
        max_epoch_age: 1_000_000,
        change_quorum: 2,
        change_delay: DELAY,
        allow_dev_setup: true,
        time: EPOCH,
        vaults: vec![vault("cold", 3), vault("treasury", 1)],
    };
    genesis.validate().unwrap();
    genesis
}

/// Who signs records for a genesis.
struct People {
    genesis: Digest,
}

impl People {
    /// A chain of records per vault and for the observers; each is handed in again and again, as
    /// its turn comes only when the one before is decided, and nodes forget on a crash.
    fn submissions(&self, plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<Submission> {
        let mut submissions = Vec::new();
        for turn in 0..TURNS {
            let mut records = vec![(self.observers(turn, below(rng, 2) as u8), false)];
            for vault in ["cold", "treasury"] {
                // Two records of one turn: at most one is decided.
                for tag in 0..=below(rng, 2) as u8 {
                    let disables = turn > 0 && below(rng, 3) == 0;
                    let record = if disables {
                        self.disable(vault, turn, tag)
                    } else {
                        self.change(vault, turn, tag, 2)
                    };
                    records.push((record, false));
                }
                records.push((self.change(vault, turn, 7, 1), true));
            }
            records.push((self.disable("cold", 99, 0), true));
            records.push((Record::Tick, true));
            for (record, never) in records {
                for _ in 0..if never { 1 } else { TRIES } {
                    let at = turn * 3_000 + below(rng, plan.heal + 60_000);
                    let instance = below(rng, plan.instances.len() as u64) as usize;
                    submissions.push(Submission { at, instance, record: record.encode(), never });
                }
            }
        }
        submissions
    }

    /// A new policy, signed by some approvers; two are needed.
    fn change(&self, vault: &str, sequence: u64, tag: u8, signers: u8) -> Record {
        let mut change = Change {
            vault: vault.into(),
            sequence,
            policy_root: [tag + 1; 32],
            proposers: vec![public(&approver(9))],
            approvers: approvers(),
            oracle: None,
            approvals: vec![],
        };
        change.approvals = signed(signers, change.message(self.genesis));
        Record::Change(change)
    }

    fn disable(&self, vault: &str, sequence: u64, by: u8) -> Record {
        let mut disable = Disable { vault: vault.into(), sequence, approvals: vec![] };
        let message = disable.message(self.genesis);
        disable.approvals = vec![approval(by, message)];
        Record::Disable(disable)
    }

    fn observers(&self, sequence: u64, tag: u8) -> Record {
        let observers = Quorum { keys: vec![public(&approver(20 + tag))], least: 1 };
        let mut change = ObserverChange { sequence, observers, approvals: vec![] };
        change.approvals = signed(2, change.message(self.genesis));
        Record::Observers(change)
    }
}

fn approval(number: u8, message: Digest) -> Approval {
    let key = approver(number);
    Approval { approver: public(&key), signature: key.sign(&message.0).to_bytes() }
}

/// Signatures of the first approvers, in order of their keys.
fn signed(count: u8, message: Digest) -> Vec<Approval> {
    let mut approvals: Vec<_> = (0..count).map(|number| approval(number, message)).collect();
    approvals.sort_by_key(|approval| approval.approver);
    approvals
}
