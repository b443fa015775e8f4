//! Gadgets that the circuits share.

pub mod bits;
pub mod evaluation;
pub mod poseidon;
pub mod range;
pub mod select;
