//! A made-up ledger with the shape of a real one: few accounts hold much, most hold little.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_prover::ledger::Ledger;
use solventry_types::{AccountId, Amount, Asset, AssetId, AssetTable, Holding};

/// Assets in the table; both profiles have room for them.
pub const ASSETS: usize = 60;

/// Tail exponent of the number of holdings: `Σ_{k=1..60} k^-0.963 = 5.0` holdings in the mean,
/// half of all accounts with a single one.
const TAIL: f64 = 0.963;

/// `accounts` accounts with 5 holdings in the mean, the same for the same seed. Holdings per
/// account follow a Pareto law up to [`ASSETS`], assets a law close to Zipf's, amounts are
/// log-uniform from 2^7 to 2^50 units.
pub fn ledger(accounts: usize, seed: u64) -> Ledger {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut ledger = Ledger::new(table());
    for account in 0..accounts {
        let id = AccountId::new(&format!("customer-{account:09}@example.com")).expect("the id is plain");
        let holdings = holdings(&mut rng);
        ledger.push(&id, holdings).expect("assets are distinct and in the table, sums below 2^96");
    }
    ledger
}

fn table() -> AssetTable {
    let asset = |number| Asset {
        symbol: format!("A{number}"),
        decimals: 8,
        min_coverage_bps: 10_000,
        places: vec![],
    };
    AssetTable::new((0..ASSETS).map(asset).collect()).expect("symbols are unique")
}

fn holdings(rng: &mut ChaCha20Rng) -> Vec<Holding> {
    let count = ((1.0 - uniform(rng)).powf(-1.0 / TAIL) as usize).clamp(1, ASSETS);
    let mut taken = [false; ASSETS];
    (0..count)
        .map(|_| {
            // Rank r with a probability near 1/r; the next free one if it is taken.
            let mut index = (ASSETS as f64).powf(uniform(rng)) as usize - 1;
            while taken[index] {
                index = (index + 1) % ASSETS;
            }
            taken[index] = true;
            let units = (7.0 + 43.0 * uniform(rng)).exp2() as u64 ^ (rng.next_u64() & 0x3f);
            let asset = AssetId::from_index(index).expect("the table is small");
            Holding { asset, amount: Amount::from_units(units) }
        })
        .collect()
}

/// Uniform in [0, 1).
fn uniform(rng: &mut ChaCha20Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use solventry_prover::placement::ledger_slots;

    use super::*;

    #[test]
    fn the_mean_is_five_holdings_and_about_two_slots() {
        let ledger = ledger(20_000, 1);
        let (holdings, slots) = (ledger.holdings(), ledger_slots(&ledger));
        assert!((97_000..103_000).contains(&holdings), "{holdings}");
        assert!((40_000..48_000).contains(&slots), "{slots}");
    }
}
