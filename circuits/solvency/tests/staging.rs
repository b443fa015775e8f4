//! Committed wires and free wires are on the right side (`05-threats` Z1, Z10).
//!
//! A free wire (J2) must be the one solution of its row once committed wires and challenges are
//! fixed; then no set of free wires, however large, can be changed. A committed wire (J1) must be
//! fixed before the challenges: `wires_solved_after_the_challenges_…` shows what each group would
//! allow otherwise, and that the same values are refused under challenges drawn afterwards.

mod common;

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use common::{
    committed::Committed,
    forge::{COVERAGE_ROOT, COVERAGE_Y, HonestCoverage, HonestShard, Outputs, SHARD_Y, assert_refused},
    headroom::{ASSET, HonestHeadroom, OUTFLOW, ROOT},
    scalars,
    solver::Solver,
};
use rayon::prelude::*;
use solventry_solvency::{
    r1cs::Circuit,
    shard::{ShardCircuit, twin},
};
use solventry_types::{Profile, challenge::ShardChallenges};

/// Every free wire, and every output, is defined by exactly one row from what is known before
/// it. Where the wire stands on the left, the right side must not vanish: it is the constant one
/// or holds a challenge, so it vanishes on poles only. Returns the rows that define nothing.
fn every_free_wire_is_determined(circuit: &Circuit, values: &[Fr], outputs: &[usize]) -> Vec<&'static str> {
    let solver = Solver::new(circuit, outputs);
    assert_eq!(solver.definitions.len(), circuit.free + outputs.len());
    let squares: Vec<usize> = powers_of_rho(circuit, &solver);
    solver.definitions.par_iter().for_each(|definition| {
        assert!(circuit.holds(definition.row, values));
        assert!(!solver.slope(definition, values).is_zero(), "row {} has other solutions", definition.row);
        let right = circuit.matrices[1].row(definition.row);
        let one = |wire: u32| wire == 0;
        let challenge = |wire: u32| {
            (1..circuit.instance()).contains(&(wire as usize)) || squares.contains(&(wire as usize))
        };
        let nonzero = right.iter().any(|entry| challenge(entry.wire))
            || (right.len() == 1 && one(right[0].wire) && !circuit.coefficient(right[0]).is_zero());
        assert!(!definition.left || nonzero, "row {} could vanish on its right side", definition.row);
    });
    solver.checks.iter().map(|row| circuit.claim(*row)).collect()
}

/// The wires ρ², ρ⁴, …: squares of a public input or of each other.
fn powers_of_rho(circuit: &Circuit, solver: &Solver<'_>) -> Vec<usize> {
    let rho = circuit.public.iter().position(|name| *name == "rho").unwrap() + 1;
    let mut powers = vec![rho];
    for definition in &solver.definitions {
        let single = |side: usize| match circuit.matrices[side].row(definition.row) {
            [entry] => Some(entry.wire as usize),
            _ => None,
        };
        if single(0) == powers.last().copied() && single(1) == single(0) {
            powers.push(definition.wire);
        }
    }
    powers
}

#[test]
fn every_free_wire_of_the_shard_circuit_is_determined() {
    for profile in Profile::ALL {
        let honest = HonestShard::new(profile);
        let checks = every_free_wire_is_determined(&honest.circuit.circuit, &honest.values, &[SHARD_Y]);
        // All that is demanded, besides y: the range sum and the sum of shares.
        assert_eq!(checks, ["C-SHARD-1", "C-SHARD-2"]);
    }
}

#[test]
fn every_free_wire_of_the_coverage_circuit_is_determined() {
    for profile in Profile::ALL {
        let honest = HonestCoverage::new(profile);
        let outputs = [COVERAGE_Y, COVERAGE_ROOT];
        let checks = every_free_wire_is_determined(&honest.circuit.circuit, &honest.values, &outputs);
        // Besides y and root: the range sum, and per asset the surplus and nothing past the table.
        assert_eq!(checks, vec!["C-COV-2"; 1 + 2 * profile.max_assets]);
    }
}

/// The headroom circuit commits to nothing: what the prover does not choose follows from what it
/// chooses, through rows of which each has one solution whatever the values are.
#[test]
fn every_wire_of_the_headroom_circuit_that_is_not_chosen_is_determined() {
    let honest = HonestHeadroom::new(9, 1);
    let (circuit, chosen) = (&honest.circuit.circuit, honest.layout().chosen());
    let solver = Solver::knowing(circuit, chosen.end, &[ROOT, ASSET, OUTFLOW]);
    assert_eq!(solver.definitions.len(), circuit.wires() - chosen.end + 3);
    assert!(solver.definitions.iter().all(|definition| !definition.left));
    // Demanded of what is chosen: two copies, bits and marks, one place, the surplus, and on each
    // level that the chosen child is the hash below.
    let demanded = |claim: &str| solver.checks.iter().filter(|row| circuit.claim(**row) == claim).count();
    let found = [1, 2, 3, 4, 5].map(|claim| demanded(&format!("C-HEAD-{claim}")));
    assert_eq!(found, [2, 96, 7 + 1 + 9, 112 + 1, 3]);
}

