//! `solventry cancel`: gives a decided payment up.

use std::path::PathBuf;

use solventry::{
    coordinator::{Work, decide, read_group_key, sign},
    group::read_genesis,
    signing::{read_request, signing_key},
    store::files,
    vault::read_vault,
};
use solventry_chains::{decode_cancel, finish, from_text_or_binary};
use solventry_protocol::{
    Record, SigningEvidence,
    record::{Cancel, cancel_message},
};

use super::{
    CliError,
    change::approval,
    connection::{Connection, Steps, Waiting},
    payment_files::write_finished,
    print,
};

/// `solventry cancel`.
#[derive(clap::Args)]
pub struct CancelArgs {
    /// Transaction that spends the payment's anchor and pays nobody: every output the vault's own, or a Solana
    /// message that advances the nonce and does nothing else
    #[arg(long)]
    tx: PathBuf,
    /// Payment file of the decided payment
    #[arg(long)]
    payment: PathBuf,
    /// Vault folder
    #[arg(long)]
    vault: PathBuf,
    /// Signing key of a registered proposer or approver
    #[arg(long)]
    signer: PathBuf,
    /// Genesis file
    #[arg(long)]
    genesis: PathBuf,
    /// Group key of the vault (`signers dkg` writes it)
    #[arg(long)]
    group_key: PathBuf,
    /// Coordinator's link key
    #[arg(long)]
    key: PathBuf,
    #[command(flatten)]
    waiting: Waiting,
    /// Signed transaction to write, as the network takes it; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Has the cancellation decided and signed.
pub fn run(args: &CancelArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let (vault, genesis) = (read_vault(&args.vault)?, read_genesis(&args.genesis)?);
    let group_key = read_group_key(&args.group_key, &vault)?;
    let payment_id = read_request(&args.payment)?.payment.id(vault.genesis);
    let file = files::read(&args.tx, 2 * SigningEvidence::MAX_TRANSACTION_BYTES)?;
    let transaction = from_text_or_binary(&file).into_owned();
    let refused = |error: &dyn std::fmt::Display| CliError::Input(format!("{}: {error}", args.tx.display()));
    let transfer = decode_cancel(&transaction, &vault.accounts).map_err(|error| refused(&error))?;
    let message = cancel_message(vault.genesis, payment_id, transfer.digest());
    let approvals = vec![approval(&signing_key(&args.signer)?, message)];
    let record = Record::Cancel(Cancel { payment_id, transaction: transaction.clone(), approvals });
    let connection = Connection::new(genesis.group.clone(), &args.key)?.waiting(&args.waiting);
    let steps = Steps::begin();
    decide(connection.nodes(), &record, &vault, &mut |event| steps.tell(&event))?;
    let work = Work { genesis: vault.genesis, payment_id, transfer: &transfer };
    let signatures = sign(connection.nodes(), work, &group_key, &mut |event| steps.tell(&event))?;
    let finished = finish(&transaction, &transfer, &signatures).map_err(|error| refused(&error))?;
    write_finished(&finished, transfer.chain(), &args.out)?;
    print("the payment is given up; what it locks is free once observers have settled it");
    Ok(())
}
