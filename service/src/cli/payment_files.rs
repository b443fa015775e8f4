//! `solventry payment example|finish`: before the first step of a payment, and after the last.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use solventry::{
    document::words::{self, Unit},
    ledger::parse_address,
    signing::{
        example::{ExampleError, example_psbt},
        example_message::example_message,
    },
    store::{
        StoreError,
        files::{self, Access},
    },
    vault::read_vault,
};
use solventry_chains::{Finished, decode, finish};
use solventry_protocol::SigningEvidence;
use solventry_types::{Chain, VaultConfiguration};

use super::{CliError, print};

/// `solventry payment example`.
#[derive(clap::Args)]
pub struct ExampleArgs {
    /// Vault folder
    #[arg(long)]
    vault: PathBuf,
    /// Address that is paid
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// What it gets, such as "0.5 BTC" or "2 SOL"
    #[arg(long)]
    amount: String,
    /// Network fee on Bitcoin [default: 1000 sat]; on Solana it is 5000 lamports per signature
    #[arg(long, value_name = "AMOUNT")]
    fee: Option<String>,
    /// Who pays the fee on Solana, which a vault cannot [default: an account that exists nowhere]
    #[arg(long, value_name = "ADDRESS")]
    fee_payer: Option<String>,
    /// Transaction to write, base64; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Writes an example transaction of the vault's chain.
pub fn example(args: &ExampleArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let vault = read_vault(&args.vault)?;
    let (bytes, invented) = match vault.accounts.chain() {
        Chain::Solana => (solana_example(args, &vault)?, "nonce that it uses up"),
        _ => (bitcoin_example(args, &vault)?, "output that it spends"),
    };
    files::write_new(&args.out, Access::Private, (STANDARD.encode(bytes) + "\n").as_bytes())?;
    print(&format!("wrote {}: an example; the {invented} exists on no network", args.out.display()));
    Ok(())
}

fn bitcoin_example(args: &ExampleArgs, vault: &VaultConfiguration) -> Result<Vec<u8>, CliError> {
    if args.fee_payer.is_some() {
        return Err(usage("--fee-payer", &"the inputs pay the fee on Bitcoin; leave it out"));
    }
    let to = parse_address(Chain::Bitcoin, &args.to).map_err(|error| usage("--to", &error))?;
    let fee = args.fee.as_deref().unwrap_or("1000 sat");
    let fee = words::parse_fee(fee, Chain::Bitcoin).map_err(|error| usage("--fee", &error))?;
    example_psbt(vault, &to, coins(args, Chain::Bitcoin)?, fee).map_err(not_made)
}

fn solana_example(args: &ExampleArgs, vault: &VaultConfiguration) -> Result<Vec<u8>, CliError> {
    if args.fee.is_some() {
        return Err(usage("--fee", &"it is 5000 lamports per signature on Solana; leave it out"));
    }
    let payer = args.fee_payer.as_deref().map(|text| solana_address("--fee-payer", text)).transpose()?;
    let to = solana_address("--to", &args.to)?;
    example_message(vault, &to, coins(args, Chain::Solana)?, payer).map_err(not_made)
}

fn solana_address(option: &str, text: &str) -> Result<[u8; 32], CliError> {
    let address = parse_address(Chain::Solana, text).map_err(|error| usage(option, &error))?;
    address.try_into().map_err(|_| usage(option, &"expected an address of 32 bytes"))
}

fn coins(args: &ExampleArgs, chain: Chain) -> Result<u64, CliError> {
    let units = words::parse_amount(&args.amount, Unit::coin(chain));
    let units = units.map_err(|error| usage("--amount", &error))?;
    u64::try_from(units.units()).map_err(|_| usage("--amount", &"too large"))
}

fn usage(option: &str, problem: &dyn std::fmt::Display) -> CliError {
    CliError::Usage(format!("{option}: {problem}"))
}

fn not_made(error: ExampleError) -> CliError {
    CliError::Input(error.to_string())
}

/// Writes the signed transaction of an evidence file.
pub fn finish_payment(evidence: &Path, out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let bytes = files::read(evidence, SigningEvidence::MAX_BYTES)?;
    let file = SigningEvidence::decode(&bytes).map_err(|error| StoreError::new(evidence, error))?;
    let name = evidence.display();
    if file.signatures.is_empty() {
        return Err(CliError::Input(format!(
            "{name}: it holds no signatures yet; get them with `solventry sign`"
        )));
    }
    let refused = |error: &dyn std::fmt::Display| CliError::Input(format!("{name}: {error}"));
    let transfer = decode(&file.transaction, &file.vault.accounts).map_err(|error| refused(&error))?;
    let finished = finish(&file.transaction, &transfer, &file.signatures).map_err(|error| refused(&error))?;
    write_finished(&finished, file.payment.chain, out)
}

/// Writes a signed transaction in the form that its network takes.
pub fn write_finished(finished: &Finished, chain: Chain, out: &Path) -> Result<(), CliError> {
    let (text, how) = match chain {
        Chain::Bitcoin => (hex::encode(&finished.bytes), "hexadecimal, as `sendrawtransaction` takes it"),
        _ => (STANDARD.encode(&finished.bytes), "base64, as `sendTransaction` takes it"),
    };
    files::write_new(out, Access::Private, (text + "\n").as_bytes())?;
    let missing = match finished.missing {
        0 => String::new(),
        _ => "; the fee payer's signature is still missing: its place holds zeros".to_owned(),
    };
    print(&format!("wrote {}: {how}{missing}", out.display()));
    Ok(())
}
