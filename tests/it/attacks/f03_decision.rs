//! F3: decisions that a quorum did not make, of another record, or out of time; signatures that
//! are not the vault's.

use solventry_protocol::{Header, SigningEvidence};
use solventry_types::{Digest, Lane};

use crate::support::{
    evil_signing::{accepted, changed, complete, decided, decision, margin, refused, reproven, transfer},
    outcome::{Outcome, attacks},
    signing::{TIME, desk, sibling},
    transactions::{keypair, psbt, sign},
};

attacks![
    fewer_than_a_quorum,
    one_signer_repeated,
    certificate_of_another_record,
    record_altered_after_the_decision,
    certificate_of_another_journal,
    precommits_of_another_round,
    precommits_of_another_height,
    precommits_of_another_value,
    unknown_signer,
    vault_without_signers,
    decided_before_its_validity,
    decided_after_its_validity,
    decided_before_the_snapshot,
    margin_too_old_at_the_decision,
    margin_from_the_future,
    signature_missing,
    signature_of_another_key,
    signatures_in_another_order,
    signature_of_another_transaction,
];

const QUORUM: &[u8] = &[0, 1, 3];

fn honest() -> SigningEvidence {
    decided(desk().honest.clone(), TIME, QUORUM)
}

/// Source: 02-signing, the group: 2f + 1 of 3f + 1.
fn fewer_than_a_quorum() -> Outcome {
    accepted(&honest())?;
    let evidence = decided(desk().honest.clone(), TIME, &[0, 1]);
    refused(&evidence, 13, "Decision(Quorum { expected: 3, got: 2", "at least 3 signers")
}

/// Source: F3.
fn one_signer_repeated() -> Outcome {
    let evidence = decided(desk().honest.clone(), TIME, &[0, 1, 1]);
    refused(&evidence, 1, "Format(Invalid { what: \"precommits\"", "each signer once")
}

/// Source: F3.
fn certificate_of_another_record() -> Outcome {
    let mut evidence = desk().honest.clone();
    let header = Header { previous: Digest([1; 32]), time: TIME, record: Digest([2; 32]) };
    evidence.decision = Some(decision(&evidence, header, 3, 0, QUORUM));
    refused(&evidence, 13, "Decision(Record {", "of another record")
}

/// Source: F3: what was decided cannot be exchanged for something as good (an approval more).
fn record_altered_after_the_decision() -> Outcome {
    let decision = honest().decision;
    let mut other = reproven(|e| e.payment.nonce[1] ^= 1);
    accepted(&other)?;
    other.decision = decision;
    refused(&other, 13, "Decision(Record {", "of another record")
}

/// Source: F3.
fn certificate_of_another_journal() -> Outcome {
    let mut evidence = desk().honest.clone();
    let header = Header { previous: Digest([1; 32]), time: TIME, record: evidence.record_digest() };
    let mut elsewhere = evidence.clone();
    elsewhere.vault.genesis.0[0] ^= 1;
    evidence.decision = Some(decision(&elsewhere, header, 3, 0, QUORUM));
    refused(&evidence, 13, "Decision(Signature(0", "not signed by its key")
}

fn with_decision(change: impl FnOnce(&mut solventry_protocol::Decision)) -> SigningEvidence {
    let mut evidence = honest();
    change(evidence.decision.as_mut().unwrap());
    evidence
}

/// Source: F3.
fn precommits_of_another_round() -> Outcome {
    refused(&with_decision(|d| d.round += 1), 13, "Decision(Signature(0", "this height, round and value")
}

/// Source: F3.
fn precommits_of_another_height() -> Outcome {
    refused(&with_decision(|d| d.height += 1), 13, "Decision(Signature(0", "this height, round and value")
}

/// Source: F3: another journal time, another head.
fn precommits_of_another_value() -> Outcome {
    refused(&with_decision(|d| d.header.time += 1), 13, "Decision(Signature(0", "not signed by its key")?;
    refused(&with_decision(|d| d.header.previous.0[0] ^= 1), 13, "Decision(Signature(0", "not signed")
}

