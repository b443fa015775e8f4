//! `solventry journal new`.

use std::path::PathBuf;

use clap::Subcommand;
use solventry::{
    journal_sums::journal_template,
    store::files::{self, Access},
};

use super::{CliError, epoch::now, print};

/// Commands on the journal's sums.
#[derive(Subcommand)]
pub enum JournalCommand {
    /// Write the sums of a vault that never paid, to be edited: what the journal of the signers will give
    New {
        /// File to write; must not exist
        file: PathBuf,
        /// Symbol of the asset
        #[arg(long)]
        asset: String,
    },
}

/// Runs a command on the journal's sums.
pub fn run(command: JournalCommand) -> Result<(), CliError> {
    let JournalCommand::New { file, asset } = command;
    let plain =
        !asset.is_empty() && asset.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
    if !plain {
        return Err(CliError::Usage("--asset: expected a symbol such as BTC".into()));
    }
    files::write_new(&file, Access::Private, journal_template(&asset, now()).as_bytes())?;
    print(&format!("wrote {}: no payments yet; edit it to try others", file.display()));
    Ok(())
}
