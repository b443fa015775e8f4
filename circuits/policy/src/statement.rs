//! What signers know about a payment: the public inputs of the policy proof.

use solventry_types::{Digest, Lane, Total, Validity};

/// Public inputs of the policy proof, each rebuilt by the signer. The types carry the ranges that
/// the circuit's comparisons rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStatement {
    /// Salted root of the policy, 32 canonical bytes of a Pallas base-field element.
    pub policy_root: [u8; 32],
    /// What humans approved.
    pub payment_id: Digest,
    /// The vault ([`solventry_types::VaultConfiguration::vault_digest`]).
    pub vault: Digest,
    /// The asset ([`solventry_types::Asset::digest`]).
    pub asset: Digest,
    /// The destination ([`solventry_types::Payment::destination_digest`]).
    pub destination: Digest,
    /// Charged amount in listed units, rounded up.
    pub amount: Total,
    /// Network fee in units of the chain's own coin.
    pub fee: u64,
    /// Lane.
    pub lane: Lane,
    /// Whether the destination is an account of a vault of the journal.
    pub own_destination: bool,
    /// Claimed sums charged in each window before this payment, in listed units.
    pub spent: [Total; 4],
    /// Claimed payments in the last 24 h before this one.
    pub count: u32,
    /// Claimed seconds since the last payment; `u64::MAX` if there was none.
    pub since_last: u64,
    /// Claimed number of valid approvals.
    pub approvals: u16,
    /// Digest of the approver set that the approvals were counted in.
    pub approver_set: Digest,
    /// Venue and account of the margin attestation; zero if there is none.
    pub oracle_account: Digest,
    /// Margin ratio; 0 if there is no attestation.
    pub margin_ratio_bps: u32,
    /// When the payment may be decided and signed.
    pub validity: Validity,
}
