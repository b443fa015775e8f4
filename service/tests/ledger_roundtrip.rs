//! What is generated can be read, and means the same in both forms.

mod folder;

use std::{collections::BTreeMap, fs, path::Path};

use folder::Folder;
use proptest::prelude::*;
use solventry::ledger::{
    GenerateError, GenerateOptions, LedgerFile, ReadOptions, Warning, generate_ledger, read_ledger,
};
use solventry_types::reserves::{ReserveClass, ReserveEvidence};

fn options(accounts: u64, assets: usize, mean_holdings: f64, seed: u64) -> GenerateOptions {
    GenerateOptions { accounts, assets, mean_holdings, seed, shortfall: None }
}

fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let files = [LedgerFile::Assets, LedgerFile::Accounts, LedgerFile::Reserves];
    files.iter().map(|file| fs::read(folder.join(file.name())).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn generated_folders_are_read_back(
        accounts in 1u64..300,
        assets in 1usize..40,
        mean in 0.0..1.0f64,
        seed in any::<u64>(),
        short in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(accounts, assets, 1.0 + mean * (assets as f64 - 1.0), seed);
        options.shortfall = short.then(|| "BTC".to_owned());
        let generated = generate_ledger(folder.path(), &options).unwrap();
        let read = read_ledger(folder.path(), ReadOptions { exact: true }).unwrap();
        prop_assert_eq!(read.ledger.len() as u64, accounts);
        prop_assert_eq!(read.ledger.holdings() as u64, generated.holdings);
        prop_assert_eq!(read.ledger.totals(), &generated.totals[..]);
        prop_assert_eq!(read.reserves.len() as u64, generated.reserves);
        let expected = short.then(|| Warning::Short { asset: "BTC".to_owned(), min_coverage_bps: 10_000 });
        prop_assert_eq!(read.report.warnings, Vec::from_iter(expected));
        let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(read.reserves)] };
        prop_assert!(evidence.public_totals(read.ledger.assets()).is_ok());
    }
}

#[test]
fn one_seed_gives_one_folder() {
    let folders = [1, 1, 2].map(|seed| {
        let folder = tempfile::tempdir().unwrap();
        generate_ledger(folder.path(), &options(50, 7, 2.5, seed)).unwrap();
        contents(folder.path())
    });
    assert!(folders[0] == folders[1] && folders[0] != folders[2]);
}

#[test]
fn the_mean_is_the_one_asked_for_and_the_tail_is_heavy() {
    let folder = tempfile::tempdir().unwrap();
    let generated = generate_ledger(folder.path(), &options(20_000, 50, 5.0, 9)).unwrap();
    let mean = generated.holdings as f64 / 20_000.0;
    assert!((4.8..5.2).contains(&mean), "{mean}");
    let read = read_ledger(folder.path(), ReadOptions::default()).unwrap();
    assert!(read.ledger.accounts().any(|account| account.holdings.len() == 50));
    let most = read
        .ledger
        .accounts()
        .flat_map(|account| account.holdings)
        .filter(|holding| holding.asset.get() == 1);
    let most = u128::from(most.map(|holding| holding.amount.units()).max().unwrap());
    assert!(most * 200 > read.ledger.totals()[0].units(), "the largest holding is over half a percent");
}

#[test]
fn folders_with_files_and_odd_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), "").unwrap();
    let good = options(1, 5, 1.0, 1);
    assert!(matches!(generate_ledger(folder.path(), &good), Err(GenerateError::NotEmpty(_))));
    let fresh = folder.path().join("fresh");
    for bad in [
        options(0, 5, 1.0, 1),
        options(1, 0, 1.0, 1),
        options(1, 1023, 1.0, 1),
        options(1, 5, 5.1, 1),
        options(1, 5, f64::NAN, 1),
    ] {
        assert!(generate_ledger(&fresh, &bad).is_err());
    }
    let unknown = GenerateOptions { shortfall: Some("DOGE".to_owned()), ..good };
    assert!(matches!(generate_ledger(&fresh, &unknown), Err(GenerateError::Shortfall(_))));
    assert!(!fresh.exists());
}

#[test]
fn both_forms_and_scattered_rows_mean_the_same() {
    let assets = "symbol,decimals,min_coverage\nBTC,8,10000\nETH,9,10000\n";
    let long = "account_id,asset,amount\neva,ETH,2\nada,BTC,1\nzoe,BTC,0\neva,BTC,0.5\n";
    let wide = "account_id,ETH,BTC\neva,2,0.5\nada,,1\nzoe,0,\n";
    let ledgers = [long, wide].map(|accounts| {
        let read = Folder::new(assets, accounts).read().unwrap();
        let accounts = read.ledger.accounts().map(|account| {
            let holdings =
                account.holdings.iter().map(|holding| (holding.asset.get(), holding.amount.units()));
            (account.id.to_owned(), holdings.collect::<Vec<_>>())
        });
        accounts.collect::<BTreeMap<_, _>>()
    });
    assert_eq!(ledgers[0], ledgers[1]);
    assert_eq!(ledgers[0]["eva"], [(1, 50_000_000), (2, 2_000_000_000)]);
    assert_eq!(ledgers[0]["zoe"], []);
}

#[test]
fn reserves_choose_a_place_by_contract() {
    let folder = Folder::new(folder::ASSETS, folder::ACCOUNTS);
    let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    folder.write(
        LedgerFile::Reserves,
        format!(
            "asset,chain,address,amount\n\
             USDC,ethereum/0xdac17f958d2ee523a2206206994597c13d831ec7,{address},1.5\n\
             USDC,ethereum/0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48,{address},2\n\
             ETH,ethereum,{address},1.0000000005\n"
        ),
    );
    let read = folder.read().unwrap();
    let units: Vec<u128> = read.reserves.iter().map(|entry| entry.chain_units).collect();
    assert_eq!(units, [1_000_000_000_500_000_000, 2_000_000, 1_500_000]);
    assert_eq!((read.report.dust[0].rows, read.report.dust[0].amount.as_str()), (1, "0.0000000005"));
}

#[test]
fn the_sample_is_well_formed_and_covered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ledger");
    let read = read_ledger(&folder, ReadOptions { exact: true }).unwrap();
    assert!(read.report.warnings.is_empty(), "{}", read.report);
    assert_eq!(read.ledger.assets().len(), 5);
    assert!(read.ledger.len() > 200);
    assert!(read.ledger.accounts().any(|account| account.id.contains('é')));
}
