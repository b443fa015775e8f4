//! `solventry observe epoch|settle|change`: what observers of the chains vouch for, and who they are.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use solventry::{
    document::words,
    group::read_genesis,
    signing::signing_key,
    store::{
        StoreError,
        files::{self, Access},
    },
};
use solventry_protocol::{
    Genesis, Record,
    genesis::Quorum,
    record::{Activate, Outcome, Settle, epoch_message},
};
use solventry_types::Digest;
use solventry_verifier::verify_attestation;

use super::{
    CliError,
    change::{existing, sign},
    epoch::now,
    observe_change::{self, ChangeArgs},
    print,
};

/// Largest attestation that a record can hold, in bytes.
const MAX_ATTESTATION_BYTES: usize = Record::MAX_BYTES;

/// Commands of observers.
#[derive(Subcommand)]
pub enum ObserveCommand {
    /// Vouch that every snapshot block of an attestation is on its chain, buried to the pinned depth
    Epoch {
        /// Attestation
        #[arg(long)]
        attestation: PathBuf,
        /// Genesis file
        #[arg(long)]
        genesis: PathBuf,
        /// Record of the change of observers in force, if there was one since genesis (`observe change`)
        #[arg(long, value_name = "RECORD")]
        change: Option<PathBuf>,
        /// Your signing key; must be a registered observer
        #[arg(long)]
        key: PathBuf,
        /// Record to write, or to add the signature to
        #[arg(long)]
        out: PathBuf,
    },
    /// Make, or sign as an approver, the change of the observers; every vault's approvers must agree
    Change(ChangeArgs),
    /// Vouch that a payment's anchor is spent, buried to the pinned depth
    Settle(SettleArgs),
}

/// `solventry observe settle`.
#[derive(clap::Args)]
pub struct SettleArgs {
    /// The payment's id, as `payment show` prints it
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    payment_id: Digest,
    /// confirmed: by a decided transaction of the payment; spent-otherwise: by another
    #[arg(long, value_parser = ["confirmed", "spent-otherwise"])]
    outcome: String,
    /// Transaction that spent it: Bitcoin's id as its bytes stand, or the digest of Solana's signature
    #[arg(long, value_name = "HEX", value_parser = digest)]
    transaction: Digest,
    /// Height or slot of its block
    #[arg(long, value_name = "HEIGHT")]
    block_height: u64,
    /// Hash of its block
    #[arg(long, value_name = "HEX", value_parser = digest)]
    block_hash: Digest,
    /// Genesis file
    #[arg(long)]
    genesis: PathBuf,
    /// Record of the change of observers in force, if there was one since genesis (`observe change`)
    #[arg(long, value_name = "RECORD")]
    change: Option<PathBuf>,
    /// Your signing key; must be a registered observer
    #[arg(long)]
    key: PathBuf,
    /// Record to write, or to add the signature to
    #[arg(long)]
    out: PathBuf,
}

/// Runs a command of observers.
pub fn run(command: ObserveCommand) -> Result<(), CliError> {
    match command {
        ObserveCommand::Epoch { attestation, genesis, change, key, out } => {
            epoch(&attestation, &genesis, change.as_deref(), &key, &out)
        }
        ObserveCommand::Change(args) => observe_change::run(args),
        ObserveCommand::Settle(args) => settle(&args),
    }
}

fn epoch(
    attestation: &Path,
    genesis: &Path,
    change: Option<&Path>,
    key: &Path,
    out: &Path,
) -> Result<(), CliError> {
    let genesis = read_genesis(genesis)?;
    let observers = observers(&genesis, change)?;
    let key = signing_key(key)?;
    require_observer(&observers, &key)?;
    let bytes = files::read(attestation, MAX_ATTESTATION_BYTES)?;
    let verified = verify_attestation(&bytes, &genesis.anchors, now())
        .map_err(|error| StoreError::new(attestation, error))?;
    let context = &verified.attestation().context;
    print(&format!(
        "epoch {} of {:?}, snapshot {}",
        context.epoch,
        context.entity,
        words::time_text(context.snapshot_time)
    ));
    for block in &context.snapshot_blocks {
        print(&format!("  {} block {} {}", block.chain, block.height, hex::encode(block.hash)));
    }
    let message = epoch_message(genesis.digest(), verified.digest());
    let observations = sign(out, &key, message, |record| match record {
        Record::Activate(old) if old.attestation == bytes => Some(old.observations),
        _ => None,
    })?;
    let signatures = observations.len();
    write(out, &Record::Activate(Activate { attestation: bytes, observations }), signatures, &observers)
}

fn settle(args: &SettleArgs) -> Result<(), CliError> {
    let genesis = read_genesis(&args.genesis)?;
    let observers = observers(&genesis, args.change.as_deref())?;
    let key = signing_key(&args.key)?;
    require_observer(&observers, &key)?;
    let outcome = if args.outcome == "confirmed" { Outcome::Confirmed } else { Outcome::SpentOtherwise };
    let mut settle = Settle {
        payment_id: args.payment_id,
        outcome,
        transaction: args.transaction.0,
        block_height: args.block_height,
        block_hash: args.block_hash.0,
        observations: vec![],
    };
    let message = settle.message(genesis.digest());
    settle.observations = sign(&args.out, &key, message, |record| match record {
        Record::Settle(old) if old.message(genesis.digest()) == message => Some(old.observations),
        _ => None,
    })?;
    let signatures = settle.observations.len();
    write(&args.out, &Record::Settle(settle), signatures, &observers)
}

/// The observers of the genesis, or of the change that is in force since.
fn observers(genesis: &Genesis, change: Option<&Path>) -> Result<Quorum, CliError> {
    let Some(path) = change else { return Ok(genesis.observers.clone()) };
    match existing(path)? {
        Some(Record::Observers(change)) => Ok(change.observers),
        Some(_) => {
            Err(StoreError::new(path, "expected a change of the observers, came another record").into())
        }
        None => Err(StoreError::new(path, "no such file; expected a record").into()),
    }
}

fn require_observer(observers: &Quorum, key: &ed25519_dalek::SigningKey) -> Result<(), CliError> {
    let public = key.verifying_key().to_bytes();
    if observers.keys.contains(&public) {
        return Ok(());
    }
    Err(CliError::Input(format!(
        "expected the key of an observer, came {}; others are registered (if they were changed since genesis, give \
         the record with --change)",
        hex::encode(public)
    )))
}

fn write(path: &Path, record: &Record, signatures: usize, observers: &Quorum) -> Result<(), CliError> {
    let bytes = record.encode();
    if bytes.len() > Record::MAX_BYTES {
        let problem = format!("the record has {} bytes, a journal takes {}", bytes.len(), Record::MAX_BYTES);
        return Err(StoreError::new(path, problem).into());
    }
    files::write(path, Access::Public, &bytes)?;
    print(&format!(
        "wrote {}: {}, signed by {signatures} of {} needed observers\nnext: `solventry submit --record {0}`",
        path.display(),
        record.kind(),
        observers.least
    ));
    Ok(())
}

fn digest(text: &str) -> Result<Digest, String> {
    words::parse_digest(text).map_err(|fault| fault.to_string())
}
