//! The coordinator against scripted nodes.

use std::{cell::Cell, collections::BTreeSet};

use solventry_types::Total;

use super::{
    Attempts, CoordinatorError, Culprit, Event, Work, agreed_sums, await_decision,
    fake::{
        Fake,
        Mood::{Exaggerates, FallsSilent, Forger, Garbler, Honest, Impostor, Liar, Refuser, Silent, Slow},
    },
    follow::{Job, follow},
    sign, submit,
};
use crate::{journal_sums::JournalSums, signing::PaymentRefused};

fn work(fake: &Fake) -> Work<'_> {
    let payment_id = fake.request.payment.id(fake.vault.genesis);
    Work { genesis: fake.vault.genesis, payment_id, transfer: &fake.transfer }
}

/// Result and events of one signing.
fn signed(fake: &Fake) -> (Result<Vec<[u8; 64]>, CoordinatorError>, Vec<Event>) {
    let mut events = vec![];
    let result = sign(fake.nodes(), work(fake), fake, &mut |event| events.push(event));
    (result, events)
}

fn left(events: &[Event]) -> BTreeSet<usize> {
    let said = events.iter().filter_map(|event| match event {
        Event::Left(said) => Some(said.node),
        _ => None,
    });
    said.collect()
}

fn sessions(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Session { .. })).count()
}

#[test]
fn honest_nodes_sign_in_one_session() {
    let fake = Fake::new(&[Honest; 4]);
    let (signatures, events) = signed(&fake);
    assert_eq!(fake.transfer.verify_signatures(&signatures.unwrap()), Ok(()));
    assert_eq!((sessions(&events), left(&events).len()), (1, 0));
}

#[test]
fn a_lying_node_is_named_with_evidence_and_the_rest_sign() {
    for liar in 0..3 {
        let mut moods = [Honest; 4];
        moods[liar] = Liar;
        let fake = Fake::new(&moods);
        let (signatures, events) = signed(&fake);
        assert_eq!(fake.transfer.verify_signatures(&signatures.unwrap()), Ok(()));
        assert_eq!(left(&events), BTreeSet::from([liar]));
        assert_eq!(sessions(&events), 2);
        let culprit = events.iter().find_map(|event| match event {
            Event::Lied(culprit) => Some(culprit),
            _ => None,
        });
        let culprit = culprit.unwrap();
        assert_eq!(culprit.identity, fake.group.nodes[liar].identity);
        assert!(culprit.is_signed());
        let read = Culprit::decode(&culprit.encode()).unwrap();
        assert_eq!(read, **culprit);
        let mut framed = read;
        framed.shares.shares[0] = b"good".to_vec();
        assert!(!framed.is_signed(), "evidence about shares that the node did not sign");
    }
}

#[test]
fn n_minus_t_bad_nodes_of_any_kind_are_borne_within_the_bound_of_sessions() {
    for bad in [Silent, FallsSilent, Garbler, Liar, Impostor] {
        for (first, second) in [(0, 1), (0, 6), (2, 4), (5, 6)] {
            let mut moods = [Honest; 7];
            (moods[first], moods[second]) = (bad, bad);
            let fake = Fake::new(&moods);
            let (signatures, events) = signed(&fake);
            assert_eq!(fake.transfer.verify_signatures(&signatures.unwrap()), Ok(()), "{bad:?}");
            assert!(sessions(&events) <= 3, "n - t + 1 sessions are enough: {events:?}");
            assert!(left(&events).is_subset(&BTreeSet::from([first, second])));
        }
    }
}

#[test]
fn too_many_bad_nodes_end_in_an_error_that_names_them() {
    let fake = Fake::new(&[Honest, Silent, Honest, Silent]);
    let error = signed(&fake).0.unwrap_err();
    assert!(matches!(error, CoordinatorError::TooFew { needed: 3, got: 2, .. }), "{error}");
    assert_eq!(error.nodes(), [1, 3]);
    assert!(error.to_string().contains("2 of 4 nodes sign, at least 3 are needed"), "{error}");
    assert!(error.to_string().contains("node-1: no answer: connection refused"), "{error}");

    let fake = Fake::new(&[Liar, Liar, Honest, Honest]);
    let (result, events) = signed(&fake);
    let error = result.unwrap_err();
    assert_eq!(left(&events), BTreeSet::from([0, 1]));
    assert!(matches!(error, CoordinatorError::TooFew { .. }), "{error}");
    assert!(error.to_string().contains("wrong share: invalid signature share"), "{error}");
}

