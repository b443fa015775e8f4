//! The one verification equation of Groth16 (eprint 2016/260), with one commitment stage or none:
//! `e(A,B) = e(α,β) · e(IC(x),γ) · e(D,δ1) · e(C,δ)` (`01-solvency` §2; LegoSNARK, eprint 2019/142;
//! Mirage, eprint 2020/278; Hekaton, eprint 2024/1208). A plain proof has neither D nor δ1.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::VariableBaseMSM;
use ark_ff::{One, Zero};

use crate::{
    pairing::{NoRandomness, PairingProduct, weight},
    staged::StagedError,
};

/// What the equation takes of a verifying key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyElements<'a> {
    pub alpha_g1: G1Affine,
    pub beta_g2: G2Affine,
    pub gamma_g2: G2Affine,
    pub delta_g2: G2Affine,
    pub ic: &'a [G1Affine],
}

/// The commitment stage of one proof; D never comes without the δ1 of its key.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    pub d: G1Affine,
    pub delta1_g2: G2Affine,
}

/// One proof and the public inputs that it must hold for (without the constant).
pub(crate) struct Claim<'a> {
    pub key: KeyElements<'a>,
    pub inputs: &'a [Fr],
    /// Absent in a plain proof.
    pub stage: Option<Stage>,
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

impl Claim<'_> {
    fn delta1_g2(&self) -> Option<G2Affine> {
        self.stage.map(|stage| stage.delta1_g2)
    }
}

/// Verifies all proofs in one product of pairings, with 128-bit weights from the operating
/// system; if it fails, finds the first proof that fails alone.
pub(crate) fn verify(claims: &[Claim<'_>]) -> Result<(), StagedError> {
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

fn holds<'a>(claims: impl Iterator<Item = &'a Claim<'a>>) -> Result<bool, NoRandomness> {
    let mut product = PairingProduct::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for claim in claims {
        let weight = weight()?;
        product.add(G1Projective::from(claim.a) * weight, claim.b);
        let same = |group: &&mut Group<'_>| group.key == claim.key && group.delta1_g2 == claim.delta1_g2();
        let group = match groups.iter_mut().find(same) {
            Some(group) => group,
            None => {
                groups.push(Group::new(claim));
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
    key: KeyElements<'a>,
    delta1_g2: Option<G2Affine>,
    inputs: Vec<Fr>,
    weights: Vec<Fr>,
    d: Vec<G1Affine>,
    c: Vec<G1Affine>,
}

impl<'a> Group<'a> {
    fn new(claim: &Claim<'a>) -> Self {
        let (key, delta1_g2) = (claim.key, claim.delta1_g2());
        let inputs = vec![Fr::zero(); key.ic.len()];
        Self { key, delta1_g2, inputs, weights: vec![], d: vec![], c: vec![] }
    }

    fn add(&mut self, claim: &Claim<'_>, weight: Fr) {
        let inputs = std::iter::once(Fr::one()).chain(claim.inputs.iter().copied());
        self.inputs.iter_mut().zip(inputs).for_each(|(sum, input)| *sum += input * weight);
        self.weights.push(weight);
        self.d.extend(claim.stage.map(|stage| stage.d));
        self.c.push(claim.c);
    }

    fn finish(self, product: &mut PairingProduct) {
        let total: Fr = self.weights.iter().sum();
        product.add(-(G1Projective::from(self.key.alpha_g1) * total), self.key.beta_g2);
        product.add(-G1Projective::msm_unchecked(self.key.ic, &self.inputs), self.key.gamma_g2);
        if let Some(delta1_g2) = self.delta1_g2 {
            product.add(-G1Projective::msm_unchecked(&self.d, &self.weights), delta1_g2);
        }
        product.add(-G1Projective::msm_unchecked(&self.c, &self.weights), self.key.delta_g2);
    }
}
