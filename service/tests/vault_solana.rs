//! A vault on Solana: its accounts, and a policy whose fee is not charged.

mod vault_folder;

use std::process::{Command, Output};

use solventry::{policy::Trial, vault::read_vault};
use solventry_types::{Lane, Total, Validity, VaultAccounts};
use vault_folder::VaultFolder;

const AUTHORITY: &str = "3Ym5UAvVdCksX4aoc2cfCNz4uHvKxNrpVeAk2TLxgmLa";
const NONCE: &str = "7ECVKkQeTka6SLKZRzA6SAPg6D6YtMxCnQ3fPuEytRHR";
const TOKENS: &str = "9R5NFDRnFfmnyPNPgJDamPLUKupVMHFsgSXYD2sFfzmU";
const KEY: &str = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

const POLICY: &str = r#"
salt = "9d7be2f1a04c36588a1ff0c2d5e94b73610f5ac8e27d93b4186cf6205e3ba794"
not_before = 2026-11-01T00:00:00Z
not_after = 2027-11-01T00:00:00Z
max_validity = "2 hours"

[[asset]]
symbol = "SOL"
decimals = 9
places = ["solana/native/9"]

[[destination]]
name = "desk"
address = "4pqDniGPBkj9KJyhxGr1qtFYZjCrCEbiHTotjLiJp2v9"

[[rule]]
asset = "SOL"
lane = "normal"
per_payment = "1.5 SOL"
per_hour = "unlimited"
per_day = "10 SOL"
per_week = "10 SOL"
per_month = "10 SOL"
payments_per_day = "unlimited"
cooldown = "0 seconds"
max_fee = "10000 lamports"
approvals = 0
destinations = ["desk"]
"#;

fn new(folder: &VaultFolder, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_solventry"))
        .args(["vault", "new", folder.path("sol").to_str().unwrap(), "--name", "hot", "--chain", "solana"])
        .args(["--proposer", KEY, "--authority", AUTHORITY])
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn accounts_are_those_of_the_chain() {
    let folder = VaultFolder::new();
    assert_eq!(new(&folder, &[]).status.code(), Some(2), "a nonce account is needed");
    let nonce = ["--nonce-account", NONCE];
    assert_eq!(new(&folder, &[&nonce[..], &["--address", "bc1p"]].concat()).status.code(), Some(2));
    let twice = new(&folder, &[&nonce[..], &nonce[..]].concat());
    assert_eq!(twice.status.code(), Some(2));
    let text = String::from_utf8(twice.stderr).unwrap();
    assert!(text.starts_with("error: nonce_accounts: expected every entry once, came '7ECV"), "{text}");
    let made = new(&folder, &[&nonce[..], &["--token-account", TOKENS]].concat());
    assert!(made.status.success(), "{made:?}");
    let vault = read_vault(&folder.path("sol")).unwrap();
    let VaultAccounts::Solana { nonce_accounts, token_accounts, .. } = &vault.accounts else {
        panic!("solana")
    };
    assert_eq!((nonce_accounts.len(), token_accounts.len()), (1, 1));
}

#[test]
fn the_fee_is_bounded_and_not_charged() {
    let folder = VaultFolder::new();
    assert!(new(&folder, &["--nonce-account", NONCE]).status.success());
    folder.write("policy.toml", POLICY);
    let vault = read_vault(&folder.path("sol")).unwrap();
    let file = solventry::policy::read_policy(&folder.path("policy.toml"), &vault).unwrap();
    let tried = |fee: u64| {
        let trial = Trial {
            asset: &file.assets[0],
            destination: &file.destinations[0].account,
            amount: Total::from_units(1_500_000_000).unwrap(),
            fee,
            lane: Lane::Normal,
            approvals: 0,
            validity: Validity { from: file.policy.not_before, until: file.policy.not_before },
            journal: None,
            margin_ratio_bps: None,
        };
        file.try_payment(&vault, &trial).unwrap()
    };
    assert!(tried(10_000).is_allowed());
    assert_eq!(tried(10_000).statement.amount.units(), 1_500_000_000);
    let reasons = tried(10_001).reasons;
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].detail.as_deref(), Some("at most 0.00001 SOL, came 0.000010001 SOL"));
}
