//! C-COV-1 and 3 of the coverage circuit, broken: circuit and native twin must both refuse and
//! name the claim (`05-threats` Z6). What is not attacked is made to fit.

mod common;

use ark_bn254::Fr;
use ark_ff::Zero;
use common::{
    coverage::{FIRST, HONEST, LISTED, forge, forge_limbs, honest_integer, layout, scalar},
    forge::{
        COVERAGE_ROOT, COVERAGE_Y,
        Outputs::{Kept, Recomputed},
        assert_refused,
    },
};
use solventry_solvency::coverage::{BPS, CoverageLayout, LIMB_BITS};

// C-COV-1: y joins liabilities, reserves, minimum coverage and marks past the table.

#[test]
fn c_cov_1_liabilities_reserves_or_table_altered_with_y_kept_are_refused() {
    let layout = layout();
    // Each forgery is a true statement about other commitments or another table.
    let understated = forge_limbs(|forged| {
        let surplus = layout.surplus_limbs(FIRST);
        forged.write(&surplus, honest_integer(&surplus) + u128::from(BPS), LIMB_BITS);
    });
    let invented_reserves = forge(|forged| {
        let (reserves, surplus) = (layout.reserves_limbs(FIRST), layout.surplus_limbs(FIRST));
        forged.write(&reserves, honest_integer(&reserves) + 1, LIMB_BITS);
        forged.write(&surplus, honest_integer(&surplus) + u128::from(BPS), LIMB_BITS);
    });
    let coverage_off = forge(|forged| {
        forged.set(layout.coverage.at(FIRST), Fr::zero());
        let reserves = honest_integer(&layout.reserves_limbs(FIRST));
        forged.write(&layout.surplus_limbs(FIRST), reserves * u128::from(BPS), LIMB_BITS);
    });
    let table_longer = forge(|forged| forged.set(layout.past.at(LISTED), Fr::zero()));
    for forged in [understated, invented_reserves, coverage_off, table_longer] {
        HONEST.accepts(&forged);
        HONEST.refuses("C-COV-1", &forged, Kept, Recomputed);
    }
}

#[test]
fn c_cov_1_assets_exchanged_with_y_kept_are_refused() {
    let layout = layout();
    // Two assets swap everything, minimum coverage too: the multiset of values is the same.
    let forged = forge(|forged| {
        for wires in [&layout.liabilities, &layout.coverage] {
            forged.swap(wires.at(0), wires.at(1));
        }
        let pairs = [CoverageLayout::reserves_limbs, CoverageLayout::surplus_limbs];
        for (first, second) in pairs.map(|limbs| (limbs(layout, 0), limbs(layout, 1))) {
            first.iter().zip(second.iter()).for_each(|(a, b)| forged.swap(a, b));
        }
    });
    HONEST.accepts(&forged);
    HONEST.refuses("C-COV-1", &forged, Kept, Recomputed);
}

#[test]
fn c_cov_1_blinding_or_mask_altered_with_y_kept_is_refused() {
    for wire in layout().blinding.iter().chain(layout().mask.iter()) {
        let forged = forge(|forged| forged.add(wire, scalar(1)));
        HONEST.accepts(&forged);
        HONEST.refuses("C-COV-1", &forged, Kept, Recomputed);
    }
}

#[test]
fn c_cov_1_y_altered_is_refused() {
    let mut values = HONEST.values.clone();
    values[COVERAGE_Y] += scalar(1);
    assert_refused("C-COV-1", HONEST.judge(&HONEST.committed, &values));
}

// C-COV-3: headroom_root is the root of the tree over surpluses and salts.

#[test]
fn c_cov_3_root_altered_is_refused() {
    for root in [HONEST.values[COVERAGE_ROOT] + scalar(1), Fr::zero()] {
        let mut values = HONEST.values.clone();
        values[COVERAGE_ROOT] = root;
        assert_refused("C-COV-3", HONEST.judge(&HONEST.committed, &values));
    }
}

#[test]
fn c_cov_3_surplus_or_salt_altered_with_root_kept_is_refused() {
    let salts = &layout().salts;
    let altered = forge(|forged| forged.add(salts.at(0), scalar(1)));
    let swapped = forge(|forged| forged.swap(salts.at(0), salts.at(8)));
    let surplus = layout().surplus_limbs(FIRST);
    let other = forge_limbs(|forged| forged.write(&surplus, honest_integer(&surplus) + 1, LIMB_BITS));
    for forged in [altered, swapped, other] {
        HONEST.accepts(&forged);
        HONEST.refuses("C-COV-3", &forged, Recomputed, Kept);
    }
}
