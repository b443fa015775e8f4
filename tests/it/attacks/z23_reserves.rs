//! Z23 and reserve evidence: lists, attestors, classes.

use ed25519_dalek::SigningKey;
use solventry_prover::reserves::ReserveOpening;
use solventry_types::{
    Attestation, Chain, EpochContext, Locator,
    reserves::{ReserveClass, ReserveEntry},
};
use solventry_verifier::Anchors;

use crate::support::{
    evil_shard::signed,
    fixture::{attested_class, fixture, sort},
    outcome::{Outcome, attacks, refused, refused_under},
};

attacks![
    same_entry_twice,
    same_entry_twice_with_another_amount,
    entries_out_of_order,
    unknown_place,
    account_of_the_wrong_length,
    amount_past_every_range,
    sum_past_the_range,
    amount_raised_after_proving,
    entry_added_after_proving,
    two_public_lists,
    class_named_twice,
    class_name_out_of_range,
    classes_reordered,
    class_dropped,
    commitments_of_two_classes_swapped,
    commitment_of_something_else,
    signature_of_another_epoch,
    signature_of_another_class,
    signature_of_another_commitment,
    signature_of_other_bases,
    quorum_short,
    attestor_repeated,
    attestors_out_of_order,
    unknown_attestor_only,
    unknown_attestor_with_a_bad_signature,
    no_attestors_in_the_anchors,
    class_not_counted,
    small_order_attestor,
];

const STEP: usize = 7;

fn changed(base: &Attestation, change: impl FnOnce(&mut Vec<ReserveClass>)) -> Attestation {
    let mut attestation = base.clone();
    change(&mut attestation.reserves.classes);
    signed(attestation)
}

fn list(classes: &mut [ReserveClass]) -> &mut Vec<ReserveEntry> {
    let public = classes.iter_mut().find_map(|class| match class {
        ReserveClass::Public(entries) => Some(entries),
        ReserveClass::Attested { .. } => None,
    });
    public.unwrap()
}

fn public_refused(change: impl FnOnce(&mut Vec<ReserveEntry>), variant: &str, says: &str) -> Outcome {
    let attestation = changed(&fixture().public, |classes| change(list(classes)));
    refused(&attestation, STEP, &format!("Evidence(Shape({variant}"), says)
}

fn attested_refused(change: impl FnOnce(&mut Vec<ReserveClass>), variant: &str, says: &str) -> Outcome {
    refused(&changed(&fixture().attested, change), STEP, &format!("Evidence({variant}"), says)
}

/// Source: Z23, the same address twice.
fn same_entry_twice() -> Outcome {
    public_refused(|entries| entries.insert(1, entries[0].clone()), "DuplicateEntry { entry: 2 }", "repeats")
}

/// Source: Z23.
fn same_entry_twice_with_another_amount() -> Outcome {
    let twice = |entries: &mut Vec<ReserveEntry>| {
        let mut again = entries[0].clone();
        again.chain_units += 1;
        entries.insert(1, again);
    };
    public_refused(twice, "DuplicateEntry { entry: 2 }", "repeats")
}

/// Source: canonical form.
fn entries_out_of_order() -> Outcome {
    public_refused(|entries| entries.swap(0, 1), "DuplicateEntry { entry: 2 }", "out of order")
}

/// Source: Z11: a worthless contract.
fn unknown_place() -> Outcome {
    let unknown = |entries: &mut Vec<ReserveEntry>| {
        entries[0].chain = Chain::Ethereum;
        entries[0].locator = Locator::Contract(vec![0xff; 20]);
        entries[0].account = vec![0xe1; 20];
        sort(entries);
    };
    public_refused(unknown, "UnknownPlace {", "no asset of the table lives at ethereum/ffff")
}

/// Source: Z11, one address in two encodings (padded to 32 bytes).
fn account_of_the_wrong_length() -> Outcome {
    let pad = |entries: &mut Vec<ReserveEntry>| {
        let ether = entries.iter_mut().find(|entry| entry.chain == Chain::Ethereum).unwrap();
        ether.account.insert(0, 0);
        sort(entries);
    };
    public_refused(pad, "Account { entry: 2, chain: Ethereum }", "wrong length for ethereum")
}

/// Source: Z6: 2^128 − 1 chain units.
fn amount_past_every_range() -> Outcome {
    public_refused(|entries| entries[0].chain_units = u128::MAX, "Overflow { entry: 1 }", "exceed 2^96")
}

/// Source: Z6: two entries that each fit.
fn sum_past_the_range() -> Outcome {
    let two = |entries: &mut Vec<ReserveEntry>| {
        entries[0].chain_units = (1 << 96) - 1;
        let more = ReserveEntry { account: vec![0xb2; 22], chain_units: 1, ..entries[0].clone() };
        entries.insert(1, more);
    };
    public_refused(two, "Overflow { entry: 2 }", "exceed 2^96")
}

/// Source: Z17: the evidence is in the coverage transcript.
fn amount_raised_after_proving() -> Outcome {
    let attestation = changed(&fixture().public, |classes| list(classes)[0].chain_units += 1);
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: the same.
fn entry_added_after_proving() -> Outcome {
    let attestation = changed(&fixture().public, |classes| {
        let more = ReserveEntry { account: vec![0xb2; 22], ..list(classes)[0].clone() };
        list(classes).insert(1, more);
    });
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: Z23: one list in two classes counts every coin twice.
fn two_public_lists() -> Outcome {
    let attestation = changed(&fixture().public, |classes| classes.push(classes[0].clone()));
    refused(&attestation, STEP, "Evidence(Shape(Classes))", "at most one public list")
}

/// Source: Z23: one attested class twice.
fn class_named_twice() -> Outcome {
    attested_refused(|classes| classes.push(classes[0].clone()), "Shape(Classes)", "distinct")
}

/// Source: names are for people.
fn class_name_out_of_range() -> Outcome {
    ["", "a\nb", "ünseen"].into_iter().try_for_each(|bad| {
        let rename = |classes: &mut Vec<ReserveClass>| {
            let ReserveClass::Attested { name, .. } = &mut classes[0] else { unreachable!("attested") };
            *name = bad.into();
        };
        attested_refused(rename, "Shape(Classes)", "visible characters")
    })
}

/// Source: Z17: order is absorbed.
fn classes_reordered() -> Outcome {
    let attestation = changed(&fixture().attested, |classes| classes.swap(0, 1));
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: Z17.
fn class_dropped() -> Outcome {
    let attestation = changed(&fixture().attested, |classes| drop(classes.remove(1)));
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

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
