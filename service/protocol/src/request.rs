//! The payment file that travels between proposer, approvers and prover.

use ed25519_dalek::{Signer, SigningKey};
use solventry_types::{
    Digest, Payment, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
    vault::{approval_message, proposal_message},
};

use crate::{
    decision::is_signed,
    error::SigningError,
    evidence::{Approval, read_approvals, write_approvals},
};

/// A proposed payment with the approvals that it has so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// What humans approve.
    pub payment: Payment,
    /// Signature of the proposer.
    pub proposal: [u8; 64],
    /// Approvals, sorted by key, one each.
    pub approvals: Vec<Approval>,
}

impl PaymentRequest {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVPAY\n", version: 1, what: "payment" };
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 1 << 15;

    /// Proposes a payment whose `proposer` is the key's public half.
    pub fn propose(payment: Payment, genesis: Digest, key: &SigningKey) -> Self {
        let proposal = key.sign(&proposal_message(payment.id(genesis)).0).to_bytes();
        Self { payment, proposal, approvals: vec![] }
    }

    /// Adds the approval of `key`, or replaces an earlier one of it.
    pub fn approve(&mut self, genesis: Digest, key: &SigningKey) {
        let approver = key.verifying_key().to_bytes();
        let signature = key.sign(&approval_message(self.payment.id(genesis)).0).to_bytes();
        self.approvals.retain(|approval| approval.approver != approver);
        self.approvals.push(Approval { approver, signature });
        self.approvals.sort_by_key(|approval| approval.approver);
    }

    /// The number of valid approvals. Refuses a payment of another vault, an unregistered proposer or approver, a proposer
    /// among the approvers, and any signature that does not verify.
    pub fn verify(&self, vault: &VaultConfiguration) -> Result<u16, SigningError> {
        verify_people(&self.payment, &self.proposal, &self.approvals, vault)
    }

    /// The canonical file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        self.payment.write(&mut writer);
        writer.bytes(&self.proposal);
        write_approvals(&mut writer, &self.approvals);
        writer.finish()
    }

    /// Parses a file; nothing is verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let payment = Payment::read(&mut reader)?;
        let (proposal, approvals) = (reader.array("proposal signature")?, read_approvals(&mut reader)?);
        reader.finish()?;
        Ok(Self { payment, proposal, approvals })
    }
}

/// The payment is of this vault, by name and chain.
pub(crate) fn require_of(payment: &Payment, vault: &VaultConfiguration) -> Result<(), SigningError> {
    let expected = (vault.name.as_str(), vault.accounts.chain());
    if (payment.vault.as_str(), payment.chain) == expected {
        return Ok(());
    }
    Err(SigningError::OtherVault {
        expected: vault.name.clone(),
        expected_chain: expected.1,
        got: payment.vault.clone(),
        got_chain: payment.chain,
    })
}

/// Proposal and approvals of a payment; the number of valid approvals.
pub(crate) fn verify_people(
    payment: &Payment,
    proposal: &[u8; 64],
    approvals: &[Approval],
    vault: &VaultConfiguration,
) -> Result<u16, SigningError> {
    require_of(payment, vault)?;
    let id = payment.id(vault.genesis);
    if !vault.proposers.contains(&payment.proposer) {
        return Err(SigningError::UnknownProposer);
    }
    if !is_signed(&payment.proposer, proposal_message(id), proposal) {
        return Err(SigningError::ProposalSignature);
    }
    if !approvals.is_sorted_by(|a, b| a.approver < b.approver) {
        return Err(SigningError::RepeatedApproval);
    }
    for (approval, number) in approvals.iter().zip(1..) {
        if approval.approver == payment.proposer {
            return Err(SigningError::OwnApproval { number });
        }
        if !vault.approvers.contains(&approval.approver) {
            return Err(SigningError::UnknownApprover { number });
        }
        if !is_signed(&approval.approver, approval_message(id), &approval.signature) {
            return Err(SigningError::ApprovalSignature { number });
        }
    }
    Ok(u16::try_from(approvals.len()).unwrap_or(u16::MAX))
}
