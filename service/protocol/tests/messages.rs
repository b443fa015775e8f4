//! Every message, record, group and genesis survives the round trip; whatever is not canonical is
//! refused; no bytes make a parser panic or allocate beyond its limits.

use solventry_protocol::{
    Approval, Entry, Genesis, Group, Record, Request, Response,
    genesis::{GenesisError, Quorum},
    group::{Coordinator, GroupError, Node},
    message::{
        Fate, KeyGeneration, NodeStatus, Phase, Refusal, SignedCommitments, SignedShares, Sums, VaultStatus,
        package_digest,
    },
    record::{Activate, Cancel, Change, Disable, ObserverChange, Outcome, Settle},
};
use solventry_types::{
    Chain, CodecError, Digest, VaultAccounts, VaultConfiguration, place::Locator, vault::MarginOracle,
};
use solventry_verifier::{Anchors, anchors::Hex};

fn node(number: u8) -> Node {
    Node {
        name: format!("node {number}"),
        identity: [number; 32],
        link: [number + 100; 32],
        link_address: format!("127.0.0.1:2800{number}"),
        peer: vec![number; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/2700{number}"),
        provider: format!("provider {number}"),
        region: "region".into(),
        jurisdiction: format!("country {}", number % 4),
    }
}

fn group() -> Group {
    let coordinators = vec![
        Coordinator { link: [200; 32], owns: vec!["treasury".into()] },
        Coordinator { link: [201; 32], owns: vec![] },
    ];
    Group { nodes: (0..4).map(node).collect(), coordinators }
}

fn vault(name: &str, key: u8) -> VaultConfiguration {
    VaultConfiguration {
        genesis: Digest([0; 32]),
        name: name.into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[key; 32]].concat()] },
        siblings: vec![],
        proposers: vec![[1; 32]],
        approvers: vec![[2; 32], [3; 32]],
        oracle: Some(MarginOracle { key: [4; 32], account: Digest([5; 32]) }),
        signers: vec![],
        policy_root: [0; 32],
    }
}

fn genesis() -> Genesis {
    let json = format!(
        r#"{{"format": "solventry-anchors-v1", "entity_key": "{}", "verifying_keys": ["{}"]}}"#,
        "11".repeat(32),
        "22".repeat(32)
    );
    Genesis {
        group: group(),
        anchors: Anchors::from_json(json.as_bytes()).unwrap(),
        observers: Quorum { keys: vec![[7; 32], [8; 32]], least: 2 },
        bitcoin_depth: 6,
        solana_depth: 32,
        max_epoch_age: 604_800,
        change_quorum: 1,
        change_delay: 86_400,
        allow_dev_setup: true,
        time: 1_700_000_000,
        vaults: vec![vault("treasury", 9), vault("hot", 10)],
    }
}

fn approvals() -> Vec<Approval> {
    vec![
        Approval { approver: [2; 32], signature: [1; 64] },
        Approval { approver: [3; 32], signature: [2; 64] },
    ]
}

fn records() -> Vec<Record> {
    let change = Change {
        vault: "treasury".into(),
        sequence: 3,
        policy_root: [6; 32],
        proposers: vec![[1; 32]],
        approvers: vec![[2; 32], [3; 32]],
        oracle: None,
        approvals: approvals(),
    };
    let settle = Settle {
        payment_id: Digest([1; 32]),
        outcome: Outcome::SpentOtherwise,
        transaction: [2; 32],
        block_height: 800_000,
        block_hash: [3; 32],
        observations: approvals(),
    };
    let observers = Quorum { keys: vec![[7; 32]], least: 1 };
    vec![
        Record::Tick,
        Record::Change(change),
        Record::Observers(ObserverChange { sequence: 0, observers, approvals: approvals() }),
        Record::Disable(Disable { vault: "treasury".into(), sequence: 4, approvals: approvals() }),
        Record::Activate(Activate { attestation: vec![9; 300], observations: approvals() }),
        Record::Cancel(Cancel {
            payment_id: Digest([1; 32]),
            transaction: vec![1, 2, 3],
            approvals: approvals(),
        }),
        Record::Settle(settle),
    ]
}

fn commitments() -> Vec<SignedCommitments> {
    (0..3)
        .map(|node| SignedCommitments { node, commitments: vec![vec![node; 66]; 2], signature: [node; 64] })
        .collect()
}

