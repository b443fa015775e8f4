//! Witnesses for the tests of all circuits, and the tools that forge them.
#![allow(dead_code)] // each test file uses its part

pub mod committed;
pub mod coverage;
pub mod forge;
pub mod groups;
pub mod headroom;
pub mod mutants;
pub mod solver;

use ark_bn254::Fr;
use ark_std::UniformRand;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::RngCore;
use solventry_solvency::{coverage::CoverageWitness, shard::ShardWitness};
use solventry_types::{Amount, Asset, AssetId, AssetTable, Holding, Profile, Slot, Total};

/// A table of five assets.
pub fn table() -> AssetTable {
    let asset = |symbol: &str, min_coverage_bps| Asset {
        symbol: symbol.into(),
        decimals: 8,
        min_coverage_bps,
        places: vec![],
    };
    let assets = [("BTC", 10_000), ("ETH", 10_500), ("SOL", 1), ("USDC", 12_345), ("USDT", (1 << 20) - 1)];
    AssetTable::new(assets.into_iter().map(|(symbol, bps)| asset(symbol, bps)).collect()).unwrap()
}

/// Some scalars.
pub fn scalars<const N: usize>(seed: u64) -> [Fr; N] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    std::array::from_fn(|_| Fr::rand(&mut rng))
}

/// A random shard over the table; every tenth slot is empty.
pub fn shard_witness(profile: Profile, seed: u64) -> ShardWitness {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let slots = (0..profile.shard_slots())
        .map(|slot| {
            let holdings = if slot % 10 == 0 { 0 } else { rng.next_u32() % 4 };
            let first = (rng.next_u32() % 5) as usize;
            let assets = (1..=5u16).cycle().skip(first).filter_map(AssetId::new).take(holdings as usize);
            let amount = |rng: &mut ChaCha20Rng| Amount::from_units(rng.next_u64() >> (rng.next_u32() % 64));
            Slot::new(&assets.map(|asset| Holding { asset, amount: amount(&mut rng) }).collect::<Vec<_>>())
        })
        .collect();
    ShardWitness {
        slots,
        block_blinding: (0..profile.shard_blocks).map(|_| Fr::rand(&mut rng)).collect(),
        totals_blinding: Fr::rand(&mut rng),
        mask: [Fr::rand(&mut rng), Fr::rand(&mut rng)],
    }
}

/// Covered liabilities over the table.
pub fn coverage_witness(profile: Profile, seed: u64) -> CoverageWitness {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let assets = table();
    let total = |units: u128| Total::from_units(units).unwrap();
    let liabilities: Vec<Total> =
        (0..assets.len()).map(|_| total(u128::from(rng.next_u64()) << 10)).collect();
    let reserves = liabilities.iter().zip(assets.assets()).map(|(total_l, asset)| {
        total(
            (total_l.units() * u128::from(asset.min_coverage_bps)).div_ceil(10_000)
                + u128::from(rng.next_u32()),
        )
    });
    CoverageWitness {
        reserves: reserves.collect(),
        liabilities,
        liabilities_blinding: Fr::rand(&mut rng),
        reserves_blinding: Fr::rand(&mut rng),
        mask: [Fr::rand(&mut rng), Fr::rand(&mut rng)],
        salts: (0..profile.max_assets / 7).map(|_| Fr::rand(&mut rng)).collect(),
    }
}
