//! F2: the proof's bytes and points.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use rand_core::OsRng;
use solventry_prover::headroom::prove_headroom;
use solventry_types::HeadroomProof;
use solventry_verifier::{
    headroom::{HeadroomFile, verify_headroom_batch},
    verify_headroom,
};

use crate::support::{
    headroom::{asset, does_not_hold, headroom, units},
    outcome::{Outcome, attacks, names},
};

attacks![
    proofs_swapped,
    one_bad_proof_in_a_batch,
    errors_of_two_proofs_cancel,
    empty_batch,
    infinity_points,
    points_negated_or_exchanged,
    rerandomised_proof_is_of_the_same_statement,
    truncated_or_longer_bytes,
    other_encodings_of_a_point,
    file_of_another_kind,
];

/// Source: two payments, each with the other's proof.
fn proofs_swapped() -> Outcome {
    let headroom = headroom();
    let (first, second) = (&headroom.honest, other()?);
    does_not_hold(&first.statement, &second.proof)?;
    does_not_hold(&second.statement, &first.proof)?;
    let swapped = [(first.statement, second.proof), (second.statement, first.proof)];
    batch_refused(&swapped, "Invalid { index: 0 }")
}

/// Source: Z18: a batch names its first bad proof.
fn one_bad_proof_in_a_batch() -> Outcome {
    let (first, second) = (&headroom().honest, other()?);
    let good = [(first.statement, first.proof), (second.statement, second.proof)];
    let verified = verify_headroom_batch(&headroom().keys.verifying, &headroom().attested, &good);
    let verified = verified.map_err(|error| format!("honest: {error}"))?;
    if verified.iter().map(|v| *v.statement()).ne(good.map(|(statement, _)| statement)) {
        return Err("the evidence is of other statements".into());
    }
    batch_refused(&[good[0], (second.statement, first.proof), good[1]], "Invalid { index: 1 }")
}

/// Source: Z18: +X in one C and −X in another under one key.
fn errors_of_two_proofs_cancel() -> Outcome {
    let (first, second) = (&headroom().honest, other()?);
    let error = G1Affine::generator();
    let plus = HeadroomProof { c: (first.proof.c + error).into_affine(), ..first.proof };
    let minus = HeadroomProof { c: (second.proof.c - error).into_affine(), ..second.proof };
    batch_refused(&[(first.statement, plus), (second.statement, minus)], "Invalid { index: 0 }")
}

/// Source: Z18.
fn empty_batch() -> Outcome {
    batch_refused(&[], "Empty")
}

/// Source: Z13: an identity removes a pairing.
fn infinity_points() -> Outcome {
    let honest = headroom().honest.proof;
    let (g1, g2) = (G1Affine::identity(), G2Affine::identity());
    let proofs = [
        HeadroomProof { a: g1, ..honest },
        HeadroomProof { b: g2, ..honest },
        HeadroomProof { c: g1, ..honest },
        HeadroomProof { a: g1, b: g2, c: g1 },
    ];
    proofs.into_iter().try_for_each(|proof| {
        does_not_hold(&headroom().honest.statement, &proof)?;
        bytes_refused(&proof.encode(), "Invalid {", "the point is the identity")
    })
}

/// Source: Z13.
fn points_negated_or_exchanged() -> Outcome {
    let honest = headroom().honest.proof;
    let proofs = [
        HeadroomProof { a: -honest.a, ..honest },
        HeadroomProof { b: -honest.b, ..honest },
        HeadroomProof { c: -honest.c, ..honest },
        HeadroomProof { a: honest.c, c: honest.a, ..honest },
    ];
    proofs.into_iter().try_for_each(|proof| does_not_hold(&headroom().honest.statement, &proof))
}

