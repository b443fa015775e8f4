//! Hidden reserves: opening, attestors, quorum, anchors of the auditor's own.

use super::binaries::Desk;

fn field(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name)).expect("the line is there");
    line[name.len()..].trim().to_owned()
}

#[test]
fn attestors_vouch_for_reserves_that_nobody_else_sees() {
    let desk = Desk::prepared();
    let commit = "epoch commit --ledger L --keys K --entity Example_Custody --epoch 3 --secrets S";
    let digest = field(&desk.solventry(commit).expect(0).out, "liabilities:");
    assert_eq!(field(&desk.solventry(commit).expect(0).out, "liabilities:"), digest, "resumed, not redone");
    let seal = "epoch seal --epoch 3 --secrets S --keys K --out e.solv";
    desk.solventry(seal).expect(1).says("no reserves were given");

    let header = "asset,amount\n";
    let open = |name: &str| {
        format!("reserves open --epoch 3 --secrets S --keys K --class {name} --amounts A.csv --out {name}")
    };
    desk.write("A.csv", format!("{header}BTC,1,5\n"));
    desk.solventry(&open("bad")).expect(1).says("line 2");
    desk.write(
        "A.csv",
        format!("{header}BTC,90000000.5\nETH,9000000000\nUSDT,90000000000\nUSDC,90000000000\n"),
    );
    desk.solventry(&open("warm").replace("--out warm", "--out none/warm"))
        .expect(1)
        .says("a folder that exists");
    desk.solventry(&open("warm")).expect(0);
    desk.solventry(&open("warm").replace("--out warm", "--out warm2")).expect(0);
    assert_eq!(desk.read("warm"), desk.read("warm2"), "the same opening is written out again");
    desk.solventry(seal).expect(1).says("no attestor signed it yet");
    desk.solventry("reserves check --epoch 3 --secrets S").expect(1).says("SHORT   SOL").says("covered BTC");
    desk.solventry("reserves attest --opening warm --key K/entity.key --out own.sig").expect(0);
    desk.solventry("reserves import --epoch 3 --secrets S --signature own.sig").expect(0);
    desk.solventry(seal).expect(1).says("no attestor signed it yet");
    desk.write("A.csv", format!("{header}SOL,90000000000\nT0006,90000000000\n"));
    desk.solventry(&open("cold_storage")).expect(0);
    desk.solventry("reserves check --epoch 3 --secrets S").expect(1).says("import one before sealing");

    let mut attestors = Vec::new();
    for name in ["ann", "bob"] {
        let made = desk.solventry(&format!("keys signing --out {name}.key")).expect(0);
        attestors.push(field(&made.out, "public key:"));
        for class in ["warm", "cold_storage"] {
            let attest =
                format!("reserves attest --opening {class} --key {name}.key --out {name}-{class}.sig");
            desk.solventry(&attest).expect(0).says("90000000");
            let import = format!("reserves import --epoch 3 --secrets S --signature {name}-{class}.sig");
            desk.solventry(&import).expect(0);
        }
    }
    let forged =
        String::from_utf8(desk.read("ann-warm.sig")).unwrap().replace("\"warm\"", "\"cold storage\"");
    desk.write("forged.sig", forged);
    desk.solventry("reserves import --epoch 3 --secrets S --signature forged.sig")
        .expect(1)
        .says("does not verify");
    desk.solventry(seal).expect(0);

    let keys = desk.solventry("keys inspect K").expect(0).out;
    let anchors = format!(
        "anchors new --entity-key {} --verifying-keys {} --least-epoch 3",
        field(&keys, "entity key"),
        field(&keys, "verifying keys")
    );
    let [ann, bob] = &attestors[..] else { panic!("two attestors") };
    desk.verify(&format!("{anchors} --attestor {ann} --attestor {bob} --out both.json")).expect(0);
    desk.verify("attestation e.solv --anchors both.json").expect(3).says("amounts checked by attestors");
    desk.verify("attestation e.solv --anchors K/anchors.json").expect(1).says("the anchors name none");
    let other = "aa".repeat(32);
    desk.verify(&format!("{anchors} --attestor {ann} --attestor {other} --out other.json")).expect(0);
    desk.verify("attestation e.solv --anchors other.json")
        .expect(1)
        .says("expected signatures of 2 attestors");
    desk.verify(&format!("{anchors} --attestor {ann} --class warm --out warm.json")).expect(0);
    desk.verify("attestation e.solv --anchors warm.json").expect(1).says("not among `attestors.classes`");
    desk.verify(&format!("{anchors} --attestor {ann} --quorum 2 --out none.json")).expect(2).says("quorum");
    desk.verify("anchors new --entity-key 12 --verifying-keys 12 --out none.json")
        .expect(2)
        .says("64 hexadecimal");

    let sealed = desk.read("e.solv");
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains("90000000"), "no amount in the file");
    desk.solventry("reserves import --epoch 3 --secrets S --ledger L").expect(1).says("sealed");
}
