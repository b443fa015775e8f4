//! Accounts and contracts as explorers show them.

use serde_json::{Value, json};
use solventry_types::{
    AssetTable, Chain, Place,
    amount::decimal,
    place::Locator,
    reserves::{ReserveClass, ReserveEntry, ReserveEvidence},
};

/// An account or contract in its chain's usual form; Bitcoin accounts are output scripts.
pub fn account(chain: Chain, bytes: &[u8]) -> String {
    match chain {
        Chain::Ethereum => format!("0x{}", hex::encode(bytes)),
        Chain::Solana => bs58::encode(bytes).into_string(),
        _ => hex::encode(bytes),
    }
}

/// `chain/native` or `chain/CONTRACT`.
pub fn place(place: &Place) -> String {
    match &place.locator {
        Locator::Native => format!("{}/native", place.chain),
        Locator::Contract(contract) => format!("{}/{}", place.chain, account(place.chain, contract)),
    }
}

/// One entry of the public list: what to look up on which chain.
struct Entry {
    asset: String,
    chain: Chain,
    account: String,
    amount: String,
}

fn entries(evidence: &ReserveEvidence, assets: &AssetTable) -> Vec<Entry> {
    let public = evidence.classes.iter().flat_map(|class| match class {
        ReserveClass::Public(entries) => entries.as_slice(),
        ReserveClass::Attested { .. } => &[],
    });
    let shown = |entry: &ReserveEntry| {
        let (_, asset, place) = assets.find_place(entry.chain, &entry.locator)?;
        Some(Entry {
            asset: asset.symbol.clone(),
            chain: entry.chain,
            account: account(entry.chain, &entry.account),
            amount: decimal(entry.chain_units, place.decimals),
        })
    };
    public.filter_map(shown).collect()
}

/// The public list, one line an entry.
pub fn public_list(evidence: &ReserveEvidence, assets: &AssetTable) -> String {
    let line =
        |entry: Entry| format!("  {} {} {} {}\n", entry.chain, entry.account, entry.amount, entry.asset);
    entries(evidence, assets).into_iter().map(line).collect()
}

/// The public list for programs.
pub fn public_json(evidence: &ReserveEvidence, assets: &AssetTable) -> Value {
    let object = |entry: Entry| {
        json!({
            "chain": entry.chain.name(),
            "account": entry.account,
            "amount": entry.amount,
            "asset": entry.asset,
        })
    };
    entries(evidence, assets).into_iter().map(object).collect()
}
