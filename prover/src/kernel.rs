//! The seam for faster arithmetic: multi-scalar multiplication and FFT.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::VariableBaseMSM;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// Group and polynomial arithmetic of the prover. A wrong result costs completeness, never
/// soundness: every proof is verified before it leaves.
pub trait Kernel: Sync {
    /// `Σ scalar · base`; both slices have one length.
    fn msm_g1(&self, bases: &[G1Affine], scalars: &[Fr]) -> G1Projective;

    /// `Σ scalar · base`; both slices have one length.
    fn msm_g2(&self, bases: &[G2Affine], scalars: &[Fr]) -> G2Projective;

    /// Values on `domain` to values on its coset by the field's generator; `values` has the
    /// domain's size.
    fn extend_to_coset(&self, domain: &Radix2EvaluationDomain<Fr>, values: &mut Vec<Fr>);
}

/// Arkworks' own routines, parallel by rayon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arkworks;

impl Kernel for Arkworks {
    fn msm_g1(&self, bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
        assert_eq!(bases.len(), scalars.len(), "one scalar per base");
        G1Projective::msm_unchecked(bases, scalars)
    }

    fn msm_g2(&self, bases: &[G2Affine], scalars: &[Fr]) -> G2Projective {
        assert_eq!(bases.len(), scalars.len(), "one scalar per base");
        G2Projective::msm_unchecked(bases, scalars)
    }

    fn extend_to_coset(&self, domain: &Radix2EvaluationDomain<Fr>, values: &mut Vec<Fr>) {
        domain.ifft_in_place(values);
        coset(domain).fft_in_place(values);
    }
}

/// The coset of `domain` by the field's multiplicative generator.
pub fn coset(domain: &Radix2EvaluationDomain<Fr>) -> Radix2EvaluationDomain<Fr> {
    use ark_ff::FftField;
    domain.get_coset(Fr::GENERATOR).expect("the generator is not zero")
}
