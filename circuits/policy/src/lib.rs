//! The policy circuit: a payment is allowed by hidden rules behind a salted root.
//!
//! A [`Policy`] is what a person wrote; a [`PolicyStatement`] is what signers know about one
//! payment. [`Policy::decide`] is the native twin of the circuit.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod circuit;
pub mod commitment;
pub mod instance;
pub mod keys;
pub mod proof;
pub mod rules;
pub mod statement;
mod twin;

pub use keys::{KeyError, PolicyKeys, PolicyVerifyingKey};
pub use proof::{PolicyProof, PolicyProveError, PolicyVerifyError, VerifiedPolicy, prove, verify};
pub use rules::{Policy, Rule};
pub use statement::PolicyStatement;
pub use twin::Refusal;
