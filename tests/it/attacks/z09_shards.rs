//! Z9 between shards: repeated, reordered, dropped, their masks, totals and proofs exchanged.

use ark_bn254::Fr;
use ark_ff::One;

use super::z09_blocks::{changed, prove};
use crate::support::{
    evil_shard::{EvilShard, reference, signed, with_shard},
    fixture::fixture,
    outcome::{Outcome, attacks, refused, shard_opening_refused, shard_proof_alone_refused},
};

attacks![
    shard_repeated,
    shards_reordered,
    shard_dropped,
    shard_dropped_with_its_capacity,
    shard_added,
    mask_shared_by_two_shards,
    mask_altered,
    totals_of_two_shards_swapped,
    opening_of_another_shard,
    proof_of_another_shard
];

/// Source: Z9, Z12.
fn shard_repeated() -> Outcome {
    let attestation = changed(|a| a.shards[1] = a.shards[0].clone());
    refused(&attestation, 6, "Repeated { shard: 1 }", "block reused")
}

/// Source: Z12: the index is in the transcript.
fn shards_reordered() -> Outcome {
    refused(&changed(|a| a.shards.swap(1, 2)), 9, "ShardProof { shard: 1 }", "(C-SHARD)")
}

/// Source: Z9: fewer shards than declared.
fn shard_dropped() -> Outcome {
    let attestation = changed(|a| drop(a.shards.pop()));
    refused(&attestation, 1, "Format(Invalid", "count differs from the declared capacity")
}

/// Source: Z9: the declared capacity is lowered too; it is part of every transcript.
fn shard_dropped_with_its_capacity() -> Outcome {
    let attestation = changed(|a| {
        a.shards.pop();
        a.context.shards = 2;
    });
    refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: Z9.
fn shard_added() -> Outcome {
    let attestation = changed(|a| a.shards.push(prove(&EvilShard::honest(0))));
    refused(&attestation, 1, "Format(Invalid", "count differs from the declared capacity")
}

/// Source: 01-solvency §3, mask: a mask used twice gives a linear equation on the blocks.
fn mask_shared_by_two_shards() -> Outcome {
    let (first, mut second) = (EvilShard::honest(0), EvilShard::honest(1));
    second.mask = first.mask;
    let instance = fixture().keys.shard_circuit.circuit.instance();
    let wires = fixture().keys.shard_circuit.layout().mask.range();
    second.committed[wires.start - instance..wires.end - instance].copy_from_slice(&first.mask);
    second.statement.mask = first.statement.mask;
    let mut attestation = with_shard(0, prove(&first));
    attestation.shards[1] = prove(&second);
    refused(&signed(attestation), 6, "Repeated { shard: 1 }", "a commitment occurs twice")
}

/// Source: 01-solvency §3: M is not the mask of the wires.
fn mask_altered() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.mask[1] += Fr::one();
    evil.statement.mask = reference().commit_mask(evil.mask);
    shard_opening_refused(0, prove(&evil))
}

/// Source: Z9: C_L, their sum, stays the same.
fn totals_of_two_shards_swapped() -> Outcome {
    let attestation = changed(|a| {
        let (first, second) = (a.shards[0].statement.totals, a.shards[1].statement.totals);
        a.shards[0].statement.totals = second;
        a.shards[1].statement.totals = first;
    });
    refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: C-SHARD-3.
fn opening_of_another_shard() -> Outcome {
    let mut record = fixture().public.shards[0].clone();
    record.linked.opening = fixture().public.shards[1].linked.opening;
    shard_opening_refused(0, record)
}

/// Source: Z12: a valid record proven as shard 1, offered as shard 0: its challenges differ.
fn proof_of_another_shard() -> Outcome {
    let mut evil = EvilShard::honest(0);
    evil.index = 1;
    let record = prove(&evil);
    let verdict = refused(&with_shard(0, record), 9, "ShardProof { shard: 0 }", "(C-SHARD)");
    let mut wrong_keys = fixture().public.shards[0].clone();
    wrong_keys.linked.proof.c = fixture().public.shards[1].linked.proof.c;
    verdict.and_then(|()| shard_proof_alone_refused(0, wrong_keys))
}
