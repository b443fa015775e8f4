use solventry_fhe_risk::{
    keys::SecretKey,
    parameters,
    plan::{InputKind, Market},
    wire::{CrsEntry, Provenance},
};

use super::*;

/// A bundle without its evaluation key, which is large.
fn beginning() -> (Venue, Vec<u8>) {
    let mut key = Vec::new();
    let digest = SecretKey::generate().public_key().write_to(&mut key).unwrap();
    let venue = Venue {
        format: Default::default(),
        name: "v".into(),
        family: "f".into(),
        market: Market { bits: 20, value_bits: 8, inputs: InputKind::Secret },
        list_limit: 4,
        is_large: false,
        parameters: Digest(parameters::digest()),
        public_key: digest,
        evaluation_key: Digest([0; 32]),
        crs: None,
    };
    let mut bytes = MAGIC.to_vec();
    for part in [venue.to_json().as_bytes(), &key, &[]] {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    }
    (venue, bytes)
}

#[test]
fn the_venue_is_known_from_the_first_bytes() {
    let (venue, bytes) = beginning();
    let end = HEAD + venue.to_json().len();
    for length in 0..end {
        assert!(head(&bytes[..length]).unwrap().is_none(), "{length}");
    }
    assert_eq!(head(&bytes[..end]).unwrap(), Some(venue));
    for place in 0..HEAD {
        let mut other = bytes[..end].to_vec();
        other[place] ^= 0x80;
        assert!(!matches!(head(&other), Ok(Some(_))), "{place}");
    }
}

#[test]
fn parts_of_other_lengths_or_digests_are_refused_before_memory_is_taken() {
    let (venue, bytes) = beginning();
    let refused = |bytes: &[u8]| read(bytes).err().unwrap();
    assert!(matches!(refused(&bytes), BundleError::Io(_)));
    let key = HEAD + venue.to_json().len();
    let mut other = bytes.clone();
    other[key + 7] = 0x7f;
    assert!(matches!(refused(&other), BundleError::Length { part: "the public key", .. }));
    let mut other = bytes.clone();
    other[key + 5000] ^= 1;
    assert!(matches!(refused(&other), BundleError::Digest { part: "the public key", .. }));
    let mut other = bytes.clone();
    let crs = other.len() - 8;
    other[crs] = 1;
    assert!(matches!(refused(&other), BundleError::Length { part: "the reference string", .. }));
    // One of the length that is said, but not the venue's.
    let crs = Some(CrsEntry { provenance: Provenance::Development, digest: Digest([7; 32]) });
    let market = Market { inputs: InputKind::Public, ..venue.market };
    let with_crs = Venue { crs, market, ..venue.clone() }.to_json();
    let key_part = &bytes[key..bytes.len() - 8];
    let length = (with_crs.len() as u64).to_le_bytes();
    let other =
        [&MAGIC, length.as_slice(), with_crs.as_bytes(), key_part, &[3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]];
    assert!(matches!(refused(&other.concat()), BundleError::Digest { part: "the reference string", .. }));
    let with_key = |length: u64| [&bytes, length.to_le_bytes().as_slice()].concat();
    assert!(matches!(refused(&with_key(u64::MAX)), BundleError::Length { part: "the evaluation key", .. }));
    let full = EvaluationKey::file_bytes(false);
    assert!(matches!(refused(&with_key(full)), BundleError::Wire { part: "the evaluation key", .. }));
}

/// A disk that fails in the middle of a key has not damaged it.
#[test]
fn a_failed_read_is_told_from_a_damaged_key() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk"))
        }
    }
    let (_, bytes) = beginning();
    let length = EvaluationKey::file_bytes(false).to_le_bytes();
    for end in [3, bytes.len() - 100, bytes.len()] {
        let beginning = [&bytes[..end], if end == bytes.len() { &length } else { &[] }].concat();
        let error = read(beginning.as_slice().chain(Failing)).err().unwrap();
        assert!(matches!(&error, BundleError::Io(error) if error.to_string() == "disk"), "{end}: {error}");
    }
}
