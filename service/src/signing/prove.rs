//! Proving a payment: policy proof, headroom proof, signing evidence.

use rand_core::OsRng;
use solventry_chains::Transfer;
use solventry_policy::{Policy, PolicyKeys};
use solventry_protocol::{
    JournalClaims, PaymentRequest, SigningError, SigningEvidence,
    rebuild::{charge, policy_statement},
    verify::verify_margin,
    verify_signing,
};
use solventry_prover::{headroom::HeadroomKeys, seal::self_anchors};
use solventry_types::{Digest, MarginAttestation, VaultConfiguration};
use solventry_verifier::{VerifiedAttestation, anchors::Hex};

use super::PaymentRefused;
use crate::{epoch::headroom::headroom_of, journal_sums::JournalSums, store::epoch_folder::EpochFolder};

/// Everything that a proof of one payment is made from.
pub struct PaymentInputs<'a> {
    /// The vault's pinned configuration.
    pub vault: &'a VaultConfiguration,
    /// Its policy.
    pub policy: &'a Policy,
    /// Raw transaction.
    pub transaction: Vec<u8>,
    /// The same, decoded.
    pub transfer: &'a Transfer,
    /// Payment, proposal, approvals.
    pub request: &'a PaymentRequest,
    /// Margin attestation of a rebalance.
    pub margin: Option<MarginAttestation>,
    /// The attestation in force.
    pub attestation: &'a VerifiedAttestation,
    /// Folder of the epoch that it sealed.
    pub folder: &'a EpochFolder,
    /// Keys of the headroom circuit.
    pub headroom_keys: &'a HeadroomKeys,
}

/// Makes both proofs and the evidence file, and verifies it as an auditor will.
///
/// `journal` holds what was charged before this payment; its outflow grows by what this payment
/// lets out. Refusals of the policy and of coverage come before any proving.
pub fn prove(inputs: PaymentInputs<'_>, journal: &JournalSums) -> Result<SigningEvidence, PaymentRefused> {
    let PaymentInputs { vault, policy, transfer, request, attestation, .. } = inputs;
    let payment = &request.payment;
    let approvals = request.verify(vault)?;
    transfer.matches(payment).map_err(SigningError::from)?;
    require_pinned(policy, vault)?;
    let (time, until) = (journal.time, payment.validity.until);
    if time > until {
        return Err(PaymentRefused::Expired { time, until });
    }
    let charge = charge(transfer, payment.fee_cap, vault, attestation)?;
    let outflow = journal.outflow.add(charge.outflow).map_err(|_| PaymentRefused::Outflow)?;
    let claims =
        JournalClaims { spent: journal.spent, count: journal.count, since_last: journal.since_last, outflow };
    let margin = inputs.margin.as_ref();
    verify_margin(margin, payment.lane, vault).map_err(|error| PaymentRefused::margin(&error))?;
    let asset = charge.asset.digest();
    if !policy.rules.iter().any(|rule| rule.asset == asset) {
        return Err(PaymentRefused::Asset { symbol: charge.asset.symbol.clone() });
    }
    let statement = policy_statement(vault, payment, &charge, margin, approvals, &claims);
    let refusals = policy.decide(&statement);
    if !refusals.is_empty() {
        return Err(PaymentRefused::Policy(refusals));
    }

    let headroom = headroom_of(inputs.folder, attestation, inputs.headroom_keys, charge.id, outflow)?;
    let keys = PolicyKeys::generate().map_err(|error| PaymentRefused::SelfCheck(error.to_string()))?;
    let proof = solventry_policy::prove(&keys, policy, &statement, OsRng)?;

    let evidence = SigningEvidence {
        vault: vault.clone(),
        payment: payment.clone(),
        transaction: inputs.transaction,
        proposal: request.proposal,
        approvals: request.approvals.clone(),
        margin: inputs.margin,
        attestation: attestation.digest(),
        policy_statement: statement,
        policy_proof: proof.as_bytes().to_vec(),
        headroom_statement: headroom.statement,
        headroom_key: headroom.key.encode(),
        headroom_proof: headroom.proof,
        decision: None,
        signatures: vec![],
    };
    self_check(&evidence, headroom.key.digest(), attestation, &keys)?;
    Ok(evidence)
}

fn require_pinned(policy: &Policy, vault: &VaultConfiguration) -> Result<(), PaymentRefused> {
    let root = policy.root();
    if root == vault.policy_root {
        return Ok(());
    }
    Err(PaymentRefused::PolicyRoot { expected: hex::encode(vault.policy_root), got: hex::encode(root) })
}

/// Verifies the file against anchors that trust exactly what it was made with.
fn self_check(
    evidence: &SigningEvidence,
    headroom_key: Digest,
    attestation: &VerifiedAttestation,
    keys: &PolicyKeys,
) -> Result<(), PaymentRefused> {
    let mut anchors = self_anchors(attestation.attestation());
    anchors.vaults = vec![Hex(evidence.vault.digest().0)];
    anchors.headroom_keys = vec![Hex(headroom_key.0)];
    verify_signing(&evidence.encode(), attestation, &anchors, keys.verifying())
        .map_err(|error| PaymentRefused::SelfCheck(error.to_string()))?;
    Ok(())
}
