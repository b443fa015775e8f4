//! `solventry-margin serve`, and its configuration.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use solventry_margin::{
    files::{self, Access, FileError},
    now,
    server::{self, Account, Server, ServerConfig, Settings, VenueEntry},
    venue::VenueFolder,
};
use tracing_subscriber::EnvFilter;

use super::{CliError, Outcome, print};

/// `solventry-margin serve`.
#[derive(clap::Args)]
pub struct ServeArgs {
    /// Who may use the engine (JSON): digests of venues, and keys of their accounts
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Folder of the engine's keys, queries and results; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    store: PathBuf,
    /// Risk arrays: files, or folders that are looked through again when arrays are not known
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    arrays: Vec<PathBuf>,
    /// Where to listen; put a TLS proxy in front of anything but the loopback address
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8090")]
    listen: String,
    /// Threads that evaluate [default: one for each core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Queries that are evaluated side by side
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Days for which results are kept
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    keep: u32,
}

/// Serves until interrupted.
pub fn serve(args: ServeArgs) -> Result<Outcome, CliError> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let (server, _workers) = Server::start(Settings {
        config: config(&args.config)?,
        store: args.store,
        arrays: args.arrays,
        threads: args.threads,
        jobs: args.jobs,
        keep: u64::from(args.keep) * 86_400,
        clock: now,
    })?;
    let failed = |error: std::io::Error| CliError::Failed(format!("{}: {error}", args.listen));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(&args.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        print(&format!("engine {} listens on http://{address}", hex::encode(server.engine_key())));
        let interrupted = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        server::serve(listener, server, interrupted).await.map_err(failed)
    })?;
    // What was being evaluated waits on disk for the next start.
    Ok(Outcome::Done)
}

/// Reads a server's configuration.
pub fn config(path: &Path) -> Result<ServerConfig, CliError> {
    let json = files::read(path, ServerConfig::MAX_BYTES)?;
    ServerConfig::from_json(&json).map_err(|error| FileError::new(path, error).into())
}

/// `solventry-margin config`.
#[derive(clap::Args)]
pub struct ConfigArgs {
    /// Venue folders, or folders with a venue.json
    #[arg(long, value_name = "FOLDER", required = true)]
    venue: Vec<PathBuf>,
    /// Accounts that may ask at these venues: name and public key
    #[arg(long, value_name = "NAME=KEY", required = true, value_parser = account)]
    account: Vec<Account>,
    /// Most queries that wait or run
    #[arg(long, default_value_t = 16)]
    queue: usize,
    /// Configuration to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Writes a server's configuration.
pub fn write_config(args: &ConfigArgs) -> Result<Outcome, CliError> {
    files::require_writable(&args.out)?;
    let entry = |folder: &PathBuf| {
        let digest = VenueFolder::new(folder).venue()?.digest();
        Ok::<_, FileError>(VenueEntry { digest, accounts: args.account.clone() })
    };
    let venues = args.venue.iter().map(entry).collect::<Result<_, _>>()?;
    let config = ServerConfig { format: Default::default(), venues, queue: args.queue };
    files::write(&args.out, Access::Public, config.to_json().as_bytes())?;
    print(&format!("wrote {}", args.out.display()));
    Ok(Outcome::Done)
}

fn account(text: &str) -> Result<Account, String> {
    let (name, key) = text.rsplit_once('=').ok_or("expected a name, =, and a public key")?;
    Ok(Account { name: name.to_owned(), key: key.parse()? })
}
