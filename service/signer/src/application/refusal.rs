//! Why the journal or the gate says no.

use solventry_chains::{DecodeError, Mismatch};
use solventry_protocol::SigningError;
use solventry_types::{Chain, CodecError, Digest, vault::VaultError};
use solventry_verifier::{attestation::AttestationError, headroom::HeadroomError};

/// A refusal. Its text may tell the vault's owner about sums of the journal, nobody else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not an entry or record.
    #[error("record: {0}")]
    Format(#[from] CodecError),
    /// Another chain of entries.
    #[error("header: expected previous head {expected}, got {got}")]
    Previous {
        /// The head here.
        expected: Digest,
        /// The one in the header.
        got: Digest,
    },
    /// The header is of another record.
    #[error("header: its digest is of another record")]
    OtherRecord,
    /// Journal time does not rise.
    #[error("header: expected a journal time after {last}, got {got}")]
    Time {
        /// Journal time of the state.
        last: u64,
        /// Time in the header.
        got: u64,
    },
    /// A fresh proposal that is off the node's own clock.
    #[error("header: time {got} is more than {limit} s from this node's clock, {clock}")]
    Clock {
        /// Own clock.
        clock: u64,
        /// Time in the header.
        got: u64,
        /// Limit in seconds.
        limit: u64,
    },
    /// A tick too early.
    #[error("tick: expected a journal time of at least {expected}, got {got}")]
    Tick {
        /// Earliest time.
        expected: u64,
        /// Time in the header.
        got: u64,
    },
    /// No such vault.
    #[error("vault {0:?}: the journal has no vault of this name")]
    UnknownVault(String),
    /// A change out of order.
    #[error("{what}: expected sequence number {expected}, got {got}; sign anew with --sequence {expected}")]
    Sequence {
        /// What changes.
        what: &'static str,
        /// Number in turn.
        expected: u64,
        /// The one given.
        got: u64,
    },
    /// Signed by somebody else.
    #[error("signature {number}: its key is not registered for this")]
    UnknownSigner {
        /// Number of the signature, from 1.
        number: usize,
    },
    /// One key twice.
    #[error("signatures: expected each key once, sorted")]
    RepeatedSigner,
    /// A signature does not verify.
    #[error("signature {number}: it does not verify over this record")]
    Signature {
        /// Number of the signature, from 1.
        number: usize,
    },
    /// Too few signatures.
    #[error("expected signatures of at least {expected} {who}, got {got}")]
    Quorum {
        /// Whose.
        who: &'static str,
        /// Least number.
        expected: usize,
        /// Valid ones.
        got: usize,
    },
    /// The configuration that a change makes.
    #[error("changed configuration: {0}")]
    Configuration(#[from] VaultError),
    /// A change that no later change could follow.
    #[error(
        "changed configuration: expected at least {expected} approvers, so that it can be changed again, got {got}"
    )]
    TooFewApprovers {
        /// Quorum of changes.
        expected: u16,
        /// Approvers.
        got: usize,
    },
    /// The new observers.
    #[error("observers: expected 1 to 64 distinct keys, sorted, and a quorum of 1 to their number")]
    Observers,
    /// Nothing to stop.
    #[error("vault {0:?}: it is disabled already, and no change of it waits")]
    AlreadyDisabled(String),
    /// An attestation that does not verify.
    #[error("attestation: {0}")]
    Attestation(#[from] AttestationError),
    /// Development keys.
    #[error("attestation: its keys were made for development; this journal asks for a ceremony")]
    DevelopmentSetup,
    /// An epoch that goes backward.
    #[error("epoch: expected a number after {last}, got {got}")]
    EpochNumber {
        /// Number in force.
        last: u64,
        /// Number in the attestation.
        got: u64,
    },
    /// The snapshot's time.
    #[error("epoch: expected a snapshot after {after} and not after {until}, got {got}")]
    SnapshotTime {
        /// Snapshot in force, or the oldest that is accepted, less one second.
        after: u64,
        /// Journal time.
        until: u64,
        /// The snapshot.
        got: u64,
    },
    /// The snapshot is old.
    #[error("epoch: its snapshot is {age} s old, expected at most {limit}; activate a new epoch")]
    EpochAge {
        /// Limit in seconds.
        limit: u64,
        /// Age by journal time.
        age: u64,
    },
    /// No snapshot block.
    #[error("epoch: expected a snapshot block of {0}, on which the journal has a vault")]
    SnapshotBlock(Chain),
    /// A snapshot block that is not later.
    #[error("epoch: expected a snapshot block of {chain} above {last}, got {got}")]
    SnapshotHeight {
        /// The chain.
        chain: Chain,
        /// Height in force.
        last: u64,
        /// Height in the attestation.
        got: u64,
    },
    /// A place that payments are open on.
    #[error(
        "epoch: its table leaves out an asset on {0} with payments that are not proven settled by its snapshot"
    )]
    DroppedPlace(Chain),
    /// A place with other decimals.
    #[error("epoch: its table says {got} decimals for an asset on {chain} that was paid with {expected}")]
    PlaceDecimals {
        /// The chain.
        chain: Chain,
        /// Decimals of payments.
        expected: u8,
        /// Decimals of the table.
        got: u8,
    },
    /// A payment under another configuration.
    #[error("vault: the payment is made under configuration {got}, in force is {expected}")]
    OtherConfiguration {
        /// Digest in force.
        expected: Digest,
        /// Digest in the evidence.
        got: Digest,
    },
    /// A disabled vault.
    #[error("vault {0:?}: it is disabled; only a change of its configuration enables it")]
    Disabled(String),
    /// A vault without policy.
    #[error("vault {0:?}: it has no policy yet")]
    NoPolicy(String),
    /// The transaction.
    #[error("transaction: {0}")]
    Transaction(#[from] DecodeError),
    /// Payment and transaction differ.
    #[error("payment: {0}")]
    Mismatch(#[from] Mismatch),
    /// No epoch.
    #[error("epoch: none is in force; activate one")]
    NoEpoch,
    /// Another epoch.
    #[error("epoch: the payment is made under attestation {got}, in force is {expected}")]
    OtherEpoch {
        /// Digest in force.
        expected: Digest,
        /// Digest in the evidence.
        got: Digest,
    },
    /// Outside of the payment's validity.
    #[error("time {time} is outside the payment's validity, {from} to {until}")]
    Validity {
        /// Journal time or own clock.
        time: u64,
        /// First second.
        from: u64,
        /// Last second.
        until: u64,
    },
    /// An old ratio.
    #[error("margin attestation: it is of {made}, not from the {limit} s before journal time {time}")]
    OracleAge {
        /// Journal time.
        time: u64,
        /// Time of the attestation.
        made: u64,
        /// Limit in seconds.
        limit: u64,
    },
    /// An outpoint or nonce account of another payment.
    #[error("transaction: it uses an outpoint or nonce account of payment {0}, which is not settled")]
    Locked(Digest),
    /// No such payment.
    #[error("payment {0}: it is not decided")]
    UnknownPayment(Digest),
    /// A payment that is over.
    #[error("payment {0}: it is settled")]
    Settled(Digest),
    /// A payment that was given up.
    #[error("payment {0}: it was given up; only another cancellation can follow")]
    Cancelled(Digest),
    /// A replacement with another anchor.
    #[error("transaction: it does not spend the anchor of payment {0}, so both could happen")]
    Anchor(Digest),
    /// The same transaction again.
    #[error(
        "transaction: it is decided already for payment {0}; the run that had it decided wrote its signatures into \
         its --out. If that file is lost, make it void with `cancel`, or wait until the payment's validity has ended"
    )]
    SameTransaction(Digest),
    /// The evidence, by the steps of signing.
    #[error("signing step {step} ({name}): {source}", step = source.step(), name = signing_step(source))]
    Evidence {
        /// What `verify_signing` says.
        #[source]
        source: Box<SigningError>,
    },
    /// A claimed sum that is too low, or an age that is too high.
    #[error(
        "claimed {what}: expected {relation} {own}, got {claimed}; ask for the journal's sums and prove anew"
    )]
    Claim {
        /// Which.
        what: &'static str,
        /// `at least` or `at most`.
        relation: &'static str,
        /// The journal's.
        own: u128,
        /// The claim.
        claimed: u128,
    },
    /// A cancellation that takes more than the payment.
    #[error("cancellation: expected a fee of at most {limit}, got {got} (in sat or lamports)")]
    CancelFee {
        /// Limit.
        limit: u64,
        /// Its fee.
        got: u64,
    },
    /// A settlement without block.
    #[error("settlement: expected the height of a block, got 0")]
    NoBlock,
    /// More refused payments of one proposer than are looked at.
    #[error("proposer: {limit} of its payments were refused in the last hour; wait")]
    Budget {
        /// Limit.
        limit: usize,
    },
    /// Too many records wait.
    #[error(
        "pool: at most {records} records and {bytes} bytes of one coordinator may wait; wait for decisions"
    )]
    PoolFull {
        /// Limit of records.
        records: usize,
        /// Limit of bytes.
        bytes: usize,
    },
    /// Only nodes propose ticks.
    #[error("tick: nodes propose it themselves")]
    SubmittedTick,
    /// The transaction is no member, or not the last one.
    #[error("transaction {0}: it is not the last one decided for its payment")]
    NotLast(Digest),
    /// A nonce commitment that was used.
    #[error("nonce: it was used before; make fresh ones")]
    UsedNonce,
    /// A package without nonces.
    #[error("package: expected at least one nonce of this node")]
    NoNonce,
    /// A package that was signed.
    #[error("package: a share for it has left already, or was about to")]
    UsedPackage,
    /// The node signs nothing.
    #[error("this node has halted: a certified record failed here")]
    Halted,
    /// The node only learns.
    #[error("this node is quarantined: it only learns")]
    Quarantined,
    /// The node's own disk.
    #[error("this node cannot read or write its journal: {0}")]
    Store(#[from] super::store::StoreError),
}

