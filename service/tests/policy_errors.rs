//! What is wrong in `policy.toml`, and how it is told.

mod vault_folder;

use solventry::policy::Warning;
use vault_folder::{POLICY, VAULT, VaultFolder, edited, place, refused};

/// Edits of the sample, and the one fault that each makes, at the place of the first text.
const FAULTS: &[(&str, &str, &str)] = &[
    // Outermost keys.
    ("\"9d7be2", "\"d7be2", "salt: expected 64 random hexadecimal digits"),
    ("2027-11-01T00:00:00Z", "2025-11-01T00:00:00Z", "not_after: expected a time after not_before"),
    ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00", "not_before: expected a time with its zone"),
    ("\"2 hours\"", "2", "max_validity: expected text in quotes such as \"2 hours\", came a whole number"),
    (
        "\"2 hours\"",
        "\"2\"",
        "max_validity: expected a duration in words such as \"36 hours\" or \"1 day 12 hours\", came another form; add the unit",
    ),
    (
        "\"2 hours\"",
        "\"1.5 hours\"",
        "max_validity: expected a duration in words such as \"36 hours\" or \"1 day 12 hours\", came another form; use a shorter unit",
    ),
    (
        "\"2 hours\"",
        "\"1 month\"",
        "max_validity: expected a duration in words such as \"36 hours\" or \"1 day 12 hours\", came another form; months",
    ),
    ("max_validity =", "max_validty =", ""),
    // Assets and destinations.
    ("8\nplaces", "31\nplaces", "decimals: expected a whole number from 0 to 30"),
    ("8\nplaces", "9\nplaces", "decimals: expected 8 decimals, as bitcoin counts its own coin, came 9"),
    ("[\"bitcoin/native/8\"]", "[\"bitcoin/native/9\"]", ""),
    (
        "\"bitcoin/native/8\"",
        "\"bitcoin/native/6\"",
        "places: expected 8 decimals, as bitcoin counts its own coin, came 6; write bitcoin/native/8",
    ),
    ("\"bitcoin/native/8\"", "\"bitcoin/8\"", ""),
    ("\"bitcoin/native/8\"", "\"bitcoin/native/8\", \"bitcoin/native/8\"", ""),
    (
        "\"bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh\"",
        "\"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx\"",
        "address: expected a bitcoin mainnet address",
    ),
    (
        "\"bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh\"",
        "\"bc1pvr2ard7dhhg6ym9xlnj93u2m82zed8yp6ng789m0pynpqq0w2paqtracx3\"",
        "address: expected an address outside the vault",
    ),
    (
        "\"bc1pccz8l9zpa47k6vz9gphftsrumpw80rjt3nhnefat4symjhrsnmjsj88cv0\"",
        "\"BC1Q3Z58L7NAV7YLDG9ZLHAY46TJ2JE08N4LTG6FJH\"",
        "address: expected every address once",
    ),
    ("\"margin vault\"", "\"exchange\"", ""),
    // Rules.
    (
        "asset = \"BTC\"",
        "asset = \"btc\"",
        "asset: expected the symbol of an [[asset]] of this file, came 'btc'; did you mean BTC?",
    ),
    ("\"normal\"", "\"norml\"", "lane: expected normal or rebalance, came 'norml'; did you mean normal?"),
    ("\"5 BTC\"", "5", "per_payment: expected text in quotes such as \"5 BTC\", came a whole number"),
    ("\"5 BTC\"", "\"5\"", "per_payment: expected an amount, a space and its unit, such as \"1.5 BTC\""),
    ("\"5 BTC\"", "\"5 ETH\"", "per_payment: expected an amount in BTC, came one in 'ETH'"),
    ("\"5 BTC\"", "\"-5 BTC\"", "per_payment: expected an amount of zero or more"),
    ("\"5 BTC\"", "\"1,000 BTC\"", "per_payment: expected digits and at most one point, came a separator"),
    ("\"5 BTC\"", "\"0.123456789 BTC\"", "per_payment: expected at most 8 decimals, as many as BTC has"),
    ("\"5 BTC\"", "\"none\"", "per_payment: expected an amount, a space and its unit"),
    ("\"5 BTC\"", "\"999999999999999999999999 BTC\"", "per_payment: expected an amount below 2^96"),
    ("20\ncooldown", "-1\ncooldown", "payments_per_day: expected a whole number from 0"),
    ("20\ncooldown", "\"20\"\ncooldown", "payments_per_day: expected a whole number such as 20, came text"),
    ("\"0.001 BTC\"", "\"0.001 ETH\"", "max_fee: expected an amount in BTC, came one in 'ETH'"),
    ("\"0.001 BTC\"", "\"0.5 sat\"", "max_fee: expected at most 0 decimals, as many as sat has"),
    (
        "1\ntiers",
        "3\ntiers",
        "approvals: expected at most 2 approvals, as many as vault.toml has approvers, came 3",
    ),
    ("{ above = \"1 BTC\"", "{ above = \"1 BTC\", approvals = 2 }, { above = \"1 BTC\"", ""),
    (
        "{ above = \"1 BTC\", approvals = 2 }",
        "{ above = \"1 BTC\", approvals = 2 }, { above = \"2 BTC\", approvals = 1 }",
        "",
    ),
    (
        "[{ above = \"1 BTC\", approvals = 2 }]",
        "[{ above = \"1 BTC\", approvals = 2 }, { above = \"2 BTC\", approvals = 2 }, { above = \"3 BTC\", approvals = 2 }, { above = \"4 BTC\", approvals = 2 }]",
        "tiers: expected at most 3 tiers, came 4",
    ),
    (
        "\"exchange\"]",
        "\"exchagne\"]",
        "destinations: expected the name of a [[destination]] of this file, came 'exchagne'; did you mean exchange?",
    ),
    ("[\"exchange\"]", "[\"exchange\", \"exchange\"]", ""),
    (
        "[\"80 %\", \"120 %\"]",
        "[\"120 %\", \"80 %\"]",
        "margin_band: expected the lower end of the band first",
    ),
    ("[\"80 %\", \"120 %\"]", "[\"80 %\"]", "margin_band: expected 2 entries, came 1"),
    ("\"80 %\"", "\"0.8\"", "margin_band: expected a ratio such as \"80 %\""),
];

