//! Z14: verifying keys that let someone forge. Each is pinned by the anchors, so that only the
//! lint stands in the way.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use solventry_verifier::{VerifyingKeys, anchors::Hex, keys::digest_of};

use crate::support::{
    evil_shard::signed,
    fixture::fixture,
    outcome::{Outcome, attacks, names, refused_under},
};

attacks![
    gamma_is_delta,
    gamma_is_delta1,
    delta1_is_delta,
    gamma_is_minus_delta,
    gamma_is_minus_delta1,
    delta1_is_minus_delta,
    delta_is_the_generator,
    delta1_is_the_generator,
    coverage_key_degenerate,
    identities,
    input_point_repeated,
    input_point_opposite,
    input_points_too_few,
    input_points_too_many,
    tau_powers_not_of_one_tau,
    tau_powers_in_g2_not_of_one_tau,
    tau_is_zero_or_one,
    tau_powers_of_another_generator,
    tau_powers_too_few,
    errors_of_two_powers_cancel,
    circuit_of_another_version,
    unknown_provenance,
    trailing_bytes,
];

/// Decoding, linting and a pinned attestation all refuse the key.
fn refused(change: impl FnOnce(&mut VerifyingKeys), variant: &str, says: &str) -> Outcome {
    let mut keys = fixture().keys.verifying.clone();
    keys.lint().map_err(|error| format!("honest keys: {error}"))?;
    change(&mut keys);
    match keys.lint() {
        Ok(()) => return Err("ACCEPTED by the lint".into()),
        Err(error) => names(&error, variant, says)?,
    }
    bytes_refused(keys.encode(), &format!("Lint({variant}"), says)
}

fn bytes_refused(bytes: Vec<u8>, variant: &str, says: &str) -> Outcome {
    match VerifyingKeys::decode(&bytes) {
        Ok(_) => return Err("ACCEPTED by decode".into()),
        Err(error) => names(&error, variant, says)?,
    }
    let mut attestation = fixture().public.clone();
    let mut anchors = fixture().anchors.clone();
    anchors.verifying_keys.push(Hex(digest_of(&bytes).0));
    attestation.verifying_keys = bytes;
    refused_under(&anchors, &signed(attestation), 3, &format!("Keys({variant}"), says)
}

fn degenerate(change: impl FnOnce(&mut VerifyingKeys), pair: &str) -> Outcome {
    let variant = format!("Degenerate {{ circuit: \"shard\", pair: \"{pair}\" }}");
    refused(change, &variant, "lets anyone forge")
}

/// Source: Veil Cash and FoomCash, 2026: keys straight from phase 1, γ = δ = generator.
fn gamma_is_delta() -> Outcome {
    degenerate(|keys| keys.shard.gamma_g2 = keys.shard.delta_g2, "γ = δ")
}

/// Source: the same with the commitment's element.
fn gamma_is_delta1() -> Outcome {
    degenerate(|keys| keys.shard.gamma_g2 = keys.shard.delta1_g2, "γ = δ1")
}

/// Source: 01-solvency §2.
fn delta1_is_delta() -> Outcome {
    degenerate(|keys| keys.shard.delta1_g2 = keys.shard.delta_g2, "δ = δ1")
}

/// Source: the same forgeries with a sign.
fn gamma_is_minus_delta() -> Outcome {
    degenerate(|keys| keys.shard.gamma_g2 = -keys.shard.delta_g2, "γ = −δ")
}

/// Source: the same forgeries with a sign.
fn gamma_is_minus_delta1() -> Outcome {
    degenerate(|keys| keys.shard.gamma_g2 = -keys.shard.delta1_g2, "γ = −δ1")
}

/// Source: the same forgeries with a sign.
fn delta1_is_minus_delta() -> Outcome {
    degenerate(|keys| keys.shard.delta1_g2 = -keys.shard.delta_g2, "δ = −δ1")
}

/// Source: a skipped phase 2 leaves δ = 1.
fn delta_is_the_generator() -> Outcome {
    degenerate(|keys| keys.shard.delta_g2 = G2Affine::generator(), "δ is the generator")
}

/// Source: a skipped phase 2 leaves δ1 = 1.
fn delta1_is_the_generator() -> Outcome {
    degenerate(|keys| keys.shard.delta1_g2 = G2Affine::generator(), "δ1 is the generator")
}

/// Source: every circuit's key is linted.
fn coverage_key_degenerate() -> Outcome {
    let variant = "Degenerate { circuit: \"coverage\", pair: \"γ = δ\" }";
    refused(|keys| keys.coverage.gamma_g2 = keys.coverage.delta_g2, variant, "coverage key")
}

