//! `solventry-margin register` and `query`: talking to an engine.

use std::{path::PathBuf, time::Duration};

use solventry_fhe_risk::wire::{Query, SignedResult};
use solventry_margin::{
    bundle,
    client::{Client, Status},
    files::{self, Access, FileError},
    venue::VenueFolder,
};

use super::{CliError, Outcome, print, tell};

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
    let (folder, client) = (VenueFolder::new(&args.venue), connect(&args.server)?);
    let venue = folder.venue()?;
    let digest = venue.digest();
    // The engine would refuse keys that were replaced, but only when it has them all.
    folder.public_key(&venue)?;
    folder.crs(&venue)?;
    folder.evaluation_key(&venue)?;
    if client.has_venue(&digest)? {
        print(&format!("venue {digest} has its keys there already"));
        return Ok(Outcome::Done);
    }
    let bytes = send(&folder, &client)?;
    print(&format!("sent {bytes} bytes: venue {digest} is registered"));
    Ok(Outcome::Done)
}

/// An engine's address; the client speaks plain HTTP.
fn connect(server: &str) -> Result<Client, CliError> {
    if server.starts_with("http://") {
        return Ok(Client::new(server));
    }
    let problem = "expected http://HOST:PORT; use a TLS tunnel or proxy on this side too";
    Err(CliError::Usage(format!("--server {server}: {problem}")))
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
    // A key that is given by mistake goes nowhere.
    Query::decode(&bytes).map_err(|error| FileError::new(&args.query, error))?;
    let (client, patience) = (connect(&args.server)?, Duration::from_secs(args.patience));
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
            Status::Running { done, total } => {
                // In tens; of an engine's numbers nothing is known.
                let tenths = u128::from(*done) * 10 / u128::from(*total);
                format!("{} % of {total} bootstraps", tenths * 10)
            }
            Status::Done { .. } | Status::Refused { .. } => return,
        };
        if line != self.0 {
            tell(&line);
            self.0 = line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_hostile_engine_do_no_harm() {
        let mut teller = Teller::default();
        for (done, total) in [(u64::MAX, 1), (u64::MAX, u64::MAX), (0, u64::MAX)] {
            teller.tell(&Status::Running { done, total });
        }
        assert_eq!(teller.0, format!("0 % of {} bootstraps", u64::MAX));
    }

    #[test]
    fn only_plain_http_is_spoken() {
        for server in ["https://engine:8090", "engine:8090", ""] {
            let error = connect(server).err().unwrap();
            assert!(error.exit_code() == 2 && error.to_string().contains("TLS tunnel"), "{error}");
        }
        assert!(connect("http://127.0.0.1:8090").is_ok());
    }
}
