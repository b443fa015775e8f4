//! Z13: other bytes for the same statement.
//!
//! A Groth16 proof can be re-randomised by anyone: (s·A, B/s) or (A, B + r·δ, C + r·A). Such a
//! proof **verifies**, as it must (Baghery et al., "Another look at extraction and randomization
//! of Groth's zk-SNARK", eprint 2020/811). So nothing may be told apart, paid or counted by proof
//! bytes or file digest: use the statement (`liabilities_digest`, context digest). In an
//! attestation the entity's signature covers the proof, so only the entity can do it.

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{Field, UniformRand};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use solventry_types::{
    Attestation,
    proof::StagedProof,
    statement::{ShardStatement, liabilities_digest},
};
use solventry_verifier::{staged::verify_batch, verify_attestation};

use crate::support::{
    evil_shard::{signed, with_shard},
    fixture::{NOW, fixture},
    outcome::{Outcome, attacks, claims_of, refused},
};

attacks![
    rerandomised_proof_without_the_signature,
    a_scaled_alone,
    a_and_c_negated,
    d_rerandomised,
    d_and_c_rerandomised,
    opening_shifted,
    entity_signature_plus_the_group_order,
    entity_signature_under_a_small_order_key,
];

fn rerandomised(proof: StagedProof, rng: &mut ChaCha20Rng) -> StagedProof {
    let (s, r) = (Fr::rand(rng), Fr::rand(rng));
    let delta = fixture().keys.verifying.shard.delta_g2;
    let a = G1Projective::from(proof.a) * s;
    let b = G2Projective::from(proof.b) * s.inverse().unwrap() + G2Projective::from(delta) * r;
    StagedProof {
        d: proof.d,
        a: a.into_affine(),
        b: b.into_affine(),
        c: (G1Projective::from(proof.c) + a * r).into_affine(),
    }
}

/// Not an attack but a fact to build on: 1 000 other proofs of one statement, all valid, one
/// liabilities digest; signed again by the entity the attestation is valid too.
#[test]
fn rerandomised_proofs_verify_and_are_one_statement() {
    let mut rng = ChaCha20Rng::from_seed([13; 32]);
    let (claim, _) = claims_of(0, &fixture().public.shards[0]);
    let mut claims = vec![claim; 1_000];
    claims.iter_mut().for_each(|claim| claim.proof = rerandomised(claim.proof, &mut rng));
    assert_eq!(verify_batch(&claims), Ok(()));

    let mut record = fixture().public.shards[0].clone();
    record.linked.proof = claims[0].proof;
    let again = with_shard(0, record);
    verify_attestation(&again.encode(), &fixture().anchors, NOW).unwrap();
    assert_ne!(again.digest(), fixture().public.digest());
    let statements = |attestation: &Attestation| -> Vec<ShardStatement> {
        attestation.shards.iter().map(|record| record.statement.clone()).collect()
    };
    let digest = |attestation| liabilities_digest(fixture().context.digest(), &statements(attestation));
    assert_eq!(digest(&again), digest(&fixture().public));
}

/// Source: eprint 2020/811, by somebody who is not the entity.
fn rerandomised_proof_without_the_signature() -> Outcome {
    let mut attestation = fixture().public.clone();
    let mut rng = ChaCha20Rng::from_seed([14; 32]);
    let proof = &mut attestation.shards[0].linked.proof;
    *proof = rerandomised(*proof, &mut rng);
    refused(&attestation, 2, "Signature", "altered after signing")
}

fn proof_refused(change: impl FnOnce(&mut StagedProof)) -> Outcome {
    let mut record = fixture().public.shards[1].clone();
    change(&mut record.linked.proof);
    refused(&with_shard(1, record), 9, "ShardProof { shard: 1 }", "(C-SHARD)")
}

/// Source: eprint 2020/811, half of it.
fn a_scaled_alone() -> Outcome {
    proof_refused(|proof| proof.a = (G1Projective::from(proof.a) * Fr::from(2u64)).into_affine())
}

/// Source: sign malleability.
fn a_and_c_negated() -> Outcome {
    proof_refused(|proof| (proof.a, proof.c) = (-proof.a, -proof.c))
}

/// Source: 01-solvency §2: D + κ·δ is a commitment to the same wires, but the challenges change.
fn d_rerandomised() -> Outcome {
    let delta = fixture().keys.shard.elements_g1[2];
    proof_refused(|proof| proof.d = (G1Projective::from(proof.d) + delta).into_affine())
}

/// Source: the same with C made to match: the raw equation holds for the old challenges.
fn d_and_c_rerandomised() -> Outcome {
    let [_, _, delta, delta1] = fixture().keys.shard.elements_g1;
    let change = |proof: &mut StagedProof| {
        proof.d = (G1Projective::from(proof.d) + delta).into_affine();
        proof.c = (G1Projective::from(proof.c) - delta1).into_affine();
    };
    let (mut claim, _) = claims_of(1, &fixture().public.shards[1]);
    change(&mut claim.proof);
    verify_batch(&[claim]).map_err(|_| "the raw equation was meant to hold")?;
    proof_refused(change)
}

/// Source: KZG openings are unique.
fn opening_shifted() -> Outcome {
    let mut record = fixture().public.shards[1].clone();
    let generator = fixture().keys.reference.powers[0];
    record.linked.opening = (G1Projective::from(record.linked.opening) + generator).into_affine();
    refused(&with_shard(1, record), 10, "ShardOpening { shard: 1 }", "(C-SHARD-3)")
}

/// Source: RFC 8032 §5.1.7; Chalkias et al., eprint 2020/1244: S must be below the group order.
fn entity_signature_plus_the_group_order() -> Outcome {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut attestation = fixture().public.clone();
    let mut carry = 0u16;
    for (byte, order) in attestation.signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    refused(&attestation, 2, "Signature", "altered after signing")
}

/// Source: eprint 2020/1244: under the identity as key, (R, S) = (identity, 0) signs everything.
fn entity_signature_under_a_small_order_key() -> Outcome {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut attestation = signed(fixture().public.clone());
    attestation.entity_key = identity;
    attestation.signature = [0; 64];
    attestation.signature[..32].copy_from_slice(&identity);
    let mut anchors = fixture().anchors.clone();
    anchors.entity_key.0 = identity;
    crate::support::outcome::refused_under(&anchors, &attestation, 2, "Signature", "does not verify")
}
