//! `solventry-margin serve`, and its configuration.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use clap::builder::RangedU64ValueParser;
use ed25519_dalek::VerifyingKey;
use solventry_fhe_risk::wire::Digest;
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
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = between(0, 1024))]
    threads: usize,
    /// Queries that are evaluated side by side
    #[arg(long, default_value_t = 1, value_parser = between(1, 64))]
    jobs: usize,
    /// Days for which results are kept
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,
}

/// Serves until interrupted.
pub fn serve(args: ServeArgs) -> Result<Outcome, CliError> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        .log_internal_errors(false) // a log that cannot be written, on a full disk say, stops nothing
        .init();
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
        server::serve(listener, server, interrupted).await;
        Ok::<_, CliError>(())
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
    // Not parsed by clap, which would repeat a secret key that is given by mistake.
    #[arg(long, value_name = "NAME=KEY", required = true)]
    account: Vec<String>,
    /// Most queries that wait or run
    #[arg(long, default_value_t = 16, value_parser = between(1, 1_000_000))]
    queue: usize,
    /// Configuration to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Writes a server's configuration.
pub fn write_config(args: &ConfigArgs) -> Result<Outcome, CliError> {
    files::require_writable(&args.out)?;
    let accounts = args.account.iter().map(|text| account(text)).collect::<Result<Vec<_>, _>>()?;
    let entry = |folder: &PathBuf| {
        let digest = VenueFolder::new(folder).venue()?.digest();
        Ok::<_, FileError>(VenueEntry { digest, accounts: accounts.clone() })
    };
    let venues = args.venue.iter().map(entry).collect::<Result<_, _>>()?;
    let config = ServerConfig { format: Default::default(), venues, queue: args.queue };
    config.validate().map_err(|error| CliError::Usage(error.to_string()))?;
    files::write(&args.out, Access::Public, config.to_json().as_bytes())?;
    print(&format!("wrote {}", args.out.display()));
    Ok(Outcome::Done)
}

/// An account; what is wrong with its key is told without the key, which may be a secret one.
fn account(text: &str) -> Result<Account, CliError> {
    let usage = |problem: String| CliError::Usage(format!("--account: {problem}"));
    let Some((name, key)) = text.rsplit_once('=') else {
        let length = text.chars().count();
        return Err(usage(format!(
            "expected a name, =, and a public key, got {length} characters without ="
        )));
    };
    let expected = "expected a public key of 64 lower-case hexadecimal digits";
    let digest: Digest = key.parse().map_err(|_| {
        let length = key.chars().count();
        usage(format!("{name}: {expected}, got {length} characters"))
    })?;
    if VerifyingKey::from_bytes(&digest.0).is_ok_and(|key| !key.is_weak()) {
        return Ok(Account { name: name.to_owned(), key: digest });
    }
    Err(usage(format!("{name}: {expected} that is an Ed25519 key, as `account-key` prints it")))
}

fn between(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn keys_are_checked_and_not_repeated() {
        let key = hex::encode(SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
        assert_eq!(account(&format!("desk = 7={key}")).unwrap().name, "desk = 7");
        let weak = hex::encode([0; 32]);
        let no_point = (2..=9).map(|byte| [byte; 32]).find(|key| VerifyingKey::from_bytes(key).is_err());
        let no_point = hex::encode(no_point.unwrap());
        for (name, key) in [("desk=", &key[1..]), ("", &key), ("desk=", &weak), ("desk=", &no_point)] {
            let error = account(&format!("{name}{key}")).unwrap_err();
            assert!(error.exit_code() == 2 && !error.to_string().contains(key), "{error}");
        }
        assert!(account("desk=abc").unwrap_err().to_string().contains("got 3 characters"));
    }
}