impl Refusal {
    /// The step of the gate that refused (02-signing, "The gate"), for payments and shares.
    pub fn step(&self) -> Option<usize> {
        Some(match self {
            Self::Budget { .. } | Self::PoolFull { .. } => 1,
            Self::Format(_) | Self::Transaction(_) | Self::Mismatch(_) => 2,
            Self::UnknownVault(_)
            | Self::OtherConfiguration { .. }
            | Self::Disabled(_)
            | Self::NoPolicy(_) => 3,
            Self::Previous { .. }
            | Self::Locked(_)
            | Self::Settled(_)
            | Self::Cancelled(_)
            | Self::Anchor(_)
            | Self::SameTransaction(_) => 4,
            Self::Evidence { source } => match source.step() {
                1..=4 => 2,
                5 | 6 => 5,
                _ => 7,
            },
            Self::NoEpoch
            | Self::OtherEpoch { .. }
            | Self::EpochAge { .. }
            | Self::Validity { .. }
            | Self::OracleAge { .. } => 6,
            Self::Claim { .. } => 7,
            Self::UnknownPayment(_) | Self::NotLast(_) | Self::Halted | Self::Quarantined => 9,
            Self::NoNonce | Self::UsedNonce | Self::UsedPackage => 10,
            _ => return None,
        })
    }

    /// Whether this node failed, and not the record: nothing is concluded from it.
    pub fn is_own_fault(&self) -> bool {
        match self {
            Self::Store(_) | Self::Attestation(AttestationError::NoRandomness(_)) => true,
            Self::Evidence { source } => {
                matches!(**source, SigningError::Headroom(HeadroomError::NoRandomness(_)))
            }
            _ => false,
        }
    }
}

impl From<SigningError> for Refusal {
    fn from(source: SigningError) -> Self {
        Self::Evidence { source: Box::new(source) }
    }
}

fn signing_step(error: &SigningError) -> &'static str {
    solventry_protocol::STEPS.get(error.step().saturating_sub(1)).copied().unwrap_or("unknown")
}
