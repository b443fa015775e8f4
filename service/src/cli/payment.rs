//! `solventry payment propose|show|prove|example|finish`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use solventry::{
    document::words::{self, Unit},
    epoch::headroom::sealed,
    journal_sums::read_journal,
    ledger::{account_text, address_text},
    policy::read_policy,
    signing::{
        PaymentRefused, attested_asset,
        propose::{self, Proposal},
        prove::{self, PaymentInputs},
        read_request, read_transaction, signing_key,
    },
    store::{
        StoreError,
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
    vault::read_vault,
};
use solventry_types::{Chain, Digest, Lane, MarginAttestation, Payment, Validity, place::Locator};

use super::{CliError, epoch::now, payment_files, print, print_json};

/// Commands on payments.
#[derive(Subcommand)]
pub enum PaymentCommand {
    /// Propose the payment that a transaction makes, for approvers to sign
    Propose {
        /// Transaction: PSBT (taproot key path) or Solana message, binary or base64
        #[arg(long)]
        tx: PathBuf,
        /// Vault folder
        #[arg(long)]
        vault: PathBuf,
        /// Your signing key; must be a registered proposer (make one with `keys signing`)
        #[arg(long)]
        key: PathBuf,
        /// How long the payment may be decided and signed, from now, such as "1 hour"
        #[arg(long, value_name = "DURATION", default_value = "1 hour", value_parser = duration)]
        valid_for: u64,
        /// Most network fee in the chain's own coin, such as "0.0001 BTC" [default: the transaction's]
        #[arg(long, value_name = "AMOUNT")]
        max_fee: Option<String>,
        /// normal, or rebalance (to an own destination, with a margin attestation)
        #[arg(long, default_value = "normal", value_parser = ["normal", "rebalance"])]
        lane: String,
        /// Payment file to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Show what a payment file says and who signed it
    Show {
        /// Payment file
        payment: PathBuf,
        /// Vault folder
        #[arg(long)]
        vault: PathBuf,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write an example transaction out of a vault, to try things with: a PSBT whose input, or a Solana message
    /// whose nonce, exists on no network
    Example(payment_files::ExampleArgs),
    /// Write the signed transaction of signing evidence, as the network takes it
    Finish {
        /// Signing evidence with signatures, as `sign` writes it
        evidence: PathBuf,
        /// Transaction to write: hexadecimal on Bitcoin, base64 on Solana; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Prove that the policy and the reserves allow a payment, and write the signing evidence
    Prove {
        /// Transaction: PSBT (taproot key path) or Solana message, binary or base64
        #[arg(long)]
        tx: PathBuf,
        /// Vault folder, with vault.toml and policy.toml
        #[arg(long)]
        vault: PathBuf,
        /// Payment file, proposed and approved
        #[arg(long)]
        payment: PathBuf,
        /// Number of the epoch in force; it must be sealed
        #[arg(long)]
        epoch: u64,
        /// Folder of secrets that the epoch was made with
        #[arg(long)]
        secrets: PathBuf,
        /// Key folder
        #[arg(long)]
        keys: PathBuf,
        /// Journal file: what was charged before (make one with `journal new`)
        #[arg(long)]
        journal: PathBuf,
        /// Margin attestation of a rebalance (make one with `oracle`)
        #[arg(long)]
        margin: Option<PathBuf>,
        /// Signing evidence to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}

/// Runs a command on payments.
pub fn run(command: PaymentCommand) -> Result<(), CliError> {
    match command {
        PaymentCommand::Propose { tx, vault, key, valid_for, max_fee, lane, out } => {
            propose_payment(&tx, &vault, &key, valid_for, max_fee.as_deref(), &lane, &out)
        }
        PaymentCommand::Example(args) => payment_files::example(&args),
        PaymentCommand::Finish { evidence, out } => payment_files::finish_payment(&evidence, &out),
        PaymentCommand::Show { payment, vault, json } => show(&payment, &vault, json),
        PaymentCommand::Prove { tx, vault, payment, epoch, secrets, keys, journal, margin, out } => {
            let margin = margin.as_deref();
            let (secrets, keys) = (SecretsFolder::new(&secrets), KeysFolder::new(&keys));
            prove_payment(&tx, &vault, &payment, epoch, &secrets, &keys, &journal, margin, &out)
        }
    }
}

fn propose_payment(
    tx: &Path,
    vault: &Path,
    key: &Path,
    valid_for: u64,
    max_fee: Option<&str>,
    lane: &str,
    out: &Path,
) -> Result<(), CliError> {
    files::require_writable(out)?;
    let vault = read_vault(vault)?;
    let (_, transfer) = read_transaction(tx, &vault)?;
    let from = now();
    let proposal = Proposal {
        validity: Validity { from, until: from.saturating_add(valid_for) },
        fee_cap: max_fee.map(|text| fee(text, transfer.chain())).transpose()?,
        lane: Lane::from_name(lane).unwrap_or(Lane::Normal),
    };
    let request = propose::propose(&transfer, &vault, &proposal, &signing_key(key)?)?;
    files::write_new(out, Access::Private, &request.encode())?;
    print(&format!(
        "{}\nwrote {}",
        summary(&request.payment, request.payment.id(vault.genesis)),
        out.display()
    ));
    Ok(())
}

fn show(path: &Path, vault: &Path, json: bool) -> Result<(), CliError> {
    let vault = read_vault(vault)?;
    let request = read_request(path)?;
    let (payment, id) = (&request.payment, request.payment.id(vault.genesis));
    let approvals = request.verify(&vault).map_err(PaymentRefused::from)?;
    let approvers = request.approvals.iter().map(|approval| hex::encode(approval.approver));
    if json {
        print_json(&json!({
            "payment_id": id.to_string(),
            "vault": payment.vault,
            "chain": payment.chain.name(),
            "destination": address_text(payment.chain, &payment.destination),
            "amount_chain_units": payment.amount.to_string(),
            "fee_cap_chain_units": payment.fee_cap.to_string(),
            "lane": payment.lane.name(),
            "valid_from": payment.validity.from,
            "valid_until": payment.validity.until,
            "expired": now() > payment.validity.until,
            "proposer": hex::encode(payment.proposer),
            "approvers": approvers.collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    print(&summary(payment, id));
    print(&format!("proposed by {}; valid approvals: {approvals}", hex::encode(payment.proposer)));
    approvers.for_each(|key| print(&format!("  approved by {key}")));
    Ok(())
}

#[allow(clippy::too_many_arguments)] // one per option
fn prove_payment(
    tx: &Path,
    vault_folder: &Path,
    payment: &Path,
    epoch: u64,
    secrets: &SecretsFolder,
    keys: &KeysFolder,
    journal: &Path,
    margin: Option<&Path>,
    out: &Path,
) -> Result<(), CliError> {
    files::require_writable(out)?;
    let vault = read_vault(vault_folder)?;
    let (transaction, transfer) = read_transaction(tx, &vault)?;
    let request = read_request(payment)?;
    // What is printed here may go to logs: the policy's faults come without its content.
    let policy = read_policy(&vault_folder.join("policy.toml"), &vault)
        .map_err(|report| CliError::Input(report.without_content()))?;
    let folder = secrets.begun_epoch(epoch)?;
    let attestation = sealed(&folder)?;
    let headroom_keys = keys.headroom()?;
    let journal = read_journal(journal, attested_asset(&transfer, &vault, &attestation)?)?;
    let margin = margin.map(read_margin).transpose()?;
    let inputs = PaymentInputs {
        vault: &vault,
        policy: &policy.policy,
        transaction,
        transfer: &transfer,
        request: &request,
        margin,
        attestation: &attestation,
        folder: &folder,
        headroom_keys: &headroom_keys,
    };
    let evidence = prove::prove(inputs, &journal)?;
    let bytes = evidence.encode();
    files::write_new(out, Access::Private, &bytes)?;
    print(&format!(
        "{}\nwrote {}: {} bytes; the policy allows it, and reserves still cover the liabilities\nto verify it, anchors pin \
         vault {} and headroom key {}",
        summary(&request.payment, request.payment.id(vault.genesis)),
        out.display(),
        bytes.len(),
        vault.digest(),
        headroom_keys.verifying.digest(),
    ));
    Ok(())
}

/// Reads a margin attestation.
pub fn read_margin(path: &Path) -> Result<MarginAttestation, CliError> {
    let bytes = files::read(path, MarginAttestation::MAX_BYTES)?;
    Ok(MarginAttestation::decode(&bytes).map_err(|error| StoreError::new(path, error))?)
}

/// What is paid to whom, in chain units where no table says more.
pub fn summary(payment: &Payment, id: Digest) -> String {
    let to = account_text(payment.chain, &payment.destination);
    let amount = match &payment.locator {
        Locator::Native => coin_text(payment.amount, payment.chain),
        Locator::Contract(mint) => {
            format!("{} units of token {}", payment.amount, account_text(payment.chain, mint))
        }
    };
    format!(
        "payment {id}\n  {amount} to {to}\n  network fee at most {}, {} lane, vault {:?}\n  valid from {} until {}{}",
        coin_text(payment.fee_cap, payment.chain),
        payment.lane.name(),
        payment.vault,
        words::time_text(payment.validity.from),
        words::time_text(payment.validity.until),
        if now() > payment.validity.until { " (EXPIRED)" } else { "" },
    )
}

fn coin_text(units: u64, chain: Chain) -> String {
    words::amount_text(units.into(), Unit::coin(chain))
}

fn fee(text: &str, chain: Chain) -> Result<u64, CliError> {
    words::parse_fee(text, chain).map_err(|fault| CliError::Usage(format!("--max-fee: {fault}")))
}

fn duration(text: &str) -> Result<u64, String> {
    match words::parse_duration(text) {
        Ok(0) => Err("expected at least 1 second".into()),
        result => result.map_err(|fault| fault.to_string()),
    }
}
