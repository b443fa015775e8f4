//! Every claim of the headroom circuit, broken: circuit and native twin must both refuse and name
//! the claim. What is not attacked is made to fit.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use common::{
    headroom::{HonestHeadroom, surpluses},
    scalars,
};
use solventry_solvency::{
    coverage::BPS,
    headroom::{DIFFERENCE_BITS, Exceeded, HeadroomWitness, OUTFLOW_BITS},
    r1cs::{Wires, two_to},
    surplus_tree::{DEPTH, GROUP},
};
use solventry_types::{AssetId, Digest, HeadroomStatement, Total};

/// The ninth asset: second group, second place.
static HONEST: LazyLock<HonestHeadroom> = LazyLock::new(|| HonestHeadroom::new(9, 1));

fn scalar(value: u64) -> Fr {
    Fr::from(value)
}

/// Values that are no bits.
fn no_bits() -> [Fr; 4] {
    [scalar(2), -scalar(1), scalar(u64::MAX), scalars::<1>(11)[0]]
}

#[test]
fn honest_headroom_satisfies_circuit_and_twin() {
    for asset in [1, 2, 7, 8, 9, 14, 57, 63] {
        for left in [0, 1, 9_999, surpluses()[usize::from(asset) - 1]] {
            HonestHeadroom::new(asset, left).forge().accepted();
        }
    }
}

// C-HEAD-1: the proof is of this context.

#[test]
fn c_head_1_another_context_is_refused() {
    for half in [0, 1] {
        for other in [HONEST.inputs[half] + scalar(1), -HONEST.inputs[half], scalar(0)] {
            let mut forged = HONEST.forge();
            forged.inputs[half] = other;
            forged.refused("C-HEAD-1");
        }
    }
    let mut exchanged = HONEST.forge();
    exchanged.inputs.swap(0, 1);
    exchanged.refused("C-HEAD-1");
}

#[test]
fn c_head_1_an_altered_copy_is_refused() {
    for wire in HONEST.layout().copies.iter() {
        HONEST.forge().set(wire, scalar(1)).refused("C-HEAD-1");
    }
}

// C-HEAD-2: outflow in [0, 2^96).

#[test]
fn c_head_2_bits_of_the_outflow_are_bits() {
    for bit in HONEST.layout().outflow.iter() {
        for value in no_bits() {
            HONEST.forge().set(bit, value).fit_all().refused("C-HEAD-2");
        }
    }
}

#[test]
fn c_head_2_an_outflow_that_is_not_its_bits_is_refused() {
    for outflow in [HONEST.inputs[4] + scalar(1), scalar(0), two_to(OUTFLOW_BITS), -scalar(1)] {
        let mut forged = HONEST.forge();
        forged.inputs[4] = outflow;
        forged.refused("C-HEAD-2");
    }
    // The outflow plus the order is the same number to the field, but no sum of 96 bits.
    let mut largest = HONEST.forge();
    largest.write(&HONEST.layout().outflow.clone(), (1 << 96) - 1);
    largest.fit_all().accepted();
}

// C-HEAD-3: asset − 1 = 7·q + s.

#[test]
fn c_head_3_marks_and_bits_are_bits() {
    let layout = HONEST.layout();
    for mark in layout.place.iter() {
        for value in no_bits() {
            // The other marks make the sum 1 again, so that only this mark is at fault.
            let mut forged = HONEST.forge();
            let rest = layout.place.iter().find(|other| *other != mark).unwrap();
            layout.place.iter().for_each(|wire| forged.chosen.set(wire, scalar(0)));
            forged.set(mark, value).set(rest, scalar(1) - value).fit_all().refused("C-HEAD-3");
        }
    }
    for bit in layout.group.iter() {
        for value in no_bits() {
            HONEST.forge().set(bit, value).fit_all().refused("C-HEAD-3");
        }
    }
}

#[test]
fn c_head_3_not_exactly_one_place_is_refused() {
    let layout = HONEST.layout();
    HONEST.forge().set(layout.place.at(4), scalar(1)).fit_all().refused("C-HEAD-3");
    let mut none = HONEST.forge();
    layout.place.iter().for_each(|wire| none.chosen.set(wire, scalar(0)));
    none.write(&layout.outflow, 0);
    none.write(&layout.difference, 0);
    none.fit_outflow().fit_asset().fit_root().refused("C-HEAD-3");
}

#[test]
fn c_head_3_another_asset_is_refused() {
    for asset in [8, 10, 2, 16, 0, 9 + 7 * 512] {
        let mut forged = HONEST.forge();
        forged.inputs[3] = scalar(asset);
        forged.refused("C-HEAD-3");
    }
    let mut negative = HONEST.forge();
    negative.inputs[3] = -scalar(1);
    negative.refused("C-HEAD-3");
}

