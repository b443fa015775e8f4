//! Z6, Z7: packing without range, overflow, debts, assets outside the table. Wires are false from
//! the start; all commitments agree with them, so that only the circuit can refuse.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use solventry_solvency::gadgets::range::limbs_of;
use solventry_types::attestation::ShardRecord;

use crate::support::{
    evil_coverage::{EvilCoverage, HONEST as COVERAGE_HONEST},
    evil_shard::{EvilShard, HONEST, broken_claim},
    fixture::fixture,
    outcome::{Outcome, attacks, refused, shard_proof_refused},
};

attacks![
    debt_in_a_limb_cancels_liabilities,
    limb_of_minus_one,
    limb_of_two_to_the_w,
    limb_of_two_to_the_w_carried,
    limb_of_half_the_field,
    id_limb_out_of_range,
    id_limb_negative_with_carry,
    multiplicity_invented,
    multiplicity_negative,
    total_lowered,
    total_of_another_asset,
    total_negative,
    amount_under_id_zero,
    amount_under_an_id_past_the_circuit,
    amount_under_the_largest_id,
    customer_with_worthless_equity_and_good_debt,
];

/// A false shard 0: `change` edits the wires, everything else follows from them.
fn shard(change: impl FnOnce(&mut EvilShard)) -> EvilShard {
    let mut evil = EvilShard::honest(0);
    change(&mut evil);
    evil.vectors_from_wires();
    evil.commit();
    evil
}

fn refused_by(claim: &str, change: impl FnOnce(&mut EvilShard)) -> Outcome {
    shard_proof_refused(&shard(change), HONEST, claim)
}

/// Source: the Binance proof-of-reserves circuit, 2023 (Binance "zkmerkle-proof-of-solvency",
/// fixed by range checks on the packed balances): a dummy customer with a debt of p − v lowers
/// the liabilities. Here with everything downstream consistent: totals, C_T, C_L and coverage.
fn debt_in_a_limb_cancels_liabilities() -> Outcome {
    let debt = 5_000_000_000u64;
    let evil = shard(|evil| {
        let holding = evil.free_holding();
        evil.committed[EvilShard::limb(holding, 0)] = -Fr::from(debt);
        evil.committed[EvilShard::limb(holding, 8)] = Fr::one();
        evil.committed[EvilShard::total(0)] -= Fr::from(debt);
        evil.recount();
    });
    let (record, assignment) = evil.record(HONEST);
    broken_claim(&fixture().keys.shard_circuit.circuit, &assignment, "C-SHARD-1")?;
    refused(
        &consistent_coverage(0, record, debt).attestation(COVERAGE_HONEST),
        9,
        "ShardProof { shard: 0 }",
        "(C-SHARD)",
    )
}

/// The coverage proof for bitcoin liabilities lowered by `less`: true in itself.
pub fn consistent_coverage(index: usize, record: ShardRecord, less: u64) -> EvilCoverage {
    let mut coverage = EvilCoverage::public();
    coverage.shards[index] = record;
    coverage.committed[EvilCoverage::liability(0)] -= Fr::from(less);
    coverage.vectors[0].0[1] -= Fr::from(less);
    coverage.set_surplus(0, 10_000 * (4_321 + u128::from(less)));
    coverage.recount();
    coverage
}

fn limb_is(value: Fr) -> Outcome {
    refused_by("C-SHARD-1", |evil| {
        let holding = evil.free_holding();
        evil.committed[EvilShard::limb(holding, 0)] = value;
        evil.committed[EvilShard::limb(holding, 8)] = Fr::one();
        evil.committed[EvilShard::total(0)] += value;
        evil.recount();
    })
}

/// Source: Z6 boundaries: p − 1.
fn limb_of_minus_one() -> Outcome {
    limb_is(-Fr::one())
}

/// Source: Z6 boundaries: 2^w.
fn limb_of_two_to_the_w() -> Outcome {
    limb_is(Fr::from(256u64))
}

/// Source: Z6 boundaries: (p + 1)/2.
fn limb_of_half_the_field() -> Outcome {
    limb_is(ark_ff::Field::inverse(&Fr::from(2u64)).unwrap())
}

/// Source: Z6: two encodings of one amount (limb 0 lent 256 to limb 1): values agree, range not.
fn limb_of_two_to_the_w_carried() -> Outcome {
    refused_by("C-SHARD-1", |evil| {
        let holding = evil.first_holding().0;
        let limb =
            (0..7).find(|limb| evil.committed[EvilShard::limb(holding, limb + 1)] > Fr::zero()).unwrap();
        evil.committed[EvilShard::limb(holding, limb)] += Fr::from(256u64);
        evil.committed[EvilShard::limb(holding, limb + 1)] -= Fr::one();
        evil.recount();
    })
}

