//! Four nodes of one journal that decide in lockstep, and everything they say.

use std::{
    fmt::{Debug, Display},
    sync::{Arc, LazyLock, Mutex},
};

use ed25519_dalek::{Signer, SigningKey};
use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{
    Approval, Entry, Genesis, Group, Record, SigningEvidence,
    decision::precommit_message,
    genesis::Quorum,
    group,
    record::{Activate, Change, Outcome as Spending, Settle, epoch_message},
};
use solventry_signer::{
    application::{Application, Audit, RedbStore, Refusal, Refused},
    journal::{CommitVote, Decided, Journal, Sight, Verdict},
};
use solventry_types::{Attestation, Digest, VaultAccounts, VaultConfiguration};
use solventry_verifier::Anchors;

use super::{
    fixture::NOW,
    orders::Order,
    outcome::{Outcome, names},
    signing::{desk, policy},
    transactions::{keypair, script},
};

/// Journal time of genesis.
pub const START: u64 = NOW + 100;
/// Oldest epoch that is paid under.
pub const MAX_AGE: u64 = 1_000_000;
/// Who submits.
pub const COORDINATOR: [u8; 32] = [9; 32];

/// Keys of the observers; two of three must sign.
pub fn observers() -> Vec<SigningKey> {
    let mut keys: Vec<_> = (60..63).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect();
    keys.sort_by_key(public);
    keys
}

/// A journal of the desk's vault and of a second one, which is the first one's sibling.
pub fn genesis(anchors: Anchors, treasury: VaultConfiguration, signers: &[SigningKey]) -> Genesis {
    let cold = VaultConfiguration {
        name: "cold".into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![script(&keypair(3))] },
        ..treasury.clone()
    };
    let node = |(identity, number): (&SigningKey, u8)| group::Node {
        name: format!("node {number}"),
        identity: public(identity),
        link: [number + 1; 32],
        link_address: format!("127.0.0.1:280{number}"),
        peer: vec![number; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/270{number}"),
        provider: format!("provider {number}"),
        region: format!("region {number}"),
        jurisdiction: format!("country {number}"),
    };
    let genesis = Genesis {
        group: Group { nodes: signers.iter().zip(0..).map(node).collect(), coordinators: vec![] },
        anchors,
        observers: Quorum { keys: observers().iter().map(public).collect(), least: 2 },
        bitcoin_depth: 6,
        solana_depth: 32,
        max_epoch_age: MAX_AGE,
        change_quorum: 2,
        change_delay: 3_600,
        allow_dev_setup: true,
        time: START,
        vaults: vec![treasury, cold],
    };
    genesis.validate().unwrap();
    genesis
}

/// Public half of a key.
pub fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

/// Signatures in order of their keys.
pub fn signed(keys: &[&SigningKey], message: Digest) -> Vec<Approval> {
    let approval =
        |key: &&SigningKey| Approval { approver: public(key), signature: key.sign(&message.0).to_bytes() };
    let mut approvals: Vec<_> = keys.iter().map(approval).collect();
    approvals.sort_by_key(|approval| approval.approver);
    approvals
}

/// The configuration of a vault once its first policy is in force.
pub fn configured(name: &str) -> VaultConfiguration {
    let genesis = &desk().genesis;
    let blank = genesis.vaults.iter().find(|vault| vault.name == name).unwrap();
    let mut vault = genesis.configuration(blank);
    vault.policy_root = policy(&vault).root();
    vault
}

/// A change of a vault to its first policy, or with an edit, signed by two approvers.
pub fn change(name: &str, sequence: u64, edit: impl FnOnce(&mut Change)) -> Record {
    let VaultConfiguration { name, policy_root, proposers, approvers, oracle, .. } = configured(name);
    let mut change =
        Change { vault: name, sequence, policy_root, proposers, approvers, oracle, approvals: vec![] };
    edit(&mut change);
    let message = change.message(desk().genesis.digest());
    change.approvals = signed(&[&desk().approvers[0], &desk().approvers[1]], message);
    Record::Change(change)
}

/// Activation of the desk's epoch by two observers.
pub fn activate() -> Activate {
    activate_of(desk().attestation.attestation(), desk().genesis.digest())
}

