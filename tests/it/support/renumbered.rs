//! The epoch after the desk's: bitcoin and ether have changed places in its table.

use std::sync::LazyLock;

use solventry_prover::{headroom::HeadroomSecrets, ledger::Ledger, secrets::EpochSecret};
use solventry_types::{
    AccountId, Amount, AssetId, AssetTable, Chain, Digest, EpochContext, Holding, SnapshotBlock, Total,
    reserves::{ReserveClass, ReserveEvidence},
};
use solventry_verifier::{VerifiedAttestation, verify_attestation};

use super::{
    books::{assets, entries},
    epoch::{prove_shards, seal_epoch},
    fixture::{NOW, fixture},
    signing::{SURPLUS, desk},
};

/// Its snapshot.
pub const SNAPSHOT: u64 = NOW + 200;

/// What its maker has.
pub struct Renumbered {
    pub attestation: VerifiedAttestation,
    pub headroom: HeadroomSecrets,
}

/// Made once per test run.
pub fn renumbered() -> &'static Renumbered {
    static EPOCH: LazyLock<Renumbered> = LazyLock::new(epoch);
    &EPOCH
}

fn epoch() -> Renumbered {
    let (fixture, ledger) = (fixture(), ledger());
    let context = EpochContext {
        epoch: fixture.context.epoch + 1,
        snapshot_time: SNAPSHOT,
        snapshot_blocks: vec![SnapshotBlock { chain: Chain::Bitcoin, height: 820_020, hash: [8; 32] }],
        shards: 1,
        assets: ledger.assets().clone(),
        ..fixture.context.clone()
    };
    let secret = EpochSecret::new([10; 32], Digest([1; 32]));
    let shards = prove_shards(&fixture.keys, &ledger, &context, &secret, &fixture.master);
    let richer = |total: &Total| Total::from_units(total.units() + SURPLUS).unwrap();
    let mut reserves: Vec<Total> = ledger.totals().iter().map(richer).collect();
    // Lists are made in the order of the first table.
    reserves.swap(0, 1);
    let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(entries(&reserves))] };
    let sealed =
        seal_epoch(&fixture.keys, &ledger, &context, &secret, &shards, (evidence, &[]), &fixture.entity_key);
    let headroom = HeadroomSecrets::new(&sealed, ledger.totals(), &[], &secret).unwrap();
    let attestation = verify_attestation(&sealed.encode(), &desk().genesis.anchors, SNAPSHOT).unwrap();
    Renumbered { attestation, headroom }
}

/// A few accounts that hold both.
fn ledger() -> Ledger {
    let mut table = assets().assets().to_vec();
    table.swap(0, 1);
    let mut ledger = Ledger::new(AssetTable::new(table).unwrap());
    for account in 0..20_u64 {
        let holding = |index: u64| Holding {
            asset: AssetId::from_index(index as usize).unwrap(),
            amount: Amount::from_units(1_000 + account + index),
        };
        let id = AccountId::new(&format!("customer-{account}@example.org")).unwrap();
        ledger.push(&id, (0..4).map(holding).collect()).unwrap();
    }
    ledger
}
