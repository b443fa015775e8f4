use super::*;

fn asset(symbol: &str, places: Vec<Place>) -> Asset {
    Asset { symbol: symbol.into(), decimals: 8, min_coverage_bps: 10_000, places }
}

fn native(chain: Chain) -> Place {
    Place { chain, locator: Locator::Native, decimals: 8 }
}

#[test]
fn z11_symbols_and_places_belong_to_one_asset() {
    let twice = AssetTable::new(vec![asset("BTC", vec![]), asset("BTC", vec![])]);
    assert!(matches!(twice, Err(AssetTableError::DuplicateSymbol { number: 2, .. })));
    let shared = AssetTable::new(vec![
        asset("BTC", vec![native(Chain::Bitcoin)]),
        asset("WORTHLESS", vec![Place { decimals: 2, ..native(Chain::Bitcoin) }]),
    ]);
    assert!(matches!(shared, Err(AssetTableError::DuplicatePlace { number: 2, .. })));
}

#[test]
fn fields_out_of_range_are_refused() {
    for broken in [
        Asset { min_coverage_bps: 0, ..asset("A", vec![]) },
        Asset { min_coverage_bps: 1 << 20, ..asset("A", vec![]) },
        Asset { decimals: 31, ..asset("A", vec![]) },
        asset("", vec![]),
        asset("A,B", vec![]),
        asset("Ä", vec![]),
        asset(
            "A",
            vec![Place { chain: Chain::Ethereum, locator: Locator::Contract(vec![1; 19]), decimals: 6 }],
        ),
    ] {
        assert!(matches!(AssetTable::new(vec![broken]), Err(AssetTableError::Invalid { .. })));
    }
    assert_eq!(AssetTable::new(vec![]), Err(AssetTableError::Empty));
}

#[test]
fn tables_survive_writing_and_reading() {
    let usdc = Place { chain: Chain::Ethereum, locator: Locator::Contract(vec![7; 20]), decimals: 6 };
    let table =
        AssetTable::new(vec![asset("BTC", vec![native(Chain::Bitcoin)]), asset("USDC", vec![usdc])]).unwrap();
    let mut writer = Writer::new();
    table.write(&mut writer);
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes, 10_000).unwrap();
    assert_eq!(AssetTable::read(&mut reader).unwrap(), table);
    reader.finish().unwrap();
}
