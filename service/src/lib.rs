//! The operator's side of Solventry: ledger folders today, epochs and the HTTP API on top.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod ledger;
