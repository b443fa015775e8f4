//! Example transactions: what is written, a proposer can propose.

use std::{path::Path, process::Command};

const AUTHORITY: &str = "3Ym5UAvVdCksX4aoc2cfCNz4uHvKxNrpVeAk2TLxgmLa";
const NONCE: &str = "7ECVKkQeTka6SLKZRzA6SAPg6D6YtMxCnQ3fPuEytRHR";
const DESK: &str = "4pqDniGPBkj9KJyhxGr1qtFYZjCrCEbiHTotjLiJp2v9";
const TREASURY: &str = "bc1pvr2ard7dhhg6ym9xlnj93u2m82zed8yp6ng789m0pynpqq0w2paqtracx3";
const EXCHANGE: &str = "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh";

fn run(folder: &Path, words: &str, amount: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_solventry"));
    let output = command.args(words.split_whitespace()).args(amount).current_dir(folder).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn examples_of_both_chains_can_be_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str, amount: &[&str]| run(folder.path(), words, amount);
    let (_, made) = run("keys signing --out p.key", &[]);
    let proposer = made.lines().find_map(|line| line.strip_prefix("public key: ")).unwrap();
    for (name, accounts, to, amount) in [
        ("solana", format!("--authority {AUTHORITY} --nonce-account {NONCE}"), DESK, "2.5 SOL"),
        ("bitcoin", format!("--address {TREASURY}"), EXCHANGE, "0.5 BTC"),
    ] {
        for words in [
            format!("vault new {name} --name hot --chain {name} --proposer {proposer} {accounts}"),
            format!("payment example --vault {name} --to {to} --out {name}.tx --amount"),
            format!("payment propose --vault {name} --tx {name}.tx --key p.key --out {name}.pay"),
        ] {
            let value: &[&str] = if words.ends_with("--amount") { &[amount] } else { &[] };
            let (code, said) = run(&words, value);
            assert_eq!(code, 0, "{words}: {said}");
            let expected = if words.contains("example") { "exists on no network" } else { "" };
            assert!(said.contains(expected), "{said}");
        }
        let (_, said) = run(&format!("payment show {name}.pay --vault {name}"), &[]);
        assert!(said.contains(&format!("{amount} to")), "{said}");
    }
    let to = format!("payment example --vault solana --to {DESK} --out other.tx --amount");
    let (code, said) = run(&to, &["1 SOL", "--fee", "1000 sat"]);
    assert_eq!((code, said.contains("lamports per signature")), (2, true), "{said}");
    let (code, said) = run(&to, &["1 SOL", "--fee-payer", AUTHORITY]);
    assert_eq!((code, said.contains("would be refused")), (1, true), "{said}");
    let (code, said) = run(&to, &["1 BTC"]);
    assert_eq!(code, 2, "{said}");
    assert!(!folder.path().join("other.tx").exists());
}
