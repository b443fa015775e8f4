//! Z23, attestors: whose signature, over what, and how many.

use ed25519_dalek::SigningKey;
use solventry_prover::reserves::ReserveOpening;
use solventry_types::{EpochContext, reserves::ReserveClass};
use solventry_verifier::Anchors;

use super::z23_reserves::{STEP, attested_refused, changed};
use crate::support::{
    fixture::{attested_class, fixture},
    outcome::{Outcome, attacks, refused_under},
};

attacks![
    commitments_of_two_classes_swapped,
    commitment_of_something_else,
    signature_of_another_epoch,
    signature_of_another_class,
    signature_of_another_commitment,
    signature_of_other_bases,
    signature_of_other_liabilities,
    quorum_short,
    quorum_of_zero,
    attestor_repeated,
    attestors_out_of_order,
    unknown_attestor_only,
    unknown_attestor_with_a_bad_signature,
    no_attestors_in_the_anchors,
    class_not_counted,
    small_order_attestor
];

/// Source: 01-solvency §4: context ‖ class ‖ C_R,i.
fn commitments_of_two_classes_swapped() -> Outcome {
    let commitments: Vec<_> = fixture().attested.reserves.attested().collect();
    let swap = |classes: &mut Vec<ReserveClass>| {
        for (class, other) in classes.iter_mut().zip(commitments.iter().rev()) {
            let ReserveClass::Attested { commitment, .. } = class else { continue };
            *commitment = *other;
        }
    };
    attested_refused(swap, "Signature { class: \"cold storage\"", "does not verify")
}

/// Replaces the first class by one that was signed over something else, under its own name.
fn signed_over(opening: ReserveOpening, commitment_of_it: bool) -> Outcome {
    let replace = |classes: &mut Vec<ReserveClass>| {
        let ReserveClass::Attested { commitment: real, .. } = classes[0] else { unreachable!("attested") };
        let mut class = attested_class(&opening, &fixture().attestors[..2]);
        let ReserveClass::Attested { name, commitment, .. } = &mut class else { unreachable!("attested") };
        *name = "cold storage".into();
        if !commitment_of_it {
            *commitment = real;
        }
        classes[0] = class;
    };
    attested_refused(replace, "Signature { class: \"cold storage\"", "for this epoch, class, commitment")
}

/// The first class's opening with one thing changed.
fn opening(change: impl FnOnce(&mut ReserveOpening)) -> ReserveOpening {
    let mut opening = ReserveOpening::decode(&fixture().openings[0].encode()).unwrap();
    change(&mut opening);
    opening
}

/// Source: a commitment to more than the attestors saw, with their signatures on the old one.
fn commitment_of_something_else() -> Outcome {
    let replace = |classes: &mut Vec<ReserveClass>| {
        let ReserveClass::Attested { commitment, .. } = &mut classes[0] else { unreachable!("attested") };
        *commitment = opening(|opening| opening.reserves[0] = opening.reserves[1]).commitment();
    };
    attested_refused(replace, "Signature { class: \"cold storage\"", "does not verify")
}

/// Source: Z12, Z23: yesterday's reserves.
fn signature_of_another_epoch() -> Outcome {
    let context = EpochContext { epoch: 6, ..fixture().context.clone() };
    signed_over(opening(|opening| opening.context = context), false)
}

/// Source: Z12.
fn signature_of_another_class() -> Outcome {
    signed_over(opening(|opening| opening.class = "custody".into()), true)
}

/// Source: Z12.
fn signature_of_another_commitment() -> Outcome {
    signed_over(opening(|opening| opening.reserves.reverse()), false)
}

/// Source: 01-solvency §4: under other bases the same point opens to other amounts.
fn signature_of_other_bases() -> Outcome {
    signed_over(opening(|opening| opening.lagrange.swap(40, 41)), true)
}

/// Source: Z23: reserves attested before the liabilities were fixed, or for other liabilities.
fn signature_of_other_liabilities() -> Outcome {
    signed_over(opening(|opening| opening.liabilities.0[0] ^= 1), true)
}

/// Re-signs the first class by these attestors.
fn signers(keys: &[SigningKey], sorted: bool) -> impl FnOnce(&mut Vec<ReserveClass>) {
    let mut keys = keys.to_vec();
    if sorted {
        keys.sort_by_key(|key| key.verifying_key().to_bytes());
    }
    move |classes| classes[0] = attested_class(&fixture().openings[0], &keys)
}

