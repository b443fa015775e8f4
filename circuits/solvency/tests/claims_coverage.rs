//! Every claim of the coverage circuit, broken: circuit and native twin must both refuse and
//! name the claim (`05-threats` Z6). What is not attacked is made to fit.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Zero;
use common::forge::{
    COVERAGE_ROOT, COVERAGE_Y, Committed, HonestCoverage,
    Outputs::{Kept, Recomputed},
    assert_refused,
};
use solventry_solvency::{
    coverage::{BPS, CoverageLayout, LIMB_BITS},
    r1cs::Wires,
};
use solventry_types::Profile;

static HONEST: LazyLock<HonestCoverage> = LazyLock::new(|| HonestCoverage::new(Profile::SMALL));

/// Index of the first asset; its minimum coverage is 10 000.
const FIRST: usize = 0;
/// Assets of the table; ids after them are past it.
const LISTED: usize = 5;

fn layout() -> &'static CoverageLayout {
    HONEST.circuit.layout()
}

fn scalar(value: u64) -> Fr {
    Fr::from(value)
}

/// A forgery with multiplicities that fit.
fn forge(edit: impl FnOnce(&mut Committed)) -> Committed {
    let mut forged = HONEST.forge();
    edit(&mut forged);
    HONEST.recount(&mut forged);
    forged
}

/// A forgery of limbs of the first asset, its liabilities chosen so that the surplus fits.
fn forge_limbs(edit: impl FnOnce(&mut Committed)) -> Committed {
    forge(|forged| {
        edit(forged);
        HONEST.balance(forged, FIRST);
    })
}

fn honest_integer(limbs: &Wires) -> u128 {
    let limbs = HONEST.committed.of(limbs).iter().rev();
    limbs.fold(0, |sum, limb| (sum << LIMB_BITS) | u128::from(ark_ff::PrimeField::into_bigint(*limb).0[0]))
}

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

// C-COV-2: R in [0, 2^96), surplus = 10 000·R − c·L in [0, 2^112), nothing past the table.

#[test]
fn c_cov_2_every_limb_position_stops_at_2_to_the_8() {
    let limbs: Vec<_> =
        [layout().reserves_limbs(FIRST), layout().surplus_limbs(FIRST)].iter().flat_map(Wires::iter).collect();
    assert_eq!(limbs.len(), 12 + 14);
    for limb in limbs {
        for inside in [0, 1, 255] {
            HONEST.accepts(&forge_limbs(|forged| forged.set(limb, scalar(inside))));
        }
        for outside in [scalar(256), -scalar(1), scalar(257), scalar(u64::MAX)] {
            let forged = forge_limbs(|forged| forged.set(limb, outside));
            HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
        }
    }
}

#[test]
fn c_cov_2_negative_surplus_is_refused() {
    // L exceeds what the reserves cover by 1 or by much; p − v in one limb, or spread over all.
    let surplus = layout().surplus_limbs(FIRST);
    for shortfall in [scalar(1), scalar(u64::MAX)] {
        for spread in [1, surplus.len()] {
            let forged = forge_limbs(|forged| {
                forged.write(&surplus, 0, LIMB_BITS);
                let part = shortfall * ark_ff::Field::inverse(&scalar(spread as u64)).unwrap();
                let mut weight = scalar(1);
                for limb in surplus.iter().take(spread) {
                    forged.set(limb, -part * ark_ff::Field::inverse(&weight).unwrap());
                    weight *= scalar(256);
                }
            });
            assert_eq!(HonestCoverage::integer(&forged, &surplus), -shortfall);
            HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
        }
    }
}

#[test]
fn c_cov_2_large_limb_compensated_by_a_negative_one_is_refused() {
    // R, surplus, y and root are the honest ones: only the limbs differ.
    for limbs in [layout().reserves_limbs(FIRST), layout().surplus_limbs(FIRST)] {
        let forged = forge(|forged| {
            forged.add(limbs.at(0), scalar(256));
            forged.add(limbs.at(1), -scalar(1));
        });
        HONEST.refuses("C-COV-2", &forged, Kept, Kept);
    }
}

#[test]
fn c_cov_2_multiplicities_are_the_histogram() {
    let multiplicities = &layout().multiplicities;
    let mut forged = HONEST.forge();
    forged.add(multiplicities.at(0), scalar(1));
    HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
    forged.add(multiplicities.at(255), -scalar(1));
    HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
    let mut forged = HONEST.forge();
    forged.swap(multiplicities.at(0), multiplicities.at(1));
    HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
}

#[test]
fn c_cov_2_surplus_that_is_not_the_difference_is_refused() {
    let layout = layout();
    let wires = [layout.liabilities.at(FIRST), layout.coverage.at(FIRST), layout.coverage.at(LISTED - 1)];
    for difference in [scalar(1), -scalar(1)] {
        for wire in wires {
            let forged = forge(|forged| forged.add(wire, difference));
            HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
        }
    }
    for limbs in [layout.reserves_limbs(FIRST), layout.surplus_limbs(FIRST)] {
        let forged = forge(|forged| forged.write(&limbs, honest_integer(&limbs) + 1, LIMB_BITS));
        HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
    }
}

#[test]
fn c_cov_2_liabilities_or_reserves_past_the_table_are_refused() {
    let layout = layout();
    for asset in [LISTED, 62] {
        for value in [scalar(1), -scalar(1)] {
            let forged = forge(|forged| forged.set(layout.liabilities.at(asset), value));
            HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
        }
        let forged = forge(|forged| {
            forged.write(&layout.reserves_limbs(asset), 1, LIMB_BITS);
            forged.write(&layout.surplus_limbs(asset), BPS.into(), LIMB_BITS);
        });
        HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
    }
    // A mark on an asset that is listed and held.
    let forged = forge(|forged| forged.set(layout.past.at(FIRST), scalar(1)));
    HONEST.refuses("C-COV-2", &forged, Recomputed, Recomputed);
}

#[test]
fn c_cov_2_exact_coverage_and_the_largest_reserves_are_accepted() {
    let (reserves, surplus) = (layout().reserves_limbs(FIRST), layout().surplus_limbs(FIRST));
    let most = (1u128 << 96) - 1;
    for (r, s) in [(0, 0), (1, 0), (most, 0), (most, most * u128::from(BPS))] {
        HONEST.accepts(&forge_limbs(|forged| {
            forged.write(&reserves, r, LIMB_BITS);
            forged.write(&surplus, s, LIMB_BITS);
        }));
    }
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
