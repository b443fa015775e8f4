//! A signer node: the certified journal as an application of Byzantine agreement, the gate in
//! front of the key share, and the process around both.
//!
//! The application ([`journal::Journal`]) knows no clock, network or engine: time comes as an
//! argument, values come as bytes, so that the same code runs under the real engine and in a
//! deterministic simulation.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod engine;
pub mod journal;
