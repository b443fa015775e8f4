//! `solventry approve` and `solventry oracle`: small signing commands with keys of their own.

use std::path::PathBuf;

use ed25519_dalek::Signer;
use solventry::{
    document::words,
    signing::{propose, read_request, signing_key},
    store::files::{self, Access},
    vault::read_vault,
};
use solventry_types::{Digest, MarginAttestation};

use super::{CliError, epoch::now, payment::summary, print};

/// `solventry approve`.
#[derive(clap::Args)]
pub struct ApproveArgs {
    /// Payment file; your approval is added to it
    payment: PathBuf,
    /// Vault folder
    #[arg(long)]
    vault: PathBuf,
    /// Your signing key; must be a registered approver, and not the proposer's
    #[arg(long)]
    key: PathBuf,
}

/// Shows what the payment does, signs it and writes the file again.
pub fn approve(args: &ApproveArgs) -> Result<(), CliError> {
    let vault = read_vault(&args.vault)?;
    let mut request = read_request(&args.payment)?;
    print(&summary(&request.payment, request.payment.id(vault.genesis)));
    let before = request.clone();
    let count = propose::approve(&mut request, &vault, &signing_key(&args.key)?, now())?;
    if request == before {
        print(&format!("you had approved it already; valid approvals: {count}"));
        return Ok(());
    }
    files::write(&args.payment, Access::Private, &request.encode())?;
    print(&format!("approved; valid approvals: {count}"));
    Ok(())
}

/// `solventry oracle`.
#[derive(clap::Args)]
pub struct OracleArgs {
    /// The oracle's signing key (make one with `keys signing`)
    #[arg(long)]
    key: PathBuf,
    /// Name of the venue
    #[arg(long)]
    venue: String,
    /// Account at the venue
    #[arg(long)]
    account: String,
    /// Net collateral over requirement, such as "75 %"
    #[arg(long, value_name = "PERCENT", value_parser = ratio)]
    ratio: u32,
    /// Counts up with each attestation
    #[arg(long)]
    counter: u64,
    /// Time of the ratio in Unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
    /// Digest of the risk arrays behind the ratio (64 hexadecimal digits)
    #[arg(
        long,
        value_name = "HEX",
        default_value = "0000000000000000000000000000000000000000000000000000000000000000"
    )]
    risk_arrays: String,
    /// Margin attestation to write; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Signs a margin ratio.
pub fn oracle(args: &OracleArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let key = signing_key(&args.key)?;
    let mut risk_arrays = [0; 32];
    hex::decode_to_slice(&args.risk_arrays, &mut risk_arrays).map_err(|_| {
        CliError::Input(format!(
            "--risk-arrays: expected 64 hexadecimal digits, got {} characters",
            args.risk_arrays.len()
        ))
    })?;
    let mut attestation = MarginAttestation {
        venue: args.venue.clone(),
        account: args.account.clone(),
        ratio_bps: args.ratio,
        counter: args.counter,
        time: args.time.unwrap_or_else(now),
        risk_arrays: Digest(risk_arrays),
        oracle: key.verifying_key().to_bytes(),
        signature: [0; 64],
    };
    attestation.signature = key.sign(&attestation.message().0).to_bytes();
    let bytes = attestation.encode();
    MarginAttestation::decode(&bytes)
        .map_err(|error| CliError::Input(format!("--venue, --account: {error}")))?;
    files::write_new(&args.out, Access::Private, &bytes)?;
    print(&format!("wrote {}: signed by {}", args.out.display(), hex::encode(attestation.oracle)));
    Ok(())
}

fn ratio(text: &str) -> Result<u32, String> {
    words::parse_ratio(text).map_err(|fault| fault.to_string())
}
