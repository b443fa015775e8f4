//! Gadgets that both circuits share.

pub mod evaluation;
pub mod poseidon;
pub mod range;
