//! F1: headroom that is not there, or that is another's: asset, epoch, root, outflow.

use ark_bn254::Fr;
use solventry_prover::headroom::prove_headroom;
use solventry_types::{HeadroomStatement, Total, codec::Reader, codec::Writer};
use solventry_verifier::headroom::AttestedRoot;

use crate::support::{
    fixture::fixture,
    headroom::{MOST, asset, does_not_hold, headroom, lie, refused, refused_under, units, with, witness},
    outcome::{Outcome, attacks, names},
};

attacks![
    headroom_of_another_asset,
    asset_past_the_table,
    asset_past_the_tree,
    asset_number_wraps_past_the_groups,
    another_epoch,
    another_root,
    any_bit_of_the_context_altered,
    outflow_larger_than_proven,
    outflow_smaller_than_proven,
    outflow_larger_by_one_than_the_surplus,
    outflow_not_below_2_to_the_96,
    bits_that_are_none,
];

const NOT: &str = "Invalid { index: 0 }";

/// Source: 01-solvency §5: a rich asset's proof for a poor one; the two share a leaf or not.
fn headroom_of_another_asset() -> Outcome {
    [1, 3, 7, 8, 10].into_iter().try_for_each(|number| {
        refused(&with(|s| s.asset = asset(number)), &headroom().honest.proof, NOT, "another statement")
    })
}

/// Source: 05-threats, assets: an id past the table has surplus 0, so "nothing leaves" is true of
/// it and can be proven; an asset that nobody attested is refused nevertheless.
fn asset_past_the_table() -> Outcome {
    let past = with(|s| (s.asset, s.outflow) = (asset(11), Total::ZERO));
    let circuit = &headroom().keys.circuit;
    let proof = lie(&past, &circuit.chosen_values(&witness(asset(11)), &past).map_err(|e| e.to_string())?);
    does_not_hold(&past, &proof).err().ok_or("control: the proof itself should hold")?;
    refused(&past, &proof, "Asset { index: 0, assets: 10, got: 11 }", "the attested table has no more")?;
    let one = HeadroomStatement { outflow: units(1), ..past };
    let no_surplus = circuit.chosen_values(&witness(asset(11)), &one).is_err();
    no_surplus.then_some(()).ok_or("past the table there is a surplus")?;
    let stated = headroom().attested.statement(asset(11), units(1));
    names(&stated.err().ok_or("ACCEPTED")?, "Asset {", "expected an asset from 1 to 10")
}

/// Source: past A_max the tree has empty leaves, 0, which no surpluses hash to.
fn asset_past_the_tree() -> Outcome {
    let past = with(|s| s.asset = asset(64));
    let circuit = &headroom().keys.circuit;
    let mut opened = witness(asset(57)); // the last leaf; the next one is empty
    opened.surpluses = [u128::from(u64::MAX); 7];
    opened.children[0][1] = Fr::from(0u64);
    let chosen = circuit.chosen_values(&opened, &past).map_err(|error| error.to_string())?;
    let proof = lie(&past, &chosen);
    refused(&past, &proof, "Asset {", "no more")?;
    does_not_hold(&past, &proof)
}

/// Source: 7·512 more is the same group and place to whoever forgets a bound.
fn asset_number_wraps_past_the_groups() -> Outcome {
    let wrapped = with(|s| s.asset = asset(2 + 7 * 512));
    let chosen = headroom().keys.circuit.chosen_values(&witness(asset(2)), &with(|_| ()));
    does_not_hold(&wrapped, &lie(&wrapped, &chosen.map_err(|error| error.to_string())?))
}

/// Source: Z12: yesterday's surplus for today's outflow, stated openly or with the context swapped.
fn another_epoch() -> Outcome {
    let (fixture, honest) = (fixture(), &headroom().honest);
    let mut later = fixture.context.clone();
    later.epoch += 1;
    let root = honest.statement.headroom_root;
    let attested = AttestedRoot::recorded(&later, root);
    let key = &headroom().keys.verifying;
    let says = "it is of another epoch";
    refused_under(key, &attested, &honest.statement, &honest.proof, "Context { index: 0", says)?;
    let renamed = attested.statement(asset(2), honest.statement.outflow).map_err(|e| e.to_string())?;
    refused_under(key, &attested, &renamed, &honest.proof, NOT, "another statement")
}

/// Source: surpluses of one's own making under the attested epoch.
fn another_root() -> Outcome {
    let mut rich = witness(asset(2));
    rich.surpluses[1] = 1 << 111;
    let salts = fixture().secret.salts(fixture().public.reserves.digest(), 9);
    let mut leaves = vec![Fr::from(0u64); 63];
    leaves[1] = Fr::from(1u128 << 111);
    let surpluses: Vec<u128> = (0..63).map(|index| if index == 1 { 1 << 111 } else { 0 }).collect();
    let own = solventry_solvency::headroom::HeadroomWitness::new(&surpluses, &salts, asset(2));
    let root = solventry_solvency::surplus_tree::root(&leaves, &salts);
    let stated = with(|s| (s.headroom_root, s.outflow) = (root, units(1 << 90)));
    let chosen = headroom().keys.circuit.chosen_values(&own, &stated).map_err(|error| error.to_string())?;
    let proof = lie(&stated, &chosen);
    refused(&stated, &proof, "Root { index: 0 }", "not the attested one")?;
    let attested = with(|s| s.outflow = units(1 << 90));
    refused(&attested, &proof, NOT, "another statement")?;
    let chosen = headroom().keys.circuit.chosen_values(&rich, &attested).map_err(|e| e.to_string())?;
    refused(&attested, &lie(&attested, &chosen), NOT, "(C-HEAD)")
}

