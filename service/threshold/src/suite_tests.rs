use super::*;
use crate::common::Group;

fn key(suite: Suite) -> GroupKey {
    let (shares, _) = Group::new(suite, 3, 4).generate();
    shares[0].group_key().clone()
}

#[test]
fn suites_follow_chains_and_codes() {
    assert_eq!(Suite::of(Chain::Bitcoin), Some(Suite::Taproot));
    assert_eq!(Suite::of(Chain::Solana), Some(Suite::Ed25519));
    assert_eq!(Suite::of(Chain::Ethereum), None);
    assert!(Suite::ALL.iter().all(|suite| Suite::from_code(suite.code()) == Some(*suite)));
    assert_eq!((Suite::from_code(0), Suite::from_code(3)), (None, None));
}

#[test]
fn only_groups_of_3f_plus_1_are_taken() {
    let groups: Vec<_> =
        (0..40).flat_map(|n| (0..40).map(move |t| (t, n))).filter(|(t, n)| is_group(*t, *n)).collect();
    let expected: Vec<_> = (1..=10).map(|f| (2 * f + 1, 3 * f + 1)).collect();
    assert_eq!(groups, expected);
}

#[test]
fn a_group_key_is_read_back_and_nothing_like_it_is() {
    for suite in Suite::ALL {
        let key = key(suite);
        let bytes = key.encode();
        assert_eq!(GroupKey::decode(&bytes), Ok(key.clone()));
        // Magic, version, suite, threshold, number of nodes, key, length and header of the package.
        for place in 0..8 + 2 + 1 + 2 + 2 + 32 + 4 + 6 {
            for bit in 0..8 {
                let mut altered = bytes.clone();
                altered[place] ^= 1 << bit;
                assert!(GroupKey::decode(&altered).is_err(), "{suite:?} byte {place} bit {bit}");
            }
        }
        for length in 0..bytes.len() {
            assert!(GroupKey::decode(&bytes[..length]).is_err(), "{suite:?} {length} bytes");
        }
        assert!(GroupKey::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(matches!(GroupKey::decode(&vec![0; 1 << 20]), Err(CodecError::TooLarge { .. })));
        let longer = GroupKey { package: [&key.package[..], &[0]].concat(), ..key.clone() };
        assert!(GroupKey::decode(&longer.encode()).is_err(), "trailing byte in the package");
        assert_ne!(key.digest(), self::key(suite).digest());
    }
}

#[test]
fn the_largest_group_fits_its_bounds() {
    let group = Group::new(Suite::Taproot, 21, 31);
    let (shares, outcome) = group.generate();
    let key = crate::verify_outcome(&group.setup, &outcome).unwrap();
    assert!(key.encode().len() <= GroupKey::MAX_BYTES);
    assert_eq!(shares[30].group_key(), &key);
}

#[test]
fn malformed_keys_and_signatures_do_not_verify() {
    for suite in Suite::ALL {
        let key = key(suite);
        assert!(!key.verifies(&[1; 32], &[0; 64]));
        assert!(!key.verifies(&[1; 32], &[0xff; 64]));
        assert!(!key.verifies(&[], &[1; 64]));
        let broken = GroupKey { key: [0xff; 32], ..key };
        assert!(!broken.verifies(&[1; 32], &[1; 64]));
    }
}
