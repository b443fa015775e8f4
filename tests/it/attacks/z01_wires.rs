//! Z1: under-constrained wires. The prover sets free wires (J2) to whatever makes a false
//! statement come out right; the row that defines the wire must break. (Chaliasos et al., "SoK:
//! What don't we know? Understanding security vulnerabilities in SNARKs", eprint 2024/514: most
//! circuit bugs are missing constraints.)

use ark_bn254::Fr;
use ark_ff::{Field, One};
use solventry_types::challenge::ShardChallenges;

use crate::support::{
    evil_coverage::EvilCoverage,
    evil_shard::EvilShard,
    fixture::fixture,
    outcome::{Outcome, attacks, coverage_proof_refused, refused, shard_proof_refused},
};

attacks![
    inverse_of_a_limb_solved,
    inverse_of_a_table_entry_solved,
    share_of_a_holding_solved,
    share_of_an_asset_solved,
    quotient_of_a_slot_solved,
    power_of_rho_wrong,
    evaluation_of_a_block_solved,
    partial_sum_of_the_join_solved,
    evaluation_y_altered,
    surplus_wire_detached_from_its_limbs,
    hash_wire_of_the_tree_altered,
    headroom_root_altered,
];

/// First free wire: the inverses of the limbs, then those of the table, in the assignment.
fn first_free() -> usize {
    fixture().keys.shard_circuit.circuit.committed_range().end
}

/// First wire after the shares: eight powers of ρ, then per block 256 quotients and a value.
fn first_power() -> usize {
    fixture().keys.shard_circuit.layout().asset_shares.range().end
}

/// A limb of 256, so that the sum of C-SHARD-1 is off by `1/(α − 256) − 1/α`.
fn with_wide_limb() -> (EvilShard, usize) {
    let mut evil = EvilShard::honest(0);
    let wire = EvilShard::limb(evil.free_holding(), 0);
    evil.committed[wire] = Fr::from(256u64);
    evil.vectors_from_wires();
    evil.commit();
    (evil, wire)
}

/// Source: eprint 2022/1530 (logarithmic derivatives): inverses must be tied to their limbs.
fn inverse_of_a_limb_solved() -> Outcome {
    let (evil, limb) = with_wide_limb();
    let tweak = |values: &mut [Fr], c: &ShardChallenges| {
        values[first_free() + limb] = c.alpha.inverse().unwrap(); // as if the limb were 0
    };
    shard_proof_refused(&evil, &tweak, "C-SHARD-1")
}

/// Source: eprint 2022/1530.
fn inverse_of_a_table_entry_solved() -> Outcome {
    let (evil, _) = with_wide_limb();
    let table = first_free() + fixture().keys.shard_circuit.layout().limbs.len();
    let tweak = |values: &mut [Fr], c: &ShardChallenges| {
        values[table] += (c.alpha - Fr::from(256u64)).inverse().unwrap() - c.alpha.inverse().unwrap();
    };
    shard_proof_refused(&evil, &tweak, "C-SHARD-1")
}

/// Source: 01-solvency §3, C-SHARD-2: u_h must be the one solution of its row.
fn share_of_a_holding_solved() -> Outcome {
    let mut evil = EvilShard::honest(0);
    let (holding, asset) = evil.first_holding();
    let hidden = evil.holding(holding).0;
    evil.committed[EvilShard::total(asset)] -= hidden;
    evil.vectors_from_wires();
    evil.commit();
    let share = fixture().keys.shard_circuit.layout().shares.range().start + holding;
    shard_proof_refused(&evil, &|values, _| values[share] = Fr::from(0u64), "C-SHARD-2")
}

/// Source: 01-solvency §3, C-SHARD-2.
fn share_of_an_asset_solved() -> Outcome {
    let mut evil = EvilShard::honest(0);
    let (holding, asset) = evil.first_holding();
    let hidden = evil.holding(holding).0;
    evil.committed[EvilShard::total(asset)] -= hidden;
    evil.vectors_from_wires();
    evil.commit();
    let share = fixture().keys.shard_circuit.layout().asset_shares.range().start + asset;
    let tweak = |values: &mut [Fr], c: &ShardChallenges| {
        values[share] += hidden * (c.chi - Fr::from(asset as u64 + 1)).inverse().unwrap();
    };
    shard_proof_refused(&evil, &tweak, "C-SHARD-2")
}

/// Source: 01-solvency §3, C-SHARD-3: q_j is unique off the domain.
fn quotient_of_a_slot_solved() -> Outcome {
    other_slot_committed(|values, target| {
        // y is a sum of q_j with known weights: the first weight of block 0 is (ρ^n − 1)/n.
        let vanishing = values[first_power() + 7] - Fr::one();
        values[first_power() + 8] += target * Fr::from(256u64) * vanishing.inverse().unwrap();
        values[first_power() + 8 + 256] += target;
    })
}

/// Source: 01-solvency §3, C-SHARD-3.
fn evaluation_of_a_block_solved() -> Outcome {
    other_slot_committed(|values, target| values[first_power() + 8 + 256] += target)
}

/// Source: 01-solvency §3, C-SHARD-3.
fn partial_sum_of_the_join_solved() -> Outcome {
    other_slot_committed(|_, _| {})
}

/// C_0 holds one unit more than the wires, and y is what C_0 evaluates to; `solve` moves some
/// wire of block 0 by the difference.
fn other_slot_committed(solve: impl Fn(&mut [Fr], Fr)) -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.vectors[0].0[0] += Fr::one();
    evil.commit();
    let tweak = |values: &mut [Fr], c: &ShardChallenges| {
        let vanishing = c.rho.pow([256]) - Fr::one();
        let basis = vanishing * (Fr::from(256u64) * (c.rho - Fr::one())).inverse().unwrap();
        values[5] += basis; // the evaluation of what was added at ω^0
        solve(values, basis);
    };
    shard_proof_refused(&evil, &tweak, "C-SHARD-3")
}

/// Source: 01-solvency §3: ρ^n − 1 comes from a chain of squares, each with a row.
fn power_of_rho_wrong() -> Outcome {
    let evil = EvilShard::honest(0);
    shard_proof_refused(&evil, &|values, _| values[first_power()] += Fr::one(), "C-SHARD-3")
}

/// Source: gnark CVE-2024-45039 and 45040 family: values bound to a commitment after the fact.
fn evaluation_y_altered() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.shards[1].linked.evaluation += Fr::one();
    let attestation = crate::support::evil_shard::signed(attestation);
    refused(&attestation, 9, "ShardProof { shard: 1 }", "(C-SHARD)")
}

/// Source: 01-solvency §4, C-COV-2: the surplus wire is the sum of its ranged limbs.
fn surplus_wire_detached_from_its_limbs() -> Outcome {
    let wire = fixture().keys.coverage_circuit.layout().surpluses.range().start;
    let evil = EvilCoverage::public();
    coverage_proof_refused(&evil, &|values, _| values[wire] += Fr::one(), "C-COV-2")
}

/// Source: 01-solvency §4, C-COV-3.
fn hash_wire_of_the_tree_altered() -> Outcome {
    let wire = fixture().keys.coverage_circuit.circuit.wires() - 1;
    coverage_proof_refused(&EvilCoverage::public(), &|values, _| values[wire] += Fr::one(), "C-COV-3")
}

/// Source: 01-solvency §4: signers rely on this root; another root must not fit the proof.
fn headroom_root_altered() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.coverage.statement.headroom_root += Fr::one();
    refused(&crate::support::evil_shard::signed(attestation), 11, "CoverageProof", "(C-COV)")
}
