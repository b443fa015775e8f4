//! C-SHARD-1 of the shard circuit, broken: circuit and native twin must both refuse and name
//! the claim (`05-threats` Z6). Forgers are as clever as they can be: what is not attacked is
//! made to fit.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Zero;
use common::{
    committed::Committed,
    forge::{HonestShard, Outputs},
};
use solventry_solvency::r1cs::Wire;
use solventry_types::Profile;

static HONEST: LazyLock<HonestShard> = LazyLock::new(|| HonestShard::new(Profile::SMALL));

const W: u32 = Profile::SMALL.limb_bits;
const BASE: u64 = 1 << W;
const ONE: u64 = 1;

/// A forgery that changes limbs, with multiplicities and totals made to fit.
fn forged_limbs(edit: impl FnOnce(&mut Committed)) -> Committed {
    let mut forged = HONEST.forge();
    edit(&mut forged);
    HONEST.recount(&mut forged);
    HONEST.retotal(&mut forged);
    forged
}

fn refused_limbs(edit: impl FnOnce(&mut Committed)) {
    HONEST.refuses("C-SHARD-1", &forged_limbs(edit), Outputs::Recomputed);
}

fn amount_limb(holding: usize, index: usize) -> Wire {
    HONEST.circuit.layout().amount_limbs(holding).at(index)
}

fn asset_limb(holding: usize, index: usize) -> Wire {
    HONEST.circuit.layout().asset_limbs(holding).at(index)
}

fn scalar(value: u64) -> Fr {
    Fr::from(value)
}

// C-SHARD-1: every limb of every amount and asset id is in [0, 2^w).

#[test]
fn c_shard_1_every_limb_position_stops_at_2_to_the_w() {
    let places = [HONEST.holding_of(1, 0), 0, HONEST.holding_of(5, 0), HONEST.holdings() - 1];
    for holding in places {
        for limb in HONEST.circuit.layout().amount_limbs(holding).iter() {
            for inside in [0, 1, BASE - 1] {
                // An empty place carries nothing: give its amount an asset.
                let asset = HONEST.integer(&HONEST.committed, &HONEST.circuit.layout().asset_limbs(holding));
                let give = |forged: &mut Committed| {
                    forged.set(limb, scalar(inside));
                    if asset.is_zero() {
                        forged.set(asset_limb(holding, 0), scalar(7));
                    }
                };
                HONEST.accepts(&forged_limbs(give));
            }
            for outside in [scalar(BASE), -scalar(ONE), scalar(BASE + 1), scalar(u64::MAX)] {
                refused_limbs(|forged| forged.set(limb, outside));
            }
        }
    }
}

#[test]
fn c_shard_1_asset_limb_out_of_range_is_refused() {
    // In an empty place: whatever the id, C-SHARD-2 has nothing to object to.
    for index in 0..Profile::SMALL.asset_limbs() {
        for inside in [0, 1, BASE - 1] {
            HONEST.accepts(&forged_limbs(|forged| forged.set(asset_limb(0, index), scalar(inside))));
        }
        for outside in [scalar(BASE), -scalar(ONE), scalar(u64::MAX)] {
            refused_limbs(|forged| forged.set(asset_limb(0, index), outside));
        }
    }
}

#[test]
fn c_shard_1_large_limb_compensated_by_a_negative_one_is_refused() {
    // Amount, totals and y are the honest ones: only the limbs differ.
    let holding = HONEST.holding_of(2, 0);
    let forged = forged_limbs(|forged| {
        forged.add(amount_limb(holding, 0), scalar(BASE));
        forged.add(amount_limb(holding, 1), -scalar(ONE));
    });
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Kept);
    let forged = forged_limbs(|forged| {
        forged.add(asset_limb(holding, 0), -scalar(BASE));
        forged.add(asset_limb(holding, 1), scalar(ONE));
    });
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Kept);
}

#[test]
fn c_shard_1_negative_amount_of_an_invented_customer_is_refused() {
    // p − v in one limb, or in all of them: the totals shrink by v.
    let debt = scalar(1_000_000);
    refused_limbs(|forged| {
        forged.set(asset_limb(0, 0), scalar(1));
        forged.set(amount_limb(0, 0), -debt);
    });
    refused_limbs(|forged| {
        forged.set(asset_limb(0, 0), scalar(1));
        (0..8).for_each(|index| forged.set(amount_limb(0, index), -scalar(index as u64 + 1)));
    });
}

#[test]
fn c_shard_1_overflow_across_the_80_bit_boundary_is_refused() {
    // Ported from the flaw found in Binance's proof of reserves in 2023: values packed without a
    // range. The first id grows by 2^16, the second amount shrinks by 1: the packed slot, and so
    // what the customer unpacks and y, stays the same while a total shrinks.
    let second = (1..HONEST.holdings())
        .find(|holding| holding % 3 == 1 && !HONEST.committed.at(amount_limb(*holding, 0)).is_zero())
        .unwrap();
    let forged = forged_limbs(|forged| {
        forged.add(asset_limb(second - 1, 1), scalar(BASE));
        forged.add(amount_limb(second, 0), -scalar(ONE));
    });
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Kept);
    // And from amount to id inside one place: amount + 2^64, id − 1.
    let forged = forged_limbs(|forged| {
        forged.add(amount_limb(second, 7), scalar(BASE));
        forged.add(asset_limb(second, 0), -scalar(ONE));
    });
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Kept);
}

#[test]
fn c_shard_1_multiplicities_are_the_histogram() {
    let multiplicities = &HONEST.circuit.layout().multiplicities;
    for difference in [scalar(1), -scalar(1)] {
        let mut forged = HONEST.forge();
        forged.add(multiplicities.at(3), difference);
        HONEST.refuses("C-SHARD-1", &forged, Outputs::Recomputed);
        forged.add(multiplicities.at(255), -difference);
        HONEST.refuses("C-SHARD-1", &forged, Outputs::Recomputed);
    }
    let mut forged = HONEST.forge();
    forged.swap(multiplicities.at(0), multiplicities.at(1));
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Recomputed);
    // A limb changes inside the range, and nobody counts again.
    let mut forged = HONEST.forge();
    forged.add(amount_limb(HONEST.holding_of(1, 0), 0), scalar(1));
    HONEST.retotal(&mut forged);
    HONEST.refuses("C-SHARD-1", &forged, Outputs::Recomputed);
}
