//! A change of the observers, signed by one approver after the other.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ed25519_dalek::{Signature, VerifyingKey};
use solventry::group::{GenesisOptions, build_group, template};
use solventry_protocol::{
    Genesis, Record,
    group::{Coordinator, Node},
    record::ObserverChange,
};
use solventry_types::{Digest, VaultAccounts, VaultConfiguration};
use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
};
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    /// A genesis with one observer, and the keys of two approvers and two later observers.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::write(desk.path("genesis"), genesis().encode()).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, words: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_solventry"));
        let output = command.args(words.split_whitespace()).current_dir(self.0.path()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn key(&self, name: &str) -> String {
        let (_, said) = self.run(&format!("keys signing --out {name}.key"));
        said.lines().find_map(|line| line.strip_prefix("public key: ")).unwrap().to_owned()
    }

    fn change(&self, more: &str) -> (i32, String) {
        self.run(&format!("observe change --genesis genesis --out change.record {more}"))
    }

    fn record(&self) -> ObserverChange {
        match Record::decode(&fs::read(self.path("change.record")).unwrap()).unwrap() {
            Record::Observers(change) => change,
            other => panic!("{}", other.kind()),
        }
    }
}

fn genesis() -> Genesis {
    let node = |number: u8| Node {
        name: format!("node-{number}"),
        identity: [number; 32],
        link: [100 + number; 32],
        link_address: format!("127.0.0.1:{}", 4_000 + u16::from(number)),
        peer: vec![number; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/{}", 5_000 + u16::from(number)),
        provider: format!("provider {number}"),
        region: "here".into(),
        jurisdiction: format!("country {number}"),
    };
    let coordinator = Coordinator { link: [9; 32], owns: vec![] };
    let vault = VaultConfiguration {
        genesis: Digest([7; 32]),
        name: "treasury".into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[1; 32]].concat()] },
        siblings: vec![],
        proposers: vec![[1; 32]],
        approvers: vec![[2; 32], [3; 32]],
        oracle: None,
        signers: vec![],
        policy_root: [0; 32],
    };
    let options = GenesisOptions {
        group: build_group((1..5).map(node).collect(), vec![coordinator]).unwrap(),
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
        observers: vec![[5; 32]],
        observer_quorum: 1,
        bitcoin_depth: 6,
        solana_depth: 32,
        max_epoch_age: 7 * 86_400,
        change_quorum: 2,
        change_delay: 86_400,
        allow_dev_setup: true,
        time: 1_795_000_000,
    };
    template(options, &[vault]).unwrap()
}

fn holds(change: &ObserverChange, key: &str) -> bool {
    let message = change.message(genesis().digest());
    change.approvals.iter().any(|approval| {
        let signed = VerifyingKey::from_bytes(&approval.approver).unwrap();
        signed.verify_strict(&message.0, &Signature::from_bytes(&approval.signature)).unwrap();
        hex::encode(approval.approver) == key
    })
}

#[test]
fn approvers_sign_one_after_the_other() {
    let desk = Desk::new();
    let [first, second, one, two] = ["first", "second", "one", "two"].map(|name| desk.key(name));
    let observers = format!("--observer {two} --observer {one} --observer-quorum 2 --sequence 3");
    let (code, said) = desk.change(&format!("{observers} --key first.key"));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("signatures: 1; needed of every vault's approvers: 2"), "{said}");
    let (code, said) = desk.change(&format!("{observers} --key second.key"));
    assert_eq!(code, 0, "{said}");
    let change = desk.record();
    assert!(change.observers.is_valid());
    assert_eq!((change.sequence, change.observers.least, change.approvals.len()), (3, 2, 2));
    assert!(holds(&change, &first) && holds(&change, &second));
    // Signing again changes nothing; another change is not mixed in.
    desk.change(&format!("{observers} --key first.key"));
    assert_eq!(desk.record(), change);
    let (code, said) = desk.change(&format!("--observer {one} --observer-quorum 1 --key first.key"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("expected the same record"), "{said}");
    assert_eq!(desk.record(), change);

    settles(&desk);
}

/// Observers of the change sign with its record at hand, and not without.
fn settles(desk: &Desk) {
    let block = "22".repeat(32);
    let settle = format!(
        "observe settle --payment-id {block} --outcome confirmed --transaction {block} --block-height 8 --block-hash \
         {block} --genesis genesis --key one.key --out settle.record"
    );
    let (code, said) = desk.run(&settle);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("expected the key of an observer") && said.contains("--change"), "{said}");
    let (code, said) = desk.run(&format!("{settle} --change change.record"));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("signed by 1 of 2 needed observers"), "{said}");
    let (code, said) = desk.run(&format!("{settle} --change settle.record"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("expected a change of the observers"), "{said}");
}

#[test]
fn observers_that_cannot_agree_are_refused() {
    let desk = Desk::new();
    let [_, one] = ["first", "one"].map(|name| desk.key(name));
    for (observers, quorum) in [(vec![&one], 2), (vec![&one], 0), (vec![&one, &one], 1)] {
        let keys: String = observers.iter().map(|key| format!("--observer {key} ")).collect();
        let (code, said) = desk.change(&format!("{keys} --observer-quorum {quorum} --key first.key"));
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("distinct --observer and an --observer-quorum"), "{said}");
        assert!(!Path::new(&desk.path("change.record")).exists());
    }
}
