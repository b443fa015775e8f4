//! Margin on encrypted positions.
#![forbid(unsafe_code)]

pub mod arrays;
pub mod circuit;
pub mod clear;
pub mod client;
pub mod engine;
pub mod keys;
#[cfg(feature = "oracle")]
pub mod oracle;
pub mod parameters;
pub mod plan;
mod random;
pub mod reference;
pub mod wire;