/// Source: Z13: Groth16 proofs can be altered into others of the same statement by anyone. They
/// are accepted, as what they are: whoever counts must count statements, not proofs.
fn rerandomised_proof_is_of_the_same_statement() -> Outcome {
    let headroom = headroom();
    let (HeadroomProof { a, b, c }, delta) = (headroom.honest.proof, headroom.keys.verifying.delta_g2);
    let r = Fr::rand(&mut OsRng);
    let inverse = r.inverse().ok_or("r is zero")?;
    let scaled = HeadroomProof { a: (a * r).into_affine(), b: (b * inverse).into_affine(), c };
    let shifted = HeadroomProof { a, b: (b + delta * r).into_affine(), c: (c + a * r).into_affine() };
    [scaled, shifted].into_iter().try_for_each(|proof| {
        let statement = &headroom.honest.statement;
        let verified = verify_headroom(&headroom.keys.verifying, &headroom.attested, statement, &proof);
        let verified = verified.map_err(|error| format!("a true statement is refused: {error}"))?;
        if proof == headroom.honest.proof || verified.statement() != statement {
            return Err("it proves something else".into());
        }
        does_not_hold(&other()?.statement, &proof)
    })
}

/// Source: Z3, Z4.
fn truncated_or_longer_bytes() -> Outcome {
    let bytes = headroom().honest.proof.encode();
    bytes_refused(&bytes[..127], "Truncated {", "expected 32 more bytes")?;
    bytes_refused(&[&bytes[..], &[0]].concat(), "TooLarge {", "over the limit")?;
    bytes_refused(&[], "Truncated {", "file truncated?")?;
    let file = headroom().honest.encode();
    let longer = [&file[..], &[0]].concat();
    for (bytes, variant) in [(&longer[..], "Codec(TooLarge"), (&file[..file.len() - 1], "Codec(Truncated")] {
        names(&HeadroomFile::decode(bytes).err().ok_or("ACCEPTED")?, variant, "bytes")?;
    }
    Ok(())
}

/// Source: Z4: x + p, the sign bit with the identity bit, a point outside the subgroup.
fn other_encodings_of_a_point() -> Outcome {
    let honest = headroom().honest.proof.encode();
    let not = "not a canonical element";
    let mut flags = honest.clone();
    flags[31] |= 0xc0;
    bytes_refused(&flags, "Invalid { what: \"proof A\"", "")?;
    let mut over = honest.clone();
    over[..32].fill(0xff);
    over[31] = 0x3f;
    bytes_refused(&over, "Invalid { what: \"proof A\"", not)?;
    // A point of the twist outside the subgroup of order r: x small, found by search.
    let outside = (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(ark_bn254::Fq2::from(x), false))
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .ok_or("no such point")?;
    let proof = HeadroomProof { b: outside, ..headroom().honest.proof };
    bytes_refused(&proof.encode(), "Invalid { what: \"proof B\"", not)
}

/// Source: Z4.
fn file_of_another_kind() -> Outcome {
    let file = headroom().honest.encode();
    for (index, variant) in [(0, "Codec(WrongKind"), (9, "Codec(UnsupportedVersion")] {
        let mut other = file.clone();
        other[index] ^= 2;
        names(&HeadroomFile::decode(&other).err().ok_or("ACCEPTED")?, variant, "")?;
    }
    Ok(())
}

/// A true proof of another payment.
fn other() -> Result<HeadroomFile, String> {
    let headroom = headroom();
    prove_headroom(&headroom.keys, &headroom.secrets, asset(5), units(7)).map_err(|error| error.to_string())
}

fn batch_refused(proofs: &[(solventry_types::HeadroomStatement, HeadroomProof)], variant: &str) -> Outcome {
    match verify_headroom_batch(&headroom().keys.verifying, &headroom().attested, proofs) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, "headroom proof"),
    }
}

fn bytes_refused(bytes: &[u8], variant: &str, says: &str) -> Outcome {
    match HeadroomProof::decode(bytes) {
        Ok(_) => Err("ACCEPTED by decode".into()),
        Err(error) => names(&error, variant, says),
    }
}
