//! Proposing a payment for a transaction, and approving it.

use ed25519_dalek::SigningKey;
use rand_core::{OsRng, RngCore};
use solventry_chains::Transfer;
use solventry_protocol::PaymentRequest;
use solventry_types::{Lane, Payment, Validity, VaultConfiguration};

use super::PaymentRefused;

/// What a proposer decides besides the transaction.
#[derive(Debug, Clone, Copy)]
pub struct Proposal {
    /// When the payment may be decided and signed.
    pub validity: Validity,
    /// Most network fee in the chain's own coin; the transaction's fee if absent.
    pub fee_cap: Option<u64>,
    /// Lane.
    pub lane: Lane,
}

/// Proposes the payment that `transfer` makes, signed with the proposer's key.
pub fn propose(
    transfer: &Transfer,
    vault: &VaultConfiguration,
    proposal: &Proposal,
    key: &SigningKey,
) -> Result<PaymentRequest, PaymentRefused> {
    let proposer = key.verifying_key().to_bytes();
    require_registered(&vault.proposers, &proposer, "proposer", vault)?;
    let mut nonce = [0; 16];
    OsRng.fill_bytes(&mut nonce);
    let payment = Payment {
        vault: vault.name.clone(),
        chain: transfer.chain(),
        locator: transfer.locator().clone(),
        destination: transfer.destination().to_vec(),
        amount: transfer.amount(),
        fee_cap: proposal.fee_cap.unwrap_or(transfer.fee()),
        validity: proposal.validity,
        lane: proposal.lane,
        nonce,
        proposer,
    };
    payment.validate()?;
    transfer.matches(&payment).map_err(solventry_protocol::SigningError::from)?;
    Ok(PaymentRequest::propose(payment, vault.genesis, key))
}

/// Adds an approval, after checking all that is signed so far. `now` is the approver's time in
/// Unix seconds.
pub fn approve(
    request: &mut PaymentRequest,
    vault: &VaultConfiguration,
    key: &SigningKey,
    now: u64,
) -> Result<u16, PaymentRefused> {
    let approver = key.verifying_key().to_bytes();
    if request.payment.proposer == approver {
        return Err(PaymentRefused::OwnApproval);
    }
    require_registered(&vault.approvers, &approver, "approver", vault)?;
    request.verify(vault)?;
    let (time, until) = (now, request.payment.validity.until);
    if time > until {
        return Err(PaymentRefused::Expired { time, until });
    }
    request.approve(vault.genesis, key);
    Ok(request.verify(vault)?)
}

fn require_registered(
    keys: &[[u8; 32]],
    key: &[u8; 32],
    role: &'static str,
    vault: &VaultConfiguration,
) -> Result<(), PaymentRefused> {
    if keys.contains(key) {
        return Ok(());
    }
    Err(PaymentRefused::UnknownKey { key: hex::encode(key), role, vault: vault.name.clone() })
}