#[test]
fn nobody_is_blamed_for_a_group_key_of_another_vault() {
    let fake = Fake::new(&[Honest; 4]);
    // Nodes and shares are right; the key that aggregates is not.
    let other =
        Fake::of(&[Honest; 4], &bitcoin::ScriptBuf::from_bytes([&[0x51, 0x20][..], &[7; 32]].concat()));
    let mut events = vec![];
    let payment_id = other.request.payment.id(other.vault.genesis);
    let work = Work { genesis: other.vault.genesis, payment_id, transfer: &other.transfer };
    let error = sign(other.nodes(), work, &fake, &mut |event| events.push(event)).unwrap_err();
    assert!(matches!(error, CoordinatorError::Scheme { .. }), "{error}");
    assert_eq!(left(&events).len(), 0);
}

#[test]
fn nodes_that_have_not_heard_the_decision_yet_are_waited_for() {
    let fake = Fake::new(&[Slow, Slow, Honest, Honest]);
    let (signatures, events) = signed(&fake);
    assert_eq!(fake.transfer.verify_signatures(&signatures.unwrap()), Ok(()));
    assert_eq!((sessions(&events), left(&events).len()), (1, 0));
}

#[test]
fn a_record_is_refused_when_more_than_f_nodes_refuse() {
    let fake = Fake::new(&[Refuser, Honest, Honest, Honest]);
    assert_eq!(submit(fake.nodes(), &fake.record()).unwrap(), 3);
    let fake = Fake::new(&[Refuser, Refuser, Silent, Honest]);
    let error = submit(fake.nodes(), &fake.record()).unwrap_err();
    assert_eq!(error.nodes(), [0, 1]);
    assert!(error.to_string().starts_with("2 of 4 signers refuse this payment"), "{error}");
    assert!(error.to_string().contains("node-0: step 10"), "{error}");
    let fake = Fake::new(&[Refuser, Silent, Silent, Honest]);
    let error = submit(fake.nodes(), &fake.record()).unwrap_err();
    assert!(matches!(error, CoordinatorError::TooFew { needed: 2, got: 1, .. }), "{error}");
}

#[test]
fn only_a_certificate_of_the_vaults_own_quorum_decides() {
    let fake = Fake::new(&[Forger, Honest, Honest, Honest]);
    submit(fake.nodes(), &fake.record()).unwrap();
    let decision = await_decision(fake.nodes(), &fake.record(), &fake.vault).unwrap();
    assert_eq!(Some(decision), fake.decided(fake.record().digest()));

    // Nothing is decided, and a node says that it is.
    let fake = Fake::new(&[Forger, Honest, Honest, Honest]);
    fake.decides.set(false);
    submit(fake.nodes(), &fake.record()).unwrap();
    let error = await_decision(fake.nodes(), &fake.record(), &fake.vault).unwrap_err();
    assert!(matches!(error, CoordinatorError::Undecided { .. }), "{error}");
    assert!(
        error.to_string().contains("node-0: FALSE CERTIFICATE: expected precommits of at least 3"),
        "{error}"
    );

    // The same certificate under the signers of another group.
    let fake = Fake::new(&[Honest; 4]);
    submit(fake.nodes(), &fake.record()).unwrap();
    let mut other = fake.vault.clone();
    other.signers.reverse();
    let error = await_decision(fake.nodes(), &fake.record(), &other).unwrap_err();
    assert!(error.to_string().contains("FALSE CERTIFICATE"), "{error}");
}

#[test]
fn sums_are_those_of_f_plus_1_nodes_or_the_most_cautious() {
    let sums = |moods: &[_]| {
        let fake = Fake::new(moods);
        let payment = &fake.request.payment;
        agreed_sums(fake.nodes(), &payment.vault, payment.chain, &payment.locator)
            .map(|(sums, agreed, _)| (sums.spent[0].units(), agreed))
    };
    assert_eq!(sums(&[Honest; 4]).unwrap(), (5, 4));
    assert_eq!(sums(&[Exaggerates, Honest, Honest, Silent]).unwrap(), (5, 2));
    let error = sums(&[Exaggerates, Honest, Silent, Silent]).unwrap_err();
    assert!(matches!(error, CoordinatorError::TooFew { needed: 3, got: 2, .. }), "{error}");
}

