//! `solventry ledger generate|check`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use solventry::ledger::{GenerateOptions, ReadOptions, generate_ledger, read_ledger};

use super::{CliError, print, print_json};

/// Commands on ledger folders.
#[derive(Subcommand)]
pub enum LedgerCommand {
    /// Write a synthetic, heavy-tailed ledger folder (assets.csv, accounts.csv, reserves.csv)
    Generate {
        /// Number of accounts
        #[arg(long)]
        accounts: u64,
        /// Number of assets
        #[arg(long, default_value_t = 20)]
        assets: usize,
        /// Mean number of assets that an account holds
        #[arg(long, default_value_t = 5.0)]
        mean_holdings: f64,
        /// The same seed gives the same folder
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Symbol of an asset whose reserves shall fall short, such as BTC
        #[arg(long, value_name = "SYMBOL")]
        insolvent: Option<String>,
        /// Folder to write; must be new or empty
        #[arg(long)]
        out: PathBuf,
    },
    /// Check a ledger folder: everything that is wrong at once, as file:line:column
    Check {
        /// Ledger folder
        folder: PathBuf,
        /// Refuse amounts that are finer than the listed unit, instead of rounding them
        #[arg(long)]
        exact: bool,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command on ledger folders.
pub fn run(command: LedgerCommand) -> Result<(), CliError> {
    match command {
        LedgerCommand::Generate { accounts, assets, mean_holdings, seed, insolvent, out } => {
            let options = GenerateOptions { accounts, assets, mean_holdings, seed, shortfall: insolvent };
            let generated = generate_ledger(&out, &options)?;
            print(&format!(
                "wrote {}: {} accounts, {} holdings, {} reserve accounts",
                out.display(),
                generated.accounts,
                generated.holdings,
                generated.reserves
            ));
            Ok(())
        }
        LedgerCommand::Check { folder, exact, json } => {
            let result = read_ledger(&folder, ReadOptions { exact });
            let (valid, report) = match &result {
                Ok(folder) => (true, &folder.report),
                Err(report) => (false, &**report),
            };
            if json {
                print_json(&json!({ "valid": valid, "report": report }));
            } else {
                print(report.to_string().trim_end());
            }
            if valid { Ok(()) } else { Err(CliError::Reported) }
        }
    }
}
