//! Points as snarkjs writes them: affine coordinates and a third one that is 1.

use ark_bn254::{Bn254, Fq, Fq2, Fq6, G1Affine, G2Affine};
use ark_ec::{AffineRepr, pairing::Pairing};

use super::decimal;

/// x, y, 1.
pub type G1 = [String; 3];
/// The same over the quadratic extension, each (c0, c1).
pub type G2 = [[String; 2]; 3];
/// An element of the extension of degree 12: 2 over 3 over 2.
pub type Target = [[[String; 2]; 3]; 2];

const NO_POINT: &str = "not a point of the prime-order group";

/// Coordinates of a point that is not the identity.
pub fn write_g1(point: &G1Affine) -> G1 {
    let (x, y) = point.xy().unwrap_or_default();
    [decimal::write(&x), decimal::write(&y), "1".into()]
}

/// Coordinates of a point that is not the identity.
pub fn write_g2(point: &G2Affine) -> G2 {
    let (x, y) = point.xy().unwrap_or_default();
    [write_fq2(&x), write_fq2(&y), ["1".into(), "0".into()]]
}

/// Reads a point on the curve that is not the identity.
pub fn read_g1([x, y, z]: &G1) -> Result<G1Affine, &'static str> {
    if z != "1" {
        return Err("expected an affine point: third coordinate \"1\"");
    }
    let point = G1Affine::new_unchecked(decimal::read(x)?, decimal::read(y)?);
    // The cofactor is 1.
    if point.is_on_curve() { Ok(point) } else { Err(NO_POINT) }
}

/// Reads a point of the prime-order subgroup that is not the identity.
pub fn read_g2([x, y, z]: &G2) -> Result<G2Affine, &'static str> {
    if z != &["1", "0"] {
        return Err("expected an affine point: third coordinate [\"1\", \"0\"]");
    }
    let point = G2Affine::new_unchecked(read_fq2(x)?, read_fq2(y)?);
    let valid = point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
    if valid { Ok(point) } else { Err(NO_POINT) }
}

/// `e(α, β)`: snarkjs and arkworks raise to the same power in the final exponentiation, a multiple
/// of (p^12 − 1)/r, and stack the extensions alike.
pub fn write_pairing(alpha: &G1Affine, beta: &G2Affine) -> Target {
    let value = Bn254::pairing(alpha, beta).0;
    let write = |half: &Fq6| [&half.c0, &half.c1, &half.c2].map(write_fq2);
    [write(&value.c0), write(&value.c1)]
}

fn write_fq2(value: &Fq2) -> [String; 2] {
    [decimal::write(&value.c0), decimal::write(&value.c1)]
}

fn read_fq2([c0, c1]: &[String; 2]) -> Result<Fq2, &'static str> {
    Ok(Fq2::new(decimal::read::<Fq>(c0)?, decimal::read(c1)?))
}
