//! What each proof and opening of an attestation must hold for, rebuilt from the file.
//!
//! The prover checks its own proofs with the same functions before it writes them.

use ark_bn254::{Fr, G1Affine};
use ark_ff::{Field, One, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use solventry_types::{
    EpochContext,
    attestation::{CoverageRecord, ShardRecord},
    reserves::ReserveEvidence,
};

use crate::{
    VerifyingKeys,
    kzg::OpeningClaim,
    staged::StagedClaim,
    transcript::{CoverageInputs, EpochBinding, PoleError, coverage_challenges, shard_challenges},
};

/// Proof and opening of shard `index`: `Σ_b γ^b C_b + γ^B C_T + γ^(B+1) M` opens at ρ to y.
pub fn shard<'a>(
    keys: &'a VerifyingKeys,
    epoch: &EpochBinding,
    index: u32,
    record: &ShardRecord,
) -> Result<(StagedClaim<'a>, OpeningClaim), PoleError> {
    let (statement, linked) = (&record.statement, &record.linked);
    let challenges = shard_challenges(keys, epoch, index, statement, &linked.proof.d)?;
    let inputs = vec![challenges.alpha, challenges.chi, challenges.rho, challenges.gamma, linked.evaluation];
    let commitments: Vec<G1Affine> =
        statement.blocks.iter().map(|block| block.slots).chain([statement.totals, statement.mask]).collect();
    let opening = OpeningClaim {
        weights: powers(challenges.gamma).take(commitments.len()).collect(),
        commitments,
        point: challenges.rho,
        value: linked.evaluation,
        opening: linked.opening,
    };
    Ok((StagedClaim { key: &keys.shard, inputs, proof: linked.proof }, opening))
}

/// What the coverage claims are about, besides the record itself.
pub struct CoverageData<'a> {
    /// Context with the asset table.
    pub context: &'a EpochContext,
    /// Reserve evidence.
    pub evidence: &'a ReserveEvidence,
    /// C_T of every shard.
    pub totals: &'a [G1Affine],
    /// C_L, their sum.
    pub liabilities: G1Affine,
    /// Public reserves per asset of the table.
    pub public: &'a [Fr],
}

/// Coverage proof and opening: `C_L + γ·C_R + γ⁴·M'` opens at ρ to
/// `y − γ·I_R(ρ) − γ²·I_c(ρ) − γ³·I_p(ρ)`, where C_R sums the attested classes and the verifier
/// knows the public reserves I_R, the minimum coverage I_c and the marks I_p of ids past the
/// table.
pub fn coverage<'a>(
    keys: &'a VerifyingKeys,
    epoch: &EpochBinding,
    data: &CoverageData<'_>,
    record: &CoverageRecord,
) -> Result<(StagedClaim<'a>, OpeningClaim), PoleError> {
    let (statement, linked) = (&record.statement, &record.linked);
    let attested: Vec<G1Affine> = data.evidence.attested().collect();
    let absorbed =
        CoverageInputs { totals: data.totals, evidence: data.evidence.digest(), attested: &attested };
    let challenges = coverage_challenges(keys, epoch, &absorbed, statement, &linked.proof.d)?;
    let (rho, gamma) = (challenges.rho, challenges.gamma);
    let inputs = vec![challenges.alpha, rho, gamma, linked.evaluation, statement.headroom_root];

    let known = known_vectors(keys, data, rho);
    let value =
        linked.evaluation - powers(gamma).skip(1).zip(known).map(|(power, at)| power * at).sum::<Fr>();
    let (mut commitments, mut weights) = (vec![data.liabilities], vec![Fr::one()]);
    for commitment in attested {
        commitments.push(commitment);
        weights.push(gamma);
    }
    commitments.push(statement.mask);
    weights.push(gamma.pow([4]));
    let opening = OpeningClaim { commitments, weights, point: rho, value, opening: linked.opening };
    Ok((StagedClaim { key: &keys.coverage, inputs, proof: linked.proof }, opening))
}

/// I_R(ρ), I_c(ρ), I_p(ρ): entries stand at ω^1, ω^2, …, ω^A_max.
fn known_vectors(keys: &VerifyingKeys, data: &CoverageData<'_>, rho: Fr) -> [Fr; 3] {
    let (n, max_assets) = (keys.profile.block_slots, keys.profile.max_assets);
    let Some(domain) = Radix2EvaluationDomain::<Fr>::new(n) else { return [Fr::zero(); 3] };
    let assets = data.context.assets.assets();
    let mut sums = [Fr::zero(); 3];
    for (index, root) in domain.elements().skip(1).take(max_assets).enumerate() {
        // ρ is not on the domain: the transcript refused that.
        let weight = root * (rho - root).inverse().unwrap_or_default();
        let asset = assets.get(index);
        let values = [
            data.public.get(index).copied().unwrap_or_default(),
            asset.map_or(Fr::zero(), |asset| asset.min_coverage_bps.into()),
            Fr::from(asset.is_none()),
        ];
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
    }
    sums.map(|sum| sum * domain.evaluate_vanishing_polynomial(rho) * domain.size_inv())
}

/// 1, base, base², …
fn powers(base: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::one()), move |power| Some(*power * base))
}
