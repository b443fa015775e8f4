use super::*;
use crate::{
    KeyShare, Suite,
    common::{Group, advance},
};

const PASSPHRASE: &[u8] = b"correct horse battery staple";

fn context() -> ShareContext {
    ShareContext { identity: [1; 32], group: Digest([2; 32]), generation: 3 }
}

#[test]
fn a_secret_opens_with_its_passphrase_and_context_only() {
    let sealed = seal_secret(b"two keys", PASSPHRASE, &context()).unwrap();
    assert_eq!(open_secret(&sealed, PASSPHRASE, &context()).unwrap().as_slice(), b"two keys");
    let refused = |passphrase: &[u8], context: &ShareContext| {
        assert_eq!(open_secret(&sealed, passphrase, context), Err(SealError::Refused));
    };
    refused(b"correct horse battery stapl", &context());
    refused(PASSPHRASE, &ShareContext { identity: [9; 32], ..context() });
    refused(PASSPHRASE, &ShareContext { group: Digest([9; 32]), ..context() });
    refused(PASSPHRASE, &ShareContext { generation: 4, ..context() });
}

#[test]
fn two_seals_of_one_secret_have_nothing_in_common() {
    let [one, two] = [(); 2].map(|()| seal_secret(&[5; 64], PASSPHRASE, &context()).unwrap());
    assert_ne!(one[22..38], two[22..38], "salts");
    assert_ne!(one[38..62], two[38..62], "nonces");
    assert_ne!(one[66..], two[66..], "contents");
    let same = one[66..].iter().zip(&two[66..]).filter(|(a, b)| a == b).count();
    assert!(same < 16, "{same} equal bytes of 80");
}

#[test]
fn every_flipped_byte_is_refused() {
    let secret = [7; 40];
    let sealed = seal_secret(&secret, PASSPHRASE, &context()).unwrap();
    for place in 0..sealed.len() {
        // The content is tried below, without deriving the key anew for each of its bytes.
        if place > HEADER_BYTES + 4 && place % 16 != 0 {
            continue;
        }
        let mut altered = sealed.clone();
        altered[place] ^= 0x80;
        let error = open_secret(&altered, PASSPHRASE, &context()).unwrap_err();
        let text = error.to_string();
        assert!(!text.contains("horse") && !text.contains("[7, 7"), "{text}");
        match place {
            0..8 => assert!(matches!(error, SealError::Codec(CodecError::WrongKind { .. }))),
            8..10 => assert!(matches!(error, SealError::Codec(CodecError::UnsupportedVersion { .. }))),
            10..22 => assert!(matches!(error, SealError::Parameters { .. } | SealError::Refused), "{place}"),
            62..66 => assert!(matches!(error, SealError::Codec(_))),
            _ => assert_eq!(error, SealError::Refused, "{place}"),
        }
    }
    let header = Header::read(&SECRET, &mut Reader::new(&sealed, 4096).unwrap()).unwrap();
    let cipher = header.cipher(PASSPHRASE).unwrap();
    let try_open = |header: &Header, bytes: &[u8]| {
        decrypt(&cipher, header, &bytes[..HEADER_BYTES], &bytes[HEADER_BYTES + 4..], &context())
    };
    assert_eq!(try_open(&header, &sealed).unwrap().as_slice(), secret);
    for place in (0..HEADER_BYTES).chain(HEADER_BYTES + 4..sealed.len()) {
        for bit in 0..8 {
            let mut altered = sealed.clone();
            altered[place] ^= 1 << bit;
            // Even if every reader let the header pass, the cipher would not.
            assert_eq!(try_open(&header, &altered), Err(SealError::Refused), "byte {place} bit {bit}");
        }
    }
}

