//! Sums over windows of journal time, kept in chain units for every vault and place.

use std::collections::BTreeMap;

use solventry_protocol::rebuild::listed_units;
use solventry_types::{Asset, Chain, Digest, Locator};

/// Lengths of the windows in seconds: 1 h, 24 h, 7 d, 30 d. A charge that is exactly as old as a
/// window still counts.
pub const WINDOWS: [u64; 4] = [3_600, 86_400, 604_800, 2_592_000];

/// Where a vault pays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The vault.
    pub vault: String,
    /// Chain.
    pub chain: Chain,
    /// What is paid, as that chain calls it.
    pub locator: Locator,
}

/// What was charged, by slot; within it by time and payment. Nothing is ever removed, so the last
/// use of a slot is known however long ago it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charges(BTreeMap<Slot, BTreeMap<(u64, Digest), u64>>);

/// What the journal knows about a vault's payments in one asset; sums in listed units, at the
/// largest integer where they do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Charged in each window.
    pub sums: [u128; 4],
    /// Payments in 24 hours.
    pub count: u32,
    /// Seconds since the last payment; `u64::MAX` if there was none.
    pub since_last: u64,
}

impl Charges {
    /// Charges a payment at `time`; `before` is when it was charged already, if it was.
    pub fn set(&mut self, slot: &Slot, payment: Digest, before: Option<u64>, time: u64, charged: u64) {
        let charges = self.0.entry(slot.clone()).or_default();
        if let Some(before) = before {
            charges.remove(&(before, payment));
        }
        charges.insert((time, payment), charged);
    }

    /// Sums of a vault over the asset's places at `time`, one payment left out.
    pub fn spent(&self, vault: &str, asset: &Asset, time: u64, without: Option<Digest>) -> Spent {
        let mut spent = Spent { sums: [0; 4], count: 0, since_last: u64::MAX };
        for place in &asset.places {
            let slot = Slot { vault: vault.to_owned(), chain: place.chain, locator: place.locator.clone() };
            let Some(charges) = self.0.get(&slot) else { continue };
            let others = || charges.iter().filter(|((_, payment), _)| Some(*payment) != without);
            if let Some(((last, _), _)) = others().next_back() {
                spent.since_last = spent.since_last.min(time.saturating_sub(*last));
            }
            let mut units = [0_u128; 4];
            for ((made, _), charged) in others().rev() {
                let age = time.saturating_sub(*made);
                if WINDOWS.iter().all(|window| age > *window) {
                    break;
                }
                for (sum, _) in units.iter_mut().zip(WINDOWS).filter(|(_, window)| age <= *window) {
                    *sum = sum.saturating_add(u128::from(*charged));
                }
                if age <= DAY {
                    spent.count = spent.count.saturating_add(1);
                }
            }
            for (sum, units) in spent.sums.iter_mut().zip(units) {
                *sum = sum.saturating_add(listed(units, asset, place));
            }
        }
        spent
    }

    /// Every charge, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&Slot, u64, Digest, u64)> {
        self.0.iter().flat_map(|(slot, charges)| {
            charges.iter().map(move |((time, payment), charged)| (slot, *time, *payment, *charged))
        })
    }
}

const DAY: u64 = 86_400;

/// Chain units as listed, or the largest integer: no claim reaches it, so nothing more is paid.
pub fn listed(units: u128, asset: &Asset, place: &solventry_types::Place) -> u128 {
    listed_units(units, asset, place).map_or(u128::MAX, |total| total.units())
}
