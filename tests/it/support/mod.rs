//! What attacks, vectors and fuzzing share: one honest epoch and a prover that lies.

pub mod books;
pub mod epoch;
pub mod evil_coverage;
pub mod evil_shard;
pub mod evil_signing;
pub mod fixture;
pub mod headroom;
pub mod orders;
pub mod outcome;
pub mod renumbered;
pub mod signers;
pub mod signing;
pub mod solana;
pub mod threads;
pub mod transactions;
