//! A journal of two Bitcoin vaults, its people and nodes, two sealed epochs, and who makes honest
//! records for it.

use std::sync::{Arc, LazyLock};

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute::LockTime,
    hashes::Hash, transaction::Version,
};
use ed25519_dalek::{Signer, SigningKey};
use rand_core::OsRng;
use solventry_policy::{
    Policy, PolicyKeys, PolicyVerifyingKey, Rule,
    rules::{Salt, TIERS, Tier},
};
use solventry_protocol::{
    Approval, Entry, Genesis, Group, JournalClaims, PaymentRequest, Record, SigningEvidence,
    decision::precommit_message,
    genesis::Quorum,
    group::Node,
    rebuild::{charge, headroom_statement, policy_statement},
    record::{Activate, Change, Outcome, Settle, epoch_message},
};
use solventry_prover::{
    headroom::{HeadroomKeys, HeadroomSecrets, prove_headroom},
    keys::ProvingKeys,
    secrets::EpochSecret,
};
use solventry_types::{
    Attestation, Chain, Digest, EpochContext, Lane, Locator, MasterSecret, Payment, Profile, SnapshotBlock,
    Total, Validity, VaultAccounts, VaultConfiguration,
    margin::oracle_account_digest,
    payment::destination_digest,
    reserves::{ReserveClass, ReserveEntry, ReserveEvidence},
    vault::MarginOracle,
};
use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
};

use super::support::{
    books::{entries, ledger, sort},
    epoch::{prove_shards, seal_epoch},
    transactions::{keypair, script},
};
use crate::{
    application::{Application, Audit, RedbStore, Refused, State, Store, undecided::Judged},
    journal::{CommitVote, Decided, Journal, JournalError},
};

/// Snapshot of the first epoch.
pub const SNAPSHOT: u64 = 1_700_000_000;
/// Journal time of genesis.
pub const START: u64 = SNAPSHOT + 1_000;
/// Snapshot block of the first epoch; the second has 20 more.
pub const BLOCK: u64 = 820_000;
/// Oldest epoch that is paid under.
pub const MAX_AGE: u64 = 1_000_000;
/// Delay of changes.
pub const DELAY: u64 = 3_600;
/// Surplus of every asset, in listed units.
const SURPLUS: u128 = 100_000_000;

/// An epoch as its maker has it.
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub attestation: Attestation,
    pub headroom: HeadroomSecrets,
}

pub struct Desk {
    pub genesis: Genesis,
    pub nodes: Vec<SigningKey>,
    pub observers: Vec<SigningKey>,
    pub proposer: SigningKey,
    /// Sorted by public key.
    pub approvers: Vec<SigningKey>,
    pub oracle: SigningKey,
    pub headroom_keys: HeadroomKeys,
    pub policy_keys: PolicyKeys,
    pub verifying: Arc<PolicyVerifyingKey>,
    pub epochs: [Sealed; 2],
}

/// Made once per test run.
pub fn desk() -> &'static Desk {
    static DESK: LazyLock<Desk> = LazyLock::new(Desk::new);
    &DESK
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

pub fn total(units: u128) -> Total {
    Total::from_units(units).unwrap()
}

/// Script of the listed destination.
pub fn exchange() -> Vec<u8> {
    [&[0x00, 0x14][..], &[0xe1; 20]].concat()
}

/// Signatures in order of their keys.
pub fn signed(keys: &[&SigningKey], message: Digest) -> Vec<Approval> {
    let approval =
        |key: &&SigningKey| Approval { approver: public(key), signature: key.sign(&message.0).to_bytes() };
    let mut approvals: Vec<_> = keys.iter().map(approval).collect();
    approvals.sort_by_key(|approval| approval.approver);
    approvals
}

fn keys_of(keys: &[SigningKey]) -> Vec<[u8; 32]> {
    let mut keys: Vec<_> = keys.iter().map(public).collect();
    keys.sort();
    keys
}

