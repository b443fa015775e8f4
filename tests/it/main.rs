//! Tests that span crates: one binary, one module per subject.

mod architecture;
mod attacks;
mod flows;
mod sources;
mod support;
mod workspace;
