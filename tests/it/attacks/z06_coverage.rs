//! Z6 at the coverage proof: insolvency, negative surplus, the asset table switched off, reserves
//! that are not there.

use ark_bn254::Fr;
use ark_ff::{One, PrimeField, Zero};
use solventry_types::{AssetTable, EpochContext};

use crate::support::{
    evil_coverage::{EvilCoverage, HONEST},
    evil_shard::{EvilShard, HONEST as SHARD_HONEST, signed},
    fixture::fixture,
    outcome::{Outcome, attacks, coverage_opening_refused, coverage_proof_refused, refused},
};

attacks![
    surplus_negative,
    surplus_limb_out_of_range,
    reserves_limb_out_of_range,
    surplus_understated,
    insolvent_with_liabilities_lowered_in_the_circuit,
    insolvent_with_reserves_overstated_in_the_circuit,
    reserves_overstated_against_an_attested_commitment,
    coverage_vector_altered,
    coverage_vector_zero,
    least_coverage_lowered_in_the_table,
    liabilities_past_the_table,
    holding_hidden_past_the_table,
    reserves_past_the_table_as_surplus,
    mark_past_the_table_cleared,
    coverage_mask_altered,
    evaluation_y_altered,
    opening_altered,
    multiplicity_invented,
];

fn public() -> EvilCoverage {
    EvilCoverage::public()
}

/// Lowers bitcoin reserves (wires and public list) until 1 unit is missing; the surplus limbs
/// hold what `surplus` gives.
fn insolvent(surplus: impl FnOnce(&mut EvilCoverage)) -> EvilCoverage {
    let mut evil = public();
    let owed = fixture().ledger.totals()[0].units();
    let solventry_types::reserves::ReserveClass::Public(entries) = &mut evil.evidence.classes[0] else {
        unreachable!("the fixture's class is public")
    };
    entries[0].chain_units = owed - 1; // bitcoin sorts first, chain unit = listed unit
    evil.set_reserves(0, owed - 1);
    surplus(&mut evil);
    evil.recount();
    evil
}

