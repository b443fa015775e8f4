//! Descriptions that are wrong fail loudly, and challenges on poles are refused.

mod common;

use ark_bn254::Fr;
use ark_poly::EvaluationDomain;
use common::forge::{HonestCoverage, HonestShard};
use solventry_solvency::{
    Pole,
    gadgets::{
        evaluation::{JoinLayout, JoinPoint, PointLayout, VectorLayout, domain},
        range::RangeLayout,
    },
    r1cs::{CommittedStage, FreeStage, ONE, Wire, Wires, just},
};
use solventry_types::{
    Profile,
    challenge::{CoverageChallenges, ShardChallenges},
};

fn stage(committed: usize) -> (FreeStage, Wires) {
    let mut stage = CommittedStage::new("test".into(), &["x"]);
    let wires = stage.committed(committed);
    let mut stage = stage.close();
    stage.claim("C-TEST");
    (stage, wires)
}

const X: Wire = Wire(1);

#[test]
fn a_described_circuit_finishes() {
    let (mut stage, committed) = stage(1);
    let free = stage.free(1).at(0);
    stage.row(&just(X), &just(committed.at(0)), &just(free));
    let circuit = stage.finish();
    assert_eq!((circuit.committed, circuit.free, circuit.rows()), (1, 1, 1));
    assert_eq!(circuit.committed_range(), 2..3);
}

#[test]
#[should_panic(expected = "a wire is in no row")]
fn an_unused_committed_wire_is_refused() {
    let (mut stage, _) = stage(1);
    stage.row(&just(X), &just(ONE), &just(X));
    stage.finish();
}

#[test]
#[should_panic(expected = "a wire is in no row")]
fn an_unused_free_wire_is_refused() {
    let (mut stage, _) = stage(0);
    stage.free(1);
    stage.row(&just(X), &just(ONE), &just(X));
    stage.finish();
}

#[test]
#[should_panic(expected = "a wire is in no row")]
fn an_unused_public_input_is_refused() {
    let (mut stage, committed) = stage(1);
    stage.row(&just(ONE), &just(committed.at(0)), &[]);
    stage.finish();
}

#[test]
#[should_panic(expected = "a wire is in no row")]
fn a_wire_with_coefficient_zero_is_not_used() {
    let (mut stage, committed) = stage(1);
    stage.row(&[(X, Fr::from(1u64)), (committed.at(0), Fr::from(0u64))], &just(ONE), &[]);
    stage.finish();
}

#[test]
#[should_panic(expected = "a wire that was not handed out")]
fn a_row_with_a_wire_that_was_not_handed_out_is_refused() {
    let (mut stage, committed) = stage(1);
    let next = Wire(committed.at(0).0 + 1);
    stage.row(&just(X), &just(committed.at(0)), &just(next));
}

#[test]
#[should_panic(expected = "every row belongs to a claim")]
fn a_row_without_a_claim_is_refused() {
    let mut stage = CommittedStage::new("test".into(), &["x"]).close();
    stage.row(&just(X), &just(ONE), &[]);
}

#[test]
#[should_panic(expected = "no such public input")]
fn a_public_input_past_the_names_is_refused() {
    CommittedStage::new("test".into(), &["x"]).public(1);
}

#[test]
#[should_panic(expected = "limbs of another table")]
fn limbs_of_another_table_are_not_ranged() {
    let (mut stage, committed) = stage(2 + 4 + 1);
    let (limbs, multiplicities) = (committed.part(0, 2), committed.part(2, 4));
    let range = RangeLayout::new(&mut stage, 2, limbs.clone(), multiplicities);
    assert!(!range.ranged(limbs).value().is_empty());
    range.ranged(committed.part(1, 2));
}

#[test]
#[should_panic(expected = "one multiplicity per table entry")]
fn a_table_with_too_few_multiplicities_is_refused() {
    let (mut stage, committed) = stage(2 + 3);
    RangeLayout::new(&mut stage, 2, committed.part(0, 2), committed.part(2, 3));
}

#[test]
#[should_panic(expected = "a wire must be committed")]
fn free_limbs_are_not_ranged() {
    let (mut stage, committed) = stage(4);
    let limbs = stage.free(2);
    RangeLayout::new(&mut stage, 2, limbs, committed);
}

#[test]
#[should_panic(expected = "a wire must be committed")]
fn free_multiplicities_are_refused() {
    let (mut stage, committed) = stage(2);
    let multiplicities = stage.free(4);
    RangeLayout::new(&mut stage, 2, committed, multiplicities);
}

/// Evaluates a vector of one entry with blinding and mask, each committed or free.
fn evaluate([entry, blinding, mask]: [bool; 3]) {
    let (mut stage, committed) = stage(4);
    let free = stage.free(4);
    let choose = |is_free: bool, index| if is_free { free.at(index) } else { committed.at(index) };
    let point = PointLayout::new(&mut stage, 2);
    let vector = VectorLayout::new(&mut stage, 0, 1);
    let join = JoinLayout::new(&mut stage, 1);
    vector.constrain(&mut stage, &point, X, &[just(choose(entry, 0))], Some(choose(blinding, 1)));
    let mask = [choose(mask, 2), choose(mask, 3)];
    join.constrain(&mut stage, &[vector.value()], mask, JoinPoint { rho: X, gamma: X, y: X });
}

#[test]
fn committed_vectors_are_evaluated() {
    evaluate([false, false, false]);
}

#[test]
#[should_panic(expected = "a wire must be committed")]
fn free_vectors_are_refused() {
    evaluate([true, false, false]);
}

#[test]
#[should_panic(expected = "a wire must be committed")]
fn free_blinding_is_refused() {
    evaluate([false, true, false]);
}

#[test]
#[should_panic(expected = "a wire must be committed")]
fn free_mask_is_refused() {
    evaluate([false, false, true]);
}

#[test]
fn challenges_on_poles_of_the_shard_circuit_are_refused() {
    let honest = HonestShard::new(Profile::SMALL);
    let good = honest.challenges;
    let omega = domain(Profile::SMALL.block_slots).group_gen();
    let small = |value: u64| Fr::from(value);
    let poles = [
        ShardChallenges { alpha: small(0), ..good },
        ShardChallenges { alpha: small(255), ..good },
        ShardChallenges { chi: small(0), ..good },
        ShardChallenges { chi: small(65_535), ..good },
        ShardChallenges { rho: small(1), ..good },
        ShardChallenges { rho: omega, ..good },
        ShardChallenges { gamma: small(0), ..good },
    ];
    for challenges in poles {
        assert_eq!(honest.circuit.assignment(&honest.committed.values, &challenges), Err(Pole));
    }
}

#[test]
fn challenges_on_poles_of_the_coverage_circuit_are_refused() {
    let honest = HonestCoverage::new(Profile::SMALL);
    let good = honest.challenges;
    let small = |value: u64| Fr::from(value);
    let poles = [
        CoverageChallenges { alpha: small(17), ..good },
        CoverageChallenges { rho: -small(1), ..good },
        CoverageChallenges { gamma: small(0), ..good },
    ];
    for challenges in poles {
        assert_eq!(honest.circuit.assignment(&honest.committed.values, &challenges), Err(Pole));
    }
}
