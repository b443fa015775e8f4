//! The ledger, the asset table and the public lists of the fixture.

use solventry_prover::ledger::Ledger;
use solventry_types::{
    AccountId, Amount, Asset, AssetId, AssetTable, Chain, Holding, Locator, Place, Total,
    reserves::ReserveEntry,
};

/// Assets of the table.
pub const ASSETS: usize = 10;

/// Account i holds i mod 11 assets; amounts are distinct odd numbers above 2^30.
pub fn ledger(accounts: usize) -> Ledger {
    let mut ledger = Ledger::new(assets());
    for account in 0..accounts {
        let holding = |index: usize| Holding {
            asset: AssetId::from_index((account + index) % ASSETS).unwrap(),
            amount: Amount::from_units(1_000_000_007 * (1 + account as u64) + 2 * index as u64),
        };
        let id = AccountId::new(&format!("customer-{account}@example.org")).unwrap();
        ledger.push(&id, (0..account % (ASSETS + 1)).map(holding).collect()).unwrap();
    }
    ledger
}

/// Bitcoin, ether, sol, a dollar on two chains, six tokens on Ethereum.
pub fn assets() -> AssetTable {
    let place = |chain, contract: Vec<u8>, decimals| Place {
        chain,
        locator: if contract.is_empty() { Locator::Native } else { Locator::Contract(contract) },
        decimals,
    };
    let asset = |symbol: &str, decimals, places| Asset {
        symbol: symbol.into(),
        decimals,
        min_coverage_bps: 10_000,
        places,
    };
    let dollars = vec![place(Chain::Ethereum, vec![0xa0; 20], 6), place(Chain::Solana, vec![0xc6; 32], 6)];
    let mut assets = vec![
        asset("BTC", 8, vec![place(Chain::Bitcoin, vec![], 8)]),
        asset("ETH", 9, vec![place(Chain::Ethereum, vec![], 18)]),
        asset("SOL", 9, vec![place(Chain::Solana, vec![], 9)]),
        asset("USDC", 6, dollars),
    ];
    for token in 4..ASSETS as u8 {
        assets.push(asset(&format!("T{token}"), 6, vec![place(Chain::Ethereum, vec![token; 20], 6)]));
    }
    AssetTable::new(assets).unwrap()
}

/// A public list that holds `totals` of the first assets, one entry each, in canonical order.
pub fn entries(totals: &[Total]) -> Vec<ReserveEntry> {
    let table = assets();
    let entry = |(asset, total): (&Asset, &Total)| {
        let place = &asset.places[0];
        let account = match place.chain {
            Chain::Bitcoin => vec![0xb1; 22],
            Chain::Ethereum => vec![0xe1; 20],
            _ => vec![0x51; 32],
        };
        let scale = 10u128.pow(u32::from(place.decimals - asset.decimals));
        let chain_units = total.units() * scale;
        ReserveEntry { chain: place.chain, locator: place.locator.clone(), account, chain_units }
    };
    let mut list: Vec<_> = table.assets().iter().zip(totals).map(entry).collect();
    sort(&mut list);
    list
}

/// The canonical order of a public list.
pub fn sort(list: &mut [ReserveEntry]) {
    list.sort_by(|a, b| (a.chain, &a.account, &a.locator).cmp(&(b.chain, &b.account, &b.locator)));
}