/// Lies in one free wire, everything else recomputed honestly: the lie breaks its own row
/// whatever follows, so no output ever comes out altered by it. A sample; the tests above say it of all.
fn a_lie_breaks_the_row_that_defines_it(circuit: &Circuit, values: &[Fr], outputs: &[usize]) {
    let solver = Solver::new(circuit, outputs);
    let sample: Vec<_> = solver.definitions.iter().step_by(29).collect();
    sample.into_par_iter().for_each(|definition| {
        let lie = values[definition.wire] + Fr::from(1u64);
        let lying = solver.follow(values, &[(definition.wire, lie)], false);
        assert!(!circuit.holds(definition.row, &lying), "wire {} can lie", definition.wire);
    });
}

#[test]
fn a_lie_in_one_free_wire_is_not_healed_by_the_others() {
    let shard = HonestShard::new(Profile::SMALL);
    a_lie_breaks_the_row_that_defines_it(&shard.circuit.circuit, &shard.values, &[SHARD_Y]);
    let coverage = HonestCoverage::new(Profile::SMALL);
    let outputs = [COVERAGE_Y, COVERAGE_ROOT];
    a_lie_breaks_the_row_that_defines_it(&coverage.circuit.circuit, &coverage.values, &outputs);
}

/// A forger who knows the challenges satisfies every row with false values; the twin, and the
/// circuit under any other challenges, refuse them.
fn solved_after_the_challenges(claim: &str, honest: &HonestShard, forged: &Committed, outputs: Outputs) {
    let (circuit, twin) = honest.verdicts(forged, outputs);
    assert_eq!((circuit, twin.map_err(|refused| refused.claim)), (Ok(()), Err(claim)));
    let [alpha, chi, rho, gamma] = scalars(3);
    let challenges = ShardChallenges { alpha, chi, rho, gamma };
    let values = honest.circuit.assignment(&forged.values, &challenges).unwrap();
    let twin = twin::check(&honest.circuit, &forged.values, &challenges, values[SHARD_Y]);
    assert_refused(claim, (honest.circuit.circuit.check(&values), twin));
}

#[test]
fn wires_solved_after_the_challenges_satisfy_the_rows_so_they_are_committed() {
    let honest = HonestShard::new(Profile::SMALL);
    let (layout, challenges) = (honest.circuit.layout(), honest.challenges);
    let limb = layout.asset_limbs(0).at(0);
    let pole = |value: Fr| (challenges.alpha - value).inverse().unwrap();

    // A multiplicity makes up for a limb out of range.
    let mut forged = honest.forge();
    forged.set(limb, Fr::from(1u64 << 40));
    let missing = pole(forged.at(limb)) - pole(Fr::zero());
    forged.add(layout.multiplicities.at(0), missing * challenges.alpha);
    solved_after_the_challenges("C-SHARD-1", &honest, &forged, Outputs::Recomputed);

    // Two limbs of empty places: one is chosen, the other takes the rest of the sum.
    let mut forged = honest.forge();
    let other = layout.asset_limbs(1).at(0);
    forged.set(limb, Fr::from(1u64 << 40));
    let rest = pole(forged.at(other)) + pole(Fr::zero()) - pole(forged.at(limb));
    forged.set(other, challenges.alpha - rest.inverse().unwrap());
    solved_after_the_challenges("C-SHARD-1", &honest, &forged, Outputs::Recomputed);

    // One total shrinks, another makes up for it at χ.
    let mut forged = honest.forge();
    let weight = |asset: u64| challenges.chi - Fr::from(asset);
    forged.add(layout.totals.at(0), -weight(1));
    forged.add(layout.totals.at(1), weight(2));
    solved_after_the_challenges("C-SHARD-2", &honest, &forged, Outputs::Recomputed);
}

/// Blinding and mask scalars, too: solved after ρ they keep y for any other block.
#[test]
fn blinding_solved_after_the_challenges_keeps_y_so_it_is_committed() {
    let honest = HonestShard::new(Profile::SMALL);
    let layout = honest.circuit.layout();
    let blinding = layout.block_blinding.iter().chain([layout.totals_blinding]).chain(layout.mask.iter());
    for wire in blinding {
        let mut forged = honest.forge();
        let first = honest.holding_of(1, 0);
        honest.swap_holdings(&mut forged, first, honest.holding_of(2, first + 3));
        let y = |forged: &Committed| {
            honest.circuit.assignment(&forged.values, &honest.challenges).unwrap()[SHARD_Y]
        };
        let before = y(&forged);
        forged.add(wire, Fr::from(1u64));
        let slope = y(&forged) - before;
        forged.add(wire, (honest.values[SHARD_Y] - before) / slope - Fr::from(1u64));
        // The statement is true of other blocks, so the twin has nothing to refuse at this point:
        // only that the scalar was fixed before ρ, and C_b with it, makes y binding.
        assert_eq!(honest.verdicts(&forged, Outputs::Kept), (Ok(()), Ok(())));
        assert!(!same_y_elsewhere(&honest.circuit, &honest.committed, &forged));
    }
}

fn same_y_elsewhere(circuit: &ShardCircuit, honest: &Committed, forged: &Committed) -> bool {
    let [alpha, chi, rho, gamma] = scalars(3);
    let challenges = ShardChallenges { alpha, chi, rho, gamma };
    let y = [honest, forged]
        .map(|committed| circuit.assignment(&committed.values, &challenges).unwrap()[SHARD_Y]);
    y[0] == y[1]
}
