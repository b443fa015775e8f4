use std::sync::LazyLock;

use super::*;
use crate::{circuit::Torus, engine::Lwe, keys::SecretKey, parameters::INPUT_DIMENSION};

const BITS: u32 = 31;
const VALUE_BITS: u32 = 14;
/// Most values of a list.
const COUNT: usize = 6;

struct Venue {
    secret: SecretKey,
    public: PublicKey,
    crs: Crs,
}

static VENUE: LazyLock<Venue> = LazyLock::new(|| {
    let secret = SecretKey::generate();
    let public = secret.public_key();
    Venue { secret, public, crs: Crs::generate(COUNT, BITS, VALUE_BITS).unwrap() }
});

fn decrypted(secret: &SecretKey, lwe: &Lwe) -> u64 {
    secret.input_phase(lwe).wrapping_add(1 << (63 - BITS)) >> (64 - BITS)
}

#[test]
fn values_under_the_secret_key_come_back() {
    let values = [0, 1, (1 << VALUE_BITS) - 1, (1 << BITS) - 1];
    let lwes = encrypt(&VENUE.secret, BITS, &values);
    assert_eq!(lwes.iter().map(|lwe| decrypted(&VENUE.secret, lwe)).collect::<Vec<_>>(), values);
}

#[test]
fn a_proven_list_comes_back_and_is_bound_to_its_metadata_key_and_crs() {
    let Venue { secret, public, crs } = &*VENUE;
    let values = [0, 1, 77, (1 << VALUE_BITS) - 1];
    let list = || ProvenList::encrypt(public, crs, BITS, &values, b"account 1").unwrap();
    let lwes = list().verify(public, crs, b"account 1").unwrap();
    assert_eq!(lwes.iter().map(|lwe| decrypted(secret, lwe)).collect::<Vec<_>>(), values);
    assert!(list().verify(public, crs, b"account 2").is_none(), "metadata");
    assert!(list().verify(&SecretKey::generate().public_key(), crs, b"account 1").is_none(), "key");
    let other = Crs::generate(COUNT, BITS, VALUE_BITS).unwrap();
    assert!(list().verify(public, &other, b"account 1").is_none(), "reference string");
}

#[test]
fn a_list_that_cannot_be_proven_is_an_error() {
    let Venue { public, crs, .. } = &*VENUE;
    for values in [vec![], vec![1 << BITS], vec![0; COUNT + 1]] {
        assert!(ProvenList::encrypt(public, crs, BITS, &values, b"").is_err(), "{values:?}");
    }
}

#[test]
fn zeros_are_the_same_for_the_same_seed_and_zero() {
    let Venue { secret, public, .. } = &*VENUE;
    let zeros = public.zeros(5, [7; 16]);
    assert!(zeros == public.zeros(5, [7; 16]), "the same seed");
    assert!(zeros != public.zeros(5, [8; 16]), "another seed");
    assert!(zeros.iter().all(|zero| decrypted(secret, zero) == 0));
    let mut lwe = encrypt(secret, BITS, &[123]).remove(0);
    zeros.iter().for_each(|zero| lwe.add(zero));
    assert_eq!(decrypted(secret, &lwe), 123);
}

#[test]
fn a_public_key_has_its_length() {
    let entries = VENUE.public.entries().to_vec();
    assert_eq!(entries.len(), 2 * INPUT_DIMENSION);
    assert!(PublicKey::from_entries(entries.clone()).unwrap() == VENUE.public);
    assert!(PublicKey::from_entries(entries[1..].to_vec()).is_none());
    assert!(PublicKey::from_entries([&entries[..], &[0]].concat()).is_none());
}