/// Follows a payment; the number of proofs made.
fn followed(
    fake: &Fake,
    root: &std::path::Path,
) -> (Result<solventry_protocol::SigningEvidence, CoordinatorError>, usize) {
    let proofs = Cell::new(0);
    let prove = |sums: &JournalSums| -> Result<_, PaymentRefused> {
        proofs.set(proofs.get() + 1);
        Ok(fake.evidence(sums))
    };
    let job = Job {
        vault: &fake.vault,
        request: &fake.request,
        transfer: &fake.transfer,
        scheme: fake,
        prove: &prove,
    };
    let mut attempts = Attempts::open(root).unwrap();
    (follow(fake.nodes(), &job, &mut attempts, &mut |_| ()), proofs.get())
}

#[test]
fn a_payment_is_followed_to_evidence_with_decision_and_signatures() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Honest, Honest, Honest, Silent]);
    let (evidence, proofs) = followed(&fake, &folder.path().join("attempts"));
    let evidence = evidence.unwrap();
    assert_eq!(proofs, 1);
    assert_eq!(evidence.policy_statement.spent[0], Total::from_units(5).unwrap());
    assert_eq!(fake.transfer.verify_signatures(&evidence.signatures), Ok(()));
    evidence.decision.as_ref().unwrap().verify(evidence.record_digest(), &fake.vault).unwrap();
}

#[test]
fn a_stale_proof_is_made_again_with_fresh_sums() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Honest; 4]);
    fake.stale.set(2);
    let (evidence, proofs) = followed(&fake, &folder.path().join("attempts"));
    assert_eq!(proofs, 3);
    assert_eq!(evidence.unwrap().policy_statement.spent[0], Total::from_units(7).unwrap());
}

#[test]
fn a_refusal_without_news_is_final() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Refuser; 4]);
    let (result, proofs) = followed(&fake, &folder.path().join("attempts"));
    assert!(matches!(result, Err(CoordinatorError::Refused { .. })));
    assert_eq!(proofs, 1);
}

#[test]
fn a_decided_payment_is_never_proven_again() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Honest; 4]);
    // Decided, then too few nodes to sign.
    *fake.moods.borrow_mut() = vec![Honest, Honest, FallsSilent, FallsSilent];
    let (result, proofs) = followed(&fake, &folder.path().join("attempts"));
    assert!(result.is_err());
    assert_eq!(proofs, 1);
    *fake.moods.borrow_mut() = vec![Honest; 4];
    let (result, proofs) = followed(&fake, &folder.path().join("attempts"));
    assert_eq!(proofs, 0);
    assert_eq!(fake.transfer.verify_signatures(&result.unwrap().signatures), Ok(()));
    assert_eq!(fake.times("submit"), 1);
}

#[test]
fn a_record_that_was_submitted_and_forgotten_is_found_decided() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Honest; 4]);
    fake.decides.set(false);
    let (result, _) = followed(&fake, &folder.path().join("attempts"));
    assert!(matches!(result, Err(CoordinatorError::Undecided { .. })));
    // Decided meanwhile.
    fake.decides.set(true);
    let evidence = Attempts::open(&folder.path().join("attempts")).unwrap().kept()[0].clone();
    submit(fake.nodes(), &solventry_protocol::Record::Payment(Box::new(evidence))).unwrap();
    let (result, proofs) = followed(&fake, &folder.path().join("attempts"));
    assert_eq!(proofs, 0);
    assert!(result.unwrap().decision.is_some());
}

#[test]
fn attempts_of_another_payment_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(&[Honest; 4]);
    followed(&fake, &folder.path().join("attempts")).0.unwrap();
    let mut other = Fake::new(&[Honest; 4]);
    other.request.payment.nonce = [9; 16];
    let error = followed(&other, &folder.path().join("attempts")).0.unwrap_err();
    assert!(matches!(error, CoordinatorError::OtherAttempt { .. }), "{error}");
}
