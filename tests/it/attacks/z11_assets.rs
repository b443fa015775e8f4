//! Z11: asset confusion: tables that give one symbol or one place to two assets.

use solventry_types::{Asset, AssetTable, Chain, CodecError, EpochContext, Locator, Place};

use crate::support::{
    books::assets,
    fixture::fixture,
    outcome::{Outcome, attacks, attempt, names},
};

attacks![
    symbol_twice,
    place_of_two_assets,
    place_twice_with_other_decimals,
    contract_of_the_wrong_length,
    contract_on_bitcoin,
    symbol_with_invisible_characters,
    coverage_out_of_range,
    decimals_out_of_range,
    more_assets_than_the_circuit,
    empty_table,
    symbol_twice_in_the_file,
];

fn refused(change: impl FnOnce(&mut Vec<Asset>), variant: &str, says: &str) -> Outcome {
    let mut list = assets().assets().to_vec();
    change(&mut list);
    match AssetTable::new(list) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

/// Source: Z11, worthless token under a good name.
fn symbol_twice() -> Outcome {
    refused(|list| list[9].symbol = "BTC".into(), "DuplicateSymbol { number: 10", "BTC appears twice")
}

/// Source: Z11: one pile of coins for two assets.
fn place_of_two_assets() -> Outcome {
    refused(|list| list[9].places = list[0].places.clone(), "DuplicatePlace { number: 10", "bitcoin/native")
}

/// Source: Z11, chain decimals.
fn place_twice_with_other_decimals() -> Outcome {
    let twice = |list: &mut Vec<Asset>| {
        let place = Place { decimals: 0, ..list[3].places[0].clone() };
        list[3].places.push(place);
    };
    refused(twice, "DuplicatePlace { number: 4", "repeated")
}

/// Source: Z11, same address in two encodings.
fn contract_of_the_wrong_length() -> Outcome {
    refused(
        |list| list[9].places[0].locator = Locator::Contract(vec![0; 21]),
        "Invalid { number: 10",
        "wrong length",
    )
}

/// Source: Z11.
fn contract_on_bitcoin() -> Outcome {
    let place = Place { chain: Chain::Bitcoin, locator: Locator::Contract(vec![1; 20]), decimals: 8 };
    refused(|list| list[9].places.push(place), "Invalid { number: 10", "wrong length for its chain")
}

/// Source: Z11, look-alike symbols.
fn symbol_with_invisible_characters() -> Outcome {
    ["BTC ", "B\u{200b}TC", "ВTC", "BTC,", ""].into_iter().try_for_each(|symbol| {
        refused(|list| list[9].symbol = symbol.into(), "Invalid { number: 10", "visible ASCII")
    })
}

/// Source: 01-solvency §1: c_a < 2^20, or C-COV-2 could wrap.
fn coverage_out_of_range() -> Outcome {
    [0, 1 << 20, u32::MAX].into_iter().try_for_each(|bps| {
        refused(|list| list[0].min_coverage_bps = bps, "Invalid { number: 1", "minimum coverage")
    })
}

/// Source: Z11.
fn decimals_out_of_range() -> Outcome {
    refused(|list| list[0].decimals = 31, "Invalid { number: 1", "at most 30 decimals")?;
    refused(|list| list[0].places[0].decimals = 31, "Invalid { number: 1", "on a chain")
}

/// Source: 01-solvency §1: A < n; here A_max + 1 in an epoch of the small profile.
fn more_assets_than_the_circuit() -> Outcome {
    let asset = |number: usize| Asset {
        symbol: format!("A{number}"),
        decimals: 0,
        min_coverage_bps: 10_000,
        places: vec![],
    };
    let table = AssetTable::new((0..64).map(asset).collect()).unwrap();
    let context = EpochContext { assets: table, ..fixture().context.clone() };
    names(&context.validate().unwrap_err(), "Assets(TooMany", "room for 63")
}

/// Source: Z3, nothing to cover.
fn empty_table() -> Outcome {
    refused(Vec::clear, "Empty", "empty")
}

/// Source: Z11, past the constructor: the bytes "T4" become "T5" in the file.
fn symbol_twice_in_the_file() -> Outcome {
    let mut bytes = fixture().public.encode();
    let at = bytes.windows(6).position(|window| window == b"\0\0\0\x02T4").unwrap();
    bytes[at + 5] = b'5';
    let error = attempt(&fixture().anchors, &bytes)?;
    match error {
        solventry_verifier::attestation::AttestationError::Format(CodecError::Invalid {
            what: "asset table",
            ..
        }) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
