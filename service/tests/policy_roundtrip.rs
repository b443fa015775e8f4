//! The sample's rules, the template, roots, and payments tried at every limit.

mod vault_folder;

use std::process::{Command, Output};

use solventry::{
    document::words::{parse_amount, parse_time},
    journal_sums::JournalSums,
    policy::{PolicyFile, Trial, UNLIMITED, Verdict, template},
    vault::write_policy_root,
};
use solventry_policy::{Refusal, rules::Tier};
use solventry_types::{Lane, Total, Validity, VaultConfiguration};
use vault_folder::{POLICY, VAULT, VaultFolder, edited};

const BTC: u128 = 100_000_000;

fn total(units: u128) -> Total {
    Total::from_units(units).unwrap()
}

#[test]
fn the_sample_is_what_it_says() {
    let folder = VaultFolder::new();
    let (vault, file) = (folder.vault().unwrap(), folder.policy().unwrap());
    let policy = &file.policy;
    policy.validate().unwrap();
    assert_eq!((policy.vault, policy.approver_set), (vault.vault_digest(), vault.approver_set()));
    assert_eq!(policy.oracle_account, vault.oracle.unwrap().account);
    assert_eq!(policy.max_validity, 7_200);
    let [normal, rebalance] = &policy.rules[..] else { panic!("two rules") };
    assert_eq!(normal.per_payment, total(5 * BTC));
    assert_eq!(normal.per_window, [5, 20, 50, 100].map(|coins| total(coins * BTC)));
    assert_eq!((normal.count, normal.cooldown, normal.fee, normal.approvals), (20, 300, 100_000, 1));
    assert_eq!(normal.tiers[0].approvals, 2);
    assert!(normal.tiers[1] == Tier::unused());
    assert_eq!((rebalance.lane, rebalance.band_bps), (Lane::Rebalance, (8_000, 12_000)));
    assert_eq!(file.destinations_of(rebalance).collect::<Vec<_>>(), ["margin vault"]);
    let claims = folder.journal().unwrap();
    assert_eq!((claims.count, claims.since_last), (3, 9_000));
    assert_eq!(claims.spent[3], total(40 * BTC));
}

#[test]
fn limits_may_be_unlimited() {
    let folder = VaultFolder::new();
    let text = edited(POLICY, "per_month = \"100 BTC\"", "per_month = \"unlimited\"");
    let text = edited(&text, "payments_per_day = 20", "payments_per_day = \"unlimited\"");
    folder.write("policy.toml", edited(&text, "\"0.001 BTC\"", "\"unlimited\""));
    let rule = folder.policy().unwrap().policy.rules.remove(0);
    assert_eq!((rule.per_window[3], rule.count, rule.fee), (UNLIMITED, u32::MAX, u64::MAX));
}

#[test]
fn a_new_policy_is_well_formed_and_allows_nothing() {
    let folder = VaultFolder::new();
    let vault = folder.vault().unwrap();
    folder.write("policy.toml", template(&vault, &[], &[7; 32].map(|byte: u8| byte), 0).as_bytes());
    assert!(folder.policy().is_err(), "a salt of one byte over and over");
    let salt: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
    folder.write("policy.toml", template(&vault, &[], &salt, 0).as_bytes());
    let file = folder.policy().unwrap();
    assert_eq!(file.policy.salt.0, salt);
    assert!(!pay(&file, &vault, |_| {}).is_allowed());
    for shown in
        [format!("{file:?}"), format!("{:?}", file.policy.salt), format!("{:?}", pay(&file, &vault, |_| {}))]
    {
        assert!(shown.contains("hidden"), "{shown}");
    }
}