fn sealed(keys: &ProvingKeys, epoch: u64, snapshot_time: u64, height: u64) -> (Sealed, Anchors) {
    let (ledger, secret) = (ledger(60), EpochSecret::new([epoch as u8; 32], Digest([1; 32])));
    let context = EpochContext {
        entity: "Example".into(),
        epoch,
        snapshot_time,
        snapshot_blocks: vec![SnapshotBlock { chain: Chain::Bitcoin, height, hash: [epoch as u8; 32] }],
        profile: Profile::SMALL,
        shards: 1,
        assets: ledger.assets().clone(),
    };
    let master = MasterSecret::from_bytes([5; 32]);
    let shards = prove_shards(keys, &ledger, &context, &secret, &master);
    let richer: Vec<Total> = ledger.totals().iter().map(|sum| total(sum.units() + SURPLUS)).collect();
    let mut list = entries(&richer);
    let account = script(&keypair(3));
    list.push(ReserveEntry { chain: Chain::Bitcoin, locator: Locator::Native, account, chain_units: 5 });
    sort(&mut list);
    let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(list)] };
    let attestation = seal_epoch(keys, &ledger, &context, &secret, &shards, (evidence, &[]), &key(8));
    let headroom = HeadroomSecrets::new(&attestation, ledger.totals(), &[], &secret).unwrap();
    let anchors = Anchors {
        format: FORMAT.into(),
        entity: Some("Example".into()),
        entity_key: Hex(public(&key(8))),
        verifying_keys: vec![Hex(keys.digest.0)],
        headroom_keys: vec![],
        vaults: vec![],
        attestors: Attestors::default(),
        least_coverage_bps: 10_000,
        max_age_seconds: None,
        least_epoch: 1,
    };
    (Sealed { bytes: attestation.encode(), attestation, headroom }, anchors)
}

