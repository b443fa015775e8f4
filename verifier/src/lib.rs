//! The public half of the proof system: what an auditor, a customer or a signer checks.
//!
//! The order of use is [`Anchors`] → [`verify_attestation`] → [`VerifiedAttestation`] →
//! [`verify_inclusion`]; a signer goes on to [`verify_headroom`]. Nothing here reads a clock, a network, a file or the environment; time
//! and trust are arguments. Batch weights come from the operating system.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod anchors;
pub mod attestation;
mod equation;
pub mod headroom;
pub mod inclusion;
pub mod keys;
pub mod kzg;
pub mod pairing;
pub mod reserves;
pub mod snarkjs;
pub mod staged;
pub mod transcript;
pub mod verdict;

pub use anchors::Anchors;
pub use attestation::{VerifiedAttestation, verify_attestation};
pub use headroom::{VerifiedHeadroom, verify_headroom};
pub use inclusion::{VerifiedInclusion, verify_inclusion};
pub use keys::VerifyingKeys;