/// Source: Z6: surplus = p − 10 000 in one limb.
fn surplus_negative() -> Outcome {
    let evil = insolvent(|evil| {
        let limbs = fixture().keys.coverage_circuit.layout().surplus_limbs(0);
        evil.set_surplus(0, 0);
        evil.committed[EvilCoverage::index(&limbs).start] = -Fr::from(10_000u64);
    });
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: Z6: 2^8 in a limb of the surplus.
fn surplus_limb_out_of_range() -> Outcome {
    let mut evil = public();
    let start = EvilCoverage::index(&fixture().keys.coverage_circuit.layout().surplus_limbs(0)).start;
    evil.committed[start + 1] -= Fr::one();
    evil.committed[start] += Fr::from(256u64);
    evil.recount();
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: Z6: the same in a limb of the reserves.
fn reserves_limb_out_of_range() -> Outcome {
    let mut evil = public();
    let start = EvilCoverage::index(&fixture().keys.coverage_circuit.layout().reserves_limbs(0)).start;
    evil.committed[start + 1] -= Fr::one();
    evil.committed[start] += Fr::from(256u64);
    evil.recount();
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: C-COV-2: the surplus must be the difference, not just any ranged number.
fn surplus_understated() -> Outcome {
    coverage_proof_refused(&insolvent(|evil| evil.set_surplus(0, 0)), HONEST, "C-COV-2")
}

/// Source: FTX class: liabilities left out. The wires say L − 1, C_L says L.
fn insolvent_with_liabilities_lowered_in_the_circuit() -> Outcome {
    let mut evil = insolvent(|evil| evil.set_surplus(0, 0));
    evil.committed[EvilCoverage::liability(0)] -= Fr::one();
    coverage_opening_refused(&evil)
}

/// Source: reserves of the wires above the public list that everyone can sum.
fn insolvent_with_reserves_overstated_in_the_circuit() -> Outcome {
    let owed = fixture().ledger.totals()[0].units();
    let evil = insolvent(|evil| {
        evil.set_reserves(0, owed);
        evil.set_surplus(0, 0);
    });
    coverage_opening_refused(&evil)
}

/// Source: the same against C_R of attested classes.
fn reserves_overstated_against_an_attested_commitment() -> Outcome {
    let mut evil = EvilCoverage::attested();
    let reserves = 2 * fixture().openings[0].reserves[3].units() + 1_000;
    evil.set_reserves(3, reserves);
    evil.set_surplus(3, 10_000 * (reserves - fixture().ledger.totals()[3].units()));
    evil.recount();
    coverage_opening_refused(&evil)
}

/// Source: 01-solvency §4: c_a = 9 999 in the circuit, 10 000 in the table.
fn coverage_vector_altered() -> Outcome {
    coverage_is(9_999)
}

/// Source: the same, switched off.
fn coverage_vector_zero() -> Outcome {
    coverage_is(0)
}

fn coverage_is(bps: u64) -> Outcome {
    let mut evil = public();
    let (owed, surplus) = (fixture().ledger.totals()[0].units(), 10_000 * 4_321);
    evil.committed[EvilCoverage::coverage(0)] = Fr::from(bps);
    evil.set_surplus(0, surplus + owed * u128::from(10_000 - bps));
    evil.recount();
    coverage_opening_refused(&evil)
}

/// Source: 01-solvency §4: a table that asks for less, proven honestly; the anchors refuse it.
fn least_coverage_lowered_in_the_table() -> Outcome {
    let mut assets = fixture().context.assets.assets().to_vec();
    assets[0].min_coverage_bps = 9_999;
    let context = EpochContext { assets: AssetTable::new(assets).unwrap(), ..fixture().context.clone() };
    let mut evil = EvilCoverage::over(&context, fixture().public.reserves.clone(), &[]);
    for index in 0..3 {
        let mut shard = EvilShard::honest(index);
        shard.index = index;
        let epoch = fixture().epoch_of(&context);
        evil.shards[index as usize] = shard.prove(&epoch, SHARD_HONEST);
    }
    let attestation = evil.attestation(HONEST);
    let mut lenient = fixture().anchors.clone();
    lenient.least_coverage_bps = 9_999;
    if let Ok(error) = crate::support::outcome::attempt(&lenient, &attestation.encode()) {
        return Err(format!("not even lenient anchors accept the honest proof: {error}"));
    }
    refused(&attestation, 5, "Coverage { symbol: \"BTC\", expected: 10000, got: 9999 }", "BTC")
}

/// Source: 01-solvency C-SHARD-2: "ids past the epoch's table have T_a = 0". Asset 11 exists in
/// the circuit, not in the table.
fn liabilities_past_the_table() -> Outcome {
    let mut evil = public();
    evil.committed[EvilCoverage::liability(10)] = Fr::from(77u64);
    evil.vectors[0].0[11] = Fr::from(77u64);
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: the same from the shard on: a customer's bitcoin stands under asset 11, which the shard
/// circuit has room for. Coverage must own up to it (C-COV-2) or fail to open C_L (C-COV-1).
fn holding_hidden_past_the_table() -> Outcome {
    let mut shard = EvilShard::honest(0);
    let (holding, asset) = shard.first_holding();
    let amount = shard.holding(holding).0;
    shard.committed[EvilShard::limb(holding, 8)] = Fr::from(11u64);
    shard.committed[EvilShard::total(asset)] -= amount;
    shard.committed[EvilShard::total(10)] += amount;
    shard.recount();
    shard.vectors_from_wires();
    shard.commit();
    let units = amount.into_bigint().0[0];
    let mut evil = public();
    evil.shards[0] = shard.prove(&fixture().epoch(), SHARD_HONEST);
    evil.committed[EvilCoverage::liability(asset)] -= amount;
    evil.set_surplus(asset, 10_000 * (4_321 + u128::from(units)));
    evil.recount();
    for (place, sign) in [(asset + 1, -amount), (11, amount)] {
        evil.vectors[0].0[place] += sign;
    }
    coverage_opening_refused(&evil)?;
    evil.committed[EvilCoverage::liability(10)] = amount;
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: C-COV-2: a surplus of an asset that does not exist could be spent under its root.
fn reserves_past_the_table_as_surplus() -> Outcome {
    let mut evil = public();
    evil.set_reserves(10, 1);
    evil.set_surplus(10, 10_000);
    evil.recount();
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}

/// Source: the same with the mark cleared: then the opening is of another vector.
fn mark_past_the_table_cleared() -> Outcome {
    let mut evil = public();
    evil.set_reserves(10, 1);
    evil.set_surplus(10, 10_000);
    let past = EvilCoverage::index(&fixture().keys.coverage_circuit.layout().past).start + 10;
    evil.committed[past] = Fr::zero();
    evil.recount();
    coverage_opening_refused(&evil)
}

/// Source: 01-solvency §3, mask: M' other than the committed mask scalars.
fn coverage_mask_altered() -> Outcome {
    let mut evil = public();
    evil.mask[0] += Fr::one();
    coverage_opening_refused(&evil)
}

/// Source: C-COV-1.
fn evaluation_y_altered() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.coverage.linked.evaluation += Fr::one();
    refused(&signed(attestation), 11, "CoverageProof", "(C-COV)")
}

/// Source: C-COV-1.
fn opening_altered() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.coverage.linked.opening = attestation.shards[0].linked.opening;
    refused(&signed(attestation), 12, "CoverageOpening", "(C-COV-1)")
}

/// Source: eprint 2022/1530.
fn multiplicity_invented() -> Outcome {
    let mut evil = public();
    let wires = EvilCoverage::index(&fixture().keys.coverage_circuit.layout().multiplicities);
    evil.committed[wires.start + 99] += Fr::one();
    coverage_proof_refused(&evil, HONEST, "C-COV-2")
}
