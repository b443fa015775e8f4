//! `solventry-signer`: one node of a group of signers.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use solventry_signer::node::{Folder, NewNode, NodeError, RunSettings, folder::read_passphrase, run};
use tracing_subscriber::EnvFilter;

/// Signer node of Solventry: releases a signature share only for a transaction that it has decoded
/// itself, whose policy and headroom proofs it has verified, and which the group has decided.
///
/// The agreement engine (Malachite) is alpha and unaudited by its own word, and so is this node.
#[derive(Parser)]
#[command(name = "solventry-signer", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a node: fresh keys, sealed under a passphrase, and a card to publish.
    Init {
        /// Folder of the node; made if it is not there.
        folder: PathBuf,
        /// Name in the group.
        #[arg(long)]
        name: String,
        /// Who runs the machine. At most f nodes of a group may share a provider.
        #[arg(long)]
        provider: String,
        /// Where the machine is.
        #[arg(long)]
        region: String,
        /// Whose law applies.
        #[arg(long)]
        jurisdiction: String,
        /// Host and port for coordinators and peers.
        #[arg(long, value_name = "HOST:PORT")]
        link: String,
        /// Host and port for the agreement engine.
        #[arg(long, value_name = "HOST:PORT")]
        peer: String,
        /// File whose first line is the passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
    /// Run a node in the foreground. Logs go to standard error; RUST_LOG sets their level.
    Run {
        /// Folder of the node.
        folder: PathBuf,
        /// The group, as `solventry signers group` writes it.
        #[arg(long, value_name = "FILE")]
        group: PathBuf,
        /// File whose first line is the passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        Command::Init { folder, name, provider, region, jurisdiction, link, peer, passphrase_file } => {
            init(&folder, &NewNode { name, link, peer, provider, region, jurisdiction }, &passphrase_file)
        }
        Command::Run { folder, group, passphrase_file } => {
            start(RunSettings { folder, group, passphrase: passphrase_file })
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn init(folder: &Path, new: &NewNode, passphrase: &Path) -> Result<(), NodeError> {
    let card = Folder::create(folder, new, &read_passphrase(passphrase)?)?;
    println!("identity: {}", hex::encode(card.identity));
    println!("link key: {}", hex::encode(card.link));
    println!("card:     {}", folder.join("card.node").display());
    Ok(())
}

fn start(settings: RunSettings) -> Result<(), NodeError> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("error,solventry_signer=info,arc_malachitebft_network=off"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        .log_internal_errors(false) // a log that cannot be written, on a full disk say, stops nothing
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NodeError::Engine(error.to_string()))?;
    runtime.block_on(run(settings))
}
