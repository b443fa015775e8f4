//! KZG openings (Kate, Zaverucha, Goldberg 2010): at one point for the shards and coverage,
//! at several points for inclusion (Boneh et al., eprint 2020/081).

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{Field, One, Zero};

use crate::{
    keys::KzgVerifyingKey,
    pairing::{NoRandomness, PairingProduct, weight},
};

/// `Σ weight_i · commitment_i` opens at `point` to `value`.
#[derive(Debug, Clone)]
pub struct OpeningClaim {
    /// Commitments.
    pub commitments: Vec<G1Affine>,
    /// Their weights, as many.
    pub weights: Vec<Fr>,
    /// Where it is opened.
    pub point: Fr,
    /// The value there.
    pub value: Fr,
    /// The KZG proof.
    pub opening: G1Affine,
}

/// Openings that do not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KzgError {
    /// Nothing to verify is not success.
    #[error("an empty batch proves nothing")]
    Empty,
    /// As many weights as commitments.
    #[error("opening {index}: expected {expected} weights, got {got}")]
    WeightCount {
        /// Place in the batch.
        index: usize,
        /// Commitments.
        expected: usize,
        /// Weights.
        got: usize,
    },
    /// This opening is wrong.
    #[error("opening {index} does not verify")]
    Invalid {
        /// Place in the batch.
        index: usize,
    },
    /// Points of a multi-point opening.
    #[error(
        "expected 1 to {limit} distinct points with one value each, got {points} points and {values} values"
    )]
    Points {
        /// Largest number of points.
        limit: usize,
        /// Points given.
        points: usize,
        /// Values given.
        values: usize,
    },
    /// No batch weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Verifies all openings with two pairings and 128-bit weights from the operating system; if
/// that fails, finds the first opening that fails alone.
pub fn verify_openings(key: &KzgVerifyingKey, claims: &[OpeningClaim]) -> Result<(), KzgError> {
    if claims.is_empty() {
        return Err(KzgError::Empty);
    }
    for (index, claim) in claims.iter().enumerate() {
        let (expected, got) = (claim.commitments.len(), claim.weights.len());
        if expected != got {
            return Err(KzgError::WeightCount { index, expected, got });
        }
    }
    if holds(key, claims.iter())? {
        return Ok(());
    }
    for (index, claim) in claims.iter().enumerate() {
        if !holds(key, std::iter::once(claim))? {
            return Err(KzgError::Invalid { index });
        }
    }
    Err(KzgError::Invalid { index: 0 })
}

/// `e(Σ s·(F − y·[1]_1 + ρ·π), [1]_2) = e(Σ s·π, [τ]_2)`.
fn holds<'a>(
    key: &KzgVerifyingKey,
    claims: impl Iterator<Item = &'a OpeningClaim>,
) -> Result<bool, KzgError> {
    let (mut bases, mut scalars, mut value) = (Vec::new(), Vec::new(), Fr::zero());
    let (mut openings, mut weights) = (Vec::new(), Vec::new());
    for claim in claims {
        let weight = weight()?;
        bases.extend(&claim.commitments);
        scalars.extend(claim.weights.iter().map(|scalar| weight * scalar));
        bases.push(claim.opening);
        scalars.push(weight * claim.point);
        value += weight * claim.value;
        openings.push(claim.opening);
        weights.push(weight);
    }
    bases.push(G1Affine::generator());
    scalars.push(-value);
    let mut product = PairingProduct::new();
    product.add(G1Projective::msm_unchecked(&bases, &scalars), G2Affine::generator());
    product.add(-G1Projective::msm_unchecked(&openings, &weights), key.tau_g2());
    Ok(product.is_one())
}

/// `commitment` opens at `points` to `values`:
/// `e(C − [I_S(τ)]_1, [1]_2) = e(π, [Z_S(τ)]_2)`.
pub fn verify_at_points(
    key: &KzgVerifyingKey,
    commitment: G1Projective,
    points: &[Fr],
    values: &[Fr],
    proof: G1Projective,
) -> Result<bool, KzgError> {
    let limit = key.g1_powers.len();
    let counts = KzgError::Points { limit, points: points.len(), values: values.len() };
    if points.is_empty() || points.len() > limit || points.len() != values.len() {
        return Err(counts);
    }
    let interpolated = interpolate(points, values).ok_or(counts)?;
    let commitment = commitment - G1Projective::msm_unchecked(&key.g1_powers, &interpolated);
    let zero = G2Projective::msm_unchecked(&key.g2_powers, &vanishing(points)).into_affine();
    let mut product = PairingProduct::new();
    product.add(commitment, G2Affine::generator());
    product.add(-proof, zero);
    Ok(product.is_one())
}

/// Coefficients of `Π (X − point)`, lowest first.
pub fn vanishing(points: &[Fr]) -> Vec<Fr> {
    points.iter().fold(vec![Fr::one()], |polynomial, point| {
        let shifted = std::iter::once(Fr::zero()).chain(polynomial.iter().copied());
        let scaled = polynomial.iter().map(|c| -*c * point).chain([Fr::zero()]);
        shifted.zip(scaled).map(|(a, b)| a + b).collect()
    })
}

/// Coefficients of the polynomial of least degree through the points; `None` if two are equal.
pub fn interpolate(points: &[Fr], values: &[Fr]) -> Option<Vec<Fr>> {
    let mut sum = vec![Fr::zero(); points.len()];
    for (index, (point, value)) in points.iter().zip(values).enumerate() {
        let others: Vec<Fr> =
            points.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| *other).collect();
        let denominator: Fr = others.iter().map(|other| *point - other).product();
        let factor = denominator.inverse()? * value;
        sum.iter_mut().zip(vanishing(&others)).for_each(|(sum, c)| *sum += c * factor);
    }
    Some(sum)
}
