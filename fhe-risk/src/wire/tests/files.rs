use std::io::Cursor;

use super::*;
use crate::{client::PublicKey, keys::EvaluationKey};

#[test]
fn keys_survive_the_round_trip_and_damage_is_refused() {
    let secret = SecretKey::generate();
    let mut file = Vec::new();
    secret.write_to(&Digest([7; 32]), &mut file).unwrap();
    let (read, public) = SecretKey::read_from(file.as_slice()).unwrap();
    assert!(read.to_bytes() == secret.to_bytes() && public == Digest([7; 32]));
    for place in Kind::HEADER..file.len() {
        let mut damaged = file.clone();
        damaged[place] ^= 1 << (place % 8);
        assert!(SecretKey::read_from(damaged.as_slice()).is_err(), "byte {place}");
    }
    hostile(&file, |bytes| SecretKey::read_from(bytes));

    let key = secret.public_key();
    let mut file = Vec::new();
    let written = key.write_to(&mut file).unwrap();
    assert_eq!(file.len() as u64, PublicKey::FILE_BYTES);
    let (read, digest) = PublicKey::read_from(file.as_slice()).unwrap();
    assert!(read == key && digest == written && digest == Digest::of(&file));
    hostile(&file, |bytes| PublicKey::read_from(bytes));
    // The header of another kind.
    assert!(matches!(SecretKey::read_from(file.as_slice()), Err(WireError::WrongKind { .. })));
    // A trivial key.
    file[Kind::HEADER..].fill(0);
    assert!(matches!(PublicKey::read_from(file.as_slice()), Err(WireError::NotRandom { .. })));
}

#[test]
fn a_short_evaluation_key_takes_no_more_memory_than_it_has() {
    let mut head = Vec::new();
    let key = EvaluationKey {
        from_input: vec![],
        from_large: vec![],
        pack_input: vec![],
        pack_large: vec![],
        bootstrap: vec![1],
    };
    key.write_to(&mut head).unwrap();
    for length in 0..head.len() {
        assert!(matches!(EvaluationKey::read_from(&head[..length]), Err(WireError::Truncated { .. })));
    }
    head[Kind::HEADER] = 2;
    assert!(matches!(EvaluationKey::read_from(Cursor::new(head)), Err(WireError::Range { .. })));
    assert!(EvaluationKey::file_bytes(true) > EvaluationKey::file_bytes(false));
}

#[test]
fn the_venue_file_is_one_encoding_and_every_field_is_in_its_digest() {
    let venue = venue(MARKET, Digest([1; 32]), None);
    assert_eq!(Venue::from_json(venue.to_json().as_bytes()).unwrap(), venue);
    let changes: [fn(&mut Venue); 8] = [
        |venue| venue.name.push('x'),
        |venue| venue.family.push('x'),
        |venue| venue.market.bits += 1,
        |venue| venue.market.value_bits += 1,
        |venue| venue.list_limit += 1,
        |venue| venue.is_large = true,
        |venue| venue.public_key.0[0] ^= 1,
        |venue| venue.evaluation_key.0[31] ^= 1,
    ];
    for change in changes {
        let mut other = venue.clone();
        change(&mut other);
        assert_ne!(other.digest(), venue.digest());
        other.validate().unwrap();
    }
    let bad: [fn(&mut Venue); 8] = [
        |venue| venue.name.clear(),
        |venue| venue.name = "\u{1b}[2J".into(),
        |venue| venue.family = "x".repeat(33),
        |venue| venue.market.bits = 61,
        |venue| venue.market.value_bits = 20,
        |venue| venue.list_limit = 257,
        |venue| venue.parameters.0[0] ^= 1,
        |venue| venue.crs = Some(CrsEntry { digest: Digest([0; 32]), provenance: Provenance::Development }),
    ];
    for change in bad {
        let mut other = venue.clone();
        change(&mut other);
        assert!(Venue::from_json(other.to_json().as_bytes()).is_err(), "{other:?}");
    }
}

#[test]
fn masks_that_are_no_encryption_are_refused() {
    let random: Vec<u64> =
        (1..=4096u64).map(|x| x.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)).collect();
    require_random("list", &random).unwrap();
    let bad = [
        vec![0; 4096],
        vec![0x1234_5678_9abc_def1; 4096],
        random.iter().map(|entry| entry << 20).collect(),
        random.iter().map(|entry| entry >> 20).collect(),
        random.iter().map(|entry| (entry >> 20).wrapping_neg()).collect(),
    ];
    for mask in bad {
        assert!(require_random("list", &mask).is_err());
    }
}

#[test]
fn results_are_exact_in_length() {
    let lwe = |entries| crate::engine::Lwe((0..entries as u64).collect());
    let windows = crate::circuit::margin_tops(MARKET.bits).len();
    let result = EncryptedResult {
        query: Digest([1; 32]),
        function: Digest([2; 32]),
        question: Question::Margin,
        windows: vec![lwe(crate::engine::COMPUTED); windows],
        call: lwe(crate::engine::COMPUTED),
        collateral: Some(lwe(crate::engine::WIDE)),
    };
    let bytes = result.encode();
    assert!(EncryptedResult::decode(&bytes, MARKET).unwrap() == result);
    hostile(&bytes, |bytes| EncryptedResult::decode(bytes, MARKET));
    assert!(EncryptedResult::decode(&bytes, Market { bits: 31, ..MARKET }).is_err());
    let signed = SignedResult { result: bytes, engine: [3; 32], signature: [4; 64] };
    let file = signed.encode();
    assert!(SignedResult::decode(&file).unwrap() == signed && file.len() <= SignedResult::MAX_BYTES);
    hostile(&file, SignedResult::decode);
    assert_eq!(read(&SecretKey::generate(), MARKET, &result).err(), Some(ReadError::Noise("call")));
}