/// Source: Z13: a public input that no row mentions could be exchanged under a proof.
fn any_bit_of_the_context_altered() -> Outcome {
    (0..256).step_by(17).try_for_each(|bit: usize| {
        does_not_hold(&with(|s| s.context.0[bit / 8] ^= 1 << (bit % 8)), &headroom().honest.proof)
    })
}

/// Source: 02-signing: a proof of little for a payment of much.
fn outflow_larger_than_proven() -> Outcome {
    let proven = headroom().honest.statement.outflow.units();
    [proven + 1, MOST, MOST + 1, (1 << 96) - 1].into_iter().try_for_each(|more| {
        refused(&with(|s| s.outflow = units(more)), &headroom().honest.proof, NOT, "another statement")
    })
}

/// Source: a proof is of one outflow; less is another statement, to be proven anew.
fn outflow_smaller_than_proven() -> Outcome {
    refused(&with(|s| s.outflow = units(1)), &headroom().honest.proof, NOT, "another statement")
}

/// Source: 01-solvency §5: the largest outflow is accepted, one unit more is not.
fn outflow_larger_by_one_than_the_surplus() -> Outcome {
    let headroom = headroom();
    let prove = |amount| prove_headroom(&headroom.keys, &headroom.secrets, asset(2), units(amount));
    prove(MOST).map_err(|error| format!("honest: {error}"))?;
    let error = prove(MOST + 1).err().ok_or("ACCEPTED by the prover")?;
    names(&error, "Exceeded { symbol: \"ETH\"", "asset ETH: an outflow of 0.000004322")?;
    if error.to_string().contains(&MOST.to_string()) {
        return Err("the error shows the surplus".into());
    }
    // Forced: the difference is negative, as the bits of p − v, of 2^112 − v, and of nothing.
    let stated = with(|s| s.outflow = units(MOST + 1));
    let mut rich = witness(asset(2));
    rich.surpluses[1] += 10_000;
    let chosen = headroom.keys.circuit.chosen_values(&rich, &stated).map_err(|e| e.to_string())?;
    refused(&stated, &lie(&stated, &chosen), NOT, "(C-HEAD)")?;
    let layout = headroom.keys.circuit.layout();
    let at = |wire: solventry_solvency::r1cs::Wire| wire.0 as usize - layout.chosen().start;
    let mut short = chosen.clone();
    short[at(layout.surpluses.at(1))] -= Fr::from(10_000u64);
    refused(&stated, &lie(&stated, &short), NOT, "(C-HEAD)")?;
    short[at(layout.difference.at(0))] -= Fr::from(10_000u64);
    refused(&stated, &lie(&stated, &short), NOT, "(C-HEAD)")
}

/// Source: Z4, Z6: an outflow of 2^96 or p − 1 has no form but a malformed file.
fn outflow_not_below_2_to_the_96() -> Outcome {
    if Total::from_units(1 << 96).is_ok() {
        return Err("ACCEPTED as a total".into());
    }
    let mut writer = Writer::new();
    headroom().honest.statement.write(&mut writer);
    let mut bytes = writer.finish();
    for top in [[0, 0, 0, 1], [0xff; 4]] {
        bytes[66..70].copy_from_slice(&top);
        let mut reader = Reader::new(&bytes, bytes.len()).map_err(|error| error.to_string())?;
        let error = HeadroomStatement::read(&mut reader).err().ok_or("ACCEPTED by the codec")?;
        names(&error, "Invalid { what: \"outflow\"", "not below 2^96")?;
    }
    let mut inputs = headroom().honest.statement.inputs();
    for outflow in [Fr::from(1u128 << 96), -Fr::from(1u64)] {
        inputs[4] = outflow;
        let error = HeadroomStatement::from_inputs(inputs).err().ok_or("ACCEPTED as an input")?;
        names(&error, "Outflow", "below 2^96")?;
    }
    Ok(())
}

/// Source: Z6: a range by bits is none if a bit can be 2 or −1.
fn bits_that_are_none() -> Outcome {
    let circuit = &headroom().keys.circuit;
    let stated = with(|_| ());
    let honest = circuit.chosen_values(&witness(asset(2)), &stated).map_err(|error| error.to_string())?;
    let (layout, first) = (circuit.layout(), circuit.layout().chosen().start);
    for bits in [&layout.outflow, &layout.difference, &layout.group] {
        // The lowest bit takes over the next one: the sum is kept.
        let (mut chosen, low) = (honest.clone(), bits.range().start - first);
        chosen[low] += Fr::from(2u64);
        chosen[low + 1] -= Fr::from(1u64);
        does_not_hold(&stated, &lie(&stated, &chosen))?;
    }
    // Marks 1, −1, 1 instead of 0, 1, 0: one in all, the same place, the same surplus in this epoch.
    let (mut chosen, mark) = (honest, layout.place.range().start - first);
    chosen[mark..mark + 3].copy_from_slice(&[Fr::from(1u64), -Fr::from(1u64), Fr::from(1u64)]);
    does_not_hold(&stated, &lie(&stated, &chosen))
}
