//! `solventry`: the operator's command line.
//!
//! Arguments as typed → a command of [`cli`] → its text or its error; the exit code is decided
//! here.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Args, CliError};

fn main() -> ExitCode {
    match cli::run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Reported) => ExitCode::FAILURE,
        Err(error) => {
            cli::tell(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
