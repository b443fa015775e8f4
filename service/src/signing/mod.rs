//! What an operator does for one payment before signers see it: propose, approve, prove.

pub mod example;
pub mod example_message;
pub mod propose;
pub mod prove;

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use solventry_chains::{DecodeError, Transfer, from_text_or_binary};
use solventry_policy::{PolicyProveError, Refusal};
use solventry_protocol::{
    PaymentRequest, SigningError, SigningEvidence,
    rebuild::{ChargeError, charge},
};
use solventry_types::{Asset, VaultConfiguration, payment::PaymentError};
use solventry_verifier::VerifiedAttestation;

use crate::{
    document::words::time_text,
    epoch::EpochError,
    store::{StoreError, files},
};

/// Why a payment is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentRefused {
    /// A file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The transaction.
    #[error("{}: {problem}; a transaction file holds a PSBT or a Solana message, binary or base64", path.display())]
    Transaction {
        /// The file.
        path: PathBuf,
        /// Why it is refused.
        problem: DecodeError,
    },
    /// A field of the payment.
    #[error("payment: {0}")]
    Payment(#[from] PaymentError),
    /// Proposal, approvals, or what transaction and payment say.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The asset.
    #[error(transparent)]
    Charge(#[from] ChargeError),
    /// The key is not registered.
    #[error(
        "this key ({key}) is not a registered {role} of vault {vault:?}; use the key of one, or have the vault's owner register it (which changes the configuration that signers and auditors pin)"
    )]
    UnknownKey {
        /// Public key.
        key: String,
        /// Proposer or approver.
        role: &'static str,
        /// Vault.
        vault: String,
    },
    /// The proposer approves.
    #[error("the proposer cannot approve its own payment; another approver must")]
    OwnApproval,
    /// The policy on disk is not the pinned one.
    #[error(
        "the policy file has root {got}, vault.toml pins {expected}; pin it with `solventry policy root V/policy.toml --write`, V being the vault folder"
    )]
    PolicyRoot {
        /// Root in the vault file.
        expected: String,
        /// Root of the policy file.
        got: String,
    },
    /// The payment is over.
    #[error("the payment was valid until {}, it is {} now; propose it again", time_text(*.until), time_text(*.time))]
    Expired {
        /// Time of the journal or of the approver.
        time: u64,
        /// Last second of its validity.
        until: u64,
    },
    /// A rebalance without a margin attestation.
    #[error("a rebalance needs a margin attestation of the vault's oracle; give one with --margin")]
    MarginMissing,
    /// A margin attestation with another payment.
    #[error(
        "only a rebalance has a margin attestation; leave --margin out, or propose the payment with --lane rebalance"
    )]
    MarginUnexpected,
    /// Another oracle, account, or a signature that does not verify.
    #[error(
        "the margin attestation is not of the vault's oracle and account, or its signature does not verify"
    )]
    Margin,
    /// The policy is about another asset.
    #[error(
        "the policy has no rule for {symbol} as the epoch's asset table describes it (symbol, decimals, places); compare its [[asset]] with assets.csv"
    )]
    Asset {
        /// Symbol in the asset table.
        symbol: String,
    },
    /// The policy refuses.
    #[error("the policy refuses this payment:{}", list(.0))]
    Policy(Vec<Refusal>),
    /// The policy proof could not be made.
    #[error("policy proof: {0}")]
    PolicyProof(PolicyProveError),
    /// The epoch, or coverage.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// Outflow out of range.
    #[error("the outflow since the snapshot would pass 2^96 units; check the journal file")]
    Outflow,
    /// What was made does not verify: a bug.
    #[error("internal: the evidence made here does not verify: {0}")]
    SelfCheck(String),
}

impl PaymentRefused {
    /// The operator's words for what the evidence's own check of a margin attestation says.
    fn margin(error: &SigningError) -> Self {
        match error {
            SigningError::MarginMissing => Self::MarginMissing,
            SigningError::MarginUnexpected => Self::MarginUnexpected,
            _ => Self::Margin,
        }
    }
}

impl From<PolicyProveError> for PaymentRefused {
    fn from(error: PolicyProveError) -> Self {
        match error {
            PolicyProveError::Refused(refusals) => Self::Policy(refusals),
            other => Self::PolicyProof(other),
        }
    }
}

fn list(refusals: &[Refusal]) -> String {
    refusals.iter().map(|refusal| format!("\n  - {refusal}")).collect()
}

/// Reads a transaction file, base64 text or binary, and decodes it for the vault.
pub fn read_transaction(
    path: &Path,
    vault: &VaultConfiguration,
) -> Result<(Vec<u8>, Transfer), PaymentRefused> {
    // Base64 is a third longer, and text may have white space around it.
    let file = files::read(path, 2 * SigningEvidence::MAX_TRANSACTION_BYTES)?;
    let bytes = from_text_or_binary(&file).into_owned();
    let transfer = solventry_chains::decode(&bytes, &vault.accounts)
        .map_err(|problem| PaymentRefused::Transaction { path: path.to_owned(), problem })?;
    Ok((bytes, transfer))
}

/// Reads a payment file; nothing is verified.
pub fn read_request(path: &Path) -> Result<PaymentRequest, StoreError> {
    let bytes = files::read(path, PaymentRequest::MAX_BYTES)?;
    PaymentRequest::decode(&bytes).map_err(|error| StoreError::new(path, error))
}

/// Reads a signing key of 64 hexadecimal digits.
pub fn signing_key(path: &Path) -> Result<SigningKey, StoreError> {
    Ok(SigningKey::from_bytes(&*files::read_secret(path)?))
}

/// The asset that a transaction moves, in the attested table.
pub fn attested_asset<'a>(
    transfer: &Transfer,
    vault: &VaultConfiguration,
    attestation: &'a VerifiedAttestation,
) -> Result<&'a Asset, PaymentRefused> {
    Ok(charge(transfer, transfer.fee(), vault, attestation)?.asset)
}
