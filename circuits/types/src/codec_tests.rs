use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};

use super::*;

fn le_bytes_plus_order(value: Fr, times: u64) -> Option<Vec<u8>> {
    let mut integer = value.into_bigint();
    for _ in 0..times {
        if integer.add_with_carry(&Fr::MODULUS) {
            return None;
        }
    }
    Some(integer.to_bytes_le())
}

#[test]
fn z4_a_scalar_plus_a_multiple_of_the_order_is_refused() {
    for times in 1..=5 {
        let Some(bytes) = le_bytes_plus_order(Fr::from(7u64), times) else { continue };
        assert!(Reader::new(&bytes, 100).unwrap().scalar("s").is_err(), "x + {times}r");
    }
    let honest = le_bytes_plus_order(Fr::from(7u64), 0).unwrap();
    assert_eq!(Reader::new(&honest, 100).unwrap().scalar("s").unwrap(), Fr::from(7u64));
}

#[test]
fn z4_identity_with_or_without_junk_is_refused() {
    let mut identity = [0u8; 32];
    identity[31] = 0x40;
    assert!(Reader::new(&identity, 100).unwrap().g1("p").is_err());
    identity[0] = 1;
    assert!(Reader::new(&identity, 100).unwrap().g1("p").is_err());
}

#[test]
fn z4_an_x_coordinate_plus_p_is_refused() {
    let mut bytes = Writer::new();
    bytes.g1(&G1Affine::generator());
    let mut bytes = bytes.finish();
    let p = ark_bn254::Fq::MODULUS.to_bytes_le();
    let mut carry = 0u16;
    for (byte, p) in bytes.iter_mut().zip(p) {
        carry += u16::from(*byte) + u16::from(p);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert!(Reader::new(&bytes, 100).unwrap().g1("p").is_err());
}

#[test]
fn z4_g2_points_outside_the_subgroup_are_refused() {
    // Random x coordinates on the twist are outside the subgroup but for a 2^-254 chance.
    let mut seen = 0;
    for x in 1u64..60 {
        let x = ark_bn254::Fq2::new(x.into(), 3u64.into());
        let Some(point) = G2Affine::get_point_from_x_unchecked(x, false) else { continue };
        assert!(!point.is_in_correct_subgroup_assuming_on_curve());
        let mut bytes = Writer::new();
        bytes.g2(&point);
        assert!(Reader::new(bytes.as_bytes(), 100).unwrap().g2("p").is_err());
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn counts_are_bounded_by_the_limit_and_by_the_bytes_that_are_there() {
    let huge = [0xff; 8];
    assert!(matches!(
        Reader::new(&huge, 100).unwrap().count(10, 1, "things"),
        Err(CodecError::TooMany { limit: 10, .. })
    ));
    assert!(matches!(
        Reader::new(&huge, 100).unwrap().count(usize::MAX, 1, "things"),
        Err(CodecError::Truncated { .. })
    ));
}

#[test]
fn trailing_bytes_are_refused() {
    let mut reader = Reader::new(&[1, 2], 10).unwrap();
    reader.u8("first").unwrap();
    assert_eq!(reader.finish(), Err(CodecError::TrailingBytes { offset: 1, extra: 1 }));
}
