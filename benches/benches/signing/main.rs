//! Criterion benchmarks of what a signer does before it votes and an auditor offline: decoding a
//! transaction, checking signing evidence. The evidence is the golden one: two inputs, one
//! approval, a decision of three signers, two signatures. Processor time is printed first.

use std::{fs, hint::black_box, path::Path, time::Duration};

use criterion::Criterion;
use solventry_benches::measure;
use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{SigningEvidence, verify_signing};
use solventry_verifier::{Anchors, verify_attestation};

/// The verifier's clock when the golden files were made.
const NOW: u64 = 1_700_000_000;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/v1/signing");
    let read = |name: &str| fs::read(folder.join(name)).expect("the golden files are there");
    let anchors = Anchors::from_json(&read("anchors.json")).expect("anchors");
    let attestation = verify_attestation(&read("attestation.bin"), &anchors, NOW).expect("valid");
    let key = PolicyVerifyingKey::generate().expect("the circuit is that of its version");
    let bytes = read("evidence.bin");
    let evidence = SigningEvidence::decode(&bytes).expect("canonical");
    let (transaction, accounts) = (&evidence.transaction, &evidence.vault.accounts);
    let decode = || solventry_chains::decode(transaction, accounts).expect("of a known form");
    let parse = || SigningEvidence::decode(&bytes).expect("canonical");
    let check = || verify_signing(&bytes, &attestation, &anchors, &key).expect("it holds");
    println!("signing evidence {} bytes, transaction {} bytes", bytes.len(), transaction.len());
    for (name, cost) in [
        ("decode the PSBT", measure::repeated(200, decode).cpu),
        ("parse the file", measure::repeated(200, parse).cpu),
        ("check the evidence", measure::repeated(50, check).cpu),
    ] {
        println!("{name}: {cost:?} of processor");
    }
    let mut walls: Vec<Duration> = (0..500).map(|_| measure::once(check).1.wall).collect();
    walls.sort_unstable();
    println!("check the evidence, wall: median {:?}, p99 {:?}", walls[250], walls[495]);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("signing");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    group.bench_function("decode the PSBT", |b| b.iter(|| black_box(decode())));
    group.bench_function("parse the file", |b| b.iter(|| black_box(parse())));
    group.bench_function("check the evidence", |b| b.iter(|| black_box(check())));
    group.finish();
    criterion.final_summary();
}
