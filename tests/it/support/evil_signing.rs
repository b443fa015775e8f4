//! An evil maker of signing evidence: it owns every key of proposer, approvers, oracle and
//! signers, signs and digests again whatever it changes, and proves again where a proof can be
//! made. Only the claim under attack is left to refuse.

use std::cell::RefCell;

use ed25519_dalek::{Signer, SigningKey};
use rand_core::OsRng;
use solventry_chains::Transfer;
use solventry_protocol::{
    Decision, Header, JournalClaims, PaymentRequest, SigningError, SigningEvidence,
    decision::{Precommit, precommit_message},
    rebuild::{charge, claims_of, headroom_statement, policy_statement},
    verify_signing,
};
use solventry_prover::headroom::prove_headroom;
use solventry_types::{Digest, MarginAttestation, Total};
use solventry_verifier::{Anchors, anchors::Hex};

use super::{
    outcome::{Attack, Outcome, names},
    signing::{TIME, desk, policy},
    transactions::{keypair, sign},
};

/// The file is refused by `step` with this error; it goes through its encoding.
pub fn refused(evidence: &SigningEvidence, step: usize, variant: &str, says: &str) -> Outcome {
    MADE.with_borrow_mut(|made| {
        let one = Made { evidence: evidence.clone(), step, variant: variant.into() };
        if let Some(made) = made.as_mut() {
            made.push(one);
        }
    });
    refused_under(&pinning(evidence), evidence, step, variant, says)
}

/// Evidence that an attack made, and how it is refused.
pub struct Made {
    pub evidence: SigningEvidence,
    pub step: usize,
    pub variant: String,
}

thread_local! {
    static MADE: RefCell<Option<Vec<Made>>> = const { RefCell::new(None) };
}

/// All the evidence that [`refused`] sees while `attack` runs.
pub fn made_by(attack: &Attack) -> Result<Vec<Made>, String> {
    MADE.set(Some(vec![]));
    let outcome = (attack.run)();
    let made = MADE.take().unwrap_or_default();
    outcome.map(|()| made)
}

/// The same under other anchors.
pub fn refused_under(
    anchors: &Anchors,
    evidence: &SigningEvidence,
    step: usize,
    variant: &str,
    says: &str,
) -> Outcome {
    let error = attempt(anchors, &evidence.encode())?;
    if error.step() != step {
        return Err(format!("expected step {step}, got {} ({error:?})", error.step()));
    }
    names(&error, variant, says)
}

/// The error for these bytes, or `Err` if they were accepted.
pub fn attempt(anchors: &Anchors, bytes: &[u8]) -> Result<SigningError, String> {
    let desk = desk();
    match verify_signing(bytes, &desk.attestation, anchors, desk.policy_keys.verifying()) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => Ok(error),
    }
}

/// The file is accepted, as it must be: what the attack next to it changes is what refuses.
pub fn accepted(evidence: &SigningEvidence) -> Outcome {
    let desk = desk();
    verify_signing(&evidence.encode(), &desk.attestation, &pinning(evidence), desk.policy_keys.verifying())
        .map(drop)
        .map_err(|error| format!("refused: {error:?}"))
}

/// The auditor's anchors, with the file's own vault configuration pinned.
pub fn pinning(evidence: &SigningEvidence) -> Anchors {
    let mut anchors = desk().anchors.clone();
    anchors.vaults = vec![Hex(evidence.vault.digest().0)];
    anchors
}

/// The honest file with a change, and nothing made good.
pub fn changed(change: impl FnOnce(&mut SigningEvidence)) -> SigningEvidence {
    let mut evidence = desk().honest.clone();
    change(&mut evidence);
    evidence
}

/// The honest file with a change; proposer and approvers sign what the payment says now.
pub fn resigned(change: impl FnOnce(&mut SigningEvidence)) -> SigningEvidence {
    let mut evidence = changed(change);
    resign(&mut evidence);
    evidence
}

/// The same; statements rebuilt from what the file says now, proofs kept from before.
pub fn restated(change: impl FnOnce(&mut SigningEvidence)) -> SigningEvidence {
    let mut evidence = resigned(change);
    restate(&mut evidence);
    evidence
}

/// The same; both proofs made again, which succeeds only where policy and headroom allow it.
pub fn reproven(change: impl FnOnce(&mut SigningEvidence)) -> SigningEvidence {
    let mut evidence = restated(change);
    reprove(&mut evidence);
    evidence
}

