//! Tests of the application.

mod agreement;
mod changes;
mod crashes;
mod damage;
mod desk;
mod epochs;
mod node;
mod order;
mod payments;
mod replays;
mod settling;
mod shares;
mod sums;
mod unread;

/// Books and epochs of the workspace's tests: one honest ledger and its proofs.
#[allow(dead_code, missing_docs)]
#[path = "../../../../../tests/it/support"]
mod support {
    pub mod books;
    pub mod epoch;
    pub mod transactions;
}
