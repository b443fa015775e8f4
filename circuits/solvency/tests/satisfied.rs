//! Honest witnesses satisfy circuit and twin alike.

mod common;

use ark_bn254::Fr;
use common::{coverage_witness, shard_witness, table};
use solventry_solvency::{coverage, shard, surplus_tree};
use solventry_types::{
    Profile,
    challenge::{CoverageChallenges, ShardChallenges},
};

#[test]
fn an_honest_shard_satisfies_circuit_and_twin() {
    let circuit = shard::ShardCircuit::new(Profile::SMALL);
    let committed = circuit.committed_values(&shard_witness(1)).unwrap();
    let [alpha, chi, rho, gamma] = common::scalars(2);
    let challenges = ShardChallenges { alpha, chi, rho, gamma };
    let values = circuit.assignment(&committed, &challenges).unwrap();
    assert_eq!(circuit.circuit.check(&values), Ok(()));
    assert_eq!(shard::twin::check(&circuit, &committed, &challenges, values[5]), Ok(()));
}

#[test]
fn honest_coverage_satisfies_circuit_and_twin() {
    let circuit = coverage::CoverageCircuit::new(Profile::SMALL);
    let committed = circuit.committed_values(&coverage_witness(1), &table()).unwrap();
    let [alpha, rho, gamma, _] = common::scalars(2);
    let challenges = CoverageChallenges { alpha, rho, gamma };
    let values = circuit.assignment(&committed, &challenges).unwrap();
    assert_eq!(circuit.circuit.check(&values), Ok(()));
    assert_eq!(values[5], circuit.headroom_root(&committed));
    let outputs = coverage::twin::Outputs { evaluation: values[4], headroom_root: values[5] };
    assert_eq!(coverage::twin::check(&circuit, &committed, &challenges, outputs), Ok(()));
}

#[test]
fn poseidon_agrees_with_circomlib() {
    // circomlibjs 0.1.7: poseidon([1,2,3,4,5,6,7,8]) with initial state 0.
    let inputs = std::array::from_fn(|index| Fr::from(index as u64 + 1));
    let expected = "18604317144381847857886385684060986177838410221561136253933256952257712543953";
    assert_eq!(surplus_tree::hash(0, &inputs).to_string(), expected);
}

#[test]
fn sizes_are_pinned() {
    let shard = shard::ShardCircuit::new(Profile::SMALL).circuit;
    let coverage = coverage::CoverageCircuit::new(Profile::SMALL).circuit;
    println!("{} {} {} {}", shard.rows(), shard.committed, shard.free, shard.digest());
    println!("{} {} {} {}", coverage.rows(), coverage.committed, coverage.free, coverage.digest());
}
