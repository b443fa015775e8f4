//! Tests that span crates: one binary, one module per subject.

mod architecture;
mod sources;
mod workspace;
