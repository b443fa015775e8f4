//! Epochs that are interrupted, repeated, changed, insolvent or refused.

use std::{
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    process::Stdio,
    time::{Duration, Instant},
};

use super::binaries::Desk;

const PROVE: &str = "prove --ledger L --keys K --entity E --epoch 1 --secrets S";

#[test]
fn a_killed_run_resumes_with_the_same_commitments() {
    let desk = Desk::new();
    desk.solventry("ledger generate --accounts 1500 --assets 6 --mean-holdings 3 --seed 5 --out L").expect(0);
    desk.solventry("keys setup --profile small --insecure-dev --out K").expect(0);
    let mut run = desk.command(&format!("{PROVE} --out e.solv")).stderr(Stdio::null()).spawn().unwrap();
    let (first, started) = (desk.path("S/epoch-1/shard-00000"), Instant::now());
    while !first.exists() && started.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.kill().unwrap(); // SIGKILL
    run.wait().unwrap();
    assert!(!desk.path("e.solv").exists());
    let kept = std::fs::read(&first).unwrap();

    let resumed = desk.solventry(&format!("{PROVE} --out e.solv --json")).expect(0).out;
    let resumed: serde_json::Value = serde_json::from_str(&resumed).unwrap();
    assert!(resumed["shards_resumed"].as_u64().unwrap() >= 1);
    assert_eq!(std::fs::read(&first).unwrap(), kept, "what was proven stays");
    desk.verify("attestation e.solv --anchors K/anchors.json").expect(3);

    desk.solventry(&format!("{PROVE} --out again.solv")).expect(0);
    assert_eq!(desk.read("e.solv"), desk.read("again.solv"), "a sealed epoch has one attestation");
    desk.solventry(&format!("{PROVE} --out e.solv")).expect(1).says("exists already");
}

#[test]
fn an_epoch_number_stands_for_one_ledger() {
    let desk = Desk::prepared();
    desk.solventry(&format!("{PROVE} --out e.solv")).expect(0);
    desk.solventry("ledger generate --accounts 201 --assets 6 --mean-holdings 3 --seed 6 --out L2").expect(0);
    let other = PROVE.replace("--ledger L", "--ledger L2");
    desk.solventry(&format!("{other} --out f.solv")).expect(1).says("begun with another ledger");
    let renamed = PROVE.replace("--entity E", "--entity F");
    desk.solventry(&format!("{renamed} --out f.solv")).expect(1).says("begun with another entity");
    desk.solventry("keys setup --profile small --insecure-dev --out K2").expect(0);
    let keys = PROVE.replace("--keys K", "--keys K2");
    desk.solventry(&format!("{keys} --out f.solv")).expect(1).says("begun with another set of keys");

    let later = format!("{PROVE} --snapshot-time 5 --out f.solv");
    desk.solventry(&later).expect(1).says("begun with another entity, capacity, snapshot time");

    let sealed = desk.path("S/epoch-1/attestation.solv");
    let (honest, mut bytes) = (std::fs::read(&sealed).unwrap(), std::fs::read(&sealed).unwrap());
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    desk.solventry(&format!("{PROVE} --out f.solv")).expect(1).says("the sealed attestation is damaged");
    std::fs::write(&sealed, honest).unwrap();

    let (master, exchanged) = (desk.read("S/master.key"), "5".repeat(64));
    std::fs::remove_file(desk.path("S/master.key")).unwrap();
    desk.solventry(&format!("{PROVE} --out f.solv")).expect(1).says("restore it from a backup");
    desk.write("S/master.key", exchanged);
    desk.solventry(&format!("{PROVE} --out f.solv")).expect(1).says("begun with another master.key");
    let inclusion =
        "inclusion --secrets S --attestation e.solv --out a.incl --account customer-000001@example.org";
    desk.solventry(inclusion).expect(1).says("begun with another master.key");
    std::fs::remove_file(desk.path("S/master.key")).unwrap();
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(desk.path("S/master.key")).unwrap();
    file.write_all(&master).unwrap();
    desk.solventry(inclusion).expect(0);

    for (name, mode) in
        [("S", 0o700), ("S/master.key", 0o600), ("S/epoch-1/state", 0o600), ("K/entity.key", 0o600)]
    {
        let permissions = std::fs::metadata(desk.path(name)).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{name} is for its owner alone");
    }
}