#[test]
fn the_root_goes_into_the_vault_and_comments_stay() {
    let folder = VaultFolder::new();
    let root = folder.policy().unwrap().policy.root();
    let before = folder.vault().unwrap();
    let parent = folder.path("");
    let after = write_policy_root(&parent, root).unwrap();
    assert_eq!(after, VaultConfiguration { policy_root: root, ..before.clone() });
    assert_eq!(
        folder.text("vault.toml"),
        edited(VAULT, "policy_root = \"\"", &format!("policy_root = \"{}\"", hex::encode(root)))
    );
    assert_ne!(after.digest(), before.digest());
    // A vault without the key gets one, and another root replaces the first.
    folder.write("vault.toml", edited(VAULT, "policy_root = \"\"\n", ""));
    write_policy_root(&parent, root).unwrap();
    assert_eq!(write_policy_root(&parent, [1; 32]).unwrap().policy_root, [1; 32]);
    assert!(folder.text("vault.toml").ends_with(&VAULT[VAULT.find("[oracle]").unwrap()..]));
}

/// A payment of 1 BTC to the exchange that the sample allows, changed.
fn pay<'a>(file: &'a PolicyFile, vault: &VaultConfiguration, change: impl FnOnce(&mut Trial<'a>)) -> Verdict {
    let from = parse_time("2026-11-22T12:00:00Z").unwrap();
    let account = file.destination("exchange").map_or(&[0; 22][..], |exchange| &exchange.account);
    let mut trial = Trial {
        asset: file.asset("BTC").unwrap(),
        destination: account,
        amount: total(BTC),
        fee: 0,
        lane: Lane::Normal,
        approvals: 2,
        validity: Validity { from, until: from + 7_200 },
        journal: None,
        margin_ratio_bps: None,
    };
    change(&mut trial);
    file.try_payment(vault, &trial).unwrap()
}

#[test]
fn every_limit_refuses_one_unit_beyond() {
    let folder = VaultFolder::new();
    let (vault, file) = (folder.vault().unwrap(), folder.policy().unwrap());
    let claims = folder.journal().unwrap();
    let spent = [total(0), total(19 * BTC + 1), total(20 * BTC), total(40 * BTC)];
    let busy = JournalSums { spent, count: 20, since_last: 299, ..claims };
    let kinds = |change: fn(&mut Trial<'_>)| {
        pay(&file, &vault, change).reasons.iter().map(|reason| reason.refusal).collect::<Vec<_>>()
    };
    assert_eq!(kinds(|_| {}), []);
    assert_eq!(kinds(|trial| trial.amount = total(5 * BTC)), []);
    let above = [Refusal::PerPayment, Refusal::PerWindow(0)];
    assert_eq!(kinds(|trial| trial.amount = total(5 * BTC + 1)), above);
    // The fee is charged on Bitcoin.
    assert_eq!(kinds(|trial| (trial.amount, trial.fee) = (total(5 * BTC), 1)), above);
    assert_eq!(kinds(|trial| trial.fee = 100_000), []);
    assert_eq!(kinds(|trial| trial.fee = 100_001), [Refusal::Fee]);
    assert_eq!(kinds(|trial| trial.approvals = 1), []);
    assert_eq!(kinds(|trial| (trial.approvals, trial.amount) = (1, total(BTC + 1))), [Refusal::Tier]);
    assert_eq!(kinds(|trial| trial.validity.until += 1), [Refusal::MaxValidity]);
    assert_eq!(kinds(|trial| trial.destination = &[0; 22]), [Refusal::Destination]);
    let tried = |journal| pay(&file, &vault, |trial| trial.journal = Some(journal)).reasons;
    assert!(tried(&claims).is_empty());
    let reasons = tried(&busy);
    let refusals: Vec<_> = reasons.iter().map(|reason| reason.refusal).collect();
    assert_eq!(refusals, [Refusal::Count, Refusal::Cooldown, Refusal::PerWindow(1)]);
    assert_eq!(
        reasons[1].detail.as_deref(),
        Some("5 minutes since the last payment, came one after 4 minutes 59 seconds")
    );
}

