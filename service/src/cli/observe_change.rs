//! `solventry observe change`: who the observers of the chains are.

use std::path::{Path, PathBuf};

use solventry::{
    group::read_genesis,
    signing::signing_key,
    store::files::{self, Access},
};
use solventry_protocol::{Genesis, Record, genesis::Quorum, record::ObserverChange};

use super::{CliError, change::sign, print, signers_genesis::public_key};

/// `solventry observe change`.
#[derive(clap::Args)]
pub struct ChangeArgs {
    /// Ed25519 key of an observer after the change, also one that stays; may be repeated
    #[arg(long = "observer", value_name = "KEY", required = true, value_parser = public_key)]
    observers: Vec<[u8; 32]>,
    /// How many of them must sign
    #[arg(long, value_name = "K")]
    observer_quorum: u16,
    /// Number of this change of the observers, from 0; nodes refuse another and say which is next
    #[arg(long, default_value_t = 0)]
    sequence: u64,
    /// Genesis file
    #[arg(long)]
    genesis: PathBuf,
    /// Signing key of an approver in force
    #[arg(long)]
    key: PathBuf,
    /// Record to write, or to add the signature to
    #[arg(long)]
    out: PathBuf,
}

/// Makes or signs the change of the observers.
pub fn run(args: ChangeArgs) -> Result<(), CliError> {
    let genesis = read_genesis(&args.genesis)?;
    let key = signing_key(&args.key)?;
    let observers = quorum(args.observers, args.observer_quorum)?;
    let mut change = ObserverChange { sequence: args.sequence, observers, approvals: vec![] };
    let message = change.message(genesis.digest());
    change.approvals = sign(&args.out, &key, message, |record| match record {
        Record::Observers(old) if old.message(genesis.digest()) == message => Some(old.approvals),
        _ => None,
    })?;
    write(&args.out, change, &genesis)
}

fn quorum(mut keys: Vec<[u8; 32]>, least: u16) -> Result<Quorum, CliError> {
    keys.sort_unstable();
    let observers = Quorum { keys, least };
    if observers.is_valid() {
        return Ok(observers);
    }
    Err(CliError::Usage(format!(
        "expected 1 to {} distinct --observer and an --observer-quorum of 1 to their number, came {} and {least}",
        Quorum::MAX_KEYS,
        observers.keys.len()
    )))
}

/// Nodes count the approvers in force of every vault; who that is, the genesis alone does not say.
fn write(path: &Path, change: ObserverChange, genesis: &Genesis) -> Result<(), CliError> {
    let (sequence, signatures) = (change.sequence, change.approvals.len());
    let record = Record::Observers(change);
    files::write(path, Access::Public, &record.encode())?;
    print(&format!(
        "wrote {}: {} {sequence}, signatures: {signatures}; needed of every vault's approvers: {}\nnext: `solventry submit \
         --record {0}`",
        path.display(),
        record.kind(),
        genesis.change_quorum
    ));
    Ok(())
}
