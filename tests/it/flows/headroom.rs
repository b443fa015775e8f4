//! From a sealed epoch to a headroom proof, to snarkjs's files and back.

use super::binaries::Desk;

#[test]
fn headroom_is_proven_exported_and_imported() {
    let desk = Desk::prepared();
    desk.solventry("prove --ledger L --keys K --entity Example --epoch 3 --secrets S --out A.solv").expect(0);
    let prove = "headroom prove --keys K --secrets S --asset BTC";
    desk.solventry(&format!("{prove} --epoch 3 --outflow 0.00000001 --out p.headroom"))
        .expect(0)
        .says("UNTRUSTED");
    desk.solventry("headroom export p.headroom --out J").expect(0).says("snarkjs groth16 verify");
    desk.solventry("headroom import J --out q.headroom").expect(0).says("compare this digest");
    assert_eq!(desk.read("p.headroom"), desk.read("q.headroom"));
    desk.solventry("keys inspect K").expect(0).says("headroom verifying key");

    let refused = |arguments: &str, says: &str| {
        desk.solventry(&format!("{prove} {arguments} --out r.headroom")).expect(1).says(says);
    };
    refused(
        "--epoch 3 --outflow 90000000000",
        "asset BTC: an outflow of 90000000000 since the snapshot would",
    );
    refused("--epoch 3 --outflow 0.000000001", "expected at most");
    refused("--epoch 4 --outflow 1", "no secrets of epoch 4");
    desk.solventry("headroom prove --keys K --secrets S --epoch 3 --asset XXX --outflow 1 --out r.headroom")
        .expect(1)
        .says("expected one of: BTC");

    let altered = String::from_utf8(desk.read("J/public.json")).unwrap().replacen("\"1\"", "\"2\"", 1);
    desk.write("J/public.json", altered);
    desk.solventry("headroom import J --out s.headroom").expect(1).says("does not hold (C-HEAD)");
    desk.solventry("headroom export A.solv --out J2").expect(1);

    // A key folder of an earlier version.
    for name in ["K/headroom-verifying.key", "K/headroom-proving.key"] {
        std::fs::remove_file(desk.path(name)).unwrap();
    }
    refused("--epoch 3 --outflow 0.00000001", "solventry keys headroom");
    desk.solventry("keys inspect K").expect(0);
    desk.solventry("keys headroom K").expect(1).says("--insecure-dev");
    desk.solventry("keys headroom K --insecure-dev").expect(0).says("UNTRUSTED");
    desk.solventry("keys headroom K --insecure-dev").expect(1).says("exists already");
    desk.solventry(&format!("{prove} --epoch 3 --outflow 0.00000001 --out t.headroom")).expect(0);
}
