//! Records of proof-gated signing, and the one function that says whether a payment's record holds.
//!
//! Signers run it before they vote and auditors run it on the signing evidence file, so both
//! rebuild the same public inputs from the same bytes. Formats are in `circuits/SPEC.md`.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod decision;
pub mod entry;
pub mod error;
pub mod evidence;
pub mod genesis;
pub mod group;
pub mod message;
pub mod rebuild;
pub mod record;
pub mod request;
pub mod sketch;
mod statement;
pub mod verify;

pub use decision::{Decision, Header};
pub use entry::Entry;
pub use error::SigningError;
pub use evidence::{Approval, SigningEvidence};
pub use genesis::Genesis;
pub use group::Group;
pub use message::{Request, Response};
pub use rebuild::JournalClaims;
pub use record::Record;
pub use request::PaymentRequest;
pub use verify::{STEPS, VerifiedSigning, verify_signing};
