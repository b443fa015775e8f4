//! Agreement on the journal's values: the glue between Malachite, a Tendermint in Rust, and
//! [`crate::journal::Journal`].
//!
//! Consensus messages carry value ids only. The value itself, an encoded
//! [`solventry_protocol::Entry`], travels as proposal parts, and a node votes for a value only
//! after it has all of its parts and the journal has judged them. Malachite's mode in which a
//! proposal carries its value would vote without asking the application, so it is not used.
//!
//! Commit certificates convert one to one into [`solventry_protocol::Decision`].

pub mod admission;
mod app;
mod codec;
pub mod context;
pub mod evidence;
mod fields;
mod keep_evidence;
mod parts;
mod proposals;
mod run;
pub mod said;
mod setup;
pub mod signing;
mod values;
pub mod witness;

pub use context::{Address, Agreement, Height, ValidatorSet, Value, Vote};
pub use evidence::{Misbehavior, decision, double_signers};
pub use keep_evidence::keep_evidence;
pub use run::run;
pub use setup::{Clock, EngineError, EngineSetup, OnMisbehavior, OnVote, peer_id, system_clock};
pub use signing::{Keys, NodeSigner, NodeVerifier};

#[cfg(test)]
mod codec_tests;