#[test]
fn rebalances_need_a_ratio_outside_the_band() {
    let folder = VaultFolder::new();
    let (vault, file) = (folder.vault().unwrap(), folder.policy().unwrap());
    let tried = |ratio: Option<u32>| {
        let account = &file.destination("margin vault").unwrap().account;
        let verdict = pay(&file, &vault, |trial| {
            (trial.lane, trial.destination, trial.margin_ratio_bps) = (Lane::Rebalance, account, ratio);
        });
        verdict.reasons.iter().map(|reason| reason.refusal).collect::<Vec<_>>()
    };
    assert_eq!(tried(Some(7_999)), []);
    assert_eq!(tried(Some(8_000)), [Refusal::Band]);
    assert_eq!(tried(Some(12_000)), [Refusal::Band]);
    assert_eq!(tried(Some(12_001)), []);
    assert_eq!(tried(None), [Refusal::OracleAccount]);
}

fn policy_try(folder: &VaultFolder, more: &[&str]) -> Output {
    let policy = folder.path("policy.toml");
    let payment = ["--asset", "BTC", "--to", "exchange", "--at", "2026-11-22T12:00:00Z"];
    Command::new(env!("CARGO_BIN_EXE_solventry"))
        .args(["policy", "try", policy.to_str().unwrap()])
        .args(payment)
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn try_says_allowed_refused_or_wrong_usage() {
    let folder = VaultFolder::new();
    let outcome = |more: &[&str]| {
        let output = policy_try(&folder, more);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    };
    let (code, text) = outcome(&["--amount", "1 BTC", "--fee", "2000 sat", "--approvals", "2"]);
    assert_eq!((code, text.as_str()), (0, "ALLOWED: charges 1.00002 BTC\n"));
    let (code, text) = outcome(&["--amount", "6 BTC", "--fee", "2000 sat", "--approvals", "2"]);
    assert_eq!(code, 1);
    assert!(text.contains("above the cap of one payment: at most 5 BTC, came 6.00002 BTC"), "{text}");
    for (more, expected) in [
        (&["--amount", "1"][..], "error: --amount: expected an amount, a space and its unit"),
        (&["--amount", "1 BTC", "--at", "now"], "error: "),
        (&["--amount", "1 BTC", "--valid-for", "1"], "error: --valid-for: expected a duration in words"),
    ] {
        let (code, text) = outcome(more);
        assert_eq!(code, 2, "{text}");
        assert!(text.starts_with(expected), "{text}");
    }
    let (code, text) = outcome(&["--amount", "1 BTC", "--journal", "/nonexistent"]);
    assert_eq!(code, 1);
    assert!(text.starts_with("error: /nonexistent: the file cannot be read"), "{text}");
    folder.write("policy.toml", "salt = 5");
    assert_eq!(outcome(&["--amount", "1 BTC"]).0, 1, "a file at fault, as in `policy check`");
}

#[test]
fn nobody_need_read_what_is_told() {
    let folder = VaultFolder::new();
    folder.write("policy.toml", "salt = 5");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Command::new(env!("CARGO_BIN_EXE_solventry"))
        .args(["policy", "check", folder.path("policy.toml").to_str().unwrap()])
        .stderr(writer)
        .status();
    assert_eq!(status.unwrap().code(), Some(1));
}

#[test]
fn show_prints_every_limit_and_no_salt() {
    let folder = VaultFolder::new();
    let salt = POLICY.lines().find_map(|line| line.strip_prefix("salt = \"")).unwrap().trim_end_matches('"');
    for flags in [&["show"][..], &["show", "--json"], &["check"], &["check", "--json"], &["root"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_solventry"))
            .args(["policy", flags[0], folder.path("policy.toml").to_str().unwrap()])
            .args(&flags[1..])
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(salt));
        if flags[0] == "show" {
            assert!(text.contains("100 BTC") && text.contains("margin vault"), "{text}");
        }
    }
    assert!(parse_amount("1 BTC", (&folder.policy().unwrap().assets[0]).into()).is_ok());
}