fn node(number: u8, identity: &SigningKey) -> Node {
    Node {
        name: format!("node {number}"),
        identity: public(identity),
        link: [number + 1; 32],
        link_address: format!("127.0.0.1:280{number}"),
        peer: vec![number; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/270{number}"),
        provider: format!("provider {number}"),
        region: "region".into(),
        jurisdiction: "country".into(),
    }
}

impl Desk {
    fn new() -> Self {
        let proving = ProvingKeys::insecure_setup(Profile::SMALL);
        let (first, mut anchors) = sealed(&proving, 7, SNAPSHOT, BLOCK);
        let (second, _) = sealed(&proving, 8, SNAPSHOT + 3_600, BLOCK + 20);
        let (headroom_keys, policy_keys) = (HeadroomKeys::insecure_setup(), PolicyKeys::generate().unwrap());
        anchors.headroom_keys = vec![Hex(headroom_keys.verifying.digest().0)];
        let nodes: Vec<_> = (50..54).map(key).collect();
        let observers: Vec<_> = (60..63).map(key).collect();
        let mut approvers: Vec<_> = (42..45).map(key).collect();
        approvers.sort_by_key(public);
        let vault = |name: &str, seed| VaultConfiguration {
            genesis: Digest([0; 32]),
            name: name.into(),
            accounts: VaultAccounts::Bitcoin { scripts: vec![script(&keypair(seed))] },
            siblings: vec![],
            proposers: vec![public(&key(40))],
            approvers: keys_of(&approvers),
            oracle: Some(MarginOracle {
                key: public(&key(41)),
                account: oracle_account_digest("venue", "desk 7"),
            }),
            signers: vec![],
            policy_root: [0; 32],
        };
        let genesis = Genesis {
            group: Group {
                nodes: nodes.iter().zip(0..).map(|(key, number)| node(number, key)).collect(),
                coordinators: vec![],
            },
            anchors,
            observers: Quorum { keys: keys_of(&observers), least: 2 },
            bitcoin_depth: 6,
            solana_depth: 32,
            max_epoch_age: MAX_AGE,
            change_quorum: 2,
            change_delay: DELAY,
            allow_dev_setup: true,
            time: START,
            vaults: vec![vault("treasury", 1), vault("cold", 3)],
        };
        genesis.validate().unwrap();
        Self {
            genesis,
            nodes,
            observers,
            proposer: key(40),
            approvers,
            oracle: key(41),
            headroom_keys,
            verifying: Arc::new(PolicyVerifyingKey::generate().unwrap()),
            policy_keys,
            epochs: [first, second],
        }
    }

    /// A vault as it starts.
    pub fn vault(&self, name: &str) -> VaultConfiguration {
        let vault = self.genesis.vaults.iter().find(|vault| vault.name == name).unwrap();
        self.genesis.configuration(vault)
    }

    /// The policy of a vault: bitcoin in both lanes, to the exchange and to the sibling.
    pub fn policy(&self, vault: &VaultConfiguration) -> Policy {
        let asset = self.epochs[0].attestation.context.assets.assets()[0].digest();
        let sibling = script(&keypair(3));
        let mut destinations = [exchange(), sibling].map(|own| destination_digest(Chain::Bitcoin, &own));
        destinations.sort();
        let rule = |lane| Rule {
            asset,
            lane,
            per_payment: total(2_000_000),
            per_window: [3_000_000, 4_000_000, 5_000_000, 6_000_000].map(total),
            count: 5,
            cooldown: 60,
            fee: 5_000,
            approvals: 1,
            tiers: {
                let mut tiers = [Tier::unused(); TIERS];
                tiers[0] = Tier { above: total(1_000_000), approvals: 2 };
                tiers
            },
            band_bps: (8_000, 12_000),
            destinations: destinations.to_vec(),
        };
        Policy {
            vault: vault.vault_digest(),
            approver_set: vault.approver_set(),
            oracle_account: oracle_account_digest("venue", "desk 7"),
            not_before: SNAPSHOT,
            not_after: SNAPSHOT + 10_000_000,
            max_validity: 3_600,
            rules: vec![rule(Lane::Normal), rule(Lane::Rebalance)],
            salt: Salt([0x5a; 32]),
        }
    }

    /// The first policy of a vault, or the same with a change, signed by two approvers.
    pub fn change(&self, name: &str, sequence: u64, edit: impl FnOnce(&mut Change)) -> Record {
        let vault = self.vault(name);
        let mut change = Change {
            vault: name.into(),
            sequence,
            policy_root: self.policy(&vault).root(),
            proposers: vault.proposers.clone(),
            approvers: vault.approvers.clone(),
            oracle: vault.oracle,
            approvals: vec![],
        };
        edit(&mut change);
        if change.approvals.is_empty() {
            let message = change.message(self.genesis.digest());
            change.approvals = signed(&[&self.approvers[0], &self.approvers[1]], message);
        }
        Record::Change(change)
    }

    /// An epoch's activation, signed by two observers.
    pub fn activate(&self, epoch: usize) -> Record {
        self.activate_bytes(self.epochs[epoch].bytes.clone())
    }

    /// The same of any file.
    pub fn activate_bytes(&self, attestation: Vec<u8>) -> Record {
        let digest = Attestation::decode(&attestation).unwrap().digest();
        let message = epoch_message(self.genesis.digest(), digest);
        let observations = signed(&[&self.observers[0], &self.observers[1]], message);
        Record::Activate(Activate { attestation, observations })
    }

    /// A settlement, signed by two observers.
    pub fn settle(&self, payment_id: Digest, outcome: Outcome, block_height: u64) -> Record {
        let mut settle = Settle {
            payment_id,
            outcome,
            transaction: [1; 32],
            block_height,
            block_hash: [2; 32],
            observations: vec![],
        };
        let message = settle.message(self.genesis.digest());
        settle.observations = signed(&[&self.observers[0], &self.observers[2]], message);
        Record::Settle(settle)
    }

    /// A certificate of the first three nodes.
    pub fn certify(&self, height: u64, entry: &Entry) -> Decided {
        let votes = self.nodes.iter().take(3).map(|node| {
            let identity = public(node);
            let value = entry.header.value_id();
            let message = precommit_message(self.genesis.digest(), height, 2, value, &identity);
            CommitVote { identity, signature: node.sign(&message.0).to_bytes() }
        });
        Decided { height, round: 2, value: entry.encode(), votes: votes.collect() }
    }
}

/// What is paid.
#[derive(Debug, Clone)]
pub struct Order {
    pub vault: &'static str,
    pub destination: Vec<u8>,
    pub amount: u64,
    pub fee: u64,
    /// Outpoints that are spent, 1 bitcoin each; the first is the anchor.
    pub inputs: Vec<u8>,
    pub nonce: u8,
    pub validity: Validity,
}

impl Order {
    /// 400 000 satoshi to the exchange.
    pub fn new(nonce: u8, inputs: &[u8]) -> Self {
        Self {
            vault: "treasury",
            destination: exchange(),
            amount: 400_000,
            fee: 1_000,
            inputs: inputs.to_vec(),
            nonce,
            validity: Validity { from: START, until: START + 3_600 },
        }
    }

    pub fn payment(&self) -> Payment {
        Payment {
            vault: self.vault.into(),
            chain: Chain::Bitcoin,
            locator: Locator::Native,
            destination: self.destination.clone(),
            amount: self.amount,
            fee_cap: 2_000,
            validity: self.validity,
            lane: Lane::Normal,
            nonce: [self.nonce; 16],
            proposer: public(&desk().proposer),
        }
    }

    pub fn id(&self) -> Digest {
        self.payment().id(desk().genesis.digest())
    }

    /// The transaction, change to the vault.
    pub fn psbt(&self) -> Vec<u8> {
        psbt(self.vault, &self.inputs, &[(&self.destination, self.amount)], self.fee)
    }

    /// What the transaction's digest is.
    pub fn transaction(&self) -> Digest {
        solventry_chains::decode(&self.psbt(), &desk().vault(self.vault).accounts).unwrap().digest()
    }

    /// A record with these claims; proofs are made if there are any to be made.
    pub fn record(&self, state: &State, claims: JournalClaims, proven: bool) -> SigningEvidence {
        let desk = desk();
        let vault = state.vaults[self.vault].at(state.time).configuration.clone();
        let epoch = state.epoch.as_ref().unwrap();
        let attestation = epoch.verified.as_ref().unwrap();
        let (payment, transaction) = (self.payment(), self.psbt());
        let transfer = solventry_chains::decode(&transaction, &vault.accounts).unwrap();
        let charge = charge(&transfer, &vault, attestation).unwrap();
        let mut request = PaymentRequest::propose(payment.clone(), vault.genesis, &desk.proposer);
        request.approve(vault.genesis, &desk.approvers[0]);
        let statement = policy_statement(&vault, &payment, &transfer, &charge, None, 1, &claims);
        let sealed = desk.epochs.iter().find(|sealed| sealed.attestation.digest() == epoch.digest).unwrap();
        let headroom_statement = headroom_statement(attestation, &charge, &claims);
        let (policy_proof, headroom_proof) = if proven {
            let policy = desk.policy(&desk.vault(self.vault));
            let proof = solventry_policy::prove(&desk.policy_keys, &policy, &statement, OsRng).unwrap();
            let made =
                prove_headroom(&desk.headroom_keys, &sealed.headroom, charge.id, claims.outflow).unwrap();
            (proof.as_bytes().to_vec(), made.proof)
        } else {
            static PROOF: LazyLock<solventry_types::HeadroomProof> = LazyLock::new(|| {
                let asset = solventry_types::AssetId::new(1).unwrap();
                let desk = super::desk::desk();
                let headroom = &desk.epochs[0].headroom;
                prove_headroom(&desk.headroom_keys, headroom, asset, total(1)).unwrap().proof
            });
            (vec![0; 64], PROOF.clone())
        };
        SigningEvidence {
            payment,
            transaction,
            proposal: request.proposal,
            approvals: request.approvals,
            margin: None,
            attestation: epoch.digest,
            policy_statement: statement,
            policy_proof,
            headroom_statement,
            headroom_key: desk.headroom_keys.verifying.encode(),
            headroom_proof,
            decision: None,
            signatures: vec![],
            vault,
        }
    }
}

/// A PSBT of a vault whose inputs hold 1 bitcoin each; change follows the outputs.
pub fn psbt(vault: &str, inputs: &[u8], outputs: &[(&[u8], u64)], fee: u64) -> Vec<u8> {
    const HELD: u64 = 100_000_000;
    let VaultAccounts::Bitcoin { scripts } = desk().vault(vault).accounts else { unreachable!() };
    let own = ScriptBuf::from_bytes(scripts[0].clone());
    let input = |tag: &u8| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([*tag; 32]), vout: 0 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let paid: u64 = outputs.iter().map(|(_, amount)| amount).sum();
    let change = HELD * inputs.len() as u64 - paid - fee;
    let output = |script: &[u8], value| TxOut {
        value: Amount::from_sat(value),
        script_pubkey: ScriptBuf::from_bytes(script.to_vec()),
    };
    let mut output: Vec<TxOut> = outputs.iter().map(|(script, value)| output(script, *value)).collect();
    output.push(TxOut { value: Amount::from_sat(change), script_pubkey: own.clone() });
    let transaction = Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: inputs.iter().map(input).collect(),
        output,
    };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    for input in &mut psbt.inputs {
        input.witness_utxo = Some(TxOut { value: Amount::from_sat(HELD), script_pubkey: own.clone() });
    }
    psbt.serialize()
}

/// Refusals, for tests to look at.
#[derive(Clone, Default)]
pub struct Heard(pub Arc<std::sync::Mutex<Vec<Refused>>>);

impl Audit for Heard {
    fn refused(&mut self, refused: &Refused) {
        self.0.lock().unwrap().push(refused.clone());
    }
}

/// A node's application and what its audit log holds.
pub struct Node1<S = RedbStore> {
    pub app: Application<S>,
    pub heard: Heard,
}

impl Node1 {
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

impl<S: Store> Node1<S> {
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
        let leaves = if stays { charged - order.amount } else { charged };
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

impl<S: Store> Node1<S> {
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
