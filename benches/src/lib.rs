//! What the benchmarks share: a synthetic ledger, one whole epoch in memory, the prover taken
//! apart into phases, the peers, and the measuring of time and memory.
//!
//! `cargo bench -p solventry-benches` runs the criterion benchmarks;
//! `cargo run --release -p solventry-benches --bin whole_run` measures whole epochs beside the
//! peers. Results and how they were made: `RESULTS.md`.

pub mod bits;
pub mod epoch;
pub mod keys;
pub mod measure;
pub mod phases;
pub mod stock;
pub mod synthetic;
pub mod table;