#[test]
fn every_fault_has_its_place_and_its_advice() {
    for (from, to, expected) in FAULTS {
        let folder = VaultFolder::new();
        folder.write("policy.toml", edited(POLICY, from, to));
        let Err(report) = folder.policy() else { panic!("accepted {to}") };
        let problem = &report.problems[0];
        assert!(problem.to_string().starts_with(expected), "got      {problem}\nexpected {expected}");
        if !expected.is_empty() {
            let at = problem.position.unwrap();
            let expected = place(POLICY, from);
            // An edit that begins at the value gives the column too.
            let whole = !from.starts_with(char::is_alphabetic);
            let got = if whole { format!("{}:{}", at.line, at.column) } else { at.line.to_string() };
            let expected = if whole { &expected } else { expected.split(':').next().unwrap() };
            assert_eq!(got, expected, "{report}");
            assert_eq!(report.problems.len(), 1, "{report}");
        }
    }
}

#[test]
fn every_limit_must_be_written() {
    let rule = POLICY.find("[[rule]]").unwrap();
    for (line, _) in POLICY[rule..].lines().skip(1).zip(0..).take_while(|(line, _)| !line.is_empty()) {
        let key = line.split(' ').next().unwrap();
        if key == "tiers" {
            continue;
        }
        let folder = VaultFolder::new();
        let text = format!("{}{}", &POLICY[..rule], POLICY[rule..].replacen(&format!("{line}\n"), "", 1));
        folder.write("policy.toml", text);
        let at = place(POLICY, "[[rule]]");
        refused(
            folder.policy(),
            &format!("{at}: expected {key} in [[rule]], came no such key; write for example {key} = "),
        );
    }
}

#[test]
fn rules_are_one_for_an_asset_and_lane() {
    let folder = VaultFolder::new();
    let band = "margin_band = [\"80 %\", \"120 %\"]\n";
    let text = edited(&edited(POLICY, "\"rebalance\"", "\"normal\""), band, "");
    folder.write("policy.toml", text);
    refused(
        folder.policy(),
        "41:1: expected one rule for BTC in the normal lane, came another; rules have no order",
    );
}

