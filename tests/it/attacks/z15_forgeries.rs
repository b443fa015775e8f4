//! Z15: the forgeries that degenerate keys allow, carried out. The raw equation accepts them;
//! only the key lint refuses.

use ark_bn254::{Fr, G1Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::{UniformRand, Zero};
use rand_core::OsRng;
use solventry_prover::setup::{ToxicWaste, keys as keys_from};
use solventry_types::{
    attestation::ShardRecord,
    proof::{LinkedProof, StagedProof},
};
use solventry_verifier::{
    VerifyingKeys,
    anchors::Hex,
    attestation::claims,
    kzg::verify_openings,
    staged::{StagedError, verify_batch},
    transcript::EpochBinding,
};

use super::z10_staging::{compensate, holding_hidden, solve_multiplicity};
use crate::support::{
    evil_shard::{EvilShard, joined, reference, signed},
    fixture::fixture,
    outcome::{Outcome, attacks, names, refused_under},
};

attacks![committed_wires_changed_after_the_challenge, any_statement_when_gamma_is_delta];

/// The record passes proof and opening under `keys`, but `keys` are refused wherever they come in.
fn accepted_but_for_the_lint(
    keys: &VerifyingKeys,
    epoch: &EpochBinding,
    record: ShardRecord,
    pair: &str,
) -> Outcome {
    let (proof, opening) = claims::shard(keys, epoch, 0, &record).map_err(|pole| pole.to_string())?;
    let raw: Result<(), StagedError> = verify_batch(&[proof]);
    raw.map_err(|error| format!("the forgery does not even pass the raw equation: {error}"))?;
    verify_openings(&keys.kzg, &[opening]).map_err(|error| format!("opening: {error}"))?;

    let variant = format!("Lint(Degenerate {{ circuit: \"shard\", pair: \"{pair}\" }})");
    match VerifyingKeys::decode(&keys.encode()) {
        Ok(_) => return Err("ACCEPTED: the key decodes".into()),
        Err(error) => names(&error, &variant, "lets anyone forge")?,
    }
    let mut attestation = fixture().public.clone();
    attestation.verifying_keys = keys.encode();
    attestation.shards[0] = record;
    let mut anchors = fixture().anchors.clone();
    anchors.verifying_keys = vec![Hex(keys.digest().0)];
    refused_under(&anchors, &signed(attestation), 3, &format!("Keys({variant})"), "lets anyone forge")
}

fn epoch_under(keys: &VerifyingKeys) -> EpochBinding {
    EpochBinding { keys: keys.digest(), ..fixture().epoch() }
}

/// Source: 01-solvency §2; Hekaton, eprint 2024/1208. With δ1 = δ the difference of the committed
/// wires goes into C, so a multiplicity is chosen after α and a customer's holding is in the
/// blocks but not in the totals.
fn committed_wires_changed_after_the_challenge() -> Outcome {
    let circuit = &fixture().keys.shard_circuit.circuit;
    let mut toxic = ToxicWaste::random();
    toxic.delta1 = toxic.delta;
    let (proving, verifying) = keys_from(circuit, &toxic);
    let keys = VerifyingKeys { shard: verifying, ..fixture().keys.verifying.clone() };
    let (epoch, evil) = (epoch_under(&keys), holding_hidden());
    if evil.statement.totals == fixture().public.shards[0].statement.totals {
        return Err("the totals are still true".into());
    }
    let last = |assignment: &[Fr], proof| compensate(&evil.committed, assignment, proof, &proving);
    let (record, _) = evil.prove_with(&proving, &epoch, &solve_multiplicity, &last);
    accepted_but_for_the_lint(&keys, &epoch, record, "δ = δ1")
}

/// Source: Veil Cash (2.9 ETH) and FoomCash (2.26 M USD), 2026: γ = δ. A = α, B = β, and C takes
/// up −IC(x); D = κ·[δ]_1 is fixed before the challenges and cancelled by −κ·[δ1]_1. No witness
/// at all; here the totals commit to zero.
fn any_statement_when_gamma_is_delta() -> Outcome {
    let mut keys = fixture().keys.verifying.clone();
    keys.shard.gamma_g2 = keys.shard.delta_g2;
    let epoch = epoch_under(&keys);
    let mut evil = EvilShard::honest(0);
    evil.vectors.last_mut().unwrap().0.fill(Fr::zero());
    evil.commit();

    let ([_, _, delta, delta1], kappa) = (fixture().keys.shard.elements_g1, Fr::rand(&mut OsRng));
    let d = (G1Projective::from(delta) * kappa).into_affine();
    let statement = &evil.statement;
    let challenges =
        solventry_verifier::transcript::shard_challenges(&keys, &epoch, 0, statement, &d).unwrap();
    let polynomial = joined(&evil.vectors, evil.mask, challenges.gamma);
    let evaluation = polynomial.iter().rev().fold(Fr::zero(), |sum, c| sum * challenges.rho + c);
    let opening = reference().open(&solventry_prover::kernel::Arkworks, &polynomial, challenges.rho);
    let inputs =
        [Fr::from(1u64), challenges.alpha, challenges.chi, challenges.rho, challenges.gamma, evaluation];
    let c = -G1Projective::msm_unchecked(&keys.shard.ic, &inputs) - G1Projective::from(delta1) * kappa;
    let proof = StagedProof { d, a: keys.shard.alpha_g1, b: keys.shard.beta_g2, c: c.into_affine() };
    let record =
        ShardRecord { statement: statement.clone(), linked: LinkedProof { proof, evaluation, opening } };
    accepted_but_for_the_lint(&keys, &epoch, record, "γ = δ")
}
