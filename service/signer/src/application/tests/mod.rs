//! Tests of the application.

mod changes;

mod desk;
mod epochs;

mod settling;
mod shares;

/// Books and epochs of the workspace's tests: one honest ledger and its proofs.
#[allow(dead_code, missing_docs)]
#[path = "../../../../../tests/it/support"]
mod support {
    pub mod books;
    pub mod epoch;
    pub mod transactions;
}
