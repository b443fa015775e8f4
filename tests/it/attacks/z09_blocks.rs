//! Z9 in the attestation: blocks, labels, totals and shards confused, reused, dropped, reordered.

use ark_bn254::Fr;
use ark_ff::One;
use solventry_types::{Attestation, attestation::ShardRecord};

use super::z06_ranges::consistent_coverage;
use crate::support::{
    evil_coverage::HONEST as COVERAGE_HONEST,
    evil_shard::{EvilShard, HONEST, reference, signed, with_shard},
    fixture::fixture,
    outcome::{Outcome, attacks, refused, shard_opening_refused},
};

attacks![
    slot_altered_after_commitment,
    slot_altered_in_the_opening_too,
    slot_altered_in_the_commitment_only,
    totals_commitment_lower_than_the_circuit,
    totals_commitment_with_an_entry_at_place_zero,
    totals_commitment_with_an_entry_past_the_circuit,
    block_blinding_altered,
    blocks_swapped_in_the_file,
    blocks_swapped_before_proving,
    block_repeated_in_a_shard,
    block_repeated_across_shards,
    block_negated_and_reused,
    block_reused_as_totals,
    labels_and_slots_swapped_in_the_file,
    labels_and_slots_swapped_before_proving,
    labels_altered_after_proving,
    labels_of_two_blocks_swapped
];

pub fn prove(evil: &EvilShard) -> ShardRecord {
    evil.prove(&fixture().epoch(), HONEST)
}

/// The fixture's attestation with its shards changed, signed.
pub fn changed(change: impl FnOnce(&mut Attestation)) -> Attestation {
    let mut attestation = fixture().public.clone();
    change(&mut attestation);
    signed(attestation)
}

/// Source: LegoSNARK (eprint 2019/142), linking: the proof is about the wires, C_b about others.
fn slot_altered_after_commitment() -> Outcome {
    let mut evil = EvilShard::honest(0);
    let (holding, asset) = evil.first_holding();
    let amount = evil.holding(holding).0;
    evil.committed[EvilShard::limb(holding, 0)..][..10].fill(Fr::from(0u64));
    evil.committed[EvilShard::total(asset)] -= amount;
    evil.recount();
    let committed_blocks = evil.vectors.clone();
    evil.vectors_from_wires();
    evil.commit(); // C_T follows the wires
    let lowered = evil.vectors.last().unwrap().clone();
    evil.vectors = committed_blocks;
    *evil.vectors.last_mut().unwrap() = lowered;
    evil.commit(); // C_b shows customers what they expect
    shard_opening_refused(0, prove(&evil))
}

/// Source: the same; the opening is of the wires, not of C_b.
fn slot_altered_in_the_opening_too() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.vectors[0].0[5] += Fr::one();
    evil.commit();
    evil.vectors_from_wires();
    shard_opening_refused(0, prove(&evil))
}

/// Source: the same, without a new proof: D and the challenges are for another C_b.
fn slot_altered_in_the_commitment_only() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.vectors[0].0[5] += Fr::one();
    evil.commit();
    let mut record = fixture().public.shards[0].clone();
    record.statement.blocks = evil.statement.blocks;
    refused(&with_shard(0, record), 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

fn totals_committed(place: usize, less: u64) -> Outcome {
    let mut evil = EvilShard::honest(2);
    evil.vectors.last_mut().unwrap().0[place] -= Fr::from(less);
    evil.commit();
    shard_opening_refused(2, prove(&evil))
}

/// Source: C-SHARD-3: the circuit is right, C_T is other; coverage agrees with C_T.
fn totals_commitment_lower_than_the_circuit() -> Outcome {
    totals_committed(1, 1_000)?;
    let mut evil = EvilShard::honest(2);
    evil.vectors.last_mut().unwrap().0[1] -= Fr::from(1_000u64);
    evil.commit();
    let attestation = consistent_coverage(2, prove(&evil), 1_000).attestation(COVERAGE_HONEST);
    refused(&attestation, 10, "ShardOpening { shard: 2 }", "(C-SHARD-3)")
}

/// Source: C-SHARD-3: T stands at ω^1 .. ω^A_max, nothing at ω^0.
fn totals_commitment_with_an_entry_at_place_zero() -> Outcome {
    totals_committed(0, 1)
}

/// Source: C-SHARD-3: nothing past ω^A_max.
fn totals_commitment_with_an_entry_past_the_circuit() -> Outcome {
    totals_committed(64, 1)
}

/// Source: Z10: r_b of the wires is not that of C_b.
fn block_blinding_altered() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.vectors[1].1 += Fr::one();
    evil.commit();
    shard_opening_refused(0, prove(&evil))
}

/// Source: Z9.
fn blocks_swapped_in_the_file() -> Outcome {
    let attestation = changed(|a| a.shards[0].statement.blocks.swap(0, 1));
    refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: Z9: the transcript sees the swapped order, the wires do not.
fn blocks_swapped_before_proving() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.statement.blocks.swap(0, 1);
    shard_opening_refused(0, prove(&evil))
}

/// Source: Z9: one block for two sets of customers.
fn block_repeated_in_a_shard() -> Outcome {
    let attestation = changed(|a| a.shards[1].statement.blocks[2] = a.shards[1].statement.blocks[0]);
    refused(&attestation, 6, "Repeated { shard: 1 }", "block reused")
}

/// Source: Z9.
fn block_repeated_across_shards() -> Outcome {
    let attestation =
        changed(|a| a.shards[2].statement.blocks[0].slots = a.shards[0].statement.blocks[1].slots);
    refused(&attestation, 6, "Repeated { shard: 2 }", "block reused")
}

/// Source: Z9: −C_b has the same x.
fn block_negated_and_reused() -> Outcome {
    let attestation =
        changed(|a| a.shards[2].statement.blocks[0].slots = -a.shards[0].statement.blocks[1].slots);
    refused(&attestation, 6, "Repeated { shard: 2 }", "block reused")
}

/// Source: Z9.
fn block_reused_as_totals() -> Outcome {
    let attestation = changed(|a| a.shards[0].statement.totals = a.shards[0].statement.blocks[0].slots);
    refused(&attestation, 6, "Repeated { shard: 0 }", "block reused")
}

/// Source: Z9, block/label confusion.
fn labels_and_slots_swapped_in_the_file() -> Outcome {
    let attestation = changed(|a| {
        let block = &mut a.shards[0].statement.blocks[0];
        std::mem::swap(&mut block.slots, &mut block.labels);
    });
    refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: Z9, block/label confusion.
fn labels_and_slots_swapped_before_proving() -> Outcome {
    let mut evil = EvilShard::honest(0);
    let block = &mut evil.statement.blocks[0];
    std::mem::swap(&mut block.slots, &mut block.labels);
    shard_opening_refused(0, prove(&evil))
}

/// Source: Z17: labels are in no equation of the shard, but in its transcript.
fn labels_altered_after_proving() -> Outcome {
    let mut record = fixture().public.shards[0].clone();
    record.statement.blocks[0].labels = reference().lagrange[3];
    refused(&with_shard(0, record), 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: Z9: the owners of two blocks exchanged.
fn labels_of_two_blocks_swapped() -> Outcome {
    let attestation = changed(|a| {
        let (first, second) =
            (a.shards[0].statement.blocks[0].labels, a.shards[0].statement.blocks[1].labels);
        a.shards[0].statement.blocks[0].labels = second;
        a.shards[0].statement.blocks[1].labels = first;
    });
    refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}
