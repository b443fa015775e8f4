//! The verification equation of Groth16 with one commitment stage:
//! `e(A,B) = e(α,β) · e(IC(x),γ) · e(D,δ1) · e(C,δ)` (`01-solvency` §2; LegoSNARK, eprint
//! 2019/142; Mirage, eprint 2020/278; Hekaton, eprint 2024/1208).

use ark_bn254::{Fr, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::{One, Zero};
use solventry_types::proof::StagedProof;

use crate::{
    keys::StagedVerifyingKey,
    pairing::{NoRandomness, PairingProduct, weight},
};

/// One proof with the public inputs that it must hold for (without the constant).
#[derive(Debug, Clone)]
pub struct StagedClaim<'a> {
    /// Key of the circuit.
    pub key: &'a StagedVerifyingKey,
    /// Public inputs, exactly as many as the key has, rebuilt by the verifier.
    pub inputs: Vec<Fr>,
    /// The proof.
    pub proof: StagedProof,
}

/// A batch that does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StagedError {
    /// Nothing to verify is not success.
    #[error("an empty batch proves nothing")]
    Empty,
    /// Too few or too many public inputs.
    #[error("proof {index}: expected {expected} public inputs, got {got}")]
    InputCount {
        /// Place in the batch.
        index: usize,
        /// Inputs of the key.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// This proof does not satisfy the equation.
    #[error("proof {index} does not satisfy its circuit")]
    Invalid {
        /// Place in the batch.
        index: usize,
    },
    /// No batch weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Verifies all proofs in one product of pairings, with 128-bit weights from the operating
/// system; if it fails, finds the first proof that fails alone.
pub fn verify_batch(claims: &[StagedClaim<'_>]) -> Result<(), StagedError> {
    if claims.is_empty() {
        return Err(StagedError::Empty);
    }
    for (index, claim) in claims.iter().enumerate() {
        let (expected, got) = (claim.key.ic.len().saturating_sub(1), claim.inputs.len());
        if expected != got {
            return Err(StagedError::InputCount { index, expected, got });
        }
    }
    if holds(claims.iter())? {
        return Ok(());
    }
    for (index, claim) in claims.iter().enumerate() {
        if !holds(std::iter::once(claim))? {
            return Err(StagedError::Invalid { index });
        }
    }
    // Every proof verifies alone: the weighted product failed by a computing error only.
    Err(StagedError::Invalid { index: 0 })
}

fn holds<'a>(claims: impl Iterator<Item = &'a StagedClaim<'a>> + Clone) -> Result<bool, StagedError> {
    let mut product = PairingProduct::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for claim in claims {
        let weight = weight()?;
        product.add(G1Projective::from(claim.proof.a) * weight, claim.proof.b);
        let group = match groups.iter_mut().find(|group| std::ptr::eq(group.key, claim.key)) {
            Some(group) => group,
            None => {
                groups.push(Group::new(claim.key));
                let Some(group) = groups.last_mut() else { continue };
                group
            }
        };
        group.add(claim, weight);
    }
    groups.into_iter().for_each(|group| group.finish(&mut product));
    Ok(product.is_one())
}

/// Proofs under one key share the pairings with α·β, γ, δ1 and δ.
struct Group<'a> {
    key: &'a StagedVerifyingKey,
    inputs: Vec<Fr>,
    weights: Vec<Fr>,
    d: Vec<ark_bn254::G1Affine>,
    c: Vec<ark_bn254::G1Affine>,
}

impl<'a> Group<'a> {
    fn new(key: &'a StagedVerifyingKey) -> Self {
        Self { key, inputs: vec![Fr::zero(); key.ic.len()], weights: vec![], d: vec![], c: vec![] }
    }

    fn add(&mut self, claim: &StagedClaim<'_>, weight: Fr) {
        let inputs = std::iter::once(Fr::one()).chain(claim.inputs.iter().copied());
        self.inputs.iter_mut().zip(inputs).for_each(|(sum, input)| *sum += input * weight);
        self.weights.push(weight);
        self.d.push(claim.proof.d);
        self.c.push(claim.proof.c);
    }

    fn finish(self, product: &mut PairingProduct) {
        let total: Fr = self.weights.iter().sum();
        product.add(-(G1Projective::from(self.key.alpha_g1) * total), self.key.beta_g2);
        product.add(-G1Projective::msm_unchecked(&self.key.ic, &self.inputs), self.key.gamma_g2);
        product.add(-G1Projective::msm_unchecked(&self.d, &self.weights), self.key.delta1_g2);
        product.add(-G1Projective::msm_unchecked(&self.c, &self.weights), self.key.delta_g2);
    }
}
