//! From a policy to signing evidence, as the README has it; and three payments that are refused.

use std::{os::unix::fs::PermissionsExt, path::Path};

use super::binaries::{Desk, Ran};

const VAULT: &str = "bc1pvr2ard7dhhg6ym9xlnj93u2m82zed8yp6ng789m0pynpqq0w2paqtracx3";
const SIBLING: &str = "bc1pccz8l9zpa47k6vz9gphftsrumpw80rjt3nhnefat4symjhrsnmjsj88cv0";
const UNLISTED: &str = "bc1pmr9hy0pctul8s7sqj4mgu7peavw2v927j8q5eskmz6qruv7cc5vqc46f8p";
const VERIFY: &str = "signing p.sign --attestation e.solv --anchors a.json";

/// A sealed epoch with 45 BTC of room, and a vault with the sample policy.
fn prepared() -> Desk {
    let desk = Desk::prepared();
    let mut reserves = String::from_utf8(desk.read("L/reserves.csv")).unwrap();
    reserves.push_str(&format!("BTC,bitcoin,{VAULT},45,,\n"));
    desk.write("L/reserves.csv", reserves);
    desk.solventry("prove --ledger L --keys K --entity Example --epoch 1 --out e.solv --secrets S").expect(0);
    let key = |name: &str| {
        let made = desk.solventry(&format!("keys signing --out {name}")).expect(0).out;
        made.lines().find_map(|line| line.strip_prefix("public key: ")).unwrap().to_owned()
    };
    let [proposer, first, second, oracle] = ["p.key", "a1.key", "a2.key", "o.key"].map(key);
    desk.solventry(&format!(
        "vault new V --name treasury --chain bitcoin --address {VAULT} --sibling {SIBLING} --proposer {proposer} \
         --approver {first} --approver {second} --oracle-key {oracle} --venue deribit --account desk_7"
    ))
    .expect(0);
    desk.write("V/policy.toml", sample("policy.toml"));
    desk.solventry("policy check V/policy.toml").expect(0).says("2 rules");
    desk.solventry("policy root V/policy.toml --write").expect(0);
    for name in ["payment.psbt", "payment-large.psbt", "payment-unlisted.psbt"] {
        desk.write(name, sample(name));
    }
    desk.solventry("journal new j.toml --asset BTC").expect(0);
    desk
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../service/samples/signing").join(name))
        .unwrap()
}

fn propose(desk: &Desk, name: &str) {
    desk.solventry(&format!("payment propose --tx {name}.psbt --vault V --key p.key --out {name}.pay"))
        .expect(0)
        .says("0.00001 BTC");
    for approver in ["a1.key", "a2.key"] {
        desk.solventry(&format!("approve {name}.pay --vault V --key {approver}")).expect(0);
    }
}

fn prove(desk: &Desk, name: &str, journal: &str, out: &str) -> Ran {
    desk.solventry(&format!(
        "payment prove --tx {name}.psbt --payment {name}.pay --vault V --epoch 1 --secrets S --keys K --journal {journal} --out {out}"
    ))
}

fn anchors(desk: &Desk) {
    let keys = desk.solventry("keys inspect K --json").expect(0).out;
    let vault = desk.solventry("vault show V --json").expect(0).out;
    let value = |json: &str, name: &str| {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        json[name].as_str().unwrap().to_owned()
    };
    desk.verify(&format!(
        "anchors new --out a.json --entity-key {} --verifying-keys {} --headroom-key {} --vault {}",
        value(&keys, "entity_key"),
        value(&keys, "verifying_keys").replace('_', " "),
        value(&keys, "headroom_verifying_key"),
        value(&vault, "configuration"),
    ))
    .expect(0);
}

#[test]
fn a_payment_is_proven_and_its_evidence_verified_offline() {
    let desk = prepared();
    propose(&desk, "payment");
    desk.solventry("payment show payment.pay --vault V").expect(0).says("valid approvals: 2");
    prove(&desk, "payment", "j.toml", "p.sign").expect(0).says("reserves still cover");
    let mode = std::fs::metadata(desk.path("p.sign")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "evidence bounds liabilities: for signers and auditors");
    anchors(&desk);
    desk.verify(&format!("{VERIFY} --complete")).expect(1).says("a decision certificate, signatures");
    let report =
        desk.verify(VERIFY).expect(3).says("UNDECIDED").says("0.50001 BTC").says("no decision certificate");
    assert_eq!(report.out.matches("  ok  ").count(), 12, "every step is listed");
    assert_eq!(report.out.matches("  absent  ").count(), 2);
    let json = desk.verify(&format!("{VERIFY} --json")).expect(3).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["decided"], &json["signed"], &json["charged"]),
        (&false.into(), &false.into(), &"0.50001".into())
    );

    // The verifier's own anchors decide, and every damage is refused.
    desk.verify("signing p.sign --attestation e.solv --anchors K/anchors.json").expect(1).says("--vault");
    let honest = desk.read("p.sign");
    let altered = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = honest.clone();
        change(&mut bytes);
        desk.write("p.sign", bytes);
        desk.verify(VERIFY)
    };
    altered(&|bytes| bytes.truncate(bytes.len() - 1)).expect(1).says("truncated");
    altered(&|bytes| bytes.push(0)).expect(1).says("end of the file");
    altered(&|bytes| bytes[9] = 2).expect(4).says("version");
    altered(&|bytes| bytes[0] = b'X').expect(2).says("expected a file of kind signing evidence");
    altered(&|bytes| *bytes.last_mut().unwrap() = 1).expect(1);
    let middle = honest.len() / 2;
    altered(&|bytes| bytes[middle] ^= 1).expect(1).says("C-POL").says("policy proof");
}

#[test]
fn payments_outside_policy_or_coverage_are_refused_for_their_reason() {
    let desk = prepared();
    for name in ["payment", "payment-large", "payment-unlisted"] {
        propose(&desk, name);
    }
    let try_it = "policy try V/policy.toml --asset BTC --approvals 2 --fee 1000_sat --amount";
    desk.solventry(&format!("{try_it} 0.5_BTC --to exchange")).expect(0).says("ALLOWED");
    desk.solventry(&format!("{try_it} 40_BTC --to exchange")).expect(1).says("cap of one payment");
    desk.solventry(&format!("{try_it} 0.5_BTC --to {UNLISTED}")).expect(1).says("not listed");

    prove(&desk, "payment-large", "j.toml", "x.sign").expect(1).says("above the cap of one payment");
    prove(&desk, "payment-unlisted", "j.toml", "x.sign").expect(1).says("the destination is not listed");
    let journal = String::from_utf8(desk.read("j.toml")).unwrap();
    desk.write("spent.toml", journal.replace("outflow = \"0 BTC\"", "outflow = \"1000 BTC\""));
    prove(&desk, "payment", "spent.toml", "x.sign").expect(1).says("would break coverage");
    desk.solventry("approve payment.pay --vault V --key p.key").expect(1).says("the proposer cannot approve");
    desk.solventry("payment propose --tx payment.psbt --vault V --key a1.key --out y.pay")
        .expect(1)
        .says("not a registered proposer");
    assert!(!desk.path("x.sign").exists(), "a refused payment leaves no evidence");

    // Another policy than the pinned one proves nothing.
    let policy = String::from_utf8(sample("policy.toml")).unwrap();
    desk.write("V/policy.toml", policy.replace("per_payment = \"5 BTC\"", "per_payment = \"50 BTC\""));
    prove(&desk, "payment", "j.toml", "x.sign").expect(1).says("policy root V/policy.toml --write");
}
