//! C-COV-2 of the coverage circuit, broken: circuit and native twin must both refuse and
//! name the claim (`05-threats` Z6). What is not attacked is made to fit.

mod common;

use ark_ff::Field;
use common::{
    coverage::{FIRST, HONEST, LISTED, forge, forge_limbs, honest_integer, layout, scalar},
    forge::{
        HonestCoverage,
        Outputs::{Kept, Recomputed},
    },
};
use solventry_solvency::{
    coverage::{BPS, LIMB_BITS},
    r1cs::Wires,
};

// C-COV-2: R in [0, 2^96), surplus = 10 000·R − c·L in [0, 2^112), nothing past the table.

#[test]
fn c_cov_2_every_limb_position_stops_at_2_to_the_8() {
    let limbs: Vec<_> = [layout().reserves_limbs(FIRST), layout().surplus_limbs(FIRST)]
        .iter()
        .flat_map(Wires::iter)
        .collect();
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
                let part = shortfall * scalar(spread as u64).inverse().unwrap();
                let mut weight = scalar(1);
                for limb in surplus.iter().take(spread) {
                    forged.set(limb, -part * weight.inverse().unwrap());
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

/// The coverage circuit does not range L: that it is no negative number follows from C_L being a
/// sum of totals of shards (C-SHARD-1, C-SHARD-2). Alone, it would accept the following.
#[test]
fn c_cov_2_negative_liabilities_are_for_the_shards_to_refuse() {
    let layout = layout();
    let listed = forge_limbs(|forged| {
        let reserves = honest_integer(&layout.reserves_limbs(FIRST));
        forged.write(&layout.surplus_limbs(FIRST), reserves * u128::from(BPS) + u128::from(BPS), LIMB_BITS);
    });
    assert_eq!(listed.at(layout.liabilities.at(FIRST)), -scalar(1));
    HONEST.accepts(&listed);
    let past = forge(|forged| {
        forged.set(layout.liabilities.at(LISTED), -scalar(1));
        forged.write(&layout.reserves_limbs(LISTED), 1, LIMB_BITS);
        forged.write(&layout.surplus_limbs(LISTED), BPS.into(), LIMB_BITS);
    });
    HONEST.accepts(&past);
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
