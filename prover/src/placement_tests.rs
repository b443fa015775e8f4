use std::collections::HashMap;

use solventry_types::{Amount, Asset, AssetId, AssetTable, Digest, Holding};

use super::*;

fn ledger(accounts: usize) -> Ledger {
    let asset = |number| Asset {
        symbol: format!("A{number}"),
        decimals: 0,
        min_coverage_bps: 10_000,
        places: vec![],
    };
    let mut ledger = Ledger::new(AssetTable::new((0..20).map(asset).collect()).unwrap());
    for account in 0..accounts {
        let holding = |index| Holding {
            asset: AssetId::from_index(index).unwrap(),
            amount: Amount::from_units(1 + account as u64),
        };
        let holdings = (0..account % 21).map(holding).collect();
        ledger.push(&AccountId::new(&format!("account {account}")).unwrap(), holdings).unwrap();
    }
    ledger
}

fn context(ledger: &Ledger, shards: u32) -> EpochContext {
    EpochContext {
        entity: "E".into(),
        epoch: 1,
        snapshot_time: 0,
        snapshot_blocks: vec![],
        profile: Profile::SMALL,
        shards,
        assets: ledger.assets().clone(),
    }
}

#[test]
fn every_account_stands_whole_in_one_block_under_its_label() {
    let ledger = ledger(400);
    let (secret, master) = (EpochSecret::new([1; 32], Digest([2; 32])), MasterSecret::from_bytes([3; 32]));
    let shards = capacity_shards(ledger_slots(&ledger), Profile::SMALL).unwrap();
    let context = context(&ledger, shards);
    let placement = Placement::new(&ledger, Profile::SMALL, shards, &secret).unwrap();
    let mut found: HashMap<Label, (usize, Vec<Holding>)> = HashMap::new();
    for shard in 0..shards {
        let data = placement.shard(&ledger, &context, &master, shard);
        for (position, (slot, label)) in data.slots.iter().zip(&data.labels).enumerate() {
            let block = (shard as usize * 768 + position) / 256;
            if *label == Label::PADDING {
                assert_eq!(*slot, Slot::default());
                continue;
            }
            let entry = found.entry(*label).or_insert((block, vec![]));
            assert_eq!(entry.0, block, "an account is in one block");
            entry.1.extend(slot.holdings());
        }
    }
    assert_eq!(found.len(), ledger.len());
    for account in ledger.accounts() {
        let id = AccountId::new(account.id).unwrap();
        let (_, holdings) =
            &mut found.get_mut(&Label::new("E", 1, &id, &master.account_nonce("E", 1, &id))).unwrap();
        holdings.sort();
        assert_eq!(holdings, account.holdings);
    }
}

#[test]
fn placements_differ_from_seed_to_seed() {
    let ledger = ledger(50);
    let place = |seed| {
        let placement =
            Placement::new(&ledger, Profile::SMALL, 1, &EpochSecret::new([seed; 32], Digest([0; 32])))
                .unwrap();
        placement.owners.iter().map(|owner| owner.account).collect::<Vec<_>>()
    };
    assert_eq!(place(1), place(1));
    assert_ne!(place(1), place(2));
}

#[test]
fn a_ledger_over_the_capacity_is_refused_with_advice() {
    let ledger = ledger(2000);
    let secret = EpochSecret::new([1; 32], Digest([2; 32]));
    assert!(matches!(
        Placement::new(&ledger, Profile::SMALL, 1, &secret),
        Err(CapacityError::TooSmall { .. })
    ));
}

#[test]
fn capacities_are_rounded_to_four_bits() {
    let shards = |shards: usize| capacity_shards(shards * 768, Profile::SMALL).unwrap();
    assert_eq!([1, 7, 15, 16, 17, 33, 41, 100].map(shards), [1, 7, 15, 16, 18, 36, 44, 104]);
    assert_eq!(capacity_shards(0, Profile::SMALL), Ok(1));
    assert!(matches!(capacity_shards(768 * 4097, Profile::SMALL), Err(CapacityError::TooLarge { .. })));
}
