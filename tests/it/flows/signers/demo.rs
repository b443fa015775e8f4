//! `solventry demo signing`, and what it leaves.

use super::super::binaries::Desk;

#[test]
fn the_demo_signs_refuses_and_leaves_files_that_verify() {
    let desk = Desk::new();
    let told = desk.solventry("demo signing --out D").expect(0);
    for said in ["refused by the owner's own rules", "refused by the signers", "killed node-2", "complete"] {
        assert!(told.out.contains(said), "{said}: {told:?}");
    }
    assert_eq!(told.out.matches("4 of 4 signers refuse").count(), 3, "{told:?}");
    let value = |line: &str, name: &str| {
        let json: serde_json::Value = serde_json::from_str(&desk.solventry(line).expect(0).out).unwrap();
        json[name].as_str().unwrap().to_owned()
    };
    desk.verify(&format!(
        "anchors new --out a.json --entity-key {} --verifying-keys {} --headroom-key {} --vault {}",
        value("keys inspect D/K --json", "entity_key"),
        value("keys inspect D/K --json", "verifying_keys"),
        value("keys inspect D/K --json", "headroom_verifying_key"),
        value("vault show D/V --json", "configuration"),
    ))
    .expect(0);
    for name in ["first", "second"] {
        let verify = format!("signing D/{name}.sign --attestation D/epoch1.solv --anchors a.json --complete");
        desk.verify(&verify).expect(3);
    }
    desk.verify("signing D/first.sign --attestation D/epoch1.solv --anchors D/K/anchors.json").expect(1);
    desk.solventry("demo signing --out D").expect(1).says("exists");
}
