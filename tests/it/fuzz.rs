//! Mutated files: whatever is done to them, nothing panics and nothing is accepted. Seeds are
//! fixed, so a failure can be repeated by its number.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_prover::reserves::ReserveOpening;
use solventry_types::Attestation;
use solventry_verifier::{
    Anchors, VerifyingKeys, anchors::Hex, headroom::HeadroomFile, keys::digest_of, snarkjs,
    verify_attestation, verify_inclusion,
};

use crate::support::{
    evil_shard::signed,
    fixture::{Fixture, NOW, attested_class, fixture},
    headroom::headroom,
    threads::for_each,
};

/// Integers that break careless arithmetic.
const EXTREME: [u32; 8] = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0xffff, 256, 1 << 20];

/// One to three random changes of structure or content.
fn mutate(file: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=rng.next_u32() % 3 {
        let below = |rng: &mut ChaCha20Rng, limit: usize| rng.next_u32() as usize % limit.max(1);
        let (at, other) = (below(rng, bytes.len()), below(rng, bytes.len()));
        let length = below(rng, 96).min(bytes.len() - at.max(other));
        match rng.next_u32() % 8 {
            0 => bytes[at] ^= 1 << (rng.next_u32() % 8),
            1 => bytes[at] = rng.next_u32().to_le_bytes()[0],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..at + length)),
            4 => {
                let copy = bytes[other..other + length].to_vec();
                bytes.splice(at..at, copy); // repeats a piece
            }
            5 => bytes.copy_within(other..other + length, at),
            6 => {
                let value = EXTREME[below(rng, EXTREME.len())].to_be_bytes();
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&value[..end - at]);
            }
            _ => bytes.extend(std::iter::repeat_n(0, length)),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Runs `judge` on `count` mutants of `file` that differ from it; it says whether one was accepted.
fn fuzz(what: &str, count: usize, file: &[u8], judge: impl Fn(&[u8]) -> bool + Sync) {
    let tried = AtomicUsize::new(0);
    for_each(count, |number| {
        let mut rng = ChaCha20Rng::seed_from_u64(number as u64);
        let mutant = mutate(file, &mut rng);
        if mutant != file {
            tried.fetch_add(1, Ordering::Relaxed);
            assert!(!judge(&mutant), "{what}, mutant {number}: ACCEPTED");
        }
    });
    println!("{what}: {} mutants, 0 accepted", tried.into_inner());
}

#[test]
fn attestations() {
    let anchors = &fixture().anchors;
    let verify = |mutant: &[u8]| verify_attestation(mutant, anchors, NOW).is_ok();
    fuzz("attestation, public", 2_500, &fixture().public.encode(), verify);
    fuzz("attestation, attested", 2_500, &fixture().attested.encode(), verify);
}

/// The entity mutates what is signed, the keys aside, and signs.
#[test]
fn attestations_signed_again() {
    let file = fixture().attested.encode();
    let keys = fixture().keys.verifying.encode();
    let at = file.windows(keys.len()).position(|window| window == keys).unwrap();
    let (before, after) = (&file[..at], &file[at + keys.len()..file.len() - 96]);
    let judge = |mutant: Vec<u8>| {
        let Ok(attestation) = Attestation::decode(&mutant) else { return false };
        let again = signed(attestation).encode();
        again != file && verify_attestation(&again, &fixture().anchors, NOW).is_ok()
    };
    let tail = &file[file.len() - 96..];
    fuzz("context, signed again", 1_000, before, |m| judge([m, &keys, after, tail].concat()));
    fuzz("shards and reserves, signed again", 2_000, after, |m| judge([before, &keys, m, tail].concat()));
}

#[test]
fn inclusion_files() {
    let (file, id) =
        (fixture().inclusion(Fixture::CUSTOMER).encode(), fixture().account_id(Fixture::CUSTOMER));
    fuzz("inclusion", 8_000, &file, |mutant| verify_inclusion(mutant, &fixture().verified, &id).is_ok());
}

/// Keys that parse are canonical; no attestation verifies under them, even if pinned.
#[test]
fn verifying_keys() {
    fuzz("verifying keys", 2_500, &fixture().keys.verifying.encode(), |mutant| {
        let Ok(keys) = VerifyingKeys::decode(mutant) else { return false };
        assert_eq!(keys.encode(), mutant, "not canonical");
        let mut anchors = fixture().anchors.clone();
        anchors.verifying_keys.push(Hex(digest_of(mutant).0));
        let mut attestation = fixture().public.clone();
        attestation.verifying_keys = mutant.to_vec();
        verify_attestation(&signed(attestation).encode(), &anchors, NOW).is_ok()
    });
}

/// Files of headroom proofs that parse are canonical; none holds but the honest one.
#[test]
fn headroom_files() {
    let honest = &headroom().honest;
    fuzz("headroom proof", 4_000, &honest.encode(), |mutant| {
        let Ok(file) = HeadroomFile::decode(mutant) else { return false };
        assert_eq!(file.encode(), mutant, "not canonical");
        file.holds_alone().is_ok()
    });
    // White space may change in JSON; what is read must not.
    let json = snarkjs::export(honest);
    let [proof, public, key] =
        [&json.proof, &json.public, &json.verification_key].map(|text| text.as_bytes());
    let accepted = |proof: &[u8], public: &[u8], key: &[u8]| {
        snarkjs::import(proof, public, key).is_ok_and(|file| file != *honest && file.holds_alone().is_ok())
    };
    fuzz("proof.json", 4_000, proof, |mutant| accepted(mutant, public, key));
    fuzz("public.json", 4_000, public, |mutant| accepted(proof, mutant, key));
    fuzz("verification_key.json", 4_000, key, |mutant| accepted(proof, public, mutant));
}

/// An opening that still fits an attestor's signature would let the prover show other reserves.
#[test]
fn reserve_openings() {
    let file = fixture().openings[0].encode();
    let solventry_types::reserves::ReserveClass::Attested { signatures, .. } =
        attested_class(&fixture().openings[0], &fixture().attestors[..1])
    else {
        panic!("an attested class")
    };
    assert!(ReserveOpening::decode(&file).unwrap().verifies(&signatures[0]), "control");
    fuzz("reserve opening", 2_500, &file, |mutant| {
        let Ok(opening) = ReserveOpening::decode(mutant) else { return false };
        assert_eq!(opening.encode(), mutant, "not canonical");
        opening.verifies(&signatures[0])
    });
}

/// Anchors are text that people edit, so mutants may be valid; what they say must have survived
/// validation, and nobody else's attestation passes under another entity key or other keys.
#[test]
fn anchors() {
    let json = fixture().anchors.to_json().unwrap();
    let file = fixture().public.encode();
    fuzz("anchors", 8_000, json.as_bytes(), |mutant| {
        let Ok(anchors) = Anchors::from_json(mutant) else { return false };
        anchors.validate().expect("what parses is valid");
        assert_eq!(Anchors::from_json(anchors.to_json().unwrap().as_bytes()).unwrap(), anchors);
        let same = anchors.entity_key == fixture().anchors.entity_key
            && anchors.verifying_keys.contains(&fixture().anchors.verifying_keys[0]);
        !same && verify_attestation(&file, &anchors, NOW).is_ok()
    });
}