fn requests() -> Vec<Request> {
    let (payment_id, transaction) = (Digest([1; 32]), Digest([2; 32]));
    vec![
        Request::Status,
        Request::KeyGeneration(KeyGeneration {
            session: [1; 32],
            vault: "treasury".into(),
            chain: Chain::Bitcoin,
            step: 2,
            bodies: vec![vec![1; 40]; 4],
        }),
        Request::Genesis(genesis().encode()),
        Request::Submit(Record::Tick.encode()),
        Request::Decision(Digest([3; 32])),
        Request::Vault("treasury".into()),
        Request::Sums {
            vault: "treasury".into(),
            chain: Chain::Solana,
            locator: Locator::Contract(vec![4; 32]),
        },
        Request::Commit { payment_id, transaction },
        Request::Share { payment_id, transaction, commitments: commitments() },
        Request::Entry(7),
    ]
}

fn responses() -> Vec<Response> {
    let status = NodeStatus {
        node: 2,
        phase: Phase::Quarantined,
        genesis: Digest([1; 32]),
        height: 5,
        head: Digest([2; 32]),
        time: 6,
        voted: vec![7; 150],
        attestation: Digest([3; 32]),
    };
    let vault = VaultStatus {
        configuration: vault("treasury", 9).encode(),
        disabled: true,
        sequence: 3,
        pending: Some(9),
        attestation: Digest([3; 32]),
        epoch: 4,
    };
    let sums = Sums { time: 1, spent: [1, 2, 3, 4], count: 5, since_last: u64::MAX, outflow: 6 };
    let refusal = Refusal { detail: Some("step 4: fee above its cap".into()) };
    vec![
        Response::Status(status),
        Response::KeyGeneration(vec![1; 100]),
        Response::Genesis(Digest([1; 32])),
        Response::Accepted(Digest([1; 32])),
        Response::Fate(Fate::Unknown),
        Response::Fate(Fate::Pending),
        Response::Fate(Fate::Decided(vec![1; 200])),
        Response::Fate(Fate::Dropped(refusal.clone())),
        Response::Vault(vault),
        Response::Sums(sums),
        Response::Commitments(commitments().remove(0)),
        Response::Shares(SignedShares { node: 1, shares: vec![vec![5; 32]], signature: [6; 64] }),
        Response::Entry(None),
        Response::Entry(Some((vec![1; 50], vec![2; 60]))),
        Response::Refused(Refusal { detail: None }),
        Response::Refused(refusal),
        Response::Unavailable("no genesis yet".into()),
    ]
}

