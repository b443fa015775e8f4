//! `solventry-margin serve`, `register` and `query`.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::Duration,
};

use solventry_fhe_risk::wire::{Query, SignedResult};
use solventry_margin::{
    bundle,
    client::{Client, Status},
    files::{self, Access, FileError},
    now,
    server::{self, Server, ServerConfig, Settings},
    venue::VenueFolder,
};
use tracing_subscriber::EnvFilter;

use super::{CliError, Outcome, print, tell};

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

/// `solventry-margin register`.
#[derive(clap::Args)]
pub struct RegisterArgs {
    /// Venue folder
    #[arg(long, value_name = "FOLDER")]
    venue: PathBuf,
    /// The engine
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8090")]
    server: String,
}

/// Sends a venue's keys.
pub fn register(args: &RegisterArgs) -> Result<Outcome, CliError> {
    let folder = VenueFolder::new(&args.venue);
    let (digest, client) = (folder.venue()?.digest(), Client::new(&args.server));
    if client.has_venue(&digest)? {
        print(&format!("venue {digest} has its keys there already"));
        return Ok(Outcome::Done);
    }
    let bytes = send(&folder, &client)?;
    print(&format!("sent {bytes} bytes: venue {digest} is registered"));
    Ok(Outcome::Done)
}

/// Writes the bundle beside the keys and sends it; gives its size.
pub fn send(folder: &VenueFolder, client: &Client) -> Result<u64, CliError> {
    let place = folder.path("");
    let failed = |error: std::io::Error| CliError::File(FileError::new(&place, error));
    let mut file = tempfile::tempfile_in(&place).map_err(failed)?;
    bundle::write(folder, &file)?;
    let length = file.metadata().map_err(failed)?.len();
    std::io::Seek::rewind(&mut file).map_err(failed)?;
    client.register(&mut file, length)?;
    Ok(length)
}

/// `solventry-margin query`.
#[derive(clap::Args)]
pub struct QueryArgs {
    /// Query, as `encrypt` writes it
    #[arg(long, value_name = "FILE")]
    query: PathBuf,
    /// The engine
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8090")]
    server: String,
    /// How long to wait, for room in the queue and for the result
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    patience: u64,
    /// Result to write, signed by the engine and encrypted for the venue; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Sends a query and waits for its result.
pub fn query(args: &QueryArgs) -> Result<Outcome, CliError> {
    files::require_writable(&args.out)?;
    let bytes = files::read(&args.query, Query::MAX_BYTES)?;
    let (client, patience) = (Client::new(&args.server), Duration::from_secs(args.patience));
    let query = client.submit(&bytes, patience)?;
    let mut progress = Teller::default();
    let result = client.wait(&query, patience, |status| progress.tell(status))?;
    let signed = SignedResult::decode(&result)
        .map_err(|error| CliError::Failed(format!("the engine's answer: {error}")))?;
    files::write(&args.out, Access::Public, &result)?;
    print(&format!("wrote {}: signed by engine {}", args.out.display(), hex::encode(signed.engine)));
    Ok(Outcome::Done)
}

/// Tells what has changed since the last time, on standard error.
#[derive(Default)]
pub struct Teller(String);

impl Teller {
    /// A line, if there is something new.
    pub fn tell(&mut self, status: &Status) {
        let line = match status {
            Status::Queued { before } => format!("waiting, {before} before it"),
            Status::Running { total: 0, .. } => "verifying proofs".into(),
            Status::Running { done, total } => format!("{} % of {total} bootstraps", done * 10 / total * 10),
            Status::Done { .. } | Status::Refused { .. } => return,
        };
        if line != self.0 {
            tell(&line);
            self.0 = line;
        }
    }
}