/// Source: 01-solvency §3: an id limb that swallows the amount: (amount 0, id a + m/2^64).
fn id_limb_out_of_range() -> Outcome {
    refused_by("C-SHARD-1", swallow_amount)
}

/// Moves the whole amount of the first holding into its id: the slot stays the same scalar.
pub fn swallow_amount(evil: &mut EvilShard) {
    let (holding, asset) = evil.first_holding();
    let amount = evil.holding(holding).0;
    let shift = ark_ff::Field::inverse(&Fr::from(1u128 << 64)).unwrap();
    evil.committed[EvilShard::limb(holding, 0)..][..8].fill(Fr::zero());
    evil.committed[EvilShard::limb(holding, 8)] += amount * shift;
    evil.committed[EvilShard::total(asset)] -= amount;
    evil.recount();
}

/// Source: Z6: id = −256 + 256·(high + 1).
fn id_limb_negative_with_carry() -> Outcome {
    refused_by("C-SHARD-1", |evil| {
        let holding = evil.first_holding().0;
        evil.committed[EvilShard::limb(holding, 8)] -= Fr::from(256u64);
        evil.committed[EvilShard::limb(holding, 9)] += Fr::one();
        evil.recount();
    })
}

/// Source: eprint 2022/1530: multiplicities that do not count.
fn multiplicity_invented() -> Outcome {
    refused_by("C-SHARD-1", |evil| evil.committed[EvilShard::multiplicity(17)] += Fr::one())
}

/// Source: eprint 2022/1530: −1 at one entry, +1 at another.
fn multiplicity_negative() -> Outcome {
    refused_by("C-SHARD-1", |evil| {
        evil.committed[EvilShard::multiplicity(17)] += Fr::one();
        evil.committed[EvilShard::multiplicity(18)] -= Fr::one();
    })
}

/// Source: 01-solvency C-SHARD-2: altered total, C_T consistent with it.
fn total_lowered() -> Outcome {
    refused_by("C-SHARD-2", |evil| evil.committed[EvilShard::total(0)] -= Fr::one())
}

/// Source: 01-solvency C-SHARD-2: liabilities moved to an asset with more reserves.
fn total_of_another_asset() -> Outcome {
    refused_by("C-SHARD-2", |evil| {
        let total = evil.committed[EvilShard::total(0)];
        evil.committed[EvilShard::total(0)] = Fr::zero();
        evil.committed[EvilShard::total(1)] += total;
    })
}

/// Source: Z6: a total of p − v in an asset that nobody holds.
fn total_negative() -> Outcome {
    refused_by("C-SHARD-2", |evil| evil.committed[EvilShard::total(40)] = -Fr::from(1_000_000u64))
}

fn amount_under(id: u16) -> Outcome {
    refused_by("C-SHARD-2", |evil| {
        let (holding, asset) = evil.first_holding();
        let hidden = evil.holding(holding).0;
        evil.committed[EvilShard::total(asset)] -= hidden;
        let limbs: Vec<Fr> = limbs_of(id.into(), 8, 2).collect();
        evil.committed[EvilShard::limb(holding, 8)..][..2].copy_from_slice(&limbs);
        evil.recount();
    })
}

/// Source: 01-solvency §1: id 0 means "none" and must carry nothing.
fn amount_under_id_zero() -> Outcome {
    amount_under(0)
}

/// Source: 01-solvency C-SHARD-2: ids past A_max have no pole on the other side.
fn amount_under_an_id_past_the_circuit() -> Outcome {
    amount_under(64)
}

/// Source: the same, at the edge of the id's range.
fn amount_under_the_largest_id() -> Outcome {
    amount_under(u16::MAX)
}

/// Source: Z7, netting: credit of a worthless asset against a debt of bitcoin in one slot.
fn customer_with_worthless_equity_and_good_debt() -> Outcome {
    refused_by("C-SHARD-1", |evil| {
        let holding = evil.free_holding();
        let value = Fr::from(1_000_000_000u64);
        for (holding, id, amount) in [(holding, 1u64, -value), (holding + 1, 9, value)] {
            evil.committed[EvilShard::limb(holding, 0)] = amount;
            evil.committed[EvilShard::limb(holding, 8)] = Fr::from(id);
            evil.committed[EvilShard::total(id as usize - 1)] += amount;
        }
        evil.recount();
    })
}
