use super::*;
use crate::{
    engine::{COMPUTED, Lwe, WIDE},
    parameters::{INPUT_DIMENSION, MAX_INPUT_WEIGHT},
};

/// Ciphertexts that show every bit of a key as the phase.
fn bit(entries: usize, place: usize) -> Lwe {
    let mut ciphertext = Lwe::zero(entries);
    ciphertext.0[place] = u64::MAX;
    ciphertext
}

#[test]
fn a_secret_key_survives_its_bytes() {
    let key = SecretKey::generate();
    let bytes = key.to_bytes();
    assert_eq!(bytes.len(), SecretKey::BITS.div_ceil(8));
    let again = SecretKey::from_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    for place in 0..WIDE - 1 {
        assert_eq!(key.input_phase(&bit(WIDE, place)), again.input_phase(&bit(WIDE, place)));
    }
    for place in 0..COMPUTED - 1 {
        assert_eq!(key.result_phase(&bit(COMPUTED, place)), again.result_phase(&bit(COMPUTED, place)));
    }
}

#[test]
fn bytes_of_no_key_are_refused() {
    let bytes = SecretKey::generate().to_bytes();
    assert!(SecretKey::from_bytes(&bytes[1..]).is_none());
    assert!(SecretKey::from_bytes(&[&bytes[..], &[0]].concat()).is_none());
    assert!(SecretKey::from_bytes(&[]).is_none());
    let mut longer = bytes.to_vec();
    *longer.last_mut().unwrap() |= 0x80;
    assert!(SecretKey::from_bytes(&longer).is_none(), "a bit behind the last one");
}

/// The plan bounds hostile noise by the weight of the input key.
#[test]
fn a_key_too_heavy_or_too_light_is_refused() {
    let mut bytes = SecretKey::generate().to_bytes().to_vec();
    let inputs = INPUT_DIMENSION / 8;
    let ones = |weight: usize, bytes: &mut Vec<u8>| {
        bytes[..inputs].fill(0);
        bytes[..weight / 8].fill(0xff);
    };
    for (weight, is_key) in [
        (MAX_INPUT_WEIGHT, true),
        (MAX_INPUT_WEIGHT + 8, false),
        (INPUT_DIMENSION - MAX_INPUT_WEIGHT, true),
        (INPUT_DIMENSION - MAX_INPUT_WEIGHT - 8, false),
        (0, false),
        (INPUT_DIMENSION, false),
    ] {
        ones(weight, &mut bytes);
        assert_eq!(SecretKey::from_bytes(&bytes).is_some(), is_key, "{weight}");
    }
}

#[test]
fn a_secret_key_is_not_printed() {
    assert_eq!(format!("{:?}", SecretKey::generate()), "SecretKey(..)");
}

#[test]
fn an_evaluation_key_has_its_lengths() {
    let key = EvaluationKey::generate(&SecretKey::generate(), false);
    let [from_input, from_large, pack_input, _, bootstrap] = EvaluationKey::LENGTHS;
    assert_eq!((key.from_input.len(), key.from_large.len()), (from_input, from_large));
    assert_eq!((key.pack_input.len(), key.pack_large.len(), key.bootstrap.len()), (pack_input, 0, bootstrap));
    assert_eq!(key.bytes(), 4 * (from_input + from_large) as u64 + 8 * (pack_input + bootstrap) as u64);
}