/// Source: F3.
fn unknown_signer() -> Outcome {
    refused(&with_decision(|d| d.precommits[2].signer = 4), 13, "Decision(UnknownSigner {", "signers 0 to 3")
}

/// Source: F3: nobody's word is not everybody's.
fn vault_without_signers() -> Outcome {
    let evidence = reproven(|e| e.vault.signers.clear());
    accepted(&evidence)?;
    refused(&decided(evidence, TIME, QUORUM), 13, "Decision(NoSigners", "names no signer nodes")
}

/// Source: gate step 6; to the second.
fn decided_before_its_validity() -> Outcome {
    let from = desk().honest.payment.validity.from;
    accepted(&decided(desk().honest.clone(), from, QUORUM))?;
    let evidence = decided(desk().honest.clone(), from - 1, QUORUM);
    refused(&evidence, 13, "Validity {", "outside the payment's validity")
}

/// Source: gate step 6; to the second.
fn decided_after_its_validity() -> Outcome {
    let until = desk().honest.payment.validity.until;
    accepted(&decided(desk().honest.clone(), until, QUORUM))?;
    let evidence = decided(desk().honest.clone(), until + 1, QUORUM);
    refused(&evidence, 13, "Validity {", "outside the payment's validity")
}

/// Source: gate step 6: an epoch from the future.
fn decided_before_the_snapshot() -> Outcome {
    let snapshot = crate::support::fixture::NOW;
    let early = reproven(|e| e.payment.validity.from = snapshot);
    accepted(&decided(early, snapshot, QUORUM))?;
    let mut earlier = desk().honest.clone();
    earlier.payment.validity = solventry_types::Validity { from: snapshot - 10, until: snapshot + 10 };
    crate::support::evil_signing::resign(&mut earlier);
    crate::support::evil_signing::restate(&mut earlier);
    // The policy begins at the snapshot, so the proof refuses first; without it, the journal would.
    refused(&decided(earlier, snapshot - 1, QUORUM), 10, "Policy(Proof", "does not hold")
}

fn rebalance(time: u64) -> SigningEvidence {
    reproven(|e| {
        e.payment.lane = Lane::Rebalance;
        e.payment.destination = sibling();
        e.transaction = psbt(&sibling(), e.payment.amount, 1_000);
        let mut margin = margin(7_000);
        margin.time = time;
        e.margin = Some(margin);
    })
}

/// Source: gate step 6: oracle age at most 60 s, to the second.
fn margin_too_old_at_the_decision() -> Outcome {
    accepted(&decided(rebalance(TIME - 60), TIME, QUORUM))?;
    let evidence = decided(rebalance(TIME - 61), TIME, QUORUM);
    refused(&evidence, 13, "OracleAge {", "is not from the 60 seconds before")
}

/// Source: gate step 6.
fn margin_from_the_future() -> Outcome {
    let evidence = decided(rebalance(TIME + 1), TIME, QUORUM);
    refused(&evidence, 13, "OracleAge {", "is not from the 60 seconds before")
}

/// Source: F2.
fn signature_missing() -> Outcome {
    accepted(&complete())?;
    let mut evidence = complete();
    evidence.signatures.pop();
    refused(&evidence, 14, "Signature(Count { expected: 2, got: 1", "one per input")
}

/// Source: F2.
fn signature_of_another_key() -> Outcome {
    let mut evidence = complete();
    evidence.signatures = sign(&transfer(&evidence), &keypair(2));
    refused(&evidence, 14, "Signature(Invalid { input: 0", "does not verify")
}

/// Source: F2: every input has its own hash.
fn signatures_in_another_order() -> Outcome {
    let mut evidence = complete();
    evidence.signatures.swap(0, 1);
    refused(&evidence, 14, "Signature(Invalid { input: 0", "does not verify")
}

/// Source: F2, F4: a thief's transaction under the approved one's evidence.
fn signature_of_another_transaction() -> Outcome {
    let mut evidence = complete();
    let other = changed(|e| e.transaction = psbt(&sibling(), 7, 1_000));
    evidence.signatures = sign(&transfer(&other), &keypair(1));
    refused(&evidence, 14, "Signature(Invalid { input: 0", "does not verify")
}
