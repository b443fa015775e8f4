//! What is wrong in `vault.toml` and `journal.toml`, and how it is told.

mod vault_folder;

use std::process::Command;

use vault_folder::{JOURNAL, VAULT, VaultFolder, edited, place, refused};

const APPROVER: &str = "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394";
const ADDRESS: &str = "bc1pvr2ard7dhhg6ym9xlnj93u2m82zed8yp6ng789m0pynpqq0w2paqtracx3";
const SIBLING: &str = "bc1pccz8l9zpa47k6vz9gphftsrumpw80rjt3nhnefat4symjhrsnmjsj88cv0";

#[test]
fn vaults_out_of_form() {
    let table: &[(&str, &str, &str)] = &[
        ("genesis = \"5d", "genesis = \"d", "genesis: expected 64 hexadecimal digits, came another form"),
        ("\"treasury\"", "\" treasury\"", "name: expected 1 to 64 bytes of text"),
        (
            "\"bitcoin\"",
            "\"bitcion\"",
            "chain: expected bitcoin or solana, came 'bitcion'; did you mean bitcoin?",
        ),
        (
            ADDRESS,
            "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh",
            "addresses: expected a taproot address (bc1p...)",
        ),
        (ADDRESS, "bc1pnope", "addresses: expected a bitcoin address"),
        (SIBLING, ADDRESS, "siblings: expected an account of another vault, came one of this vault"),
        (
            SIBLING,
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "siblings: expected a bitcoin mainnet address",
        ),
        (
            APPROVER,
            "81",
            "approvers: expected an ed25519 public key of 64 hexadecimal digits, came a text of 2",
        ),
        (
            APPROVER,
            &"0".repeat(64),
            "approvers: expected an ed25519 public key, came 64 digits that are none",
        ),
        ("venue = \"deribit\"", "venue = \"\"", "venue: expected 1 to 64 bytes of text"),
        ("policy_root = \"\"", "policy_root = \"00\"", "policy_root: expected 64 hexadecimal digits"),
        (
            "name = \"treasury\"",
            "name = 5",
            "name: expected text in quotes such as \"treasury\", came a whole number",
        ),
        ("siblings = [", "siblings = [5, ", "siblings: expected text in quotes"),
    ];
    for (from, to, expected) in table {
        let folder = VaultFolder::new();
        let text = edited(VAULT, from, to);
        folder.write("vault.toml", &text);
        let line = place(VAULT, from).split(':').next().unwrap().to_owned();
        let Err(report) = folder.vault() else { panic!("accepted {to}") };
        let problem = &report.problems[0];
        assert_eq!(problem.position.unwrap().line.to_string(), line, "{report}");
        assert!(problem.to_string().starts_with(expected), "got      {problem}\nexpected {expected}");
    }
}

#[test]
fn signers_come_in_certain_numbers() {
    let folder = VaultFolder::new();
    folder.write("vault.toml", edited(VAULT, "signers = []", &format!("signers = [\"{APPROVER}\"]")));
    refused(folder.vault(), "14:11: signers: expected no signers yet, or 4, 7, 10 ... 31 (3f + 1), came 1");
}

#[test]
fn all_faults_are_told_at_once() {
    let folder = VaultFolder::new();
    let text =
        VAULT.replace("\"treasury\"", "7").replace("\"deribit\"", "\"\"").replace("signers", "singers");
    folder.write("vault.toml", text);
    let report = folder.vault().unwrap_err();
    assert_eq!(report.problems.len(), 3, "{report}");
    assert!(
        report
            .to_string()
            .contains("vault.toml:14:1: expected a key of the file, came 'singers'; did you mean signers?")
    );
}

#[test]
fn bytes_that_are_no_toml() {
    let folder = VaultFolder::new();
    folder.write("vault.toml", b"name = \"\xff\"");
    refused(folder.vault(), "expected UTF-8 text");
    folder.write("vault.toml", "name = \"a\nchain = ");
    let report = folder.vault().unwrap_err();
    assert!(report.to_string().contains("vault.toml:1:"), "{report}");
    folder.write("vault.toml", vec![b'#'; (1 << 20) + 1]);
    refused(folder.vault(), "the file cannot be read: expected at most 1048576 bytes");
    folder.write("vault.toml", format!("x = {}", "[".repeat(100_000)));
    assert!(folder.vault().is_err());
    std::fs::remove_file(folder.path("vault.toml")).unwrap();
    refused(folder.vault(), "the file cannot be read: ");
}

#[test]
fn journals_out_of_form() {
    for (from, to, expected) in [
        (
            "time = 2026-11-22T12:00:00Z",
            "time = \"2026-11-22T12:00:00Z\"",
            "time: expected a time without quotes",
        ),
        ("time = 2026-11-22T12:00:00Z", "time = 2026-11-22", "time: expected a time with its zone"),
        (
            "last_payment = 2026-11-22T09",
            "last_payment = 2026-11-22T19",
            "last_payment: expected a time up to the journal's",
        ),
        (
            "payments_today = 3",
            "payments_today = -3",
            "payments_today: expected a whole number from 0 to 4294967295",
        ),
        ("\"2.75 BTC\"", "\"2.75 ETH\"", "outflow: expected an amount in BTC, came one in 'ETH'"),
        ("hour = \"0 BTC\"", "hour = \"5 BTC\"", ""),
        (
            "week = \"11.5 BTC\"",
            "week = \"1 BTC\"",
            "week: expected a sum of at least that of the shorter window",
        ),
        (
            "month = \"40 BTC\"",
            "month = \"40.123456789 BTC\"",
            "month: expected at most 8 decimals, as many as BTC has",
        ),
        (
            "month = \"40 BTC\"\n",
            "",
            "expected month in [spent], came no such key; write for example month = \"0 BTC\"",
        ),
    ] {
        let folder = VaultFolder::new();
        folder.write("journal.toml", edited(JOURNAL, from, to));
        let Err(report) = folder.journal() else { panic!("accepted {to}") };
        assert_eq!(report.problems.len(), 1, "{report}");
        assert!(report.problems[0].to_string().starts_with(expected), "got {report}\nexpected {expected}");
    }
    let folder = VaultFolder::new();
    folder.write("journal.toml", edited(JOURNAL, "last_payment = 2026-11-22T09:30:00Z\n", ""));
    refused(folder.journal(), "4:18: payments_today: expected last_payment");
}

#[test]
fn new_vaults_are_checked_before_they_are_written() {
    let folder = VaultFolder::new();
    let run = |name: &str, address: &str| {
        let path = folder.path("new");
        Command::new(env!("CARGO_BIN_EXE_solventry"))
            .args(["vault", "new", path.to_str().unwrap(), "--name", name, "--chain", "bitcoin"])
            .args(["--address", address, "--proposer", APPROVER])
            .output()
            .unwrap()
    };
    let output = run("a \"quoted\" \\ name", "bc1pnope");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("error: addresses: expected a bitcoin address")
    );
    assert!(!folder.path("new").exists());
    let output = run("a \"quoted\" \\ name", ADDRESS);
    assert!(output.status.success());
    let vault = solventry::vault::read_vault(&folder.path("new")).unwrap();
    assert_eq!(vault.name, "a \"quoted\" \\ name");
    assert_eq!(run("other", ADDRESS).status.code(), Some(1), "a vault is never overwritten");
}
