//! Headroom proofs: keys, witness and proof, verification alone and in a batch.

use criterion::{BenchmarkGroup, measurement::WallTime};
use solventry_benches::{epoch::Epoch, measure::repeated};
use solventry_prover::headroom::{HeadroomKeys, HeadroomSecrets, prove_headroom};
use solventry_types::{AssetId, Attestation, Total, attestation::ShardRecord};
use solventry_verifier::{
    headroom::{HeadroomFile, verify_headroom_batch},
    verify_headroom,
};

/// Runs on the attestation of an epoch. Nothing but the opening of the tree depends on the profile.
pub fn headroom(
    group: &mut BenchmarkGroup<'_, WallTime>,
    epoch: &Epoch<'_>,
    records: &[ShardRecord],
    attestation: &Attestation,
) {
    group.bench_function("keys", |b| b.iter(HeadroomKeys::insecure_setup));
    let keys = HeadroomKeys::insecure_setup();
    let openings = [epoch.reserves(records).0];
    let secrets = || {
        HeadroomSecrets::new(attestation, epoch.ledger.totals(), &openings, &epoch.secret)
            .expect("the same epoch")
    };
    group.bench_function("secrets of an epoch", |b| b.iter(secrets));
    let secrets = secrets();
    let asset = AssetId::new(1).expect("not zero");
    let prove = || prove_headroom(&keys, &secrets, asset, Total::ZERO).expect("nothing leaves");
    let cost = repeated(10, prove);
    println!("headroom: {:?} wall, {:?} of all cores a proof, self-check included", cost.wall, cost.cpu);
    group.bench_function("prove and check", |b| b.iter(prove));
    let HeadroomFile { statement, proof, key } = prove();
    println!("headroom file {} bytes", HeadroomFile::BYTES);
    let attested = secrets.attested();
    group.bench_function("verify", |b| {
        b.iter(|| verify_headroom(&key, attested, &statement, &proof).expect("it holds"));
    });
    let batch = vec![(statement, proof); 10];
    group.bench_function("verify 10", |b| {
        b.iter(|| verify_headroom_batch(&key, attested, &batch).expect("they hold"));
    });
}