const QUORUM: &str = "Quorum { class: \"cold storage\", expected: 2, got: ";

/// Source: 01-solvency §4: quorum from the anchors.
fn quorum_short() -> Outcome {
    let one = &fixture().attestors[..1];
    attested_refused(signers(one, true), &format!("{QUORUM}1 }}"), "expected signatures of 2")?;
    attested_refused(signers(&[], true), &format!("{QUORUM}0 }}"), "expected signatures of 2")
}

/// Source: Z3, nothing to check is not success: anchors made in code, never validated, with a
/// quorum of zero, and classes without signatures.
fn quorum_of_zero() -> Outcome {
    let attestation = changed(&fixture().attested, signers(&[], true));
    let mut anchors = fixture().anchors.clone();
    anchors.attestors.quorum = 0;
    let variant = "Evidence(Quorum { class: \"cold storage\", expected: 1, got: 0 }";
    refused_under(&anchors, &attestation, STEP, variant, "expected signatures of 1")
}

/// Source: Z23: one attestor is one voice.
fn attestor_repeated() -> Outcome {
    let twice = vec![fixture().attestors[0].clone(); 2];
    attested_refused(signers(&twice, false), "Shape(Signatures {", "one each")
}

/// Source: canonical form.
fn attestors_out_of_order() -> Outcome {
    let mut keys = fixture().attestors[..2].to_vec();
    keys.reverse();
    attested_refused(signers(&keys, false), "Shape(Signatures {", "sorted by attestor")
}

/// Source: keys come from the anchors, never from the file.
fn unknown_attestor_only() -> Outcome {
    let strangers = [SigningKey::from_bytes(&[77; 32]), SigningKey::from_bytes(&[78; 32])];
    attested_refused(signers(&strangers, true), &format!("{QUORUM}0 }}"), "attestors of the anchors")?;
    let mixed = [fixture().attestors[1].clone(), strangers[0].clone()];
    attested_refused(signers(&mixed, true), &format!("{QUORUM}1 }}"), "attestors of the anchors")
}

/// Source: a signature in the file must verify, whoever's it is.
fn unknown_attestor_with_a_bad_signature() -> Outcome {
    let spoil = |classes: &mut Vec<ReserveClass>| {
        let ReserveClass::Attested { signatures, .. } = &mut classes[0] else { unreachable!("attested") };
        signatures.last_mut().unwrap().signature[3] ^= 1;
    };
    attested_refused(spoil, "Signature { class: \"cold storage\"", "does not verify")
}

fn under(change: impl FnOnce(&mut Anchors), variant: &str, says: &str) -> Outcome {
    let mut anchors = fixture().anchors.clone();
    change(&mut anchors);
    refused_under(&anchors, &fixture().attested, STEP, &format!("Evidence({variant}"), says)
}

/// Source: 01-solvency §4: hidden reserves without anyone to trust.
fn no_attestors_in_the_anchors() -> Outcome {
    let none = |anchors: &mut Anchors| {
        anchors.attestors.keys.clear();
        anchors.attestors.quorum = 0;
    };
    under(none, "NoAttestors { class: \"cold storage\" }", "the anchors name none")
}

/// Source: 01-solvency §4: custody by others may be left out.
fn class_not_counted() -> Outcome {
    let only = |anchors: &mut Anchors| anchors.attestors.classes = Some(vec!["cold storage".into()]);
    under(only, "ClassNotCounted { class: \"custody\" }", "not among `attestors.classes`")
}

/// Source: eprint 2020/1244: a key of small order accepts a fixed signature for every message.
fn small_order_attestor() -> Outcome {
    let mut identity = [0; 32];
    identity[0] = 1;
    let forge = |classes: &mut Vec<ReserveClass>| {
        let ReserveClass::Attested { signatures, .. } = &mut classes[0] else { unreachable!("attested") };
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&identity);
        signatures.clear();
        signatures.push(solventry_types::reserves::AttestorSignature { attestor: identity, signature });
    };
    let attestation = changed(&fixture().attested, forge);
    let mut anchors = fixture().anchors.clone();
    anchors.attestors.keys.push(solventry_verifier::anchors::Hex(identity));
    anchors.attestors.quorum = 1;
    refused_under(
        &anchors,
        &attestation,
        STEP,
        "Evidence(Signature { class: \"cold storage\"",
        "does not verify",
    )
}
