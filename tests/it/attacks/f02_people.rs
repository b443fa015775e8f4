//! F2: who proposed, who approved, whose margin ratio, whose configuration.

use ed25519_dalek::{Signer, SigningKey};
use solventry_protocol::{Approval, SigningEvidence};
use solventry_types::{
    Digest, Lane,
    vault::{approval_message, proposal_message},
};

use crate::support::{
    evil_signing::{accepted, changed, margin, refused, refused_under, reproven, resigned, restated},
    outcome::{Outcome, attacks, names},
    signing::{desk, sibling},
    transactions::psbt,
};

attacks![
    configuration_not_pinned,
    configuration_of_another_journal,
    proposer_unknown,
    proposal_of_another_payment,
    approval_signature_as_proposal,
    approval_unknown,
    approval_by_the_proposer,
    approval_of_another_payment,
    approval_of_another_journal,
    proposal_signature_as_approval,
    approval_twice,
    approver_set_swapped,
    rebalance_without_margin,
    margin_without_rebalance,
    margin_of_another_oracle,
    margin_of_another_account,
    margin_altered,
    margin_altered_and_signed,
];

/// Source: F2: a vault of the maker's own making.
fn configuration_not_pinned() -> Outcome {
    let evidence = restated(|e| e.vault.policy_root[0] ^= 1);
    refused_under(&desk().anchors, &evidence, 2, "VaultNotPinned {", "not among those pinned")
}

/// Source: F2, replay: the same vault in another journal.
fn configuration_of_another_journal() -> Outcome {
    let evidence = restated(|e| e.vault.genesis.0[0] ^= 1);
    refused(&evidence, 10, "Policy(Proof", "policy proof")
}

/// Source: gate step 5.
fn proposer_unknown() -> Outcome {
    let oracle = desk().oracle.verifying_key().to_bytes();
    refused(&resigned(|e| e.payment.proposer = oracle), 5, "UnknownProposer", "not a registered proposer")
}

/// Source: F2, replay.
fn proposal_of_another_payment() -> Outcome {
    let evidence = changed(|e| e.payment.nonce[0] ^= 1);
    refused(&evidence, 5, "ProposalSignature", "does not verify over this payment")
}

/// Source: F2: signatures have a domain each.
fn approval_signature_as_proposal() -> Outcome {
    let evidence = changed(|e| {
        let id = e.payment.id(e.vault.genesis);
        e.proposal = desk().proposer.sign(&approval_message(id).0).to_bytes();
    });
    refused(&evidence, 5, "ProposalSignature", "does not verify")
}

/// An approval by any key.
fn approve(evidence: &mut SigningEvidence, key: &SigningKey, message: Digest) {
    let approver = key.verifying_key().to_bytes();
    evidence.approvals.retain(|approval| approval.approver != approver);
    evidence.approvals.push(Approval { approver, signature: key.sign(&message.0).to_bytes() });
    evidence.approvals.sort_by_key(|approval| approval.approver);
}

/// Source: gate step 5: registered keys.
fn approval_unknown() -> Outcome {
    let evidence = changed(|e| {
        e.approvals.clear();
        let message = approval_message(e.payment.id(e.vault.genesis));
        approve(e, &desk().oracle, message);
    });
    refused(&evidence, 6, "UnknownApprover { number: 1", "not a registered approver")
}

/// Source: gate step 5: proposer not an approver, be it registered as both.
fn approval_by_the_proposer() -> Outcome {
    let evidence = resigned(|e| {
        let proposer = e.payment.proposer;
        e.vault.approvers.push(proposer);
        e.vault.approvers.sort();
        e.approvals = vec![Approval { approver: proposer, signature: [0; 64] }];
    });
    refused(&evidence, 6, "OwnApproval { number: 1", "cannot approve its own payment")
}

/// Source: F2, replay.
fn approval_of_another_payment() -> Outcome {
    let evidence = changed(|e| {
        e.payment.nonce[0] ^= 1;
        let id = e.payment.id(e.vault.genesis);
        e.proposal = desk().proposer.sign(&proposal_message(id).0).to_bytes();
    });
    refused(&evidence, 6, "ApprovalSignature { number: 1", "does not verify over this payment")
}

