//! Tests that span crates: one binary, one module per subject.

mod architecture;
mod attacks;
mod bytes;
mod flows;
mod fuzz;
mod golden;
mod secrecy;
mod sources;
mod support;
mod workspace;