#[test]
fn insolvent_ledgers_and_bad_input_are_refused_with_advice() {
    let desk = Desk::prepared();
    let generate =
        "ledger generate --accounts 200 --assets 6 --mean-holdings 3 --seed 5 --insolvent ETH --out short";
    desk.solventry(generate).expect(0);
    let short = PROVE.replace("--ledger L", "--ledger short");
    desk.solventry(&format!("{short} --out e.solv")).expect(1).says("insolvent: reserves of ETH");
    assert!(!desk.path("e.solv").exists());

    desk.write("short/accounts.csv", "account_id,asset,amount\nBTC,eva@example.org,1\n");
    let shifted = desk.solventry("ledger check short").expect(1).says("accounts.csv:2:5");
    assert!(!shifted.out.contains("eva"), "no account id in a report, even from shifted columns");
    desk.write("short/accounts.csv", "account_id,asset,amount\neva,BTC,-1\neva,NOPE,1\n");
    let report =
        desk.solventry("ledger check short").expect(1).says("accounts.csv:2:9").says("accounts.csv:3:5");
    assert!(!report.out.contains("eva"), "no account id in a report");
    desk.solventry("ledger check short --json").expect(1).says("\"line\": 2");
    desk.solventry(&format!("{short} --out e.solv")).expect(1).says("accounts.csv:2:9");
    desk.solventry("ledger check none").expect(1).says("assets.csv");

    desk.solventry("keys setup --profile small --out none").expect(1).says("--insecure-dev");
    desk.solventry("keys setup --profile small --insecure-dev --out K").expect(1).says("exists already");
    desk.solventry("keys inspect L").expect(1).says("keys setup");
    let missing = PROVE.replace("--keys K", "--keys none");
    desk.solventry(&format!("{missing} --out e.solv")).expect(1).says("keys setup");
    let small = format!("{PROVE} --epoch 9 --capacity 99999999 --out e.solv").replace("--epoch 1 ", "");
    desk.solventry(&small).expect(1).says("at most");
    desk.solventry("epoch seal --epoch 77 --secrets S --keys K --out e.solv")
        .expect(1)
        .says("no secrets of epoch 77");
    let too_few = PROVE.replace("--epoch 1", "--epoch 9 --capacity 5");
    desk.solventry(&format!("{too_few} --out e.solv")).expect(1).says("--capacity declares 5");
    let future = PROVE.replace("--epoch 1", "--epoch 9 --snapshot-time 18446744073709551615");
    desk.solventry(&format!("{future} --out e.solv")).expect(1).says("lies in the future");
    desk.solventry(&format!("{PROVE} --out none/e.solv")).expect(1).says("expected a folder that exists");
    let block = format!("{PROVE} --out e.solv --snapshot-block bitcoin:x:00");
    desk.solventry(&block).expect(2).says("the height is not a number");

    let damaged = desk.path("K/proving.key");
    let mut bytes = std::fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    desk.solventry(&format!("{PROVE} --out e.solv")).expect(1).says("checksum");
}

#[test]
fn the_demo_runs() {
    let desk = Desk::new();
    let demo = desk.solventry("demo --keep D").expect(0).says("insolvent: reserves of ETH").says("Done in");
    assert_eq!(demo.out.matches("refused").count(), 7, "{}", demo.out);
    desk.verify("attestation D/epoch1.solv --anchors D/keys/anchors.json").expect(3);
    desk.solventry("demo --keep D").expect(1).says("exists already");
}
