//! Groups and geneses from their parts.

use solventry_protocol::{
    Genesis, Group,
    genesis::GenesisError,
    group::{Coordinator, GroupError, Node},
};
use solventry_types::{Digest, VaultAccounts, VaultConfiguration, codec::Writer};
use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
};

use super::{GenesisOptions, GenesisRefused, build_group, read_card, read_genesis, read_group, template};

fn node(number: u8) -> Node {
    Node {
        name: format!("node-{number}"),
        identity: [number; 32],
        link: [100 + number; 32],
        link_address: format!("127.0.0.1:{}", 4_000 + u16::from(number)),
        peer: vec![number; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/{}", 5_000 + u16::from(number)),
        provider: format!("provider {number}"),
        region: "here".into(),
        jurisdiction: format!("country {number}"),
    }
}

fn group() -> Group {
    let coordinator = |seed: u8| Coordinator { link: [seed; 32], owns: vec!["treasury".into()] };
    build_group((1..5).map(node).collect(), vec![coordinator(9), coordinator(8)]).unwrap()
}

fn vault(name: &str, script: u8) -> VaultConfiguration {
    VaultConfiguration {
        genesis: Digest([7; 32]),
        name: name.into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[script; 32]].concat()] },
        siblings: vec![[&[0x51, 0x20][..], &[99; 32]].concat()],
        proposers: vec![[1; 32]],
        approvers: vec![[2; 32]],
        oracle: None,
        signers: vec![],
        policy_root: [3; 32],
    }
}

fn options() -> GenesisOptions {
    GenesisOptions {
        group: group(),
        anchors: Anchors {
            format: FORMAT.into(),
            entity: None,
            entity_key: Hex([1; 32]),
            verifying_keys: vec![Hex([2; 32])],
            headroom_keys: vec![Hex([3; 32])],
            vaults: vec![],
            attestors: Attestors::default(),
            least_coverage_bps: 10_000,
            least_epoch: 0,
            max_age_seconds: None,
        },
        observers: vec![[6; 32], [5; 32]],
        observer_quorum: 1,
        bitcoin_depth: 6,
        solana_depth: 32,
        max_epoch_age: 7 * 86_400,
        change_quorum: 1,
        change_delay: 86_400,
        allow_dev_setup: true,
        time: 1_000,
    }
}

#[test]
fn a_group_is_validated_and_survives_its_file() {
    let group = group();
    assert_eq!(group.coordinators[0].link, [8; 32], "sorted");
    assert_eq!(group.warnings().len(), 1, "all four share a region");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group");
    std::fs::write(&path, group.encode()).unwrap();
    assert_eq!(read_group(&path).unwrap(), group);

    assert_eq!(build_group((1..4).map(node).collect(), vec![]), Err(GroupError::Count(3)));
    let mut nodes: Vec<Node> = (1..5).map(node).collect();
    nodes[3].provider = nodes[0].provider.clone();
    assert!(matches!(build_group(nodes, vec![]), Err(GroupError::Provider { limit: 1, got: 2, .. })));
}

#[test]
fn a_card_holds_one_node_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.node");
    let mut writer = Writer::new();
    node(1).write(&mut writer);
    let mut bytes = writer.finish();
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read_card(&path).unwrap(), node(1));
    bytes.push(0);
    std::fs::write(&path, &bytes).unwrap();
    let error = read_card(&path).unwrap_err().to_string();
    assert!(error.contains("not the card of a node") && error.contains("1 more bytes"), "{error}");
}

#[test]
fn a_genesis_blanks_what_follows_from_it_and_gives_each_vault_its_configuration() {
    let genesis = template(options(), &[vault("treasury", 1), vault("desk", 2)]).unwrap();
    assert_eq!(genesis.vaults[0].policy_root, [0; 32]);
    assert_eq!(genesis.observers.keys, [[5; 32], [6; 32]]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("genesis");
    std::fs::write(&path, genesis.encode()).unwrap();
    let read: Genesis = read_genesis(&path).unwrap();
    assert_eq!(read, genesis);
    let configuration = read.configuration(&read.vaults[0]);
    assert_eq!(configuration.genesis, genesis.digest());
    assert_eq!(configuration.siblings, [[&[0x51, 0x20][..], &[2; 32]].concat()]);
    assert_eq!(configuration.signers, group().identities());
}

#[test]
fn a_genesis_that_breaks_a_rule_is_refused_for_it() {
    let shared = template(options(), &[vault("treasury", 1), vault("desk", 1)]);
    assert!(matches!(shared, Err(GenesisRefused::Genesis(GenesisError::SharedAccount { .. }))));
    let quorum = template(GenesisOptions { change_quorum: 2, ..options() }, &[vault("treasury", 1)]);
    let too_few = GenesisError::ChangeQuorum { vault: "treasury".into(), expected: 2, got: 1 };
    assert_eq!(quorum, Err(GenesisRefused::Genesis(too_few)));
    let observers = template(GenesisOptions { observer_quorum: 3, ..options() }, &[vault("treasury", 1)]);
    assert_eq!(observers, Err(GenesisRefused::Genesis(GenesisError::Observers)));
    let mut pinned = options();
    pinned.anchors.vaults = vec![Hex([4; 32])];
    assert_eq!(template(pinned, &[vault("treasury", 1)]), Err(GenesisRefused::PinnedVaults));
}
