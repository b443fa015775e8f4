//! Assets of generated ledgers.

use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use solventry_types::{Asset, Chain, Locator, Place};

use super::address::parse_address;

/// One asset of a generated ledger.
pub(super) struct Offer {
    /// The asset.
    pub asset: Asset,
    /// Rough price of a coin in dollars, for plausible amounts.
    pub dollars: f64,
}

/// Well-known assets: symbol, listed decimals, dollars, places. Ether is listed with 9 of its 18
/// decimals, since 18 leave room for only 18 coins in 64 bits.
type Known = (&'static str, u8, f64, &'static [(Chain, &'static str, u8)]);

const KNOWN: [Known; 5] = [
    ("BTC", 8, 60_000.0, &[(Chain::Bitcoin, "native", 8)]),
    ("ETH", 9, 3_000.0, &[(Chain::Ethereum, "native", 18)]),
    (
        "USDT",
        6,
        1.0,
        &[
            (Chain::Ethereum, "0xdAC17F958D2ee523a2206206994597C13D831ec7", 6),
            (Chain::Solana, "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", 6),
        ],
    ),
    (
        "USDC",
        6,
        1.0,
        &[
            (Chain::Ethereum, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6),
            (Chain::Solana, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6),
        ],
    ),
    ("SOL", 9, 150.0, &[(Chain::Solana, "native", 9)]),
];

/// The first `count` assets: the well-known ones, then tokens `T0006`, `T0007`, … in turn on
/// Ethereum (18 decimals there, 8 listed) and Solana (6 decimals), with random contracts.
pub(super) fn offers(count: usize, random: &mut ChaCha20Rng) -> Vec<Offer> {
    let known = KNOWN.iter().map(|(symbol, decimals, dollars, places)| Offer {
        asset: asset(symbol, *decimals, places.iter().filter_map(known_place).collect()),
        dollars: *dollars,
    });
    let tokens = (KNOWN.len() + 1..=count).map(|number| {
        let mut contract = [0; 32];
        random.fill_bytes(&mut contract);
        let (decimals, place) = if number % 2 == 0 {
            (8, Place { chain: Chain::Ethereum, locator: contract_of(&contract[..20]), decimals: 18 })
        } else {
            (6, Place { chain: Chain::Solana, locator: contract_of(&contract), decimals: 6 })
        };
        let dollars = [0.05, 0.5, 2.0, 20.0][number % 4];
        Offer { asset: asset(&format!("T{number:04}"), decimals, vec![place]), dollars }
    });
    known.chain(tokens).take(count).collect()
}

fn asset(symbol: &str, decimals: u8, places: Vec<Place>) -> Asset {
    Asset { symbol: symbol.to_owned(), decimals, min_coverage_bps: 10_000, places }
}

fn contract_of(bytes: &[u8]) -> Locator {
    Locator::Contract(bytes.to_vec())
}

/// The constants above parse: a test counts the places.
fn known_place((chain, locator, decimals): &(Chain, &'static str, u8)) -> Option<Place> {
    let locator = match *locator {
        "native" => Locator::Native,
        contract => Locator::Contract(parse_address(*chain, contract).ok()?),
    };
    Some(Place { chain: *chain, locator, decimals: *decimals })
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;
    use solventry_types::AssetTable;

    use super::*;

    #[test]
    fn a_full_table_is_valid() {
        let offers = offers(1022, &mut ChaCha20Rng::seed_from_u64(1));
        let assets: Vec<Asset> = offers.into_iter().map(|offer| offer.asset).collect();
        let places: Vec<usize> = assets.iter().take(6).map(|asset| asset.places.len()).collect();
        assert_eq!(places, [1, 1, 2, 2, 1, 1]);
        assert!(AssetTable::new(assets).is_ok());
    }
}
