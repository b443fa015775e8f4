//! Criterion benchmarks of the solvency proof. `SOLVENTRY_BENCH_PROFILE=standard` takes the
//! standard profile (about two minutes of setup, a few GiB); keys are kept in
//! `SOLVENTRY_BENCH_KEYS`, by default the system's folder for temporary files.

use std::{env, hint::black_box, path::PathBuf, time::Duration};

use criterion::{BatchSize, BenchmarkGroup, Criterion, measurement::WallTime};
use solventry_benches::{
    epoch::Epoch,
    keys::{Keys, cached},
    phases::ShardParts,
    synthetic,
};
use solventry_prover::{kernel::Arkworks, keys::ProvingKeys, kzg::ReferenceString, seal::self_anchors};
use solventry_solvency::shard::ShardCircuit;
use solventry_types::{Attestation, Profile, attestation::ShardRecord};
use solventry_verifier::{
    attestation::claims, kzg::verify_openings, staged::verify_batch, verify_attestation, verify_inclusion,
};

mod headroom;
mod openings;

/// Accounts of the ledger: three shards of the small profile, one of the standard one.
const ACCOUNTS: usize = 900;

fn main() {
    let name = env::var("SOLVENTRY_BENCH_PROFILE").unwrap_or_else(|_| "small".into());
    let profile = Profile::from_name(&name).expect("SOLVENTRY_BENCH_PROFILE is small or standard");
    let folder = env::var_os("SOLVENTRY_BENCH_KEYS").map_or_else(env::temp_dir, PathBuf::from);
    let made = cached(profile, &folder).expect("the folder for keys can be written");
    println!("{profile}: proving keys {} bytes, verifying keys {}", made.proving_bytes, made.verifying_bytes);

    let mut criterion = Criterion::default().configure_from_args();
    setup(&mut group(&mut criterion, &format!("{profile}/setup")), profile);
    let ledger = synthetic::ledger(ACCOUNTS, 1);
    let epoch = Epoch::new(&made.keys, &ledger);
    shard(&mut group(&mut criterion, &format!("{profile}/shard")), &epoch);
    whole(&mut criterion, &made, &epoch);
    openings::openings(&mut group(&mut criterion, "openings"));
    criterion.final_summary();
}

/// Slow things are run ten times.
fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    group
}

fn setup(group: &mut BenchmarkGroup<'_, WallTime>, profile: Profile) {
    group.bench_function("description of the shard circuit", |b| b.iter(|| ShardCircuit::new(profile)));
    group.bench_function("reference string", |b| b.iter(|| ReferenceString::insecure_setup(profile)));
    if profile == Profile::SMALL {
        group.bench_function("all keys", |b| b.iter(|| ProvingKeys::insecure_setup(profile)));
    }
}

fn shard(group: &mut BenchmarkGroup<'_, WallTime>, epoch: &Epoch<'_>) {
    let parts = ShardParts::new(epoch, &Arkworks);
    for (name, work) in parts.phases() {
        group.bench_function(name, |b| b.iter(&work));
    }
}

/// Everything that needs a whole attestation.
fn whole(criterion: &mut Criterion, made: &Keys, epoch: &Epoch<'_>) {
    let profile = epoch.context.profile;
    let pending: Vec<u32> = (0..epoch.context.shards).collect();
    let records = epoch.prove(&Arkworks, &pending);
    let attestation = epoch.seal(&Arkworks, records.clone());
    println!("{profile}: attestation of {} shards {} bytes", pending.len(), attestation.encode().len());
    verify(&mut group(criterion, &format!("{profile}/verify")), made, epoch, &records, &attestation);
    coverage(&mut group(criterion, &format!("{profile}/coverage")), epoch, &records);
    inclusion(&mut group(criterion, &format!("{profile}/inclusion")), epoch, &attestation);
    headroom::headroom(&mut group(criterion, &format!("{profile}/headroom")), epoch, &records, &attestation);
}

/// Batches of 10 and 50 repeat the proven shards: no cost depends on the values, and every
/// claim has its own weight, its own challenges and its own place in the product of pairings.
fn verify(
    group: &mut BenchmarkGroup<'_, WallTime>,
    made: &Keys,
    epoch: &Epoch<'_>,
    records: &[ShardRecord],
    attestation: &Attestation,
) {
    let (keys, binding) = (&made.keys.verifying, epoch.job().binding());
    for size in [1, 10, 50] {
        let batch: Vec<(u32, &ShardRecord)> = (0u32..).zip(records).cycle().take(size).collect();
        group.bench_function(format!("{size} shards"), |b| {
            b.iter(|| {
                let claim = |(index, record): &(u32, &ShardRecord)| {
                    claims::shard(keys, &binding, *index, record).expect("no pole")
                };
                let (proofs, openings): (Vec<_>, Vec<_>) = batch.iter().map(claim).unzip();
                verify_batch(&proofs).expect("the proofs hold");
                verify_openings(&keys.kzg, &openings).expect("the openings hold");
            });
        });
    }
    let (bytes, anchors, now) =
        (attestation.encode(), self_anchors(attestation), epoch.context.snapshot_time);
    group.bench_function(format!("attestation of {} shards", records.len()), |b| {
        b.iter(|| verify_attestation(&bytes, &anchors, now).expect("it holds"));
    });
}

/// Coverage proof, signature and self-check; the proof dominates.
fn coverage(group: &mut BenchmarkGroup<'_, WallTime>, epoch: &Epoch<'_>, records: &[ShardRecord]) {
    group.bench_function("seal", |b| {
        b.iter_batched(|| records.to_vec(), |records| epoch.seal(&Arkworks, records), BatchSize::LargeInput);
    });
}

fn inclusion(group: &mut BenchmarkGroup<'_, WallTime>, epoch: &Epoch<'_>, attestation: &Attestation) {
    let verified =
        verify_attestation(&attestation.encode(), &self_anchors(attestation), epoch.context.snapshot_time)
            .expect("it holds");
    let shard = epoch.shard(0);
    let customer = shard.largest_customer(epoch);
    let make = || shard.inclusion(epoch, &Arkworks, verified.digest(), &customer).encode();
    let file = make();
    println!("inclusion file {} bytes", file.len());
    group.bench_function("make", |b| b.iter(make));
    group.bench_function("verify", |b| {
        b.iter(|| black_box(verify_inclusion(&file, &verified, &customer.id).expect("it holds")));
    });
}
