//! KZG reference string, commitments and openings.

use std::io::{Read, Write};

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup, scalar_mul::BatchMulPreprocessing};
use ark_ff::{One, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use rand_core::OsRng;
use solventry_types::{Digest, InclusionFile, Profile, codec::Writer, digest::InjectiveHasher};
use solventry_verifier::{
    keys::KzgVerifyingKey,
    kzg::{interpolate, vanishing},
};
use zeroize::Zeroize;

use crate::kernel::Kernel;

/// Powers of τ in G1 and G2, and the Lagrange basis of the n-th roots of unity.
#[derive(Clone)]
pub struct ReferenceString {
    /// [τ^i]_1 for i = 0..=n.
    pub powers: Vec<G1Affine>,
    /// [L_j(τ)]_1 for j = 0..n, exclusive.
    pub lagrange: Vec<G1Affine>,
    /// [τ^i]_2 for i = 0..=32.
    pub powers_g2: Vec<G2Affine>,
}

impl ReferenceString {
    /// Draws τ from the operating system: for development only.
    pub fn insecure_setup(profile: Profile) -> Self {
        let n = profile.block_slots;
        let mut tau = Fr::rand(&mut OsRng);
        let mut scalars: Vec<Fr> =
            std::iter::successors(Some(Fr::one()), |power| Some(*power * tau)).take(n + 1).collect();
        let table = BatchMulPreprocessing::new(G1Projective::generator(), 2 * n);
        let lagrange = table.batch_mul(&domain(n).evaluate_all_lagrange_coefficients(tau));
        let g2 = scalars
            .iter()
            .take(InclusionFile::MAX_POSITIONS + 1)
            .map(|scalar| G2Projective::generator() * scalar);
        let powers_g2 = G2Projective::normalize_batch(&g2.collect::<Vec<_>>());
        let powers = table.batch_mul(&scalars);
        tau.zeroize();
        scalars.zeroize();
        Self { powers, lagrange, powers_g2 }
    }

    /// n.
    pub fn block_slots(&self) -> usize {
        self.lagrange.len()
    }

    /// `[Z_H(τ)]_1 = [τ^n − 1]_1`.
    pub fn vanishing(&self) -> G1Projective {
        G1Projective::from(self.powers[self.block_slots()]) - self.powers[0]
    }

    /// Commits to `I_v + Z_H·blinding`; `values` stand at ω^first, ω^(first+1), …
    pub fn commit(&self, kernel: &impl Kernel, first: usize, values: &[Fr], blinding: Fr) -> G1Affine {
        let bases = &self.lagrange[first..first + values.len()];
        (kernel.msm_g1(bases, values) + self.vanishing() * blinding).into_affine()
    }

    /// `[m_0 + m_1·τ]_1`.
    pub fn commit_mask(&self, mask: [Fr; 2]) -> G1Affine {
        (self.powers[0] * mask[0] + self.powers[1] * mask[1]).into_affine()
    }

    /// Opens a polynomial (coefficients, lowest first) at one point.
    pub fn open(&self, kernel: &impl Kernel, polynomial: &[Fr], point: Fr) -> G1Affine {
        let mut carry = Fr::zero();
        let mut quotient: Vec<Fr> = polynomial
            .iter()
            .rev()
            .map(|coefficient| {
                carry = carry * point + coefficient;
                carry
            })
            .collect();
        quotient.pop(); // the remainder, which is the value
        quotient.reverse();
        kernel.msm_g1(&self.powers[..quotient.len()], &quotient).into_affine()
    }

    /// Writes the powers in G1, uncompressed, for the prover's own use.
    pub fn write_powers(&self, writer: impl Write) -> Result<(), SerializationError> {
        self.powers.serialize_uncompressed(writer)
    }

    /// Reads what [`Self::write_powers`] wrote.
    pub fn read_powers(mut reader: impl Read, profile: Profile) -> Result<Vec<G1Affine>, SerializationError> {
        let count = u64::deserialize_uncompressed(&mut reader)?;
        if usize::try_from(count) != Ok(profile.block_slots + 1) {
            return Err(SerializationError::InvalidData);
        }
        (0..count).map(|_| G1Affine::deserialize_uncompressed(&mut reader)).collect()
    }

    /// Digest of the bases of reserve commitments; attestors sign it.
    pub fn reserve_bases_digest(&self, profile: Profile) -> Digest {
        reserve_bases_digest(&self.lagrange[1..=profile.max_assets], &self.vanishing().into_affine())
    }

    /// What verifiers need.
    pub fn verifying_key(&self, profile: Profile) -> KzgVerifyingKey {
        KzgVerifyingKey {
            g1_powers: self.powers[..InclusionFile::MAX_POSITIONS].to_vec(),
            g2_powers: self.powers_g2.clone(),
            reserve_bases: self.reserve_bases_digest(profile),
        }
    }
}

/// Opens a polynomial (coefficients, lowest first) at several distinct points:
/// `[(f − I_S)/Z_S]_1`; `powers` are those of the reference string.
pub fn open_at_points(
    kernel: &impl Kernel,
    powers: &[G1Affine],
    polynomial: &[Fr],
    points: &[Fr],
) -> G1Affine {
    let at = |point: &Fr| polynomial.iter().rev().fold(Fr::zero(), |sum, c| sum * point + c);
    let values: Vec<Fr> = points.iter().map(at).collect();
    let mut rest = polynomial.to_vec();
    let remainder = interpolate(points, &values).expect("points are distinct");
    rest.iter_mut().zip(remainder).for_each(|(c, r)| *c -= r);
    let quotient = divide(rest, &vanishing(points));
    kernel.msm_g1(&powers[..quotient.len()], &quotient).into_affine()
}

/// Digest of `[L_a(τ)]_1` for a = 1..=A_max and `[Z_H(τ)]_1`.
pub fn reserve_bases_digest(lagrange: &[G1Affine], vanishing: &G1Affine) -> Digest {
    let mut writer = Writer::new();
    writer.count(lagrange.len());
    for point in lagrange {
        writer.g1(point);
    }
    writer.g1(vanishing);
    InjectiveHasher::new("solventry/reserve-bases/v1").field(writer.as_bytes()).finish()
}

/// Coefficients of `I_v + Z_H·blinding` for n values.
pub fn blinded_polynomial(values: &[Fr], blinding: Fr) -> Vec<Fr> {
    let mut coefficients = domain(values.len()).ifft(values);
    coefficients[0] -= blinding;
    coefficients.push(blinding);
    coefficients
}

fn domain(n: usize) -> Radix2EvaluationDomain<Fr> {
    Radix2EvaluationDomain::new(n).expect("n is a power of two below 2^28")
}

/// Exact division by a monic polynomial.
fn divide(mut dividend: Vec<Fr>, divisor: &[Fr]) -> Vec<Fr> {
    let degree = divisor.len() - 1;
    let mut quotient = vec![Fr::zero(); dividend.len().saturating_sub(degree)];
    for index in (0..quotient.len()).rev() {
        let factor = dividend[index + degree];
        quotient[index] = factor;
        for (offset, coefficient) in divisor.iter().enumerate() {
            dividend[index + offset] -= factor * coefficient;
        }
    }
    quotient
}
