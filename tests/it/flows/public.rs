//! Public reserves: the README's first flow, and what the verifier says of altered files.

use super::binaries::Desk;

const PROVE: &str = "prove --ledger L --keys K --entity Example_Custody --epoch 1 --out e.solv --secrets S";
const VERIFY: &str = "attestation e.solv --anchors K/anchors.json";

#[test]
fn ledger_to_attestation_to_inclusion() {
    let desk = Desk::prepared();
    desk.solventry("ledger check L").expect(0).says("well formed");
    desk.solventry(PROVE).expect(0);

    let report =
        desk.verify(VERIFY).expect(3).says("UNTRUSTED SETUP").says("control unchecked, amounts unchecked");
    assert_eq!(report.out.matches("  ok  ").count(), 12, "every step is listed");
    let json = desk.verify(&format!("{VERIFY} --json")).expect(3).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["valid"], true);
    assert_eq!(json["trusted_setup"], false);
    assert_eq!(json["exit_code"], 3);
    assert_eq!(json["entity"], "Example Custody");
    assert_eq!(json["steps"].as_array().unwrap().len(), 12);

    let accounts = String::from_utf8(desk.read("L/accounts.csv")).unwrap();
    let account = accounts.lines().nth(1).unwrap().split(',').next().unwrap();
    let make = "inclusion --secrets S --attestation e.solv --out a.incl --account";
    desk.solventry(&format!("{make} {account}")).expect(0);
    let check = "inclusion a.incl --attestation e.solv --anchors K/anchors.json --account";
    let report = desk.verify(&format!("{check} {account}")).expect(3);
    for line in accounts.lines().filter(|line| line.starts_with(&format!("{account},"))) {
        let (asset, amount) = line.split_once(',').unwrap().1.split_once(',').unwrap();
        assert!(report.out.contains(&format!("  {amount} {asset}\n")), "{asset} in {}", report.out);
    }
    desk.verify(&format!("{check} {account} --json")).expect(3).says("\"holdings\"");
    desk.verify(&format!("{check} someone.else@example.org")).expect(1).says("wrong account id");
    let other = "inclusion --secrets S --attestation e.solv --out b.incl --account nobody@example.org";
    desk.solventry(other).expect(1).says("not in the ledger of epoch 1");

    let inclusion = String::from_utf8_lossy(&desk.read("a.incl")).into_owned();
    assert!(!inclusion.contains(account), "the id is typed, never in the file");
}

#[test]
fn exit_codes_of_the_verifier() {
    let desk = Desk::prepared();
    desk.solventry(PROVE).expect(0);
    let honest = desk.read("e.solv");
    desk.verify("attestation none.solv --anchors K/anchors.json").expect(2).says("none.solv");
    desk.verify("attestation e.solv --anchors none.json").expect(2).says("none.json");
    desk.verify("attestation e.solv --anchors e.solv").expect(2).says("anchors file");
    desk.verify("attestation K/anchors.json --anchors K/anchors.json")
        .expect(2)
        .says("expected a file of kind attestation");

    let altered = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = honest.clone();
        change(&mut bytes);
        desk.write("e.solv", bytes);
        desk.verify(VERIFY)
    };
    altered(&|bytes| bytes[9] = 2).expect(4).says("version");
    altered(&|bytes| bytes[20] ^= 1).expect(1).says("signature");
    altered(&|bytes| bytes.push(0)).expect(1).says("expected the end of the file");
    altered(&|bytes| bytes.truncate(3000)).expect(1).says("truncated");
    altered(&|bytes| *bytes.last_mut().unwrap() ^= 1).expect(1).says("signature does not verify");
    altered(&|_| ()).expect(3);

    let anchors = String::from_utf8(desk.read("K/anchors.json")).unwrap();
    let with = |from: &str, to: &str| {
        assert!(anchors.contains(from));
        desk.write("mine.json", anchors.replacen(from, to, 1));
        desk.verify("attestation e.solv --anchors mine.json")
    };
    with("\"least_epoch\": 0", "\"least_epoch\": 2").expect(1).says("older than the anchors accept");
    with("10000", "10001").expect(1).says("basis points of coverage");
    let json = desk.verify("attestation e.solv --anchors mine.json --json").expect(1).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["valid"].as_bool(), json["failed_step"].as_u64()), (Some(false), Some(5)));
}