// C-HEAD-4: surplus − 10 000·outflow in [0, 2^112).

#[test]
fn c_head_4_bits_of_the_difference_are_bits() {
    for bit in HONEST.layout().difference.iter() {
        for value in no_bits() {
            HONEST.forge().set(bit, value).fit_all().refused("C-HEAD-4");
        }
    }
}

#[test]
fn c_head_4_one_unit_more_than_the_surplus_is_refused() {
    let layout = HONEST.layout();
    let outflow = (surpluses()[8] - 1) / u128::from(BPS) + 1;
    for difference in [0, 1, (1 << DIFFERENCE_BITS) - 1] {
        let mut forged = HONEST.forge();
        forged.write(&layout.outflow, outflow);
        forged.write(&layout.difference, difference);
        forged.fit_outflow().refused("C-HEAD-4");
    }
    // The true difference is negative: no bits make it up, but a single wire can.
    let mut forged = HONEST.forge();
    forged.write(&layout.outflow, outflow);
    forged.write(&layout.difference, 0);
    let short = Fr::from(surpluses()[8]) - scalar(BPS) * Fr::from(outflow);
    forged.set(layout.difference.at(0), short).fit_outflow().refused("C-HEAD-4");
}

#[test]
fn c_head_4_the_surplus_of_another_place_is_refused() {
    let layout = HONEST.layout();
    // A neighbour has enough; the asset has one unit less than it needs.
    let mut forged = HONEST.forge();
    let own = layout.surpluses.at(1);
    let value = forged.chosen.at(own);
    forged.chosen.set(layout.surpluses.at(2), value);
    forged.set(own, value - scalar(1)).fit_root().refused("C-HEAD-4");
}

// C-HEAD-5: the leaf is the asset's, under the root.

#[test]
fn c_head_5_anything_altered_under_the_root_is_refused() {
    let layout = HONEST.layout();
    let mut wires: Vec<_> = layout.surpluses.iter().filter(|wire| *wire != layout.surpluses.at(1)).collect();
    wires.extend(layout.salt.iter().chain(layout.children.iter().flat_map(Wires::iter)));
    for wire in wires {
        let mut forged = HONEST.forge();
        forged.chosen.add(wire, scalar(1));
        forged.refused("C-HEAD-5");
    }
    let mut larger = HONEST.forge();
    larger.write(&layout.difference, (1 << DIFFERENCE_BITS) - 1);
    larger.fit_surplus().refused("C-HEAD-5");
    larger.fit_root().accepted();
}

#[test]
fn c_head_5_a_leaf_under_another_child_is_refused() {
    let layout = HONEST.layout();
    for bit in layout.group.iter() {
        let mut forged = HONEST.forge();
        let flipped = scalar(1) - forged.chosen.at(bit);
        forged.set(bit, flipped).fit_asset().refused("C-HEAD-5");
    }
}

#[test]
fn c_head_5_another_root_or_an_empty_leaf_is_refused() {
    for root in [HONEST.inputs[2] + scalar(1), scalar(0)] {
        let mut forged = HONEST.forge();
        forged.inputs[2] = root;
        forged.refused("C-HEAD-5");
    }
    // A leaf past the table, 0 in the tree, has no preimage to offer.
    let mut empty = HONEST.forge();
    empty.write(&HONEST.layout().group, 9);
    let below = HONEST.layout().children[0].at(1);
    empty.set(below, scalar(0)).fit_asset().fit_root_from(1, None).refused("C-HEAD-5");
}

#[test]
fn an_outflow_over_the_surplus_has_no_witness_and_no_value_in_the_error() {
    let (surpluses, salts) = (surpluses(), scalars::<9>(3));
    for asset in 1..=63u16 {
        let asset = AssetId::new(asset).unwrap();
        let witness = HeadroomWitness::new(&surpluses, &salts, asset);
        let outflow = surpluses[asset.index()] / u128::from(BPS);
        let statement = |units| HeadroomStatement {
            context: Digest([1; 32]),
            headroom_root: Fr::from(0u64),
            asset,
            outflow: Total::from_units(units).unwrap(),
        };
        assert!(HONEST.circuit.chosen_values(&witness, &statement(outflow)).is_ok());
        assert_eq!(HONEST.circuit.chosen_values(&witness, &statement(outflow + 1)), Err(Exceeded));
    }
    assert!(!Exceeded.to_string().chars().any(|c| c.is_ascii_digit()));
    assert_eq!((GROUP, DEPTH), (7, 3));
}
