//! `solventry epoch commit|seal` and `solventry prove`.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Subcommand;
use serde_json::json;
use solventry::{
    epoch::{
        EpochError,
        commit::{Committed, EpochOptions, commit},
        reserves, seal,
    },
    ledger::{LedgerFolder, ReadOptions, read_ledger},
    progress::Progress as _,
    store::{
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
};
use solventry_prover::{keys::ProvingKeys, seal::require_solvent};
use solventry_types::{
    Chain, SnapshotBlock,
    reserves::{ReserveClass, ReserveEvidence},
};

use super::{CliError, memory, print, print_json, progress::Reporter};

/// Steps of an epoch.
#[derive(Subcommand)]
pub enum EpochCommand {
    /// First step: prove all shards and print the digest of the liabilities; resumes where it was
    /// interrupted
    Commit {
        /// What to prove
        #[command(flatten)]
        epoch: EpochArgs,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Last step: prove coverage with the gathered reserves, sign, write the attestation
    Seal {
        /// Number of the epoch
        #[arg(long)]
        epoch: u64,
        /// Key folder
        #[arg(long)]
        keys: PathBuf,
        /// Folder of secrets
        #[arg(long)]
        secrets: PathBuf,
        /// Attestation to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}

/// What fixes an epoch.
#[derive(clap::Args)]
pub struct EpochArgs {
    /// Ledger folder
    #[arg(long)]
    ledger: PathBuf,
    /// Key folder
    #[arg(long)]
    keys: PathBuf,
    /// Name of the entity, as it shall stand in the attestation
    #[arg(long)]
    entity: String,
    /// Number of the epoch; one number stands for one ledger, for ever
    #[arg(long)]
    epoch: u64,
    /// Folder of secrets: made if missing, needed later for inclusion files; keep it private
    #[arg(long)]
    secrets: PathBuf,
    /// Declared capacity in slots of three holdings, shown to everyone and rounded up a little, so
    /// that small growth does not show [default: what the ledger needs]
    #[arg(long, value_name = "SLOTS")]
    capacity: Option<usize>,
    /// Time of the ledger snapshot in Unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    snapshot_time: Option<u64>,
    /// Block at which a chain's reserves were taken; may be repeated, one per chain
    #[arg(long = "snapshot-block", value_name = "CHAIN:HEIGHT:HASH", value_parser = snapshot_block)]
    snapshot_blocks: Vec<SnapshotBlock>,
    /// Refuse amounts that are finer than the listed unit, instead of rounding them
    #[arg(long)]
    exact: bool,
    /// Go on even if the estimated memory is not available
    #[arg(long)]
    ignore_memory: bool,
}

/// `solventry prove`.
#[derive(clap::Args)]
pub struct ProveArgs {
    #[command(flatten)]
    epoch: EpochArgs,
    /// Attestation to write; must not exist
    #[arg(long)]
    out: PathBuf,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

/// Runs a step.
pub fn run(command: EpochCommand) -> Result<(), CliError> {
    match command {
        EpochCommand::Commit { epoch, json } => {
            let mut reporter = Reporter::new();
            let ledger = read(&epoch, &mut reporter)?;
            let (_, committed) = commit_epoch(&epoch, &ledger, &mut reporter)?;
            reporter.finish();
            if json {
                print_json(&json!({
                    "epoch": epoch.epoch,
                    "shards": committed.shards,
                    "shards_resumed": committed.resumed,
                    "liabilities_digest": committed.digest.to_string(),
                }));
                return Ok(());
            }
            print(&format!(
                "epoch {} is committed: {} shards\nliabilities: {}\nPublish this digest, then gather reserves.",
                epoch.epoch, committed.shards, committed.digest
            ));
            Ok(())
        }
        EpochCommand::Seal { epoch, keys, secrets, out } => {
            files::require_writable(&out)?;
            let mut reporter = Reporter::new();
            let keys_folder = KeysFolder::new(&keys);
            let folder = SecretsFolder::new(&secrets).begun_epoch(epoch)?;
            let (keys, entity_key) = (keys_folder.proving()?, keys_folder.entity_key()?);
            let bytes = seal::seal(&folder, &keys, &entity_key, &mut reporter)?;
            files::write_new(&out, Access::Public, &bytes)?;
            reporter.finish();
            print(&format!("wrote {} ({} bytes)", out.display(), bytes.len()));
            Ok(())
        }
    }
}

/// All steps at once.
pub fn prove(args: &ProveArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let started = SystemTime::now();
    let mut reporter = Reporter::new();
    let ledger = read(&args.epoch, &mut reporter)?;
    require_reserves(args, &ledger)?;
    let (keys, committed) = commit_epoch(&args.epoch, &ledger, &mut reporter)?;
    let folder = SecretsFolder::new(&args.epoch.secrets).begun_epoch(args.epoch.epoch)?;
    reserves::import_public(&folder, ledger.reserves)?;
    let entity_key = KeysFolder::new(&args.epoch.keys).entity_key()?;
    let bytes = seal::seal(&folder, &keys, &entity_key, &mut reporter)?;
    files::write_new(&args.out, Access::Public, &bytes)?;
    reporter.finish();
    let seconds = started.elapsed().map_or(0.0, |elapsed| elapsed.as_secs_f64());
    if args.json {
        print_json(&json!({
            "attestation": args.out.display().to_string(),
            "bytes": bytes.len(),
            "shards": committed.shards,
            "shards_resumed": committed.resumed,
            "liabilities_digest": committed.digest.to_string(),
            "seconds": seconds,
        }));
    } else {
        print(&format!(
            "wrote {}: {} bytes, {} shards ({} from an earlier run), {seconds:.1} s\nverify it: solventry-verify \
             attestation {} --anchors {}",
            args.out.display(),
            bytes.len(),
            committed.shards,
            committed.resumed,
            args.out.display(),
            args.epoch.keys.join("anchors.json").display()
        ));
    }
    Ok(())
}

fn read(args: &EpochArgs, reporter: &mut Reporter) -> Result<LedgerFolder, CliError> {
    memory::check(&KeysFolder::new(&args.keys), &args.ledger, args.ignore_memory)?;
    reporter.phase("reading the ledger");
    let ledger = read_ledger(&args.ledger, ReadOptions { exact: args.exact })?;
    reporter.warnings(&ledger.report);
    Ok(ledger)
}

/// An insolvent ledger fails at the seal; better to know before the shards are proven.
fn require_reserves(args: &ProveArgs, ledger: &LedgerFolder) -> Result<(), CliError> {
    if ledger.reserves.is_empty() {
        return Err(CliError::Input(format!(
            "{}: no reserves.csv with entries; add it, or use `epoch commit`, `reserves`, `epoch seal` for \
             attested reserves",
            args.epoch.ledger.display()
        )));
    }
    let assets = ledger.ledger.assets();
    let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(ledger.reserves.clone())] };
    let mut reserves = evidence.public_totals(assets).map_err(|error| EpochError::Seal(error.into()))?;
    // Attested classes that were opened for this epoch count too.
    if let Ok(folder) = SecretsFolder::new(&args.epoch.secrets).begun_epoch(args.epoch.epoch) {
        let (_, context) = folder.begun()?;
        for opening in reserves::openings(&folder, &context)? {
            for (sum, more) in reserves.iter_mut().zip(&opening.reserves) {
                *sum = sum.add(*more).map_err(|error| EpochError::Seal(error.into()))?;
            }
        }
    }
    Ok(require_solvent(assets, ledger.ledger.totals(), &reserves).map_err(EpochError::Seal)?)
}

fn commit_epoch(
    args: &EpochArgs,
    ledger: &LedgerFolder,
    reporter: &mut Reporter,
) -> Result<(ProvingKeys, Committed), CliError> {
    reporter.phase("reading keys");
    let keys = KeysFolder::new(&args.keys).proving()?;
    let options = EpochOptions {
        entity: args.entity.clone(),
        epoch: args.epoch,
        capacity: args.capacity,
        snapshot_time: args.snapshot_time,
        now: now(),
        snapshot_blocks: args.snapshot_blocks.clone(),
    };
    let secrets = SecretsFolder::new(&args.secrets);
    let committed = commit(&ledger.ledger, &keys, &options, &secrets, reporter)?;
    Ok((keys, committed))
}

/// `bitcoin:850000:0000…`
fn snapshot_block(text: &str) -> Result<SnapshotBlock, String> {
    let expected = "expected CHAIN:HEIGHT:HASH, such as bitcoin:850000:<64 hexadecimal digits>";
    let mut parts = text.split(':');
    let (Some(chain), Some(height), Some(hash), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(expected.into());
    };
    let names = Chain::ALL.map(Chain::name).join(", ");
    let chain =
        Chain::from_name(chain).ok_or_else(|| format!("unknown chain; {expected}; chains: {names}"))?;
    let height = height.parse().map_err(|_| format!("the height is not a number; {expected}"))?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(hash, &mut bytes)
        .map_err(|_| format!("the hash is not 64 hexadecimal digits; {expected}"))?;
    Ok(SnapshotBlock { chain, height, hash: bytes })
}

/// The operator's clock, in Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