#[test]
fn every_truncation_and_every_extension_is_refused_before_the_key_is_derived() {
    let sealed = seal_secret(&[7; 40], PASSPHRASE, &context()).unwrap();
    for length in 0..sealed.len() {
        assert!(matches!(open_secret(&sealed[..length], PASSPHRASE, &context()), Err(SealError::Codec(_))));
    }
    let longer = [&sealed[..], &[0]].concat();
    assert_eq!(
        open_secret(&longer, PASSPHRASE, &context()),
        Err(CodecError::TrailingBytes { offset: sealed.len(), extra: 1 }.into())
    );
    let huge = vec![0; 1 << 20];
    assert!(matches!(
        open_secret(&huge, PASSPHRASE, &context()),
        Err(SealError::Codec(CodecError::TooLarge { .. }))
    ));
}

#[test]
fn weak_and_unbearable_parameters_are_refused() {
    let sealed = seal_secret(b"s", PASSPHRASE, &context()).unwrap();
    assert_eq!(sealed[10..22], [0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4], "64 MiB, 3 passes, 4 lanes");
    for (place, value) in
        [(10, 8u32), (10, (1 << 16) - 1), (10, u32::MAX), (14, 2), (14, 17), (18, 1), (18, 17)]
    {
        let mut altered = sealed.clone();
        altered[place..place + 4].copy_from_slice(&value.to_be_bytes());
        let error = open_secret(&altered, PASSPHRASE, &context()).unwrap_err();
        assert!(matches!(error, SealError::Parameters { .. }), "{place} {value}: {error}");
    }
}

#[test]
fn passphrases_and_secrets_have_bounds() {
    let long = vec![b'x'; MAX_PASSPHRASE_BYTES + 1];
    for passphrase in [&[][..], &long] {
        let refused = Err(SealError::Passphrase(passphrase.len()));
        assert_eq!(seal_secret(b"s", passphrase, &context()), refused);
    }
    assert_eq!(
        seal_secret(&[0; 1025], PASSPHRASE, &context()),
        Err(SealError::TooLarge { limit: 1024, got: 1025 })
    );
    assert!(seal_secret(&[0; 1024], PASSPHRASE, &context()).is_ok());
}

#[test]
fn a_share_and_a_secret_do_not_open_as_each_other() {
    let group = Group::new(Suite::Ed25519, 3, 4);
    let mut runs = group.runs();
    let bodies = (1..=4).fold(Vec::new(), |bodies, step| advance(&mut runs, step, &bodies));
    drop(bodies);
    let share = runs.remove(0).finish().unwrap();
    let sealed = share.seal(PASSPHRASE, &context()).unwrap();
    assert!(matches!(
        open_secret(&sealed, PASSPHRASE, &context()),
        Err(SealError::Codec(CodecError::WrongKind { .. } | CodecError::TooLarge { .. }))
    ));
    // Not even with the other's magic bytes: they are authenticated.
    let secret = seal_secret(&[1; 300], PASSPHRASE, &context()).unwrap();
    let renamed = [&KeyShare::MAGIC.bytes[..], &secret[8..]].concat();
    assert_eq!(KeyShare::open(&renamed, PASSPHRASE, &context()).err(), Some(SealError::Refused));
    // What opens must be a share of the key in it.
    for content in [&[][..], &[0; 300]] {
        let sealed = seal(&KeyShare::MAGIC, content, PASSPHRASE, &context()).unwrap();
        let opened = KeyShare::open(&sealed, PASSPHRASE, &context()).err();
        assert_eq!(opened, Some(SealError::Content("a key share with its group key")));
    }
    let content = open(&KeyShare::MAGIC, MAX_CONTENT_BYTES, &sealed, PASSPHRASE, &context()).unwrap();
    let mut other_secret = content.to_vec();
    let place = other_secret.len() - 32;
    other_secret[place] ^= 1;
    let sealed = seal(&KeyShare::MAGIC, &other_secret, PASSPHRASE, &context()).unwrap();
    assert!(matches!(KeyShare::open(&sealed, PASSPHRASE, &context()), Err(SealError::Content(_))));
}