/// Source: F2, replay across journals.
fn approval_of_another_journal() -> Outcome {
    let evidence = changed(|e| {
        let message = approval_message(e.payment.id(Digest([0; 32])));
        approve(e, &desk().approvers[0], message);
    });
    refused(&evidence, 6, "ApprovalSignature { number: 1", "does not verify")
}

/// Source: F2: signatures have a domain each.
fn proposal_signature_as_approval() -> Outcome {
    let evidence = changed(|e| {
        let message = proposal_message(e.payment.id(e.vault.genesis));
        approve(e, &desk().approvers[0], message);
    });
    refused(&evidence, 6, "ApprovalSignature { number: 1", "does not verify")
}

/// Source: gate step 5: distinct keys.
fn approval_twice() -> Outcome {
    let evidence = changed(|e| e.approvals.push(e.approvals[0].clone()));
    let request = solventry_protocol::PaymentRequest {
        payment: evidence.payment.clone(),
        proposal: evidence.proposal,
        approvals: evidence.approvals.clone(),
    };
    let error = request.verify(&evidence.vault).err().ok_or("ACCEPTED without a file")?;
    names(&error, "RepeatedApproval", "each approver once")?;
    refused(&evidence, 1, "Format(Invalid { what: \"approvals\"", "each approver once")
}

/// Source: issue, "approver set swapped": the policy counts other approvers than the vault has.
fn approver_set_swapped() -> Outcome {
    let swap = |e: &mut SigningEvidence| e.vault.approvers.truncate(2);
    refused(&resigned(swap), 9, "PolicyStatement { field: \"approver set\"", "the approver set is not")?;
    refused(&restated(swap), 10, "Policy(Proof", "policy proof")
}

/// A rebalance to the sibling, honest with this ratio.
fn rebalance(evidence: &mut SigningEvidence) {
    evidence.payment.lane = Lane::Rebalance;
    evidence.payment.destination = sibling();
    evidence.transaction = psbt(&sibling(), evidence.payment.amount, 1_000);
    evidence.margin = Some(margin(7_000));
}

/// Source: 02-signing, policy proof: the lane is opened by an attestation.
fn rebalance_without_margin() -> Outcome {
    accepted(&reproven(rebalance))?;
    let evidence = resigned(|e| {
        rebalance(e);
        e.margin = None;
    });
    refused(&evidence, 7, "MarginMissing", "a rebalance needs one")
}

/// Source: 02-signing: nothing that is not checked may lie in a record.
fn margin_without_rebalance() -> Outcome {
    refused(&changed(|e| e.margin = Some(margin(7_000))), 7, "MarginUnexpected", "only a rebalance")
}

/// Source: F2.
fn margin_of_another_oracle() -> Outcome {
    let evidence = resigned(|e| {
        rebalance(e);
        e.margin.as_mut().unwrap().oracle = desk().approvers[0].verifying_key().to_bytes();
    });
    refused(&evidence, 7, "OracleKey", "not signed with the key")
}

/// Source: issue, "oracle of another account".
fn margin_of_another_account() -> Outcome {
    let evidence = restated(|e| {
        rebalance(e);
        e.margin.as_mut().unwrap().account = "desk 8".into();
    });
    refused(&evidence, 7, "OracleAccount", "another venue or account")?;
    let evidence = restated(|e| {
        rebalance(e);
        e.margin.as_mut().unwrap().venue = "venue 2".into();
    });
    refused(&evidence, 7, "OracleAccount", "another venue or account")
}

/// Source: F2.
fn margin_altered() -> Outcome {
    let mut evidence = resigned(rebalance);
    evidence.margin.as_mut().unwrap().ratio_bps -= 1;
    refused(&evidence, 7, "OracleSignature", "does not verify")
}

/// Source: F2: an honest oracle's other ratio under the proof of this one.
fn margin_altered_and_signed() -> Outcome {
    let mut evidence = reproven(rebalance);
    evidence.margin = Some(margin(7_001));
    refused(&evidence, 9, "PolicyStatement { field: \"margin ratio\"", "the margin ratio is not")?;
    crate::support::evil_signing::restate(&mut evidence);
    refused(&evidence, 10, "Policy(Proof", "policy proof")
}
