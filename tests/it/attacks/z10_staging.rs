//! Z10: wires solved for after the challenges. Every attack here satisfies **every row**: only D,
//! which fixes the committed wires (J1) before the challenges, stands in the way. (Mirage, eprint
//! 2020/278; LegoSNARK, eprint 2019/142; gnark CVE-2024-45039.)

use std::cell::Cell;

use ark_bn254::{Fr, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{Field, One, Zero};
use solventry_prover::kernel::{Arkworks, Kernel};
use solventry_types::{challenge::ShardChallenges, proof::StagedProof};

use super::z06_ranges::swallow_amount;
use crate::support::{
    evil_shard::{EvilShard, HONEST, Tweak},
    fixture::fixture,
    outcome::{Outcome, attacks, refused, shard_proof_alone_refused},
};

attacks![
    multiplicity_solved_after_alpha,
    id_limbs_solved_after_alpha,
    block_blinding_solved_after_rho,
    mask_solved_after_gamma,
    totals_and_their_blinding_solved,
    multiplicity_compensated_in_c,
    commitment_opened_without_blinding
];

/// Index in the assignment of a committed wire.
fn wire(index: usize) -> usize {
    fixture().keys.shard_circuit.circuit.instance() + index
}

/// All rows hold after `solve`, and the shard is refused for its proof alone.
fn refused_although_satisfied(evil: &EvilShard, solve: Tweak<'_>) -> Outcome {
    let (record, assignment) = evil.record(solve);
    satisfied(&assignment)?;
    shard_proof_alone_refused(evil.index as usize, record)
}

fn satisfied(assignment: &[Fr]) -> Outcome {
    let circuit = &fixture().keys.shard_circuit.circuit;
    circuit.check(assignment).map_err(|row| format!("the attack is not consistent: {row}"))
}

/// Recomputes all free wires and y from the (changed) committed wires.
fn follow(values: &mut [Fr], challenges: &ShardChallenges) {
    let circuit = &fixture().keys.shard_circuit;
    let committed = values[circuit.circuit.committed_range()].to_vec();
    values.copy_from_slice(&circuit.assignment(&committed, challenges).unwrap());
}

/// A shard whose first holding is not in the totals although its slot is committed unchanged.
pub fn holding_hidden() -> EvilShard {
    let mut evil = EvilShard::honest(0);
    swallow_amount(&mut evil);
    evil.vectors_from_wires();
    evil.commit();
    evil
}

/// m_0 after α: takes up whatever the limbs out of range leave over.
pub fn solve_multiplicity(values: &mut [Fr], challenges: &ShardChallenges) {
    let circuit = &fixture().keys.shard_circuit;
    let inverses = circuit.circuit.committed_range().end..;
    let (limbs, table) = (circuit.layout().limbs.len(), 256);
    let sums = &values[inverses][..limbs + table];
    let missing: Fr = sums[..limbs].iter().sum::<Fr>() - sums[limbs..].iter().sum::<Fr>();
    values[wire(EvilShard::multiplicity(0))] += missing * challenges.alpha;
    follow(values, challenges);
}

/// Source: eprint 2022/1530 with uncommitted multiplicities: the range check means nothing.
fn multiplicity_solved_after_alpha() -> Outcome {
    refused_although_satisfied(&holding_hidden(), &solve_multiplicity)
}

/// Source: 01-solvency §3: "with a free wire for an id, two limbs solved after α absorb a whole
/// slot": l8 + 256·l9 is what keeps the slot, 1/(α − l8) + 1/(α − l9) what the table expects.
fn id_limbs_solved_after_alpha() -> Outcome {
    let mut evil = holding_hidden();
    let holding =
        (0..).find(|holding| evil.committed[EvilShard::limb(*holding, 8)] > Fr::from(1u64 << 32)).unwrap();
    let id = evil.holding(holding).1;
    // The multiplicities count the two limbs as 0 and 1.
    evil.committed[EvilShard::multiplicity(1)] += Fr::one();
    let low = wire(EvilShard::limb(holding, 8));
    let solved = Cell::new(false);
    let solve = |values: &mut [Fr], challenges: &ShardChallenges| {
        let alpha = challenges.alpha;
        let sum = alpha.inverse().unwrap() + (alpha - Fr::one()).inverse().unwrap();
        let rest = alpha * Fr::from(257u64) - id; // u + 256·v for u = α − l8, v = α − l9
        let (a, b) = (Fr::from(256u64) * sum, -(Fr::from(255u64) + sum * rest));
        let root = (b.square() - Fr::from(4u64) * a * rest).sqrt();
        solved.set(root.is_some());
        let v = (root.unwrap_or_default() - b) * (a + a).inverse().unwrap();
        values[low + 1] = alpha - v;
        values[low] = id - Fr::from(256u64) * values[low + 1];
        follow(values, challenges);
    };
    for _ in 0..64 {
        let (record, assignment) = evil.record(&solve);
        if solved.get() {
            satisfied(&assignment)?;
            return shard_proof_alone_refused(0, record);
        }
    }
    Err("no challenge had a root".into())
}

/// C_0 holds one unit more than the wires.
fn other_block_committed() -> EvilShard {
    let mut evil = EvilShard::honest(0);
    evil.vectors[0].0[0] += Fr::one();
    evil.commit();
    evil
}

/// The evaluation at ρ of what [`other_block_committed`] added, and ρ^n − 1.
fn difference(rho: Fr) -> (Fr, Fr) {
    let vanishing = rho.pow([256]) - Fr::one();
    (vanishing * (Fr::from(256u64) * (rho - Fr::one())).inverse().unwrap(), vanishing)
}

/// Source: Z10: r_b makes up for any difference between wires and C_b.
fn block_blinding_solved_after_rho() -> Outcome {
    let first = fixture().keys.shard_circuit.layout().block_blinding.range().start;
    refused_although_satisfied(&other_block_committed(), &|values, challenges| {
        let (basis, vanishing) = difference(challenges.rho);
        values[first] += basis * vanishing.inverse().unwrap();
        follow(values, challenges);
    })
}

/// Source: Z10: so does m_0.
fn mask_solved_after_gamma() -> Outcome {
    let mask = fixture().keys.shard_circuit.layout().mask.range().start;
    refused_although_satisfied(&other_block_committed(), &|values, challenges| {
        let (basis, _) = difference(challenges.rho);
        values[mask] += basis * challenges.gamma.pow([4]).inverse().unwrap();
        follow(values, challenges);
    })
}

/// Source: Z10: C_T commits to zeros; after χ one total is an arbitrary field element, after ρ its
/// blinding makes up for it.
fn totals_and_their_blinding_solved() -> Outcome {
    let mut evil = EvilShard::honest(0);
    let true_totals = evil.vectors[3].0.clone();
    evil.vectors[3].0.fill(Fr::zero());
    evil.commit();
    let blinding = fixture().keys.shard_circuit.layout().totals_blinding.0 as usize;
    refused_although_satisfied(&evil, &|values, challenges| {
        let (_, vanishing) = difference(challenges.rho);
        let polynomial = solventry_prover::kzg::blinded_polynomial(&true_totals, Fr::zero());
        let at_rho = polynomial.iter().rev().fold(Fr::zero(), |sum, c| sum * challenges.rho + c);
        values[blinding] -= at_rho * vanishing.inverse().unwrap();
        follow(values, challenges);
    })
}

/// Adds `Σ (w'_j − w_j)·[K_j/δ1]_1` to C: what would do if δ1 were δ.
pub fn compensate(
    committed: &[Fr],
    assignment: &[Fr],
    mut proof: StagedProof,
    key: &solventry_prover::setup::StagedProvingKey,
) -> StagedProof {
    let changed = &assignment[fixture().keys.shard_circuit.circuit.committed_range()];
    let difference: Vec<Fr> = changed.iter().zip(committed).map(|(new, old)| *new - old).collect();
    proof.c = (G1Projective::from(proof.c) + Arkworks.msm_g1(&key.committed, &difference)).into_affine();
    proof
}

/// Source: 01-solvency §2: "with δ1 = δ the committed wires can be changed after the challenge".
/// Here δ1 ≠ δ; z15 has the other case.
fn multiplicity_compensated_in_c() -> Outcome {
    let (evil, key) = (holding_hidden(), &fixture().keys.shard);
    let last = |assignment: &[Fr], proof| compensate(&evil.committed, assignment, proof, key);
    let (record, assignment) = evil.prove_with(key, &fixture().epoch(), &solve_multiplicity, &last);
    satisfied(&assignment)?;
    shard_proof_alone_refused(0, record)
}

/// Source: gnark CVE-2024-45040 (unblinded commitment): D without κ is D of the same wires, but
/// C no longer matches it.
fn commitment_opened_without_blinding() -> Outcome {
    let (evil, key) = (EvilShard::honest(0), &fixture().keys.shard);
    let mut record = evil.prove(&fixture().epoch(), HONEST);
    record.linked.proof.d = Arkworks.msm_g1(&key.committed, &evil.committed).into_affine();
    refused(&crate::support::evil_shard::with_shard(0, record), 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}
