//! `solventry change`, `disable` and `submit`: records other than payments.

use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use solventry::{
    coordinator::decide,
    group::read_genesis,
    signing::signing_key,
    store::{
        StoreError,
        files::{self, Access},
    },
    vault::{has_policy, read_vault, vault_file},
};
use solventry_protocol::{
    Record,
    evidence::Approval,
    record::{Change, Disable},
};
use solventry_types::{Digest, VaultConfiguration};

use super::{
    CliError,
    connection::{Connection, Steps, Waiting, judge},
    print,
};

/// `solventry change` and `solventry disable`.
#[derive(clap::Args)]
pub struct ChangeArgs {
    /// Vault folder
    #[arg(long)]
    vault: PathBuf,
    /// Signing key of an approver in force
    #[arg(long)]
    key: PathBuf,
    /// Number of this change or disabling of the vault; `signers status` shows it
    #[arg(long, default_value_t = 0)]
    sequence: u64,
    /// Record to write, or to add the signature to
    #[arg(long)]
    out: PathBuf,
}

/// `solventry submit`.
#[derive(clap::Args)]
pub struct SubmitArgs {
    /// Record file
    #[arg(long)]
    record: PathBuf,
    /// Genesis file
    #[arg(long)]
    genesis: PathBuf,
    /// Coordinator's link key
    #[arg(long)]
    key: PathBuf,
    #[command(flatten)]
    waiting: Waiting,
}

/// Makes or signs the change of a vault to what its folder says.
pub fn change(args: &ChangeArgs) -> Result<(), CliError> {
    let vault = read_vault(&args.vault)?;
    if !has_policy(&vault) {
        let file = vault_file(&args.vault).display().to_string();
        return Err(CliError::Input(format!(
            "{file}: expected a policy root, came none; run `solventry policy root --write`"
        )));
    }
    let key = signing_key(&args.key)?;
    let mut change = Change {
        vault: vault.name.clone(),
        sequence: args.sequence,
        policy_root: vault.policy_root,
        proposers: vault.proposers.clone(),
        approvers: vault.approvers.clone(),
        oracle: vault.oracle,
        approvals: vec![],
    };
    let message = change.message(vault.genesis);
    change.approvals = sign(&args.out, &key, message, |record| match record {
        Record::Change(old) if old.message(vault.genesis) == message => Some(old.approvals),
        _ => None,
    })?;
    let signatures = change.approvals.len();
    write(&args.out, &Record::Change(change), signatures, &vault, args.sequence)
}

/// Makes or signs the disabling of a vault.
pub fn disable(args: &ChangeArgs) -> Result<(), CliError> {
    let vault = read_vault(&args.vault)?;
    let key = signing_key(&args.key)?;
    let mut disable = Disable { vault: vault.name.clone(), sequence: args.sequence, approvals: vec![] };
    let message = disable.message(vault.genesis);
    disable.approvals = sign(&args.out, &key, message, |record| match record {
        Record::Disable(old) if old.message(vault.genesis) == message => Some(old.approvals),
        _ => None,
    })?;
    let signatures = disable.approvals.len();
    write(&args.out, &Record::Disable(disable), signatures, &vault, args.sequence)
}

/// Submits a record and waits for its decision.
pub fn submit(args: &SubmitArgs) -> Result<(), CliError> {
    let genesis = read_genesis(&args.genesis)?;
    let record = existing(&args.record)?
        .ok_or_else(|| StoreError::new(&args.record, "no such file; expected a record"))?;
    let connection = Connection::new(genesis.group.clone(), &args.key)?.waiting(&args.waiting);
    let steps = Steps::begin();
    let decision = decide(connection.nodes(), &record, &judge(&genesis)?, &mut |event| steps.tell(&event))?;
    print(&format!("{} {} is in the journal at height {}", record.kind(), record.digest(), decision.height));
    Ok(())
}

/// Adds a signature to those that a file has already, or replaces an earlier one of the same key.
///
/// # Errors
///
/// A file with another record: `same` gives the signatures of the record that is to be signed.
pub fn sign(
    path: &Path,
    key: &SigningKey,
    message: Digest,
    same: impl FnOnce(Record) -> Option<Vec<Approval>>,
) -> Result<Vec<Approval>, CliError> {
    let other = "expected the same record, to add a signature to it, came another; give the same vault, number \
                 (--sequence) and content, or choose another --out";
    let mut signatures = match existing(path)? {
        Some(record) => same(record).ok_or_else(|| StoreError::new(path, other))?,
        None => Vec::new(),
    };
    let own = approval(key, message);
    signatures.retain(|old| old.approver != own.approver);
    signatures.push(own);
    signatures.sort_by_key(|signature| signature.approver);
    Ok(signatures)
}

/// One key's signature.
pub fn approval(key: &SigningKey, message: Digest) -> Approval {
    Approval { approver: key.verifying_key().to_bytes(), signature: key.sign(&message.0).to_bytes() }
}

/// The record in a file that exists already.
pub fn existing(path: &Path) -> Result<Option<Record>, CliError> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let bytes = files::read(path, Record::MAX_BYTES)?;
    Ok(Some(Record::decode(&bytes).map_err(|error| StoreError::new(path, error))?))
}

fn write(
    path: &Path,
    record: &Record,
    signatures: usize,
    vault: &VaultConfiguration,
    sequence: u64,
) -> Result<(), CliError> {
    files::write(path, Access::Public, &record.encode())?;
    print(&format!(
        "wrote {}: {} {sequence} of vault {:?}, signatures: {signatures}\nnext: `solventry submit --record {0}`",
        path.display(),
        record.kind(),
        vault.name
    ));
    Ok(())
}
