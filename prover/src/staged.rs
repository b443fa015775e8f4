//! Proving: commitment to J1, challenges, the rest of the witness, A, B, C.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{UniformRand, Zero};
use ark_poly::EvaluationDomain;
use rand_core::OsRng;
use rayon::prelude::*;
use solventry_solvency::r1cs::{Circuit, Matrix};
use solventry_types::proof::StagedProof;
use zeroize::Zeroize;

use crate::{
    grouped::{msm_g1, msm_g2},
    kernel::Kernel,
    setup::{StagedProvingKey, domain},
};

/// The first stage: D is public from here on, κ stays. Consumed by [`prove`].
pub struct CommittedStage {
    d: G1Affine,
    kappa: Fr,
}

impl CommittedStage {
    /// `D = Σ_{J1} w_j·[K_j/δ1]_1 + κ·[δ]_1` with κ uniform: perfectly hiding.
    pub fn new(key: &StagedProvingKey, kernel: &impl Kernel, committed: &[Fr]) -> Self {
        let kappa = Fr::rand(&mut OsRng);
        let [_, _, delta, _] = key.elements_g1;
        let d = msm_g1(kernel, &key.committed, committed) + delta * kappa;
        Self { d: d.into_affine(), kappa }
    }

    /// The commitment, for the transcript.
    pub fn d(&self) -> G1Affine {
        self.d
    }
}

impl Drop for CommittedStage {
    fn drop(&mut self) {
        self.kappa.zeroize();
    }
}

/// Second stage. `assignment` holds all wires; its committed part must be what `stage` committed
/// to. Whether the rows hold is not checked: a false assignment gives a proof that fails.
pub fn prove(
    key: &StagedProvingKey,
    circuit: &Circuit,
    kernel: &impl Kernel,
    assignment: &[Fr],
    stage: CommittedStage,
) -> StagedProof {
    let [alpha, beta, delta, delta1] = key.elements_g1;
    let [beta_g2, delta_g2] = key.elements_g2;
    let (r, s) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));

    let a = msm_g1(kernel, &key.a.bases, &key.a.gather(assignment)) + alpha + delta * r;
    let b_values = key.b_g2.gather(assignment);
    let b_g1: G1Projective = msm_g1(kernel, &key.b_g1, &b_values) + beta + delta * s;
    let b: G2Projective = msm_g2(kernel, &key.b_g2.bases, &b_values) + beta_g2 + delta_g2 * s;
    let free = msm_g1(kernel, &key.free, &assignment[circuit.committed_range().end..]);
    let quotient = kernel.msm_g1(&key.quotient, &quotient(circuit, kernel, assignment));
    let c = free + quotient + a * s + b_g1 * r - delta * (r * s) - delta1 * stage.kappa;

    StagedProof { d: stage.d, a: a.into_affine(), b: b.into_affine(), c: c.into_affine() }
}

/// `a·b − c` on the coset; the bases hold the division by Z. On the domain c is taken as a·b,
/// which it is for a true assignment, and which saves the product with the third matrix.
pub fn quotient(circuit: &Circuit, kernel: &impl Kernel, assignment: &[Fr]) -> Vec<Fr> {
    let domain = domain(circuit);
    let rows = |matrix: &Matrix| {
        let mut values: Vec<Fr> = (0..circuit.rows())
            .into_par_iter()
            .map(|row| circuit.evaluate(matrix, row, assignment))
            .collect();
        values.resize(domain.size(), Fr::zero());
        values
    };
    let [left, right, _] = &circuit.matrices;
    let (mut a, mut b) = (rows(left), rows(right));
    a[circuit.rows()..][..circuit.instance()].copy_from_slice(&assignment[..circuit.instance()]);
    let mut c: Vec<Fr> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();
    for values in [&mut a, &mut b, &mut c] {
        kernel.extend_to_coset(&domain, values);
    }
    a.par_iter_mut().zip(b).zip(c).for_each(|((a, b), c)| *a = *a * b - c);
    a
}
