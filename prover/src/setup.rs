//! Key generation for Groth16 with one commitment stage (`01-solvency` §2).
//!
//! One party draws every secret here: good for development only. The quotient bases are kept in
//! Lagrange form on a coset, `L_i(τ')·Z(τ')/(δ·Z(coset))`, which saves the prover one FFT; they
//! span the polynomials of degree below m times Z, as the powers in the paper do but for one.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, scalar_mul::BatchMulPreprocessing};
use ark_ff::{Field, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand_core::OsRng;
use rayon::prelude::*;
use solventry_solvency::r1cs::{Circuit, Matrix};
use solventry_verifier::keys::StagedVerifyingKey;
use zeroize::Zeroize;

use crate::kernel::coset;

/// Bases of one query, without the wires whose base is the identity.
#[derive(Clone, Default)]
pub struct Query<G> {
    /// Wires, ascending.
    pub wires: Vec<u32>,
    /// One base per wire.
    pub bases: Vec<G>,
}

/// Proving key of a staged circuit.
#[derive(Clone)]
pub struct StagedProvingKey {
    /// `[α]_1`, `[β]_1`, `[δ]_1`, `[δ1]_1`
    pub elements_g1: [G1Affine; 4],
    /// `[β]_2`, `[δ]_2`
    pub elements_g2: [G2Affine; 2],
    /// [A_j(τ')]_1
    pub a: Query<G1Affine>,
    /// [B_j(τ')]_1, for the wires of [`Self::b_g2`].
    pub b_g1: Vec<G1Affine>,
    /// [B_j(τ')]_2
    pub b_g2: Query<G2Affine>,
    /// [K_j/δ1]_1 for committed wires.
    pub committed: Vec<G1Affine>,
    /// [K_j/δ]_1 for free wires.
    pub free: Vec<G1Affine>,
    /// Quotient bases on the coset, one per point of the domain.
    pub quotient: Vec<G1Affine>,
}

/// Secrets of a setup; whoever keeps them can forge.
pub struct ToxicWaste {
    /// τ', where the circuit's polynomials are evaluated.
    pub tau: Fr,
    /// α
    pub alpha: Fr,
    /// β
    pub beta: Fr,
    /// γ: divides the public inputs.
    pub gamma: Fr,
    /// δ: divides the free wires.
    pub delta: Fr,
    /// δ1: divides the committed wires.
    pub delta1: Fr,
}

impl ToxicWaste {
    /// Draws every secret from the operating system; none is zero.
    pub fn random() -> Self {
        let draw = || loop {
            let secret = Fr::rand(&mut OsRng);
            if !secret.is_zero() {
                break secret;
            }
        };
        Self { tau: draw(), alpha: draw(), beta: draw(), gamma: draw(), delta: draw(), delta1: draw() }
    }
}

impl Drop for ToxicWaste {
    fn drop(&mut self) {
        for secret in [
            &mut self.tau,
            &mut self.alpha,
            &mut self.beta,
            &mut self.gamma,
            &mut self.delta,
            &mut self.delta1,
        ] {
            secret.zeroize();
        }
    }
}

/// The evaluation domain of a circuit: its rows and one more per instance wire, which keeps the
/// instance polynomials linearly independent.
pub fn domain(circuit: &Circuit) -> Radix2EvaluationDomain<Fr> {
    Radix2EvaluationDomain::new(circuit.rows() + circuit.instance())
        .expect("circuits have fewer than 2^28 rows")
}

/// Draws secrets from the operating system and makes both keys.
pub fn insecure_setup(circuit: &Circuit) -> (StagedProvingKey, StagedVerifyingKey) {
    keys(circuit, &ToxicWaste::random())
}

/// Both keys from given secrets. Nothing is checked, so that tests can make keys that the lint
/// must refuse.
pub fn keys(circuit: &Circuit, toxic: &ToxicWaste) -> (StagedProvingKey, StagedVerifyingKey) {
    let domain = domain(circuit);
    let lagrange = domain.evaluate_all_lagrange_coefficients(toxic.tau);
    let [mut a, b, c] = [0, 1, 2].map(|index| columns(circuit, &circuit.matrices[index], &lagrange));
    for (wire, value) in lagrange[circuit.rows()..][..circuit.instance()].iter().enumerate() {
        a[wire] += value;
    }
    let k = |wire: usize| toxic.beta * a[wire] + toxic.alpha * b[wire] + c[wire];
    let over = |wires: std::ops::Range<usize>, divisor: Fr| -> Vec<Fr> {
        let inverse = divisor.inverse().expect("secrets are not zero");
        wires.map(|wire| k(wire) * inverse).collect()
    };
    let committed = circuit.committed_range();
    let quotient = quotient_scalars(&domain, toxic);

    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let table = BatchMulPreprocessing::new(g1, circuit.wires() * 4);
    let table_g2 = BatchMulPreprocessing::new(g2, circuit.wires() / 2);
    let in_g1 = |scalars: &[Fr]| table.batch_mul(scalars);
    let (b_wires, b_scalars) = nonzero(&b);
    let (a_wires, a_scalars) = nonzero(&a);
    let ic = in_g1(&over(0..circuit.instance(), toxic.gamma));
    let elements_g1 = in_g1(&[toxic.alpha, toxic.beta, toxic.delta, toxic.delta1]);
    let elements_g2 =
        [toxic.beta, toxic.gamma, toxic.delta, toxic.delta1].map(|secret| (g2 * secret).into_affine());
    let proving = StagedProvingKey {
        elements_g1: elements_g1.try_into().expect("four scalars give four points"),
        elements_g2: [elements_g2[0], elements_g2[2]],
        a: Query { wires: a_wires, bases: in_g1(&a_scalars) },
        b_g1: in_g1(&b_scalars),
        b_g2: Query { wires: b_wires, bases: table_g2.batch_mul(&b_scalars) },
        committed: in_g1(&over(committed.clone(), toxic.delta1)),
        free: in_g1(&over(committed.end..circuit.wires(), toxic.delta)),
        quotient: in_g1(&quotient),
    };
    let verifying = StagedVerifyingKey {
        circuit: circuit.digest(),
        alpha_g1: proving.elements_g1[0],
        beta_g2: elements_g2[0],
        gamma_g2: elements_g2[1],
        delta_g2: elements_g2[2],
        delta1_g2: elements_g2[3],
        ic,
    };
    (proving, verifying)
}

/// `Σ_row matrix[row][wire] · L_row(τ')` per wire.
fn columns(circuit: &Circuit, matrix: &Matrix, lagrange: &[Fr]) -> Vec<Fr> {
    let mut sums = vec![Fr::zero(); circuit.wires()];
    for (row, value) in lagrange[..circuit.rows()].iter().enumerate() {
        for entry in matrix.row(row) {
            sums[entry.wire as usize] += circuit.coefficient(*entry) * value;
        }
    }
    sums
}

fn quotient_scalars(domain: &Radix2EvaluationDomain<Fr>, toxic: &ToxicWaste) -> Vec<Fr> {
    let coset = coset(domain);
    let vanishing = domain.evaluate_vanishing_polynomial(toxic.tau);
    let on_coset = domain.evaluate_vanishing_polynomial(coset.coset_offset());
    let factor = vanishing * (toxic.delta * on_coset).inverse().expect("secrets and the coset are not zero");
    let mut scalars = coset.evaluate_all_lagrange_coefficients(toxic.tau);
    scalars.par_iter_mut().for_each(|scalar| *scalar *= factor);
    scalars
}

fn nonzero(scalars: &[Fr]) -> (Vec<u32>, Vec<Fr>) {
    (0u32..)
        .zip(scalars)
        .filter(|(_, scalar)| !scalar.is_zero())
        .map(|(wire, scalar)| (wire, *scalar))
        .unzip()
}

impl<G: AffineRepr> Query<G> {
    /// The values of the query's wires.
    pub fn gather(&self, assignment: &[Fr]) -> Vec<Fr> {
        self.wires.iter().map(|wire| assignment[*wire as usize]).collect()
    }
}
