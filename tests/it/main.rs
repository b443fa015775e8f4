//! Tests that span crates: one binary, one module per subject.

mod architecture;
mod attacks;
mod sources;
mod support;
mod workspace;
