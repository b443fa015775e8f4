//! No cell of the circuit can change alone (`05-threats` Z1): every advice cell that is assigned,
//! the Poseidon chips' included, is replaced by other values, and the circuit must refuse.

mod common;

use common::{
    mutants::{AdviceCell, Mutable, advice_cells},
    payment, policy,
};
use ff::{Field, PrimeField};
use halo2_proofs::pasta::Fp;
use rayon::prelude::*;
use solventry_policy::circuit::PolicyCircuit;
use solventry_types::Lane;

/// The least and the greatest that can be wrong, and what running sums and bits fear.
fn other_values(value: Fp) -> [Fp; 9] {
    let two_to_96 = Fp::from_u128(1 << 96);
    [
        value + Fp::ONE,
        value - Fp::ONE,
        -value,
        Fp::ZERO,
        Fp::ONE,
        Fp::from(256),
        value + two_to_96,
        value.double(),
        Fp::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
    ]
}

/// Changes every cell that `chosen` takes, by its number, to its first `values` other values.
fn no_survivor(lane: Lane, values: usize, chosen: impl Fn(usize, &AdviceCell) -> bool) {
    let policy = policy();
    let statement = payment(&policy, lane);
    let circuit = PolicyCircuit::new(&policy, &statement);
    let public = statement.public_inputs().unwrap().into_array();
    let cells = advice_cells(&circuit, &public);
    let (all, poseidon) = (cells.len(), cells.iter().filter(|cell| cell.is_poseidon()).count());
    let chosen: Vec<_> = cells.into_iter().enumerate().filter(|(index, cell)| chosen(*index, cell)).collect();

    let tried: Vec<(usize, Vec<String>)> = chosen
        .par_chunks(chosen.len().div_ceil(4 * rayon::current_num_threads()))
        .map(|cells| {
            let mut mutable = Mutable::new(&circuit, &public);
            let mut mutants = 0;
            let mut survivors = vec![];
            for (index, cell) in cells {
                let others = other_values(cell.value).into_iter().filter(|value| *value != cell.value);
                for value in others.take(values) {
                    mutants += 1;
                    if !mutable.refuses(cell, value) {
                        survivors.push(format!("{index} {cell:?} = {value:?}"));
                    }
                }
            }
            (mutants, survivors)
        })
        .collect();
    let mutants: usize = tried.iter().map(|(mutants, _)| mutants).sum();
    let survivors: Vec<_> = tried.into_iter().flat_map(|(_, survivors)| survivors).collect();
    println!("{lane:?}: {mutants} mutants of {} cells, of {all}, {poseidon} in Poseidon", chosen.len());
    assert!(survivors.is_empty(), "survivors: {survivors:#?}");
}

#[test]
fn no_cell_outside_of_hashes_can_change_alone() {
    for lane in Lane::ALL {
        no_survivor(lane, 1, |_, cell| !cell.is_poseidon());
    }
}

/// One cell in 23, so that every column and round of the chip comes up.
#[test]
fn no_sampled_cell_of_a_hash_can_change_alone() {
    no_survivor(Lane::Normal, 1, |index, cell| cell.is_poseidon() && index % 23 == 0);
}

/// About ten minutes of one core.
#[test]
#[ignore = "soak: every cell of the circuit"]
fn no_cell_at_all_can_change_alone() {
    for lane in Lane::ALL {
        no_survivor(lane, 2, |_, _| true);
    }
}

#[test]
#[ignore = "soak: nine values in every cell outside of hashes"]
fn no_cell_outside_of_hashes_can_take_nine_other_values() {
    for lane in Lane::ALL {
        no_survivor(lane, 9, |_, cell| !cell.is_poseidon());
    }
}