/// Source: Z14: an identity removes a term of the equation.
fn identities() -> Outcome {
    type Place = fn(&mut VerifyingKeys);
    let places: [(&str, Place); 7] = [
        ("α or β is the identity", |keys| keys.shard.alpha_g1 = G1Affine::identity()),
        ("α or β is the identity", |keys| keys.shard.beta_g2 = G2Affine::identity()),
        ("γ is the identity", |keys| keys.shard.gamma_g2 = G2Affine::identity()),
        ("δ is the identity", |keys| keys.shard.delta_g2 = G2Affine::identity()),
        ("δ1 is the identity", |keys| keys.shard.delta1_g2 = G2Affine::identity()),
        ("RepeatedInput", |keys| keys.shard.ic[2] = G1Affine::identity()),
        ("ReferenceString", |keys| keys.kzg.g2_powers[1] = G2Affine::identity()),
    ];
    places.into_iter().try_for_each(|(says, place)| {
        let mut keys = fixture().keys.verifying.clone();
        place(&mut keys);
        let lint = format!("{:?}", keys.lint());
        if !lint.contains(says) {
            return Err(format!("expected {says}, got {lint}"));
        }
        bytes_refused(keys.encode(), "Codec(Invalid", "the point is the identity")
    })
}

/// Source: two inputs with one point can be traded for each other.
fn input_point_repeated() -> Outcome {
    let variant = "RepeatedInput { circuit: \"shard\" }";
    refused(|keys| keys.shard.ic[3] = keys.shard.ic[1], variant, "must be distinct")
}

/// Source: the same with a sign.
fn input_point_opposite() -> Outcome {
    let variant = "RepeatedInput { circuit: \"coverage\" }";
    refused(|keys| keys.coverage.ic[5] = -keys.coverage.ic[0], variant, "must be distinct")
}

fn input_points(change: impl FnOnce(&mut Vec<G1Affine>), got: usize) -> Outcome {
    let mut keys = fixture().keys.verifying.clone();
    change(&mut keys.shard.ic);
    let variant = format!("InputCount {{ circuit: \"shard\", expected: 6, got: {got} }}");
    names(&keys.lint().unwrap_err(), &variant, "expected 6 points")?;
    bytes_refused(keys.encode(), "Codec(", "")
}

/// Source: Z3: an input without a point is free.
fn input_points_too_few() -> Outcome {
    input_points(|ic| ic.truncate(5), 5)
}

/// Source: Z3.
fn input_points_too_many() -> Outcome {
    input_points(|ic| ic.push(G1Affine::generator()), 7)
}

fn reference_string(change: impl FnOnce(&mut VerifyingKeys)) -> Outcome {
    refused(change, "ReferenceString", "powers of one τ")
}

/// Source: a reference string that is not of one τ need not bind.
fn tau_powers_not_of_one_tau() -> Outcome {
    [1, 2, 17, 31].into_iter().try_for_each(|power: usize| {
        reference_string(|keys| keys.kzg.g1_powers[power] = keys.kzg.g1_powers[power - 1])
    })
}

/// Source: the same in G2.
fn tau_powers_in_g2_not_of_one_tau() -> Outcome {
    [1, 2, 17, 32].into_iter().try_for_each(|power: usize| {
        reference_string(|keys| keys.kzg.g2_powers[power] = -keys.kzg.g2_powers[power])
    })
}

/// Source: τ = 1 makes every polynomial its value at 1; τ = 0 its constant.
fn tau_is_zero_or_one() -> Outcome {
    reference_string(|keys| {
        keys.kzg.g1_powers.fill(G1Affine::generator());
        keys.kzg.g2_powers.fill(G2Affine::generator());
    })
}

/// Source: the powers of the right τ, times 2.
fn tau_powers_of_another_generator() -> Outcome {
    let double = |point: &mut G1Affine| *point = (*point + *point).into_affine();
    reference_string(|keys| keys.kzg.g1_powers.iter_mut().for_each(double))
}

/// Source: Z3.
fn tau_powers_too_few() -> Outcome {
    let mut keys = fixture().keys.verifying.clone();
    keys.kzg.g1_powers.pop();
    names(&keys.lint().unwrap_err(), "ReferenceString", "powers of one τ")?;
    bytes_refused(keys.encode(), "Codec(", "")
}

/// Source: Z18: +X and −X in two powers, again and again: fixed weights would let them cancel.
fn errors_of_two_powers_cancel() -> Outcome {
    (0..8u64).try_for_each(|seed| {
        reference_string(|keys| {
            let error = G1Affine::generator() * Fr::from(seed + 3);
            keys.kzg.g1_powers[7] = (keys.kzg.g1_powers[7] + error).into_affine();
            keys.kzg.g1_powers[8] = (keys.kzg.g1_powers[8] - error).into_affine();
        })
    })
}

/// Source: Z12, circuit version: an honest setup of a circuit without the ranges.
fn circuit_of_another_version() -> Outcome {
    let variant = "Circuit { circuit: \"coverage\"";
    refused(|keys| keys.coverage.circuit.0[0] ^= 1, variant, "this program verifies circuit")
}

/// Source: Z16: a setup that claims more than the program knows.
fn unknown_provenance() -> Outcome {
    let mut bytes = fixture().keys.verifying.encode();
    bytes[11] = 7;
    bytes_refused(bytes, "Codec(Invalid { what: \"provenance\"", "unknown kind of setup")
}

/// Source: Z3.
fn trailing_bytes() -> Outcome {
    let mut bytes = fixture().keys.verifying.encode();
    bytes.push(0);
    bytes_refused(bytes, "Codec(TrailingBytes", "expected the end")
}
