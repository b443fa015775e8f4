//! Margin on encrypted positions.
#![forbid(unsafe_code)]

pub mod circuit;
pub mod clear;
pub mod client;
pub mod engine;
pub mod keys;
pub mod parameters;
pub mod plan;
mod random;
pub mod reference;

#[cfg(test)]
mod tests;