#[test]
fn what_vault_and_policy_must_have_in_common() {
    let folder = VaultFolder::new();
    let oracle = VAULT.find("[oracle]").unwrap();
    folder.write("vault.toml", &VAULT[..oracle]);
    refused(folder.policy(), "43:8: lane: expected an [oracle] in vault.toml for a rebalance rule");
    let folder = VaultFolder::new();
    folder.write("policy.toml", edited(POLICY, "bitcoin/native/8", "ethereum/native/18"));
    let report = folder.policy().unwrap_err();
    assert!(
        report.to_string().contains("asset: expected an asset with a place on bitcoin, where the vault is")
    );
    folder.write("policy.toml", edited(POLICY, "address = ", "chain = \"solana\"\naddress = "));
    refused(folder.policy(), "18:9: chain: expected a destination on bitcoin, where the vault is");
    let band = edited(POLICY, "\"rebalance\"", "\"normal\"").replacen("\"normal\"", "\"rebalance\"", 1);
    folder.write("policy.toml", band);
    let report = folder.policy().unwrap_err().to_string();
    assert!(report.contains("margin_band: expected margin_band in rebalance rules only"), "{report}");
    assert!(report.contains("expected margin_band in [[rule]], came no such key"), "{report}");
}

#[test]
fn faults_of_assets_and_destinations_are_told_once() {
    let folder = VaultFolder::new();
    folder.write("policy.toml", edited(POLICY, "decimals = 8", "decimals = 8.5"));
    refused(
        folder.policy(),
        "13:12: decimals: expected a whole number such as 8, came a number with a point",
    );
    folder.write("policy.toml", edited(POLICY, "address = \"bc1q", "address = \"bc1z"));
    refused(folder.policy(), "18:11: address: expected a bitcoin address");
}

#[test]
fn reports_repeat_no_limit_and_no_salt() {
    let folder = VaultFolder::new();
    let text = POLICY
        .replace("5 BTC", "7654321.123456789 BTC")
        .replace("\"9d7be2", "\"d7be2")
        .replace("\"2 hours\"", "\"7654321 hourss\"");
    folder.write("policy.toml", text);
    let report = folder.policy().unwrap_err();
    assert!(report.problems.len() >= 4);
    for shown in [report.to_string(), format!("{report:?}")] {
        assert!(!shown.contains("7654321") && !shown.contains("d7be2"), "{shown}");
    }
}

#[test]
fn logs_learn_places_and_keys_only() {
    let folder = VaultFolder::new();
    let text = edited(POLICY, "salt = \"", "salt").replacen("e3ba794\"", "e3ba794 = 1", 1);
    let text = edited(&edited(&text, "[\"exchange\"]", "[\"exchagne\"]"), "\"normal\"", "\"norml\"");
    folder.write("policy.toml", text);
    let report = folder.policy().unwrap_err();
    let shown = report.to_string();
    assert!(shown.contains("came one of 68 characters") && !shown.contains("9d7be2"), "{shown}");
    let file = folder.path("policy.toml").display().to_string();
    let logged = report.without_content();
    for line in [
        format!("{file}:5:1: at fault"),
        format!("{file}:27:8: lane is at fault"),
        format!("{file}:38:17: destinations is at fault"),
        format!("run `solventry policy check {file}` to see them"),
    ] {
        assert!(logged.lines().any(|got| got == line), "{logged}");
    }
    for content in ["exch", "norml", "9d7b", "salt"] {
        assert!(!logged.contains(content), "{logged}");
    }
    std::fs::remove_file(&file).unwrap();
    let logged = folder.policy().unwrap_err().without_content();
    assert!(logged.starts_with(&format!("{file}: the file cannot be read: ")), "{logged}");
}

#[test]
fn single_brackets_are_told_once() {
    for name in ["asset", "destination", "rule"] {
        let folder = VaultFolder::new();
        let double = format!("[[{name}]]");
        folder.write("policy.toml", POLICY.replace(&double, &format!("[{name}]")));
        let at = place(POLICY, &double);
        refused(
            folder.policy(),
            &format!("{at}: expected [[{name}]], since there may be several, came [{name}]"),
        );
    }
}

