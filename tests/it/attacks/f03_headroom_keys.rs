//! F3: headroom keys that let someone forge, and keys of others.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use solventry_prover::{headroom::HeadroomKeys, setup::ToxicWaste};
use solventry_types::HeadroomProof;
use solventry_verifier::headroom::HeadroomVerifyingKey;

use crate::support::{
    headroom::{headroom, refused_under, units, with},
    outcome::{Outcome, attacks, names},
};

attacks![
    any_outflow_when_gamma_is_delta,
    gamma_is_minus_delta,
    delta_is_the_generator,
    identities,
    input_point_repeated_or_opposite,
    input_points_too_few_or_too_many,
    circuit_of_another_version,
    unknown_provenance,
    trailing_bytes,
    key_of_another_setup,
];

/// Decoding, linting and verification all refuse the key.
fn refused(change: impl FnOnce(&mut HeadroomVerifyingKey), variant: &str, says: &str) -> Outcome {
    let mut key = headroom().keys.verifying.clone();
    change(&mut key);
    let error = key.lint().err().ok_or("ACCEPTED by the lint")?;
    names(&error, variant, says)?;
    let honest = &headroom().honest;
    let attested = &headroom().attested;
    let wrapped = format!("Key({variant}");
    refused_under(&key, attested, &honest.statement, &honest.proof, &wrapped, says)?;
    if HeadroomVerifyingKey::decode(&key.encode()).is_ok() {
        Err("ACCEPTED by decode".into())
    } else {
        Ok(())
    }
}

fn degenerate(change: impl FnOnce(&mut HeadroomVerifyingKey), pair: &str) -> Outcome {
    let variant = format!("Degenerate {{ circuit: \"headroom\", pair: \"{pair}\" }}");
    refused(change, &variant, "lets anyone forge")
}

/// Source: Veil Cash and FoomCash, 2026, carried out: with γ = δ, A = α, B = β, C = −IC(x)
/// satisfies the equation for any x. A key of a true setup, but for δ = γ.
fn any_outflow_when_gamma_is_delta() -> Outcome {
    let mut toxic = ToxicWaste::random();
    toxic.delta = toxic.gamma;
    let key = HeadroomKeys::from_secrets(&toxic).verifying;
    let stated = with(|s| s.outflow = units((1 << 96) - 1));
    let scalars: Vec<Fr> = std::iter::once(Fr::from(1u64)).chain(stated.inputs()).collect();
    let c = (-G1Projective::msm_unchecked(&key.ic, &scalars)).into_affine();
    let proof = HeadroomProof { a: key.alpha_g1, b: key.beta_g2, c };
    let says = "lets anyone forge";
    let variant = "Key(Degenerate { circuit: \"headroom\", pair: \"γ = δ\" })";
    refused_under(&key, &headroom().attested, &stated, &proof, variant, says)?;
    // Control: e(A,B) = e(α,β)·e(IC,γ)·e(C,δ) does hold.
    let sum = G1Projective::msm_unchecked(&key.ic, &scalars) + c;
    let holds = key.gamma_g2 == key.delta_g2 && sum.into_affine().is_zero();
    if holds { Ok(()) } else { Err("the forgery does not even pass the equation".into()) }
}

/// Source: the same with a sign.
fn gamma_is_minus_delta() -> Outcome {
    degenerate(|key| key.gamma_g2 = -key.delta_g2, "γ = −δ")
}

/// Source: a skipped phase 2 leaves δ = 1.
fn delta_is_the_generator() -> Outcome {
    degenerate(|key| key.delta_g2 = G2Affine::generator(), "δ is the generator")
}

/// Source: Z14.
fn identities() -> Outcome {
    degenerate(|key| key.alpha_g1 = G1Affine::identity(), "α or β is the identity")?;
    degenerate(|key| key.beta_g2 = G2Affine::identity(), "α or β is the identity")?;
    degenerate(|key| key.gamma_g2 = G2Affine::identity(), "γ is the identity")?;
    degenerate(|key| key.delta_g2 = G2Affine::identity(), "δ is the identity")?;
    refused(|key| key.ic[4] = G1Affine::identity(), "RepeatedInput", "must be distinct")
}

/// Source: two inputs with one point can be traded for each other: asset against outflow.
fn input_point_repeated_or_opposite() -> Outcome {
    refused(|key| key.ic[4] = key.ic[5], "RepeatedInput { circuit: \"headroom\" }", "must be distinct")?;
    refused(|key| key.ic[1] = -key.ic[0], "RepeatedInput { circuit: \"headroom\" }", "must be distinct")
}

/// Source: Z3: a short or zero-padded list of inputs verifies where nobody counts.
fn input_points_too_few_or_too_many() -> Outcome {
    let says = "expected 6 points in IC";
    refused(|key| key.ic.truncate(5), "InputCount { circuit: \"headroom\", expected: 6, got: 5 }", says)?;
    let more = |key: &mut HeadroomVerifyingKey| key.ic.push(G1Affine::generator());
    refused(more, "InputCount { circuit: \"headroom\", expected: 6, got: 7 }", says)
}

/// Source: Z12, circuit version; the shard circuit's key is another circuit's too.
fn circuit_of_another_version() -> Outcome {
    let says = "this program verifies circuit";
    refused(|key| key.circuit.0[31] ^= 1, "Circuit { circuit: \"headroom\"", says)
}

/// Source: Z16: a setup that claims more than the program knows.
fn unknown_provenance() -> Outcome {
    let mut bytes = headroom().keys.verifying.encode();
    bytes[10] = 1;
    bytes_refused(&bytes, "Codec(Invalid { what: \"provenance\"", "unknown kind of setup")
}

/// Source: Z3.
fn trailing_bytes() -> Outcome {
    let bytes = headroom().keys.verifying.encode();
    bytes_refused(&[&bytes[..], &[0]].concat(), "Codec(TooLarge", "over the limit")?;
    bytes_refused(&bytes[..bytes.len() - 32], "Codec(Truncated", "truncated")
}

fn bytes_refused(bytes: &[u8], variant: &str, says: &str) -> Outcome {
    match HeadroomVerifyingKey::decode(bytes) {
        Ok(_) => Err("ACCEPTED by decode".into()),
        Err(error) => names(&error, variant, says),
    }
}

/// Source: an honest key of someone else's setup, whose maker could forge.
fn key_of_another_setup() -> Outcome {
    let (honest, other) = (&headroom().honest, HeadroomKeys::insecure_setup().verifying);
    let attested = &headroom().attested;
    refused_under(&other, attested, &honest.statement, &honest.proof, "Invalid { index: 0 }", "or key")?;
    if other.digest() == headroom().keys.verifying.digest() {
        Err("one digest for two keys".into())
    } else {
        Ok(())
    }
}
