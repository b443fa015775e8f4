//! C-SHARD-2 and 3 of the shard circuit, broken: circuit and native twin must both refuse and name
//! the claim (`05-threats` Z6). Forgers are as clever as they can be: what is not attacked is
//! made to fit.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Zero;
use common::{
    committed::Committed,
    forge::{HonestShard, Outputs, SHARD_Y, assert_refused},
};
use solventry_solvency::{r1cs::Wire, shard::twin};
use solventry_types::Profile;

static HONEST: LazyLock<HonestShard> = LazyLock::new(|| HonestShard::new(Profile::SMALL));

const W: u32 = Profile::SMALL.limb_bits;
const BASE: u64 = 1 << W;

/// A forgery that changes limbs, with multiplicities and totals made to fit.
fn forged_limbs(edit: impl FnOnce(&mut Committed)) -> Committed {
    let mut forged = HONEST.forge();
    edit(&mut forged);
    HONEST.recount(&mut forged);
    HONEST.retotal(&mut forged);
    forged
}

fn total(asset: usize) -> Wire {
    HONEST.circuit.layout().totals.at(asset - 1)
}

fn scalar(value: u64) -> Fr {
    Fr::from(value)
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
