//! Ledger to attestation to inclusion, in memory, on the small profile.

use ed25519_dalek::SigningKey;
use solventry_prover::{
    inclusion::{BlockData, open_block},
    kernel::Arkworks,
    keys::ProvingKeys,
    ledger::Ledger,
    placement::{Placement, capacity_shards, ledger_slots},
    reserves::ReserveOpening,
    seal::{SealError, SealInput, seal},
    secrets::EpochSecret,
    shards::{EpochJob, ProveError, ProvenShard},
};
use solventry_types::{
    AccountId, Amount, Asset, AssetId, AssetTable, Digest, EpochContext, Holding, InclusionFile, Label,
    MasterSecret, Profile, Total,
    reserves::{ReserveClass, ReserveEvidence},
};
use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
    verdict::Verdict,
    verify_attestation, verify_inclusion,
};

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
            amount: Amount::from_units(1_000_000_007 * (1 + account as u64)),
        };
        let holdings = (0..account % 21).map(holding).collect();
        ledger.push(&AccountId::new(&format!("account {account}")).unwrap(), holdings).unwrap();
    }
    ledger
}

#[test]
fn a_ledger_becomes_an_attestation_that_verifies_and_includes_its_accounts() {
    let start = std::time::Instant::now();
    let keys = ProvingKeys::insecure_setup(Profile::SMALL);
    println!("setup {:?}", start.elapsed());
    let ledger = ledger(400);
    let shards = capacity_shards(ledger_slots(&ledger), Profile::SMALL).unwrap();
    let context = EpochContext {
        entity: "Example".into(),
        epoch: 7,
        snapshot_time: 1_700_000_000,
        snapshot_blocks: vec![],
        profile: Profile::SMALL,
        shards,
        assets: ledger.assets().clone(),
    };
    let secret = EpochSecret::new([9; 32], Digest([1; 32]));
    let master = MasterSecret::from_bytes([5; 32]);
    let placement = Placement::new(&ledger, Profile::SMALL, shards, &secret).unwrap();
    let job = EpochJob {
        keys: &keys,
        ledger: &ledger,
        placement: &placement,
        context: &context,
        secret: &secret,
        master: &master,
    };
    let mut proven: Vec<ProvenShard> = Vec::new();
    let pending: Vec<u32> = (0..shards).collect();
    job.prove_all::<ProveError>(&Arkworks, &pending, |shard| {
        proven.push(shard);
        Ok(())
    })
    .unwrap();
    println!("{shards} shards {:?}", start.elapsed());

    let reserves: Vec<Total> =
        ledger.totals().iter().map(|total| total.add_amount(Amount::from_units(5)).unwrap()).collect();
    let opening = ReserveOpening::new(&keys, context.clone(), "cold storage", reserves);
    let opening = ReserveOpening::decode(&opening.encode()).unwrap();
    let attestor = SigningKey::from_bytes(&[4; 32]);
    let evidence = ReserveEvidence {
        classes: vec![ReserveClass::Attested {
            name: "cold storage".into(),
            commitment: opening.commitment(),
            signatures: vec![opening.attest(&attestor)],
        }],
    };
    let entity_key = SigningKey::from_bytes(&[8; 32]);
    let records: Vec<_> = proven.iter().map(|shard| shard.record.clone()).collect();
    let input = || SealInput {
        keys: &keys,
        context: &context,
        shards: records.clone(),
        liabilities: ledger.totals(),
        secret: &secret,
        evidence: evidence.clone(),
        openings: std::slice::from_ref(&opening),
        entity_key: &entity_key,
    };
    let attestation = seal(&Arkworks, input()).unwrap();
    println!("sealed {:?}", start.elapsed());
    let bytes = attestation.encode();
    let anchors = Anchors {
        format: FORMAT.into(),
        entity: Some("Example".into()),
        entity_key: Hex(entity_key.verifying_key().to_bytes()),
        verifying_keys: vec![Hex(keys.digest.0)],
        attestors: Attestors {
            keys: vec![Hex(attestor.verifying_key().to_bytes())],
            quorum: 1,
            classes: None,
        },
        least_coverage_bps: 10_000,
        least_epoch: 7,
    };
    let verified = verify_attestation(&bytes, &anchors, 1_700_000_000).unwrap();
    println!("verified {:?}", start.elapsed());
    println!("{} bytes {:#?}", bytes.len(), Verdict::of(&verified));

    let account = AccountId::new("account 20").unwrap();
    let nonce = master.account_nonce("Example", 7, &account);
    let label = Label::new("Example", 7, &account, &nonce);
    let mut openings = Vec::new();
    for shard in &proven {
        let blinding = secret.blinding(Profile::SMALL, shard.data.index);
        for block in 0..3 {
            let block_data = BlockData {
                shard: shard.data.index,
                block: block as u32,
                slots: &shard.data.slots[block * 256..][..256],
                labels: &shard.data.labels[block * 256..][..256],
                slots_blinding: blinding.blocks[block],
                labels_blinding: blinding.labels[block],
            };
            if block_data.labels.contains(&label) {
                openings.extend(open_block(&Arkworks, &keys.reference.powers, &block_data, &label));
            }
        }
    }
    let file = InclusionFile { attestation: attestation.digest(), nonce, openings }.encode();
    let included = verify_inclusion(&file, &verified, &account).unwrap();
    assert_eq!(included.holdings(), ledger.account(20).holdings);
    assert!(verify_inclusion(&file, &verified, &AccountId::new("account 21").unwrap()).is_err());

    let mut short = input();
    let zero = vec![Total::ZERO; 20];
    short.liabilities = ledger.totals();
    let empty = ReserveOpening::new(&keys, context.clone(), "cold storage", zero);
    short.evidence.classes = vec![ReserveClass::Attested {
        name: "cold storage".into(),
        commitment: empty.commitment(),
        signatures: vec![empty.attest(&attestor)],
    }];
    let openings = [empty];
    short.openings = &openings;
    assert!(matches!(seal(&Arkworks, short), Err(SealError::Insolvent { .. })));
}
