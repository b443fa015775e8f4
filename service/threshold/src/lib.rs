//! FROST (RFC 9591) for the signer nodes and for the coordinator that aggregates: distributed key
//! generation, encrypted key shares, signing rounds.
//!
//! State machines without input or output: bytes come as arguments, answers are returned. Nodes
//! are numbered from 0; the FROST identifier of a node is its number + 1.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

// The helpers of `tests/` name the crate as its users do.
#[cfg(test)]
extern crate self as solventry_threshold;

pub mod aggregate;
mod frost;
pub mod generation;
pub mod package;
pub mod sealed;
pub mod share;
pub mod signing;
pub mod suite;

pub use aggregate::{AggregateError, aggregate, verify_share};
pub use generation::{GenerationError, Member, Run, Setup, verify_outcome};
pub use package::PackageError;
pub use sealed::{SealError, ShareContext, open_secret, seal_secret};
pub use share::KeyShare;
pub use signing::{Nonces, SigningError, commit, sign};
pub use suite::{GroupKey, Suite};

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
