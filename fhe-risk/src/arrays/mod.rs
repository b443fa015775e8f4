//! Risk arrays, in clear.

pub mod file;
pub mod limits;
pub mod quantum;
pub mod rules;