/// Round trip; then every byte is flipped: what still parses must be something else, and its own
/// canonical encoding. Then every prefix and a byte too many.
fn is_canonical<T: PartialEq + std::fmt::Debug>(
    value: &T,
    encode: impl Fn(&T) -> Vec<u8>,
    decode: impl Fn(&[u8]) -> Result<T, CodecError>,
) {
    let bytes = encode(value);
    assert_eq!(decode(&bytes).as_ref(), Ok(value));
    for at in 0..bytes.len() {
        for mask in [1, 0x80, 0xff] {
            let mut other = bytes.clone();
            other[at] ^= mask;
            if let Ok(parsed) = decode(&other) {
                assert_ne!(&parsed, value, "byte {at}");
                assert_eq!(encode(&parsed), other, "byte {at}");
            }
        }
        assert!(decode(&bytes[..at]).is_err(), "first {at} bytes");
    }
    assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn every_record_is_canonical() {
    for record in records() {
        is_canonical(&record, Record::encode, Record::decode);
    }
}

#[test]
fn every_request_and_answer_is_canonical() {
    for request in requests() {
        is_canonical(&request, Request::encode, Request::decode);
    }
    for response in responses() {
        is_canonical(&response, Response::encode, Response::decode);
    }
}

#[test]
fn groups_and_geneses_are_canonical() {
    is_canonical(&group(), Group::encode, Group::decode);
    is_canonical(&genesis(), Genesis::encode, Genesis::decode);
}

#[test]
fn an_entry_holds_the_record_of_its_header() {
    let digest = Digest([1; 32]);
    for record in records() {
        let entry = Entry::new(digest, 5, &record);
        let (parsed, inner) = Entry::decode(&entry.encode()).unwrap();
        assert_eq!((&parsed, &inner), (&entry, &record));
        let mut forged = entry.clone();
        forged.record = Record::Tick.encode();
        if record != Record::Tick {
            assert!(Entry::decode(&forged.encode()).is_err());
        }
    }
}

#[test]
fn text_of_an_answer_is_cut_between_characters() {
    let long = "é".repeat(4000);
    let bytes = Response::Unavailable(long).encode();
    let Response::Unavailable(text) = Response::decode(&bytes).unwrap() else { panic!() };
    assert_eq!(text, "é".repeat(2048));
}

#[test]
fn packages_differ_by_every_part() {
    let (payment, transaction) = (Digest([1; 32]), Digest([2; 32]));
    let digest = package_digest(payment, transaction, &commitments());
    assert_ne!(package_digest(transaction, payment, &commitments()), digest);
    for change in [
        |all: &mut Vec<SignedCommitments>| all[1].node = 9,
        |all: &mut Vec<SignedCommitments>| all[1].commitments[1][7] ^= 1,
        |all: &mut Vec<SignedCommitments>| all[2].signature[0] ^= 1,
        |all: &mut Vec<SignedCommitments>| drop(all.pop()),
    ] {
        let mut other = commitments();
        change(&mut other);
        assert_ne!(package_digest(payment, transaction, &other), digest);
    }
}

#[test]
fn bad_groups_are_refused_for_their_reason() {
    let bad = |change: fn(&mut Group)| {
        let mut group = group();
        change(&mut group);
        group.validate().unwrap_err()
    };
    assert_eq!(bad(|group| drop(group.nodes.pop())), GroupError::Count(3));
    assert_eq!(bad(|group| group.nodes.push(node(4))), GroupError::Count(5));
    assert_eq!(bad(|group| group.nodes[1].region = String::new()), GroupError::Name { number: 1 });
    let shared = |what| GroupError::Shared { first: 0, second: 2, what };
    assert_eq!(bad(|group| group.nodes[2].identity = [0; 32]), shared("identity key"));
    assert_eq!(bad(|group| group.nodes[2].link = [100; 32]), shared("link key"));
    assert_eq!(bad(|group| group.nodes[2].peer = vec![0; 38]), shared("peer id"));
    let provider = GroupError::Provider { provider: "provider 0".into(), limit: 1, got: 2 };
    assert_eq!(bad(|group| group.nodes[3].provider = "provider 0".into()), provider);
    assert_eq!(bad(|group| group.coordinators[1].link = [200; 32]), GroupError::Coordinators);
    assert_eq!(bad(|group| group.coordinators[1].link = [100; 32]), GroupError::Coordinators);
    assert_eq!(group().warnings(), ["4 nodes share region \"region\": losing it stops signing"]);
}

#[test]
fn bad_geneses_are_refused_for_their_reason() {
    let bad = |change: fn(&mut Genesis)| {
        let mut genesis = genesis();
        change(&mut genesis);
        genesis.validate().unwrap_err()
    };
    let shared = GenesisError::SharedAccount { first: "treasury".into(), second: "hot".into() };
    assert_eq!(bad(|genesis| genesis.vaults[1] = vault("hot", 9)), shared);
    assert_eq!(bad(|genesis| genesis.vaults.clear()), GenesisError::Vaults { got: 0 });
    assert_eq!(bad(|genesis| genesis.vaults[1].name = "treasury".into()), GenesisError::Vaults { got: 2 });
    assert_eq!(bad(|genesis| genesis.observers.least = 3), GenesisError::Observers);
    assert_eq!(bad(|genesis| genesis.anchors.vaults = vec![Hex([1; 32])]), GenesisError::Anchors);
    let quorum = GenesisError::ChangeQuorum { vault: "treasury".into(), expected: 3, got: 2 };
    assert_eq!(bad(|genesis| genesis.change_quorum = 3), quorum);
    assert!(matches!(bad(|genesis| genesis.vaults[0].policy_root[0] = 1), GenesisError::Vault { .. }));
    assert!(matches!(bad(|genesis| genesis.vaults[0].genesis.0[0] = 1), GenesisError::Vault { .. }));
    // Each vault is good; with the other as its sibling it has 257 own destinations elsewhere.
    let crowded = bad(|genesis| {
        for (number, vault) in genesis.vaults.iter_mut().enumerate() {
            let account = |kind, place: u16| {
                let mut account = [number as u8; 32];
                account[..3].copy_from_slice(&[kind, (place >> 8) as u8, place as u8]);
                account
            };
            vault.accounts = VaultAccounts::Solana {
                authority: account(1, 0),
                nonce_accounts: (0..256).map(|place| account(2, place)).collect(),
                token_accounts: (0..256).map(|place| account(3, place)).collect(),
            };
        }
    });
    assert!(matches!(crowded, GenesisError::Vault { problem, .. } if problem.contains("of other vaults")));
}

#[test]
fn genesis_fills_what_follows_from_it() {
    let genesis = genesis();
    let vault = genesis.configuration(&genesis.vaults[0]);
    vault.validate().unwrap();
    assert_eq!(vault.genesis, genesis.digest());
    assert_eq!(vault.signers, genesis.group.identities());
    let VaultAccounts::Bitcoin { scripts } = &genesis.vaults[1].accounts else { panic!() };
    assert_eq!(&vault.siblings, scripts);
}
