//! `solventry inclusion`.

use std::{
    io::{BufRead, Read},
    path::PathBuf,
};

use solventry::{
    epoch::{EpochError, inclusion::inclusion},
    store::{
        StoreError,
        files::{self, Access},
        secrets_folder::SecretsFolder,
    },
};
use solventry_types::{AccountId, Attestation};

use super::{CliError, print};

/// `solventry inclusion`.
#[derive(clap::Args)]
pub struct InclusionArgs {
    /// Folder of secrets that the attestation was made with
    #[arg(long)]
    secrets: PathBuf,
    /// The attestation
    #[arg(long)]
    attestation: PathBuf,
    /// The account id, exactly as in accounts.csv; `-` reads it from standard input
    #[arg(long, value_name = "ID")]
    account: String,
    /// Inclusion file to write; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Makes the file.
pub fn run(args: &InclusionArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let account = AccountId::new(&typed(&args.account)?).map_err(EpochError::AccountId)?;
    let bytes = files::read(&args.attestation, Attestation::MAX_BYTES)?;
    let attestation =
        Attestation::decode(&bytes).map_err(|error| StoreError::new(&args.attestation, error))?;
    let file = inclusion(&SecretsFolder::new(&args.secrets), &attestation, &account)?;
    files::write_new(&args.out, Access::Private, &file.encode())?;
    print(&format!(
        "wrote {}: give it to the customer alone; it shows this account's holdings and nothing of anyone else",
        args.out.display()
    ));
    Ok(())
}

/// `-` keeps the id out of the shell's history and of the list of processes.
fn typed(account: &str) -> Result<String, CliError> {
    if account != "-" {
        return Ok(account.to_owned());
    }
    let mut line = String::new();
    let mut bounded = std::io::stdin().lock().take(1024);
    bounded.read_line(&mut line).map_err(|error| CliError::Input(format!("standard input: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
