//! `solventry-verify`: checks attestations, inclusion files and signing evidence offline.
//!
//! Arguments as typed → what to do → outcome; the exit code is decided in [`outcome::Outcome`].

mod anchors;
mod args;
mod files;
mod outcome;
mod places;
mod report;
mod signing;

use std::{
    io::{BufRead, Write},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{SigningEvidence, verify::require_kind, verify_signing};
use solventry_types::{AccountId, Attestation, InclusionFile};
use solventry_verifier::{Anchors, VerifiedAttestation, verify_attestation, verify_inclusion};

use crate::{
    args::{Args, Command, Sources},
    outcome::{Failure, Outcome},
};

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match args.command {
        Command::Attestation { file, anchors, list, json } => attestation(&file, &anchors, list, json),
        Command::Inclusion { file, sources, account, json } => inclusion(&file, &sources, &account, json),
        Command::Signing { file, complete, sources, json } => {
            signing_evidence(&file, complete, &sources, json)
        }
        Command::Anchors(command) => anchors::run(command),
    };
    let (outcome, text) = outcome.unwrap_or_else(|(failure, json)| failure.report(json));
    let stream: &mut dyn Write = match outcome {
        Outcome::Unreadable if !text.starts_with('{') => &mut std::io::stderr(),
        _ => &mut std::io::stdout(),
    };
    // A closed pipe is the reader's choice and changes nothing about the verdict.
    let _ = stream.write_all(text.as_bytes());
    outcome.into()
}

/// An outcome with its text, or a failure and whether it is wanted as JSON.
type Reported = Result<(Outcome, String), (Failure, bool)>;

fn attestation(file: &std::path::Path, anchors: &std::path::Path, list: bool, json: bool) -> Reported {
    let verified = verified(file, anchors).map_err(|failure| (failure, json))?;
    let outcome = Outcome::of(&verified);
    let text = if json {
        report::attestation_json(&verified, outcome)
    } else {
        report::attestation(&verified, outcome, list)
    };
    Ok((outcome, text))
}

fn inclusion(file: &std::path::Path, sources: &Sources, account: &str, json: bool) -> Reported {
    let run = || {
        let account = AccountId::new(&typed(account)?).map_err(|error| Failure::Input(error.to_string()))?;
        let verified = verified(&sources.attestation, &sources.anchors)?;
        let bytes = files::read(file, InclusionFile::MAX_BYTES)?;
        let included = verify_inclusion(&bytes, &verified, &account).map_err(Failure::Inclusion)?;
        Ok((verified, included))
    };
    let (verified, included) = run().map_err(|failure| (failure, json))?;
    let outcome = Outcome::of(&verified);
    let text = if json {
        report::inclusion_json(&verified, &included, outcome)
    } else {
        report::inclusion(&verified, &included, outcome)
    };
    Ok((outcome, text))
}

fn signing_evidence(file: &std::path::Path, complete: bool, sources: &Sources, json: bool) -> Reported {
    let run = || {
        let bytes = files::read(file, SigningEvidence::MAX_BYTES)?;
        require_kind(&bytes).map_err(Failure::Signing)?;
        let (attestation, anchors) = verified_with(&sources.attestation, &sources.anchors)?;
        let key = PolicyVerifyingKey::generate().map_err(|error| Failure::Input(error.to_string()))?;
        let verified = verify_signing(&bytes, &attestation, &anchors, &key).map_err(Failure::Signing)?;
        if complete && !verified.missing().is_empty() {
            return Err(Failure::Incomplete(verified.missing()));
        }
        Ok((attestation, verified))
    };
    let (attestation, verified) = run().map_err(|failure| (failure, json))?;
    let outcome = Outcome::with_trust(verified.setup_is_trusted());
    let text = if json {
        signing::json(&verified, &attestation, outcome)
    } else {
        signing::text(&verified, &attestation, outcome)
    };
    Ok((outcome, text))
}

fn verified(file: &std::path::Path, anchors: &std::path::Path) -> Result<VerifiedAttestation, Failure> {
    verified_with(file, anchors).map(|(verified, _)| verified)
}

fn verified_with(
    file: &std::path::Path,
    anchors: &std::path::Path,
) -> Result<(VerifiedAttestation, Anchors), Failure> {
    let anchors = files::read(anchors, solventry_verifier::anchors::MAX_BYTES)?;
    let anchors = Anchors::from_json(&anchors).map_err(|error| Failure::Input(error.to_string()))?;
    let bytes = files::read(file, Attestation::MAX_BYTES)?;
    let verified = verify_attestation(&bytes, &anchors, now()).map_err(Failure::Attestation)?;
    Ok((verified, anchors))
}

/// The account id as typed; `-` reads one line from standard input, which keeps the id out of
/// the shell's history.
fn typed(account: &str) -> Result<String, Failure> {
    if account != "-" {
        return Ok(account.to_owned());
    }
    let mut line = String::new();
    let mut bounded = std::io::Read::take(std::io::stdin().lock(), 1024);
    bounded.read_line(&mut line).map_err(|error| Failure::Input(format!("standard input: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
