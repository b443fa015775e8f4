//! `solventry-margin`: the margin engine's and its clients' command line.
//!
//! Arguments as typed → a command of [`cli`] → its text or its error; the exit code is decided
//! here.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Args;

fn main() -> ExitCode {
    match cli::run(Args::parse()) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            cli::tell(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
