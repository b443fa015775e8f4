//! `solventry policy new|check|show|root|try`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use solventry::{
    document::FileReport,
    ledger::{Problem, read_assets},
    policy::{PolicyFile, read_policy, template},
    store::files::{self, Access},
    vault::{has_policy, read_vault, vault_file, write_policy_root},
};
use solventry_types::{Asset, VaultConfiguration};

use super::{CliError, epoch::now, policy_table, policy_try, print, print_json, tell};

/// Commands on policies.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Write a policy that allows nothing yet, with every key explained, beside a vault.toml
    New {
        /// File to write; must not exist. Its folder holds vault.toml. It is secret
        file: PathBuf,
        /// Ledger folder whose assets.csv names the assets [default: the chain's own coin]
        #[arg(long)]
        ledger: Option<PathBuf>,
    },
    /// Check a policy: everything that is wrong at once, as file:line:column, and what is odd. Exit codes: 0 well
    /// formed, 1 at fault, 2 wrong usage
    Check {
        #[command(flatten)]
        policy: PolicyArgs,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a policy's rules as a table. They are secret; the salt is never shown
    Show {
        #[command(flatten)]
        policy: PolicyArgs,
        /// Show as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the policy's root, all that signers see of it
    Root {
        #[command(flatten)]
        policy: PolicyArgs,
        /// Write it into vault.toml too
        #[arg(long)]
        write: bool,
    },
    /// Try a payment: which rules would refuse it. Exit codes: 0 allowed, 1 refused or a file at fault, 2 wrong usage
    Try(Box<policy_try::TryArgs>),
}

/// A policy and its vault.
#[derive(clap::Args)]
pub struct PolicyArgs {
    /// The policy
    file: PathBuf,
    /// Folder of the vault [default: the policy's folder]
    #[arg(long, value_name = "DIR")]
    vault: Option<PathBuf>,
}

impl PolicyArgs {
    /// The policy's file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Folder of the vault.
    pub fn folder(&self) -> &Path {
        self.vault.as_deref().unwrap_or_else(|| folder_of(&self.file))
    }

    /// Reads both.
    pub fn read(&self) -> Result<(VaultConfiguration, PolicyFile), Box<FileReport>> {
        let vault = read_vault(self.folder())?;
        let policy = read_policy(&self.file, &vault)?;
        Ok((vault, policy))
    }
}

/// Runs a command on policies.
pub fn run(command: PolicyCommand) -> Result<(), CliError> {
    match command {
        PolicyCommand::New { file, ledger } => new(&file, ledger.as_deref()),
        PolicyCommand::Check { policy, json } => check(&policy, json),
        PolicyCommand::Show { policy, json } => {
            let (vault, policy) = policy.read()?;
            if json {
                print_json(&policy_table::as_json(&policy, &vault));
            } else {
                print(&policy_table::table(&policy, &vault));
            }
            Ok(())
        }
        PolicyCommand::Root { policy, write } => root(&policy, write),
        PolicyCommand::Try(args) => policy_try::run(&args),
    }
}

fn new(file: &Path, ledger: Option<&Path>) -> Result<(), CliError> {
    files::require_writable(file)?;
    files::private_folder(folder_of(file))?;
    let vault = read_vault(folder_of(file))?;
    let chain = vault.accounts.chain();
    let assets: Vec<Asset> = match ledger {
        None => Vec::new(),
        Some(folder) => {
            let table = read_assets(folder).map_err(|problems| listed(&problems))?;
            let lives = |asset: &&Asset| asset.places.iter().any(|place| place.chain == chain);
            let assets: Vec<Asset> = table.assets().iter().filter(lives).cloned().collect();
            if assets.is_empty() {
                let folder = folder.display();
                return Err(CliError::Input(format!(
                    "{folder}: expected an asset with a place on {chain}, where the vault is, came none"
                )));
            }
            assets
        }
    };
    let text = template(&vault, &assets, &*files::random_secret()?, now());
    files::write_new(file, Access::Private, text.as_bytes())?;
    let name = file.display();
    print(&format!(
        "wrote {name}: it allows nothing yet; edit it, then run `solventry policy check {name}`\n\
         Keep it secret, and keep it: proofs need its salt."
    ));
    Ok(())
}

fn listed(problems: &[Problem]) -> CliError {
    CliError::Input(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn check(args: &PolicyArgs, json: bool) -> Result<(), CliError> {
    let checked = args.read();
    if json {
        let report = match &checked {
            Ok((vault, policy)) => json!({
                "valid": true,
                "rules": policy.policy.rules.len(),
                "warnings": warnings(args, policy, vault),
            }),
            Err(report) => json!({
                "valid": false,
                "file": report.file,
                "problems": report.problems,
                "further_problems": report.further_problems,
            }),
        };
        print_json(&report);
        return checked.map(drop).map_err(|_| CliError::Reported);
    }
    let (vault, policy) = checked?;
    for warning in warnings(args, &policy, &vault) {
        print(&format!("warning: {warning}"));
    }
    let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    print(&format!(
        "the policy is well formed: {}, {}, {}, for vault {:?} on {}",
        count(policy.policy.rules.len(), "rule"),
        count(policy.assets.len(), "asset"),
        count(policy.destinations.len(), "destination"),
        vault.name,
        policy.chain
    ));
    Ok(())
}

fn root(args: &PolicyArgs, write: bool) -> Result<(), CliError> {
    let (_, policy) = args.read()?;
    let root = policy.policy.root();
    print(&hex::encode(root));
    if write {
        let vault = write_policy_root(args.folder(), root)?;
        tell(&format!(
            "wrote it into {}; configuration {}",
            vault_file(args.folder()).display(),
            vault.digest()
        ));
    }
    Ok(())
}

/// What is odd about the policy, and about its file.
fn warnings(args: &PolicyArgs, policy: &PolicyFile, vault: &VaultConfiguration) -> Vec<String> {
    let mut warnings: Vec<String> = policy.warnings(vault).iter().map(ToString::to_string).collect();
    if policy.policy.root() != vault.policy_root {
        warnings.push(format!(
            "vault.toml has {}; run `solventry policy root {} --write`",
            if has_policy(vault) { "the root of another policy" } else { "no policy root yet" },
            args.file().display()
        ));
    }
    if files::others_can_read(args.file()) {
        warnings
            .push(format!("others can read {0}, which is secret; run chmod 600 {0}", args.file().display()));
    }
    warnings
}

/// The folder that a file lies in.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
