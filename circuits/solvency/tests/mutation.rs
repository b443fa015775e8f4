//! No wire of any circuit can change alone (`05-threats` Z1): public inputs, committed and
//! free wires are each replaced by nine other values, and some row must break. Exhaustive over
//! the small profile; `every_free_wire_is_determined` in `staging.rs` is the argument for changes
//! of several free wires together.

mod common;

use common::{
    forge::{HonestCoverage, HonestShard},
    headroom::HonestHeadroom,
    mutants::Mutants,
};
use rand_core::{OsRng, RngCore};
use solventry_solvency::{coverage::LIMB_BITS, r1cs::Circuit};
use solventry_types::Profile;

fn no_survivor(circuit: &Circuit, values: &[ark_bn254::Fr], limb_bits: u32) {
    let seed = OsRng.next_u64();
    let tally = Mutants::new(circuit, values, limb_bits).run(seed);
    println!("{}: {} mutants of {} wires killed, seed {seed}", circuit.id, tally.killed, circuit.wires());
    assert_eq!(tally.survivors, [], "{}: (wire, mutation) that no row notices; seed {seed}", circuit.id);
    // Six of the nine values at least differ from any value and from each other.
    assert!(tally.killed >= 6 * (circuit.wires() - 1));
}

#[test]
fn no_wire_of_the_shard_circuit_can_change_alone() {
    let honest = HonestShard::new(Profile::SMALL);
    no_survivor(&honest.circuit.circuit, &honest.values, Profile::SMALL.limb_bits);
}

#[test]
fn no_wire_of_the_coverage_circuit_can_change_alone() {
    let honest = HonestCoverage::new(Profile::SMALL);
    no_survivor(&honest.circuit.circuit, &honest.values, LIMB_BITS);
}

#[test]
fn no_wire_of_the_headroom_circuit_can_change_alone() {
    for asset in [1, 9, 63] {
        let honest = HonestHeadroom::new(asset, 1);
        no_survivor(&honest.circuit.circuit, &honest.values, 1);
    }
}

/// The harness itself must notice a wire that is free.
#[test]
fn a_free_wire_survives() {
    use ark_bn254::Fr;
    use solventry_solvency::r1cs::{CommittedStage, just};
    let mut stage = CommittedStage::new("test".into(), &["x"]);
    let (x, free) = (stage.public(0), stage.committed(1).at(0));
    let mut stage = stage.close();
    let product = stage.free(1).at(0);
    stage.claim("C-TEST");
    stage.row(&just(x), &just(free), &just(product));
    let circuit = stage.finish();
    // 0 · free = 0: `free` is free.
    let values = [1u64, 0, 5, 0].map(Fr::from);
    let tally = Mutants::new(&circuit, &values, 8).run(0);
    assert_eq!(tally.survivors.iter().filter(|(wire, _)| *wire == free.0 as usize).count(), 9);
}
