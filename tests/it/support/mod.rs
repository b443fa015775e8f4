//! What attacks, vectors and fuzzing share: one honest epoch and a prover that lies.

pub mod books;
pub mod epoch;
pub mod evil_coverage;
pub mod evil_shard;
pub mod fixture;
pub mod headroom;
pub mod outcome;
pub mod threads;
