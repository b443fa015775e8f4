//! Why signing evidence is refused, step by step.

use solventry_chains::{DecodeError, Mismatch, SignatureError};
use solventry_policy::PolicyVerifyError;
use solventry_types::{Chain, CodecError, Digest};
use solventry_verifier::{headroom::HeadroomError, keys::KeyError};

use crate::{decision::DecisionError, rebuild::ChargeError};

/// Why signing evidence is refused. The step numbers are those of [`crate::STEPS`], from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// Step 1.
    #[error(transparent)]
    Format(#[from] CodecError),
    /// Step 2.
    #[error(
        "the vault configuration (digest {got}) is not among those pinned in the anchors; pin the one that the vault's owner gave you by another way (`anchors new --vault`)"
    )]
    VaultNotPinned {
        /// Digest of the configuration in the file.
        got: Digest,
    },
    /// Step 3.
    #[error("transaction: {0}")]
    Transaction(#[from] DecodeError),
    /// Step 4: another vault.
    #[error(
        "payment: it is of vault {got:?} on {got_chain}, the configuration is of vault {expected:?} on {expected_chain}"
    )]
    OtherVault {
        /// Name in the configuration.
        expected: String,
        /// Chain in the configuration.
        expected_chain: Chain,
        /// Name in the payment.
        got: String,
        /// Chain in the payment.
        got_chain: Chain,
    },
    /// Step 4: a field.
    #[error("payment: {0}")]
    Payment(#[from] Mismatch),
    /// Step 5: unknown proposer.
    #[error("proposal: its key is not a registered proposer of the vault")]
    UnknownProposer,
    /// Step 5: bad signature.
    #[error("proposal: the proposer's signature does not verify over this payment")]
    ProposalSignature,
    /// Step 6: unknown approver.
    #[error("approval {number}: its key is not a registered approver of the vault")]
    UnknownApprover {
        /// Number of the approval, from 1.
        number: usize,
    },
    /// Step 6: approved by the proposer.
    #[error("approval {number}: the proposer cannot approve its own payment")]
    OwnApproval {
        /// Number of the approval, from 1.
        number: usize,
    },
    /// Step 6: one approver twice.
    #[error("approvals: expected each approver once, sorted by key")]
    RepeatedApproval,
    /// Step 6: bad signature.
    #[error("approval {number}: the signature does not verify over this payment")]
    ApprovalSignature {
        /// Number of the approval, from 1.
        number: usize,
    },
    /// Step 7: a rebalance without attestation.
    #[error("margin attestation: a rebalance needs one, the file has none")]
    MarginMissing,
    /// Step 7: an attestation that nothing asks for.
    #[error("margin attestation: only a rebalance has one")]
    MarginUnexpected,
    /// Step 7: not the pinned oracle.
    #[error("margin attestation: it is not signed with the key of the vault's oracle")]
    OracleKey,
    /// Step 7: another account.
    #[error("margin attestation: it is of another venue or account than the vault's oracle account")]
    OracleAccount,
    /// Step 7: bad signature.
    #[error("margin attestation: the oracle's signature does not verify")]
    OracleSignature,
    /// Step 8: another attestation.
    #[error("epoch: the file refers to attestation {got}, the one given is {expected}")]
    OtherAttestation {
        /// Digest of the attestation that was given.
        expected: Digest,
        /// Digest in the file.
        got: Digest,
    },
    /// Step 8: the asset.
    #[error("epoch: {0}")]
    Charge(#[from] ChargeError),
    /// Step 9.
    #[error(
        "policy statement: the {field} is not what transaction, payment, configuration and attestation say"
    )]
    PolicyStatement {
        /// Name of the public input.
        field: &'static str,
    },
    /// Step 10.
    #[error("policy proof: {0}")]
    Policy(#[from] PolicyVerifyError),
    /// Step 11: another statement.
    #[error("headroom statement: the {field} is not what the attestation and the transaction say")]
    HeadroomStatement {
        /// Name of the public input.
        field: &'static str,
    },
    /// Step 11: less outflow than this payment alone.
    #[error("headroom statement: the claimed outflow is less than what this payment alone lets out")]
    Outflow,
    /// Step 12: not pinned.
    #[error(
        "headroom key: its digest {got} is not among those pinned in the anchors (`anchors new --headroom-key`)"
    )]
    HeadroomKeyNotPinned {
        /// Digest of the key in the file.
        got: Digest,
    },
    /// Step 12: unusable.
    #[error("headroom key: {0}")]
    HeadroomKey(#[from] KeyError),
    /// Step 12: the proof.
    #[error("headroom proof: {0}")]
    Headroom(#[from] HeadroomError),
    /// Step 13: the certificate.
    #[error("decision: {0}")]
    Decision(#[from] DecisionError),
    /// Step 13: decided out of its validity.
    #[error("decision: journal time {time} is outside the payment's validity, {from} to {until}")]
    Validity {
        /// Journal time.
        time: u64,
        /// First second.
        from: u64,
        /// Last second.
        until: u64,
    },
    /// Step 13: decided with an old ratio.
    #[error(
        "decision: the margin attestation of time {made} is not from the {limit} seconds before journal time {time}"
    )]
    OracleAge {
        /// Journal time.
        time: u64,
        /// Time of the attestation.
        made: u64,
        /// Limit in seconds.
        limit: u64,
    },
    /// Step 13: decided before the epoch's snapshot.
    #[error("decision: journal time {time} is before the epoch's snapshot, {snapshot}")]
    BeforeSnapshot {
        /// Journal time.
        time: u64,
        /// Snapshot time.
        snapshot: u64,
    },
    /// Step 14.
    #[error("signature: {0}")]
    Signature(#[from] SignatureError),
}

impl SigningError {
    /// The step that refused, from 1.
    pub const fn step(&self) -> usize {
        match self {
            Self::Format(_) => 1,
            Self::VaultNotPinned { .. } => 2,
            Self::Transaction(_) => 3,
            Self::OtherVault { .. } | Self::Payment(_) => 4,
            Self::UnknownProposer | Self::ProposalSignature => 5,
            Self::UnknownApprover { .. }
            | Self::OwnApproval { .. }
            | Self::RepeatedApproval
            | Self::ApprovalSignature { .. } => 6,
            Self::MarginMissing
            | Self::MarginUnexpected
            | Self::OracleKey
            | Self::OracleAccount
            | Self::OracleSignature => 7,
            Self::OtherAttestation { .. } | Self::Charge(_) => 8,
            Self::PolicyStatement { .. } => 9,
            Self::Policy(_) => 10,
            Self::HeadroomStatement { .. } | Self::Outflow => 11,
            Self::HeadroomKeyNotPinned { .. } | Self::HeadroomKey(_) | Self::Headroom(_) => 12,
            Self::Decision(_)
            | Self::Validity { .. }
            | Self::OracleAge { .. }
            | Self::BeforeSnapshot { .. } => 13,
            Self::Signature(_) => 14,
        }
    }
}
