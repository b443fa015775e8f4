//! Every claim of the shard circuit, broken: circuit and native twin must both refuse and name
//! the claim (`05-threats` Z6). Forgers are as clever as they can be: what is not attacked is
//! made to fit.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Zero;
use common::forge::{Committed, HonestShard, Outputs, SHARD_Y, assert_refused};
use solventry_solvency::{r1cs::Wire, shard::twin};
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

fn total(asset: usize) -> Wire {
    HONEST.circuit.layout().totals.at(asset - 1)
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

// C-SHARD-2: T_a is the sum of all amounts of asset a; other ids carry no amount.

#[test]
fn c_shard_2_amounts_0_1_and_2_to_the_64_minus_1_are_accepted() {
    let holding = HONEST.holding_of(1, 0);
    for amount in [0, 1, u64::MAX] {
        let limbs = HONEST.circuit.layout().amount_limbs(holding);
        HONEST.accepts(&forged_limbs(|forged| forged.write(&limbs, amount.into(), W)));
    }
}

#[test]
fn c_shard_2_unlisted_asset_or_none_with_an_amount_is_refused() {
    let holding = HONEST.holding_of(1, 0);
    let limbs = HONEST.circuit.layout().asset_limbs(holding);
    for id in [0, Profile::SMALL.max_assets as u128 + 1, 256, 65_535] {
        // The total lacks the amount, or still counts it.
        let mut forged = forged_limbs(|forged| forged.write(&limbs, id, W));
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
        forged.set(total(1), HONEST.committed.at(total(1)));
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
    }
}

#[test]
fn c_shard_2_asset_changed_without_its_totals_is_refused() {
    let limbs = HONEST.circuit.layout().asset_limbs(HONEST.holding_of(1, 0));
    for id in [2, 63] {
        let mut forged = HONEST.forge();
        forged.write(&limbs, id, W);
        HONEST.recount(&mut forged);
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
    }
}

#[test]
fn c_shard_2_amount_left_out_of_its_total_is_refused() {
    let mut forged = HONEST.forge();
    for value in [Fr::zero(), forged.at(total(1)) - scalar(1), forged.at(total(1)) + scalar(1), -scalar(1)] {
        forged.set(total(1), value);
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
    }
}

#[test]
fn c_shard_2_totals_cannot_be_exchanged_between_assets() {
    let mut forged = HONEST.forge();
    forged.swap(total(1), total(2));
    HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
    let mut forged = HONEST.forge();
    forged.add(total(1), -scalar(1));
    forged.add(total(3), scalar(1));
    HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
}

#[test]
fn c_shard_2_total_of_an_asset_that_nobody_holds_is_refused() {
    // Also as a negative total that makes up for another.
    for value in [scalar(1), -scalar(1)] {
        let mut forged = HONEST.forge();
        forged.set(total(63), value);
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
        forged.add(total(1), -value);
        HONEST.refuses("C-SHARD-2", &forged, Outputs::Recomputed);
    }
}

// C-SHARD-3: y is the evaluation of the committed blocks, totals and mask.

#[test]
fn c_shard_3_blinding_or_mask_altered_with_y_kept_is_refused() {
    let layout = HONEST.circuit.layout();
    let blinding = layout.block_blinding.iter().chain([layout.totals_blinding]).chain(layout.mask.iter());
    for wire in blinding {
        let mut forged = HONEST.forge();
        forged.add(wire, scalar(1));
        HONEST.refuses("C-SHARD-3", &forged, Outputs::Kept);
        HONEST.accepts(&forged); // under another commitment it is a witness as good
    }
    let mut forged = HONEST.forge();
    forged.swap(layout.block_blinding.at(0), layout.block_blinding.at(1));
    HONEST.refuses("C-SHARD-3", &forged, Outputs::Kept);
}

#[test]
fn c_shard_3_y_altered_is_refused() {
    let shard = &*HONEST;
    for difference in [scalar(1), -scalar(1), scalar(BASE)] {
        let mut values = shard.values.clone();
        values[SHARD_Y] += difference;
        let twin = twin::check(&shard.circuit, &shard.committed.values, &shard.challenges, values[SHARD_Y]);
        assert_refused("C-SHARD-3", (shard.circuit.circuit.check(&values), twin));
    }
}

#[test]
fn c_shard_3_other_holdings_under_the_same_commitments_are_refused() {
    let layout = HONEST.circuit.layout();
    let first = HONEST.holding_of(1, 0);
    // The neighbour's slot, another place of the slot, the next block: totals stay right.
    for other in [first + 3, first + 1, first + 3 * Profile::SMALL.block_slots] {
        let forged = forged_limbs(|forged| HONEST.swap_holdings(forged, first, other));
        HONEST.refuses("C-SHARD-3", &forged, Outputs::Kept);
        HONEST.accepts(&forged);
    }
    // A customer's holding is less, or of another asset, and the totals follow.
    let less = forged_limbs(|forged| forged.write(&layout.amount_limbs(first), 1, W));
    let other = forged_limbs(|forged| forged.write(&layout.asset_limbs(first), 2, W));
    for forged in [less, other] {
        HONEST.refuses("C-SHARD-3", &forged, Outputs::Kept);
    }
}
