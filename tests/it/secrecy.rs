//! What must not show: sizes, amounts, owners, secrets in `Debug`.

use std::collections::HashSet;

use ark_bn254::Fr;
use ark_serialize::CanonicalSerialize;
use solventry_prover::secrets::EpochSecret;
use solventry_types::{
    Amount, Digest, EpochContext, Label, Profile, Total,
    reserves::{ReserveClass, ReserveEvidence},
};

use crate::support::{
    books::{entries, ledger},
    epoch::{prove_shards, seal_epoch},
    fixture::{Fixture, fixture},
};

/// Two ledgers of very different size, one declared capacity: files of one length.
#[test]
fn file_length_shows_only_the_capacity() {
    let (fixture, small) = (fixture(), ledger(12));
    let (secret, context) = (EpochSecret::new([3; 32], Digest([4; 32])), fixture.context.clone());
    let shards = prove_shards(&fixture.keys, &small, &context, &secret, &fixture.master);
    let reserves: Vec<Total> =
        small.totals().iter().map(|total| total.add_amount(Amount::from_units(1)).unwrap()).collect();
    let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(entries(&reserves))] };
    let attestation =
        seal_epoch(&fixture.keys, &small, &context, &secret, &shards, (evidence, &[]), &fixture.entity_key);
    assert_eq!(attestation.encode().len(), fixture.public.encode().len());
    assert!(small.len() * 20 < fixture.ledger.len());
}

/// Every way a secret number could stand in a file: 8 and 16 bytes, both orders, and a scalar.
fn encodings(value: u128) -> Vec<Vec<u8>> {
    let mut all = vec![value.to_be_bytes().to_vec(), value.to_le_bytes().to_vec(), scalar(Fr::from(value))];
    if let Ok(short) = u64::try_from(value) {
        all.extend([
            short.to_be_bytes().to_vec(),
            short.to_le_bytes().to_vec(),
            short.to_string().into_bytes(),
        ]);
    }
    all
}

fn scalar(value: Fr) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.serialize_compressed(&mut bytes).unwrap();
    bytes
}

/// Every secret of the epoch but the reserves, in every encoding.
fn secrets(fixture: &Fixture) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for total in fixture.ledger.totals() {
        all.extend(encodings(total.units()));
    }
    let EpochContext { entity, epoch, .. } = &fixture.context;
    for (index, account) in fixture.ledger.accounts().enumerate() {
        all.extend(account.holdings.iter().flat_map(|holding| encodings(holding.amount.units().into())));
        let (id, label) = (fixture.account_id(index), fixture.label(index));
        all.extend([id.as_str().as_bytes().to_vec(), label.0.to_vec(), scalar(label.scalar())]);
        all.push(fixture.master.account_nonce(entity, *epoch, &id).0.to_vec());
    }
    for shard in &fixture.shards {
        let used = shard.data.slots.iter().filter(|slot| slot.holdings().next().is_some());
        all.extend(used.flat_map(|slot| [slot.to_bytes().to_vec(), scalar(slot.scalar())]));
        let blinding = fixture.secret.blinding(Profile::SMALL, shard.data.index);
        let scalars = blinding.blocks.iter().chain(&blinding.labels).chain([&blinding.totals]);
        all.extend(scalars.map(|value| scalar(*value)));
    }
    all
}

fn shown<'a>(file: &[u8], secrets: impl IntoIterator<Item = &'a Vec<u8>>) -> usize {
    let lengths = [8, 9, 10, 11, 12, 13, 14, 15, 16, 30, 31, 32];
    let windows: HashSet<&[u8]> = lengths.iter().flat_map(|length| file.windows(*length)).collect();
    let shown = |secret: &&Vec<u8>| match lengths.contains(&secret.len()) {
        true => windows.contains(secret.as_slice()),
        false => file.windows(secret.len()).any(|window| window == secret.as_slice()),
    };
    secrets.into_iter().filter(shown).count()
}

#[test]
fn no_secret_shows_in_an_attestation() {
    let fixture = fixture();
    let mut all = secrets(fixture);
    assert_eq!(shown(&fixture.public.encode(), &all), 0, "public list");
    for opening in &fixture.openings {
        all.extend(opening.reserves.iter().flat_map(|total| encodings(total.units())));
        all.push(scalar(opening.blinding));
    }
    assert_eq!(shown(&fixture.attested.encode(), &all), 0, "attested reserves");
    println!("{} encodings of secrets, none shows", all.len());
    // Control: the search finds what is there.
    let ReserveClass::Public(list) = &fixture.public.reserves.classes[0] else { panic!("public list") };
    let amounts: Vec<Vec<u8>> = list.iter().map(|entry| entry.chain_units.to_be_bytes().to_vec()).collect();
    assert_eq!(shown(&fixture.public.encode(), &amounts), amounts.len());
}

/// An inclusion file shows its owner's holdings, to whoever has it, and nobody's id.
#[test]
fn an_inclusion_file_shows_its_owner_only() {
    let fixture = fixture();
    let file = fixture.inclusion(Fixture::CUSTOMER).encode();
    let amounts = |account: usize| -> Vec<Vec<u8>> {
        let holdings = fixture.ledger.account(account).holdings;
        holdings.iter().map(|holding| holding.amount.units().to_be_bytes().to_vec()).collect()
    };
    let own = amounts(Fixture::CUSTOMER);
    assert_eq!(shown(&file, &own), own.len(), "control");
    let others = (0..fixture.ledger.len()).filter(|account| *account != Fixture::CUSTOMER);
    assert_eq!(shown(&file, &others.flat_map(amounts).collect::<Vec<_>>()), 0);
    let ids = fixture.ledger.accounts().map(|account| account.id.as_bytes().to_vec()).collect::<Vec<_>>();
    assert_eq!(shown(&file, &ids), 0);
}

#[test]
fn debug_of_secret_types_shows_nothing() {
    let fixture = fixture();
    let account = fixture.ledger.account(Fixture::CUSTOMER);
    let id = fixture.account_id(Fixture::CUSTOMER);
    let nonce = fixture.master.account_nonce("Example", 7, &id);
    let slot = fixture.shards[0].data.slots.iter().find(|slot| slot.holdings().next().is_some()).unwrap();
    let shown = [
        format!("{:?}", account.holdings),
        format!("{:?}", account.holdings[0].amount),
        format!("{:?}", fixture.ledger.totals()),
        format!("{id:?} {nonce:?} {:?} {slot:?}", Label::new("Example", 7, &id, &nonce)),
        format!("{:?} {:?}", fixture.master, fixture.secret),
        format!("{:?} {:?}", fixture.ledger, fixture.openings[0]),
    ];
    for text in shown {
        let digits = text.replace("300 accounts", "");
        assert!(!digits.chars().any(|c| c.is_ascii_digit()), "{text}");
        assert!(!text.contains("customer") && !text.contains("example.org"), "{text}");
    }
}
