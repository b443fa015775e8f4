//! Honest witnesses satisfy circuit and twin alike, in every profile.

mod common;

use ark_bn254::Fr;
use common::forge::{COVERAGE_ROOT, HonestCoverage, HonestShard};
use solventry_solvency::surplus_tree;
use solventry_types::Profile;

#[test]
fn an_honest_small_shard_satisfies_circuit_and_twin() {
    let shard = HonestShard::new(Profile::SMALL);
    shard.accepts(&shard.committed);
}

#[test]
fn an_honest_standard_shard_satisfies_circuit_and_twin() {
    let shard = HonestShard::new(Profile::STANDARD);
    shard.accepts(&shard.committed);
}

#[test]
fn honest_coverage_satisfies_circuit_and_twin() {
    for profile in Profile::ALL {
        let coverage = HonestCoverage::new(profile);
        coverage.accepts(&coverage.committed);
        let root = coverage.circuit.headroom_root(&coverage.committed.values);
        assert_eq!(coverage.values[COVERAGE_ROOT], root, "the root that the statement is made of");
    }
}

#[test]
fn poseidon_agrees_with_circomlib() {
    // circomlibjs 0.1.7: poseidon([1,2,3,4,5,6,7,8]) with initial state 0.
    let inputs = std::array::from_fn(|index| Fr::from(index as u64 + 1));
    let expected = "18604317144381847857886385684060986177838410221561136253933256952257712543953";
    assert_eq!(surplus_tree::hash(0, &inputs).to_string(), expected);
}