/// Ends at all: every name was once compared with every other.
#[test]
fn files_made_to_take_long_are_refused() {
    let folder = VaultFolder::new();
    let name = |index: usize| format!("{index:0>60}");
    let mut text = POLICY[..POLICY.find("[[destination]]").unwrap()].to_owned();
    let rules = POLICY[POLICY.find("[[rule]]").unwrap()..].to_owned();
    for index in 0..4_000 {
        text.push_str(&format!("[[destination]]\nname = \"{}\"\naddress = \"bc1\"\n", name(index)));
    }
    let unknown: Vec<String> = (0..4_000).map(|index| format!("\"x{}\"", name(index))).collect();
    text.push_str(&edited(&rules, "\"exchange\"", &unknown.join(", ")));
    let unknown: Vec<String> = (0..4_000).map(|index| format!("k{index} = 1\n")).collect();
    folder.write("policy.toml", format!("{}{text}", unknown.concat()));
    let report = folder.policy().unwrap_err();
    assert_eq!(report.problems.len(), 100);
    assert!(report.further_problems > 11_000, "{}", report.further_problems);
    let keys: Vec<String> = (0..12_000).map(|index| format!("\"{index:064x}\"")).collect();
    folder
        .write("vault.toml", VAULT.replacen("signers = []", &format!("signers = [{}]", keys.join(", ")), 1));
    let report = folder.vault().unwrap_err();
    assert!(report.to_string().contains("(3f + 1), came 12000"), "{report}");
}

#[test]
fn odd_policies_are_warned_about() {
    let folder = VaultFolder::new();
    let vault = folder.vault().unwrap();
    assert_eq!(folder.policy().unwrap().warnings(&vault), []);
    for (from, to, expected) in [
        (
            "per_payment = \"5 BTC\"",
            "per_payment = \"0 BTC\"",
            "BTC normal: limits of 0, so that every payment is refused: per_payment",
        ),
        (
            "per_hour = \"5 BTC\"",
            "per_hour = \"25 BTC\"",
            "BTC normal: per_hour is never reached, since per_day is lower",
        ),
        ("tiers = [{ above = \"1 BTC\", approvals = 2 }]\n", "", "BTC normal: no tiers"),
        (
            "approvals = 2",
            "approvals = 1",
            "BTC normal: a tier needs no more approvals than every payment does",
        ),
        ("above = \"1 BTC\"", "above = \"5 BTC\"", "BTC normal: a tier begins where per_payment ends"),
        ("destinations = [\"exchange\"]", "destinations = []", "BTC normal: no destinations"),
        (
            "destinations = [\"margin vault\"]",
            "destinations = [\"exchange\"]",
            "BTC rebalance: destination \"exchange\" is not among the siblings",
        ),
        (
            "destinations = [\"margin vault\"]",
            "destinations = [\"exchange\"]",
            "destination \"margin vault\" is listed, but no rule uses it",
        ),
        (
            "[[destination]]",
            "[[asset]]\nsymbol = \"ETH\"\ndecimals = 9\nplaces = []\n\n[[destination]]",
            "asset ETH has no rule",
        ),
        ("max_validity = \"2 hours\"", "max_validity = \"0 seconds\"", "max_validity is 0 seconds"),
    ] {
        folder.write("policy.toml", edited(POLICY, from, to));
        let warnings: Vec<String> =
            folder.policy().unwrap().warnings(&vault).iter().map(Warning::to_string).collect();
        assert!(warnings.iter().any(|warning| warning.starts_with(expected)), "{expected}: {warnings:?}");
    }
    let unlimited = ["per_hour = \"5", "per_day = \"20", "per_week = \"50", "per_month = \"100"];
    let text = unlimited.iter().fold(POLICY.to_owned(), |text, from| {
        let key = from.split(' ').next().unwrap();
        edited(&text, &format!("{from} BTC\""), &format!("{key} = \"unlimited\""))
    });
    folder.write("policy.toml", text);
    let policy = folder.policy().unwrap();
    assert_eq!(
        policy.warnings(&vault),
        [Warning::Unlimited { rule: policy.name_of(&policy.policy.rules[0]) }]
    );
}
