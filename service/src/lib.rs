//! The operator's side of Solventry: ledger folders, key and secret folders, the steps of an
//! epoch, vaults and their policies.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod coordinator;
pub mod document;
pub mod epoch;
pub mod group;
pub mod journal_sums;
pub mod ledger;
pub mod policy;
pub mod progress;
pub mod signing;
pub mod store;
pub mod vault;
