//! The three resumable steps of an epoch: commit, reserves, seal; then inclusion and headroom.

pub mod commit;
pub mod headroom;
pub mod inclusion;
pub mod reserves;
pub mod seal;

use solventry_prover::{
    headroom::HeadroomError, placement::CapacityError, seal::SealError, shards::ProveError,
};
use solventry_types::{account::AccountIdError, context::ContextError};

use crate::store::StoreError;

/// A step that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EpochError {
    /// A file or folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Entity, capacity, snapshot blocks or assets.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The ledger does not fit.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
    /// A shard could not be proven.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The seal failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The epoch was begun with something else.
    #[error(
        "epoch {epoch} was begun with another {what}; use a new epoch number (a number stands for one ledger, for ever)"
    )]
    Changed {
        /// Number of the epoch.
        epoch: u64,
        /// What differs.
        what: &'static str,
    },
    /// A snapshot that no verifier would accept.
    #[error("the snapshot time {got} lies in the future (now is {now}, both in Unix seconds)")]
    FutureSnapshot {
        /// The operator's time.
        now: u64,
        /// Given time.
        got: u64,
    },
    /// `master.key` was exchanged.
    #[error(
        "epoch {epoch} was begun with another master.key; restore the one that lay in the secrets folder then"
    )]
    MasterKey {
        /// Number of the epoch.
        epoch: u64,
    },
    /// The declared capacity is too small.
    #[error(
        "the ledger needs {needed} slots, --capacity declares {declared}; declare at least {needed}, or leave it out"
    )]
    Declared {
        /// Slots of all accounts.
        needed: usize,
        /// Declared slots.
        declared: usize,
    },
    /// The ledger has no accounts.
    #[error("the ledger has no accounts")]
    EmptyLedger,
    /// Shards are missing.
    #[error("{missing} of {shards} shards are not proven yet; run `solventry epoch commit` again")]
    Unfinished {
        /// Shards not on disk.
        missing: usize,
        /// Shards of the epoch.
        shards: u32,
    },
    /// The attestation belongs to another epoch folder.
    #[error("the attestation is of epoch {got}, whose commitments differ from those in the secrets folder")]
    OtherAttestation {
        /// Epoch in the file.
        got: u64,
    },
    /// The epoch has no attestation yet.
    #[error("epoch {epoch} is not sealed yet; run `solventry epoch seal` first")]
    NotSealed {
        /// Number of the epoch.
        epoch: u64,
    },
    /// A headroom proof could not be made.
    #[error(transparent)]
    Headroom(#[from] HeadroomError),
    /// No such asset.
    #[error("unknown asset {symbol:?}; expected one of: {symbols}")]
    UnknownAsset {
        /// As typed.
        symbol: String,
        /// Symbols of the epoch's table.
        symbols: String,
    },
    /// Not an outflow.
    #[error("outflow of {symbol}: {problem}")]
    Outflow {
        /// Symbol of the asset.
        symbol: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Not an account id.
    #[error("account id: {0}")]
    AccountId(#[from] AccountIdError),
    /// The account has no slot in the epoch.
    #[error("this account is not in the ledger of epoch {epoch} (is it typed exactly as in accounts.csv?)")]
    UnknownAccount {
        /// Number of the epoch.
        epoch: u64,
    },
    /// A class of reserves.
    #[error("reserve class {class}: {problem}")]
    Class {
        /// Name of the class.
        class: String,
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// No reserves at all.
    #[error(
        "no reserves were given; run `solventry reserves import` (public list or attestors' signatures) first"
    )]
    NoReserves,
    /// The fresh result does not verify.
    #[error("the fresh {what} does not verify ({problem}); nothing was written")]
    SelfCheck {
        /// What was made.
        what: &'static str,
        /// Why it is refused.
        problem: String,
    },
}
