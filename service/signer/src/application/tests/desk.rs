//! A journal of two Bitcoin vaults, its people and nodes, two sealed epochs, and who makes honest
//! records for it.

use std::sync::{Arc, LazyLock};

use ed25519_dalek::{Signer, SigningKey};
use solventry_policy::{
    Policy, PolicyKeys, PolicyVerifyingKey, Rule,
    rules::{Salt, TIERS, Tier},
};
use solventry_protocol::{
    Approval, Entry, Genesis, Group, Record,
    decision::precommit_message,
    genesis::Quorum,
    group::Node,
    record::{Activate, Change, Outcome, Settle, epoch_message},
};
use solventry_prover::{
    headroom::{HeadroomKeys, HeadroomSecrets},
    keys::ProvingKeys,
    secrets::EpochSecret,
};
use solventry_types::{
    Attestation, Chain, Digest, EpochContext, Lane, Locator, MasterSecret, Profile, SnapshotBlock, Total,
    VaultAccounts, VaultConfiguration,
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
use crate::journal::{CommitVote, Decided};

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
