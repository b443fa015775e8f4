//! Criterion benchmarks of the policy proof: keys, prove (with its self-check), verify, and the
//! root of a policy with many destinations. Processor time is printed first.

use std::{hint::black_box, time::Duration};

use criterion::Criterion;
use rand_core::{OsRng, RngCore};
use solventry_benches::measure;
use solventry_policy::{
    Policy, PolicyKeys, PolicyProof, PolicyStatement, PolicyVerifyingKey, Rule, prove,
    rules::{Salt, Tier},
    verify,
};
use solventry_types::{Digest, Lane, Total, Validity};

/// Listed destinations of the rule that is opened.
const DESTINATIONS: usize = 100;

fn main() {
    let keys = PolicyKeys::generate().expect("the circuit is that of its version");
    let policy = policy(DESTINATIONS);
    let statement = statement(&policy);
    let made = || prove(&keys, &policy, &statement, OsRng).expect("the policy allows it");
    let proof = made();
    let verified = || verify(keys.verifying(), &statement, &proof).expect("it holds");
    println!("policy proof {} bytes", PolicyProof::LEN);
    for (name, cost) in [
        ("verifying key", measure::repeated(3, PolicyVerifyingKey::generate)),
        ("both keys", measure::repeated(3, PolicyKeys::generate)),
        ("prove", measure::repeated(5, made)),
        ("verify", measure::repeated(20, verified)),
    ] {
        println!("{name}: {:?} wall, {:?} of processor", cost.wall, cost.cpu);
    }

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("policy");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    group.bench_function("verifying key", |b| b.iter(PolicyVerifyingKey::generate));
    group.bench_function("both keys", |b| b.iter(PolicyKeys::generate));
    group.bench_function("prove", |b| b.iter(made));
    group.bench_function("verify", |b| b.iter(verified));
    group.bench_function(format!("root, {DESTINATIONS} destinations"), |b| {
        b.iter(|| black_box(policy.root()));
    });
    group.finish();
    criterion.final_summary();
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

fn total(units: u128) -> Total {
    Total::from_units(units).expect("below 2^96")
}

/// One rule with so many random destinations.
fn policy(destinations: usize) -> Policy {
    let mut listed: Vec<Digest> = (0..destinations).map(|_| Digest(random())).collect();
    listed.sort_unstable();
    let rule = Rule {
        asset: Digest(random()),
        lane: Lane::Normal,
        per_payment: total(1_000_000),
        per_window: [1_000_000; 4].map(total),
        count: 10,
        cooldown: 60,
        fee: 10_000,
        approvals: 2,
        tiers: [Tier { above: total(500_000), approvals: 3 }, Tier::unused(), Tier::unused()],
        band_bps: (0, 0),
        destinations: listed,
    };
    Policy {
        vault: Digest(random()),
        approver_set: Digest(random()),
        oracle_account: Digest([0; 32]),
        not_before: 0,
        not_after: u64::MAX,
        max_validity: 3_600,
        rules: vec![rule],
        salt: Salt(random()),
    }
}

fn statement(policy: &Policy) -> PolicyStatement {
    let rule = policy.rules.first().expect("one rule");
    PolicyStatement {
        policy_root: policy.root(),
        payment_id: Digest(random()),
        vault: policy.vault,
        asset: rule.asset,
        destination: *rule.destinations.first().expect("destinations"),
        amount: total(600_000),
        fee: 1_000,
        lane: Lane::Normal,
        own_destination: false,
        spent: [total(100_000); 4],
        count: 1,
        since_last: 600,
        approvals: 3,
        approver_set: policy.approver_set,
        oracle_account: Digest([0; 32]),
        margin_ratio_bps: 0,
        validity: Validity { from: 1_700_000_000, until: 1_700_003_600 },
    }
}
