//! Tests that span crates: one binary, one module per subject.

mod architecture;
mod flows;
mod sources;
mod workspace;