/// Signatures of those people whose keys the file names.
pub fn resign(evidence: &mut SigningEvidence) {
    let desk = desk();
    let find = |public: &[u8; 32]| -> Option<&SigningKey> {
        [&desk.proposer, &desk.oracle]
            .into_iter()
            .chain(&desk.approvers)
            .find(|key| key.verifying_key().to_bytes() == *public)
    };
    let Some(proposer) = find(&evidence.payment.proposer) else { return };
    let mut request = PaymentRequest::propose(evidence.payment.clone(), evidence.vault.genesis, proposer);
    for key in evidence.approvals.iter().filter_map(|approval| find(&approval.approver)) {
        request.approve(evidence.vault.genesis, key);
    }
    (evidence.proposal, evidence.approvals) = (request.proposal, request.approvals);
    if let Some(margin) = &mut evidence.margin
        && let Some(oracle) = find(&margin.oracle)
    {
        margin.signature = oracle.sign(&margin.message().0).to_bytes();
    }
}

/// Both statements, as a verifier will rebuild them; sums stay as claimed.
pub fn restate(evidence: &mut SigningEvidence) {
    let (transfer, claims) = (transfer(evidence), claims(evidence));
    let charge = charge(&transfer, evidence.payment.fee_cap, &evidence.vault, &desk().attestation).unwrap();
    let approvals = evidence.approvals.len() as u16;
    evidence.policy_statement = policy_statement(
        &evidence.vault,
        &evidence.payment,
        &charge,
        evidence.margin.as_ref(),
        approvals,
        &claims,
    );
    evidence.headroom_statement = headroom_statement(&desk().attestation, &charge, &claims);
}

/// Both proofs for the statements in the file.
pub fn reprove(evidence: &mut SigningEvidence) {
    let desk = desk();
    let policy = policy(&evidence.vault);
    let proof =
        solventry_policy::prove(&desk.policy_keys, &policy, &evidence.policy_statement, OsRng).unwrap();
    evidence.policy_proof = proof.as_bytes().to_vec();
    let statement = &evidence.headroom_statement;
    let file =
        prove_headroom(&desk.headroom_keys, &desk.headroom, statement.asset, statement.outflow).unwrap();
    (evidence.headroom_statement, evidence.headroom_proof) = (file.statement, file.proof);
}

/// The file's transaction, decoded.
pub fn transfer(evidence: &SigningEvidence) -> Transfer {
    solventry_chains::decode(&evidence.transaction, &evidence.vault.accounts).unwrap()
}

/// The sums that the file claims.
pub fn claims(evidence: &SigningEvidence) -> JournalClaims {
    claims_of(&evidence.policy_statement, &evidence.headroom_statement)
}

/// The file with a decision of these signers at this journal time.
pub fn decided(mut evidence: SigningEvidence, time: u64, signers: &[u8]) -> SigningEvidence {
    let header = Header { previous: Digest([0x11; 32]), time, record: evidence.record_digest() };
    evidence.decision = Some(decision(&evidence, header, 17, 0, signers));
    evidence
}

/// A decision over any header.
pub fn decision(
    evidence: &SigningEvidence,
    header: Header,
    height: u64,
    round: u32,
    signers: &[u8],
) -> Decision {
    let precommit = |signer: &u8| {
        let key = &desk().signers[usize::from(*signer)];
        let public = key.verifying_key().to_bytes();
        let message = precommit_message(evidence.vault.genesis, height, round, header.value_id(), &public);
        Precommit { signer: *signer, signature: key.sign(&message.0).to_bytes() }
    };
    Decision { header, height, round, precommits: signers.iter().map(precommit).collect() }
}

/// A margin attestation of the desk's oracle, 30 s before the decision.
pub fn margin(ratio_bps: u32) -> MarginAttestation {
    let oracle = desk().oracle.verifying_key().to_bytes();
    let mut margin = MarginAttestation {
        venue: "venue".into(),
        account: "desk 7".into(),
        ratio_bps,
        counter: 1,
        time: TIME - 30,
        risk_arrays: Digest([3; 32]),
        oracle,
        signature: [0; 64],
    };
    margin.signature = desk().oracle.sign(&margin.message().0).to_bytes();
    margin
}

/// An amount in listed units.
pub fn total(units: u128) -> Total {
    Total::from_units(units).unwrap()
}

/// The honest file, decided by a quorum and signed with the vault's key.
pub fn complete() -> SigningEvidence {
    let mut evidence = decided(desk().honest.clone(), TIME, &[0, 1, 3]);
    evidence.signatures = sign(&transfer(&evidence), &keypair(1));
    evidence
}
