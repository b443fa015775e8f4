//! Z18, batches: pairs of errors made to cancel, one bad member among many.

use ark_bn254::{Fr, G1Affine};
use ark_ec::CurveGroup;
use ark_ff::UniformRand;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use solventry_verifier::{
    kzg::{KzgError, OpeningClaim, verify_openings},
    staged::{StagedClaim, StagedError, verify_batch},
};

use crate::support::{
    fixture::fixture,
    outcome::{Outcome, attacks, claims_of, refused},
};

attacks![
    proofs_whose_errors_cancel,
    proofs_whose_inputs_cancel,
    openings_whose_errors_cancel,
    openings_whose_values_cancel,
    one_bad_proof_among_64,
    one_bad_opening_among_64,
    errors_of_two_shards_cancel_in_an_attestation,
];

/// How often each cancelling pair is tried.
const TRIES: u64 = 200;

fn claims() -> Vec<(StagedClaim<'static>, OpeningClaim)> {
    (0..3).map(|index| claims_of(index, &fixture().public.shards[index])).collect()
}

fn error_of(seed: u64) -> (Fr, G1Affine) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (Fr::rand(&mut rng), G1Affine::rand(&mut rng))
}

fn many(attempt: impl Fn(u64) -> Outcome) -> Outcome {
    (0..TRIES).try_for_each(attempt)
}

/// Source: Z18; Ferrara et al. 2009 (batch verification, small exponents test): C + X and C − X
/// cancel if the weights are equal.
fn proofs_whose_errors_cancel() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(proof, _)| proof).collect();
    many(|seed| {
        let (mut claims, (_, error)) = (honest.clone(), error_of(seed));
        claims[0].proof.c = (claims[0].proof.c + error).into_affine();
        claims[2].proof.c = (claims[2].proof.c - error).into_affine();
        expect_proof(verify_batch(&claims), 0)
    })
}

/// Source: the same through the public inputs.
fn proofs_whose_inputs_cancel() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(proof, _)| proof).collect();
    many(|seed| {
        let (mut claims, (error, _)) = (honest.clone(), error_of(seed));
        claims[1].inputs[4] += error;
        claims[2].inputs[4] -= error;
        expect_proof(verify_batch(&claims), 1)
    })
}

/// Source: the same for KZG.
fn openings_whose_errors_cancel() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(_, opening)| opening).collect();
    many(|seed| {
        let (mut claims, (_, error)) = (honest.clone(), error_of(seed));
        claims[0].opening = (claims[0].opening + error).into_affine();
        claims[1].opening = (claims[1].opening - error).into_affine();
        expect_opening(verify_openings(&fixture().keys.verifying.kzg, &claims), 0)
    })
}

/// Source: the same for KZG, in the values.
fn openings_whose_values_cancel() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(_, opening)| opening).collect();
    many(|seed| {
        let (mut claims, (error, _)) = (honest.clone(), error_of(seed));
        claims[1].value += error;
        claims[2].value -= error;
        expect_opening(verify_openings(&fixture().keys.verifying.kzg, &claims), 1)
    })
}

fn expect_proof(verdict: Result<(), StagedError>, index: usize) -> Outcome {
    let expected = Err(StagedError::Invalid { index });
    if verdict == expected { Ok(()) } else { Err(format!("expected {expected:?}, got {verdict:?}")) }
}

fn expect_opening(verdict: Result<(), KzgError>, index: usize) -> Outcome {
    let expected = Err(KzgError::Invalid { index });
    if verdict == expected { Ok(()) } else { Err(format!("expected {expected:?}, got {verdict:?}")) }
}

/// Source: Z18: the culprit is named, wherever it stands.
fn one_bad_proof_among_64() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(proof, _)| proof).cycle().take(64).collect();
    verify_batch(&honest).map_err(|error| error.to_string())?;
    [0, 1, 31, 63].into_iter().try_for_each(|bad| {
        let mut claims = honest.clone();
        claims[bad].proof.c = error_of(bad as u64).1;
        expect_proof(verify_batch(&claims), bad)
    })
}

/// Source: the same for KZG.
fn one_bad_opening_among_64() -> Outcome {
    let honest: Vec<_> = claims().into_iter().map(|(_, opening)| opening).cycle().take(64).collect();
    let kzg = &fixture().keys.verifying.kzg;
    verify_openings(kzg, &honest).map_err(|error| error.to_string())?;
    [0, 1, 31, 63].into_iter().try_for_each(|bad| {
        let mut claims = honest.clone();
        claims[bad].value += Fr::from(1u64);
        expect_opening(verify_openings(kzg, &claims), bad)
    })
}

/// Source: Z18, through the whole file.
fn errors_of_two_shards_cancel_in_an_attestation() -> Outcome {
    (0..20).try_for_each(|seed| {
        let (mut attestation, (_, error)) = (fixture().public.clone(), error_of(seed));
        let [first, _, third] = attestation.shards.as_mut_slice() else { unreachable!("three shards") };
        first.linked.proof.c = (first.linked.proof.c + error).into_affine();
        third.linked.proof.c = (third.linked.proof.c - error).into_affine();
        let attestation = crate::support::evil_shard::signed(attestation);
        refused(&attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
    })
}