/// Activation of any epoch, signed for a journal.
pub fn activate_of(attestation: &Attestation, genesis: Digest) -> Activate {
    let message = epoch_message(genesis, attestation.digest());
    let observations = signed(&[&observers()[0], &observers()[1]], message);
    Activate { attestation: attestation.encode(), observations }
}

/// A settlement by two observers.
pub fn settle(payment_id: Digest, outcome: Spending, block_height: u64) -> Settle {
    let (transaction, block_hash) = ([1; 32], [2; 32]);
    let mut settle =
        Settle { payment_id, outcome, transaction, block_height, block_hash, observations: vec![] };
    settle.observations =
        signed(&[&observers()[0], &observers()[2]], settle.message(desk().genesis.digest()));
    settle
}

/// A payment's record.
pub fn payment(evidence: &SigningEvidence) -> Record {
    Record::Payment(Box::new(evidence.clone()))
}

static SAID: Mutex<String> = Mutex::new(String::new());

/// Keeps what a node said, in words and as `Debug`, for the search for secrets.
pub fn say(words: &(impl Debug + Display)) -> String {
    let text = format!("{words:?} {words}");
    let mut said = SAID.lock().unwrap();
    said.push_str(&text);
    said.push('\n');
    text
}

/// All that nodes said so far.
pub fn said() -> String {
    SAID.lock().unwrap().clone()
}

/// An audit log in memory.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Refused>>>);

impl Audit for Heard {
    fn refused(&mut self, refused: &Refused) {
        say(refused);
        self.0.lock().unwrap().push(refused.clone());
    }
}

/// Four nodes.
pub struct Nodes {
    pub apps: Vec<Application<RedbStore>>,
    heard: Vec<Heard>,
}

/// How a record is refused: the error's `Debug` form begins so, by this step of the gate.
#[derive(Debug, Clone)]
pub struct Reason {
    pub variant: String,
    pub step: Option<usize>,
}

impl Nodes {
    /// An empty journal each, in memory.
    pub fn blank() -> Self {
        static KEY: LazyLock<Arc<PolicyVerifyingKey>> =
            LazyLock::new(|| Arc::new(PolicyVerifyingKey::generate().unwrap()));
        let heard: Vec<_> = (0..4).map(|_| Heard::default()).collect();
        let open = |heard: &Heard| {
            let store = RedbStore::in_memory().unwrap();
            let audit = Box::new(heard.clone());
            Application::open(store, desk().genesis.clone(), KEY.clone(), audit).unwrap()
        };
        Self { apps: heard.iter().map(open).collect(), heard }
    }

    /// Both vaults with policies, the epoch in force.
    pub fn ready() -> Self {
        let mut nodes = Self::blank();
        nodes.decide(&change("treasury", 0, |_| ())).unwrap();
        nodes.decide(&change("cold", 0, |_| ())).unwrap();
        nodes.decide(&Record::Activate(activate())).unwrap();
        nodes
    }

    /// Journal time.
    pub fn time(&self) -> u64 {
        self.apps[0].state().time
    }

    /// The next entry with a record.
    pub fn entry(&self, time: u64, record: &Record) -> Entry {
        Entry::new(self.apps[0].state().head, time, record)
    }

    /// A certificate of these nodes for the next height.
    pub fn certify(&self, entry: &Entry, nodes: &[usize]) -> Decided {
        certify(self.apps[0].next_height(), entry, nodes)
    }

    /// Decides a record one second on.
    pub fn decide(&mut self, record: &Record) -> Outcome {
        self.decide_at(self.time() + 1, record)
    }

    /// Every node finds a fresh proposal valid, three certify it, all execute it.
    pub fn decide_at(&mut self, time: u64, record: &Record) -> Outcome {
        let entry = self.entry(time, record);
        for (number, verdict) in self.judge(&entry, time).into_iter().enumerate() {
            if verdict != Verdict::Valid {
                return Err(format!("node {number} votes nil: {:?}", self.last(number)));
            }
        }
        self.commit(&self.certify(&entry, &[0, 1, 3]))
    }

    /// What each node says of a fresh proposal.
    pub fn judge(&mut self, entry: &Entry, now: u64) -> Vec<Verdict> {
        let (height, value) = (self.apps[0].next_height(), entry.encode());
        let judge = |app: &mut Application<_>| app.judge(height, &value, Sight::Fresh, now).unwrap();
        self.apps.iter_mut().map(judge).collect()
    }

