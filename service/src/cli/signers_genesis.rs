//! `solventry signers genesis`.

use std::path::{Path, PathBuf};

use solventry::{
    document::words,
    group::{GenesisOptions, read_group, template},
    store::{
        StoreError,
        files::{self, Access},
    },
    vault::{read_vault, vault_file, write_genesis},
};
use solventry_types::VaultConfiguration;
use solventry_verifier::Anchors;

use super::{CliError, epoch::now, print};

/// `solventry signers genesis`.
#[derive(clap::Args)]
pub struct GenesisArgs {
    /// Group file
    #[arg(long)]
    group: PathBuf,
    /// Anchors that judge attestations, without vaults
    #[arg(long)]
    anchors: PathBuf,
    /// Vault folder, with the account of the vault's group key; may be repeated
    #[arg(long = "vault", value_name = "DIR", required = true)]
    vaults: Vec<PathBuf>,
    /// Ed25519 key of an observer of the chains; may be repeated
    #[arg(long = "observer", value_name = "KEY", required = true, value_parser = public_key)]
    observers: Vec<[u8; 32]>,
    /// How many observers must sign
    #[arg(long, value_name = "K")]
    observer_quorum: u16,
    /// Blocks on top of a Bitcoin block before an observer vouches for it
    #[arg(long, value_name = "BLOCKS", default_value_t = 6)]
    bitcoin_depth: u32,
    /// Slots on top of a Solana slot before an observer vouches for it
    #[arg(long, value_name = "SLOTS", default_value_t = 32)]
    solana_depth: u32,
    /// Oldest snapshot under which a payment is decided
    #[arg(long, value_name = "DURATION", default_value = "7 days", value_parser = duration)]
    max_epoch_age: u64,
    /// Approvers of a vault that must sign a change of it
    #[arg(long, value_name = "K", default_value_t = 1)]
    change_quorum: u16,
    /// Time before a change takes effect; the first policy of a vault does at once
    #[arg(long, value_name = "DURATION", default_value = "24 hours", value_parser = duration)]
    change_delay: u64,
    /// Let epochs with development keys, whose maker can forge, be activated
    #[arg(long)]
    allow_dev_setup: bool,
    /// Genesis file to write; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Makes the genesis and fills the vault files.
pub fn run(args: GenesisArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let vaults: Vec<VaultConfiguration> =
        args.vaults.iter().map(|folder| read_vault(folder)).collect::<Result<_, _>>()?;
    let options = GenesisOptions {
        group: read_group(&args.group)?,
        anchors: read_anchors(&args.anchors)?,
        observers: args.observers,
        observer_quorum: args.observer_quorum,
        bitcoin_depth: args.bitcoin_depth,
        solana_depth: args.solana_depth,
        max_epoch_age: args.max_epoch_age,
        change_quorum: args.change_quorum,
        change_delay: args.change_delay,
        allow_dev_setup: args.allow_dev_setup,
        time: now(),
    };
    let genesis = template(options, &vaults).map_err(|error| CliError::Input(format!("genesis: {error}")))?;
    files::write_new(&args.out, Access::Public, &genesis.encode())?;
    print(&format!("wrote {}\ngenesis {}", args.out.display(), genesis.digest()));
    for (folder, vault) in args.vaults.iter().zip(&genesis.vaults) {
        write_genesis(folder, &genesis.configuration(vault))?;
        print(&format!("{}: genesis, signers and siblings are filled in", vault_file(folder).display()));
    }
    print(
        "next: `signers start`, then for each vault `policy root --write`, `change` and `submit`: until its first \
         policy is decided, nothing can leave it",
    );
    Ok(())
}

/// Reads trust anchors.
pub fn read_anchors(path: &Path) -> Result<Anchors, CliError> {
    let bytes = files::read(path, solventry_verifier::anchors::MAX_BYTES)?;
    Ok(Anchors::from_json(&bytes).map_err(|error| StoreError::new(path, error))?)
}

/// Reads an Ed25519 key of 64 hexadecimal digits.
pub fn public_key(text: &str) -> Result<[u8; 32], String> {
    words::parse_key(text).map_err(|fault| fault.to_string())
}

fn duration(text: &str) -> Result<u64, String> {
    words::parse_duration(text).map_err(|fault| fault.to_string())
}
