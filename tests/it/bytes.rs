//! Every byte of a file matters.

use std::sync::atomic::{AtomicUsize, Ordering};

use solventry_protocol::verify_signing;
use solventry_types::{Attestation, InclusionFile};
use solventry_verifier::{verify_attestation, verify_inclusion};

use crate::support::{
    evil_shard::signed,
    evil_signing::{complete, pinning},
    fixture::{Fixture, NOW, fixture},
    signing::desk,
    threads::for_each,
};

/// One bit of every byte, and all bits of every byte outside the verifying keys.
#[test]
fn every_byte_of_an_attestation_flipped_is_refused() {
    let (file, anchors) = (fixture().attested.encode(), &fixture().anchors);
    verify_attestation(&file, anchors, NOW).unwrap();
    let keys = keys_range(&file);
    for_each(file.len(), |position| {
        let more = if keys.contains(&position) { 0 } else { 0xff };
        for mask in [1u8 << (position % 8), more].into_iter().filter(|mask| *mask != 0) {
            let mut flipped = file.clone();
            flipped[position] ^= mask;
            let verdict = verify_attestation(&flipped, anchors, NOW);
            assert!(verdict.is_err(), "byte {position} ^ {mask:#x}: ACCEPTED");
        }
    });
    println!("{} bytes flipped, none accepted", file.len());
}

/// The entity itself flips a bit and signs again: the proofs must refuse. Positions in the
/// verifying keys are sampled (their digest is pinned), the entity's key and signature left out
/// (signing writes them).
#[test]
fn flipped_and_signed_again_is_refused() {
    let (file, anchors) = (fixture().attested.encode(), &fixture().anchors);
    let keys = keys_range(&file);
    let outside = (0..file.len() - 96).filter(|position| !keys.contains(position)).step_by(2);
    let positions: Vec<usize> = outside.chain(keys.clone().step_by(101)).collect();
    let parsed = AtomicUsize::new(0);
    for_each(positions.len(), |index| {
        let (position, mut flipped) = (positions[index], file.clone());
        flipped[position] ^= 1 << (index % 8);
        let Ok(attestation) = Attestation::decode(&flipped) else { return };
        parsed.fetch_add(1, Ordering::Relaxed);
        let verdict = verify_attestation(&signed(attestation).encode(), anchors, NOW);
        assert!(verdict.is_err(), "byte {position}, signed again: ACCEPTED");
    });
    let parsed = parsed.into_inner();
    println!("{} bytes flipped and signed again, {parsed} parsed, none accepted", positions.len());
    assert!(parsed >= 300, "only {parsed} files parsed");
}

#[test]
fn every_byte_of_an_inclusion_file_flipped_is_refused() {
    let fixture = fixture();
    let (file, id) = (fixture.inclusion(Fixture::CUSTOMER).encode(), fixture.account_id(Fixture::CUSTOMER));
    let parsed = AtomicUsize::new(0);
    for_each(file.len(), |position| {
        for mask in [1u8 << (position % 8), 0x80, 0xff] {
            let mut flipped = file.clone();
            flipped[position] ^= mask;
            parsed.fetch_add(usize::from(InclusionFile::decode(&flipped).is_ok()), Ordering::Relaxed);
            let verdict = verify_inclusion(&flipped, &fixture.verified, &id);
            assert!(verdict.is_err(), "byte {position} ^ {mask:#x}: ACCEPTED");
        }
    });
    println!("{} bytes flipped three ways, {} parsed, none accepted", file.len(), parsed.into_inner());
}

/// Decided and signed: nothing in the file can change. The policy proof is sampled here; every
/// element of it is altered in the policy crate's own tests.
#[test]
fn every_byte_of_signing_evidence_flipped_is_refused() {
    let evidence = complete();
    let (file, anchors) = (evidence.encode(), pinning(&evidence));
    let verdict = |bytes: &[u8]| {
        verify_signing(bytes, &desk().attestation, &anchors, desk().policy_keys.verifying()).map(drop)
    };
    verdict(&file).unwrap();
    let proof = file.windows(evidence.policy_proof.len()).position(|window| window == evidence.policy_proof);
    let proof = proof.unwrap()..proof.unwrap() + evidence.policy_proof.len();
    let positions: Vec<usize> =
        (0..file.len()).filter(|position| !proof.contains(position) || position % 61 == 0).collect();
    for_each(positions.len(), |index| {
        let (position, mut flipped) = (positions[index], file.clone());
        flipped[position] ^= 1 << (position % 8);
        assert!(verdict(&flipped).is_err(), "byte {position}: ACCEPTED");
    });
    for length in (0..file.len()).step_by(37) {
        assert!(verdict(&file[..length]).is_err(), "{length} bytes: ACCEPTED");
    }
    println!("{} bytes of {} flipped, none accepted", positions.len(), file.len());
}

fn keys_range(file: &[u8]) -> std::ops::Range<usize> {
    let keys = fixture().keys.verifying.encode();
    let start = file.windows(keys.len()).position(|window| window == keys).unwrap();
    start..start + keys.len()
}