    /// Every node executes; afterwards they agree.
    pub fn commit(&mut self, decided: &Decided) -> Outcome {
        for app in &mut self.apps {
            app.commit(decided.clone()).map_err(|error| say(&error))?;
        }
        self.digest().map(drop)
    }

    /// Digest of the state on which all agree.
    pub fn digest(&self) -> Result<Digest, String> {
        let digests: Vec<_> = self.apps.iter().map(|app| app.state().digest()).collect();
        let agree = digests.iter().all(|digest| *digest == digests[0]);
        agree.then_some(digests[0]).ok_or_else(|| format!("nodes diverge: {digests:?}"))
    }

    /// What a node refused last.
    pub fn last(&self, node: usize) -> Option<Refused> {
        self.heard[node].0.lock().unwrap().last().cloned()
    }

    /// Every node refuses the record, submitted and proposed, for this reason; each one's own log
    /// says so, and nothing is charged or locked.
    pub fn refuse(&mut self, time: u64, record: &Record, reason: &Reason) -> Outcome {
        let before = self.digest()?;
        for number in 0..self.apps.len() {
            let refusal = self.apps[number].submit(&record.encode(), COORDINATOR, time).err();
            expect(number, refusal.ok_or("ACCEPTED by submission")?, reason)?;
            self.logged(number, "submission", record, reason)?;
        }
        self.vote_nil(time, record, reason)?;
        if self.digest()? == before { Ok(()) } else { Err("a refusal changed the state".into()) }
    }

    /// Every node votes nil when the record is proposed, for this reason.
    pub fn vote_nil(&mut self, time: u64, record: &Record, reason: &Reason) -> Outcome {
        let entry = self.entry(time, record);
        for (number, verdict) in self.judge(&entry, time).into_iter().enumerate() {
            if verdict == Verdict::Valid {
                return Err(format!("node {number}: ACCEPTED as a proposal, expected {reason:?}"));
            }
            self.logged(number, "vote", record, reason)?;
        }
        Ok(())
    }

    /// No node gives a share of this transaction at this time of its clock, for this reason.
    pub fn no_share(&mut self, order: &Order, now: u64, reason: &Reason) -> Outcome {
        for number in 0..self.apps.len() {
            let refusal = self.apps[number].authorize(order.id(), order.transaction(), now).err();
            expect(number, refusal.ok_or("ACCEPTED for a share")?, reason)?;
            let last = self.last(number).ok_or("nothing in the audit log")?;
            if (last.asked, last.step) != ("share", reason.step) {
                return Err(format!("node {number}: expected {reason:?} for a share, logged {last:?}"));
            }
        }
        Ok(())
    }

    /// The last line of a node's log is of this record and names the step.
    fn logged(&self, node: usize, asked: &str, record: &Record, reason: &Reason) -> Outcome {
        let last = self.last(node).ok_or("nothing in the audit log")?;
        let is_it = last.asked == asked && last.kind == record.kind() && last.step == reason.step;
        if is_it {
            Ok(())
        } else {
            Err(format!("node {node}: expected {reason:?} for {asked}, logged {last:?}"))
        }
    }
}

/// A certificate of these nodes.
pub fn certify(height: u64, entry: &Entry, nodes: &[usize]) -> Decided {
    let vote = |node: &usize| {
        let key = &desk().signers[*node];
        let (identity, value) = (public(key), entry.header.value_id());
        let message = precommit_message(desk().genesis.digest(), height, 2, value, &identity);
        CommitVote { identity, signature: key.sign(&message.0).to_bytes() }
    };
    Decided { height, round: 2, value: entry.encode(), votes: nodes.iter().map(vote).collect() }
}

/// The refusal is for this reason.
pub fn expect(node: usize, refusal: Refusal, reason: &Reason) -> Outcome {
    say(&refusal);
    names(&refusal, &reason.variant, "").map_err(|problem| format!("node {node}: {problem}"))?;
    if refusal.step() == reason.step {
        return Ok(());
    }
    Err(format!("node {node}: expected step {:?}, got {:?} ({refusal:?})", reason.step, refusal.step()))
}

/// Shorthand of a reason.
pub fn reason(variant: &str, step: impl Into<Option<usize>>) -> Reason {
    Reason { variant: variant.into(), step: step.into() }
}
