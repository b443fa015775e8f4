//! `solventry vault new|show|export`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};
use solventry::{
    document::words,
    ledger::account_text,
    store::files::{self, Access},
    vault::{NewVault, POLICY_FILE, VaultWriteError, has_policy, read_vault, vault_file, write_vault},
};
use solventry_types::{Chain, Digest, VaultAccounts, VaultConfiguration};

use super::{CliError, print, print_json};

/// Commands on vaults.
#[derive(Subcommand)]
pub enum VaultCommand {
    /// Write DIR/vault.toml: what signers and auditors pin about a vault
    New(Box<NewArgs>),
    /// Show a vault and the digests that signers and auditors compare
    Show {
        /// Folder of the vault
        folder: PathBuf,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the canonical file of the configuration, whose digest trust anchors pin
    Export {
        /// Folder of the vault
        folder: PathBuf,
        /// File to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}

/// `solventry vault new`.
#[derive(clap::Args)]
pub struct NewArgs {
    /// Folder to write; a secret policy will lie in it, so only its owner may enter
    folder: PathBuf,
    /// Name of the vault, unique in the journal
    #[arg(long)]
    name: String,
    /// Chain of the vault
    #[arg(long, value_parser = ["bitcoin", "solana"])]
    chain: String,
    /// Bitcoin: taproot address of the vault (bc1p...); may be repeated
    #[arg(long = "address", value_name = "ADDRESS", required_if_eq("chain", "bitcoin"))]
    addresses: Vec<String>,
    /// Solana: group key that holds the coins and has authority over the other accounts
    #[arg(long, value_name = "ADDRESS", required_if_eq("chain", "solana"))]
    authority: Option<String>,
    /// Solana: durable nonce account; may be repeated
    #[arg(long = "nonce-account", value_name = "ADDRESS", required_if_eq("chain", "solana"))]
    nonce_accounts: Vec<String>,
    /// Solana: token account of the vault; may be repeated
    #[arg(long = "token-account", value_name = "ADDRESS")]
    token_accounts: Vec<String>,
    /// Address of another vault of the journal on this chain; may be repeated
    #[arg(long = "sibling", value_name = "ADDRESS")]
    siblings: Vec<String>,
    /// Ed25519 key that may propose payments, 64 hexadecimal digits; may be repeated
    #[arg(long = "proposer", value_name = "KEY", required = true)]
    proposers: Vec<String>,
    /// Ed25519 key that may approve payments; may be repeated
    #[arg(long = "approver", value_name = "KEY")]
    approvers: Vec<String>,
    /// Ed25519 key of the margin oracle, for rebalances
    #[arg(long, value_name = "KEY", requires = "venue", requires = "account")]
    oracle_key: Option<String>,
    /// Venue whose margin ratio counts
    #[arg(long, requires = "oracle_key")]
    venue: Option<String>,
    /// Account at the venue
    #[arg(long, requires = "oracle_key")]
    account: Option<String>,
    /// Ed25519 identity key of a signer node; none, or 3f + 1 in the order of the manifest
    #[arg(long = "signer", value_name = "KEY")]
    signers: Vec<String>,
    /// Digest of the journal's Genesis record [default: random, until there is a journal]
    #[arg(long, value_name = "DIGEST")]
    genesis: Option<String>,
}

/// Runs a command on vaults.
pub fn run(command: VaultCommand) -> Result<(), CliError> {
    match command {
        VaultCommand::New(args) => new(*args),
        VaultCommand::Show { folder, json } => {
            let vault = read_vault(&folder)?;
            if json {
                print_json(&as_json(&vault));
            } else {
                print(&table(&vault));
            }
            Ok(())
        }
        VaultCommand::Export { folder, out } => {
            files::require_writable(&out)?;
            let vault = read_vault(&folder)?;
            if !has_policy(&vault) {
                return Err(CliError::Input(format!(
                    "{}: expected a policy root, came none; write {POLICY_FILE}, then run `solventry policy root \
                     --write`",
                    vault_file(&folder).display()
                )));
            }
            files::write_new(&out, Access::Public, &vault.encode())?;
            print(&format!("wrote {}\nconfiguration {}", out.display(), vault.digest()));
            Ok(())
        }
    }
}

fn new(args: NewArgs) -> Result<(), CliError> {
    let NewArgs { folder, name, addresses, authority, nonce_accounts, token_accounts, .. } = args;
    let NewArgs { siblings, proposers, approvers, signers, .. } = args;
    let chain = Chain::from_name(&args.chain).ok_or_else(|| CliError::Input("unknown chain".into()))?;
    let foreign = match chain {
        Chain::Bitcoin => authority.is_some() || !nonce_accounts.is_empty() || !token_accounts.is_empty(),
        _ => !addresses.is_empty(),
    };
    if foreign {
        return Err(CliError::Usage(format!("an account was given that a vault on {chain} does not have")));
    }
    let oracle = match (args.oracle_key, args.venue, args.account) {
        (Some(key), Some(venue), Some(account)) => Some([key, venue, account]),
        _ => None,
    };
    let genesis = match &args.genesis {
        Some(text) => {
            words::parse_digest(text).map_err(|error| CliError::Usage(format!("--genesis: {error}")))?
        }
        None => Digest(*files::random_secret()?),
    };
    let drawn = args.genesis.is_none();
    let vault = NewVault {
        genesis,
        name,
        chain,
        addresses,
        authority,
        nonce_accounts,
        token_accounts,
        siblings,
        proposers,
        approvers,
        oracle,
        signers,
    };
    let configuration = write_vault(&folder, &vault).map_err(|error| match error {
        // The file is not written yet: its faults are those of the arguments.
        VaultWriteError::Report(report) => CliError::Usage(report.to_string()),
        error => error.into(),
    })?;
    print(&format!("wrote {}\nvault {}", vault_file(&folder).display(), configuration.vault_digest()));
    if drawn {
        print(
            "genesis is random: payments and policies made for it hold for this vault file only, until the \
             journal's Genesis record fixes another",
        );
    }
    let policy = folder.join(POLICY_FILE);
    print(&format!("next: `solventry policy new {}`", policy.display()));
    Ok(())
}

fn addresses(chain: Chain, accounts: &[Vec<u8>]) -> Vec<String> {
    accounts.iter().map(|account| account_text(chain, account)).collect()
}

fn own(vault: &VaultConfiguration) -> Vec<(&'static str, Vec<String>)> {
    let chain = vault.accounts.chain();
    match &vault.accounts {
        VaultAccounts::Bitcoin { scripts } => vec![("addresses", addresses(chain, scripts))],
        VaultAccounts::Solana { authority, nonce_accounts, token_accounts } => {
            let texts = |keys: &[[u8; 32]]| keys.iter().map(|key| account_text(chain, key)).collect();
            vec![
                ("authority", vec![account_text(chain, authority)]),
                ("nonce accounts", texts(nonce_accounts)),
                ("token accounts", texts(token_accounts)),
            ]
        }
    }
}

/// Rows of the table and of the JSON, in one order.
fn rows(vault: &VaultConfiguration) -> Vec<(&'static str, Vec<String>)> {
    let chain = vault.accounts.chain();
    let keys = |keys: &[[u8; 32]]| keys.iter().map(hex::encode).collect::<Vec<_>>();
    let mut rows = vec![("name", vec![vault.name.clone()]), ("chain", vec![chain.to_string()])];
    rows.extend(own(vault));
    rows.extend([
        ("siblings", addresses(chain, &vault.siblings)),
        ("proposers", keys(&vault.proposers)),
        ("approvers", keys(&vault.approvers)),
        ("oracle key", vault.oracle.iter().map(|oracle| hex::encode(oracle.key)).collect()),
        ("oracle account", vault.oracle.iter().map(|oracle| oracle.account.to_string()).collect()),
        ("signers", keys(&vault.signers)),
        ("genesis", vec![vault.genesis.to_string()]),
        ("policy root", has_policy(vault).then(|| hex::encode(vault.policy_root)).into_iter().collect()),
        ("vault", vec![vault.vault_digest().to_string()]),
        ("configuration", vec![vault.digest().to_string()]),
    ]);
    rows
}

fn table(vault: &VaultConfiguration) -> String {
    let line = |(name, values): (&str, Vec<String>)| {
        let values = if values.is_empty() { "none".to_owned() } else { values.join(&format!("\n{:16}", "")) };
        format!("{name:16}{values}")
    };
    let lines: Vec<String> = rows(vault).into_iter().map(line).collect();
    format!(
        "{}\nAuditors pin the configuration digest; it changes with every change of this table. A policy is written for \
         the vault digest.",
        lines.join("\n")
    )
}

fn as_json(vault: &VaultConfiguration) -> Value {
    let single = [
        "name",
        "chain",
        "authority",
        "oracle key",
        "oracle account",
        "genesis",
        "policy root",
        "vault",
        "configuration",
    ];
    let fields = rows(vault).into_iter().map(|(name, values)| {
        let value = if single.contains(&name) { json!(values.first()) } else { json!(values) };
        (name.replace(' ', "_"), value)
    });
    Value::Object(fields.collect())
}
