//! `solventry payment example|finish`: before the first step of a payment, and after the last.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use solventry::{
    document::words::{self, Unit},
    ledger::parse_address,
    signing::example::example_psbt,
    store::{
        StoreError,
        files::{self, Access},
    },
    vault::read_vault,
};
use solventry_chains::{Finished, decode, finish};
use solventry_protocol::SigningEvidence;
use solventry_types::Chain;

use super::{CliError, print};

/// Writes an example PSBT.
pub fn example(vault: &Path, to: &str, amount: &str, fee: &str, out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let vault = read_vault(vault)?;
    let usage =
        |option: &str, problem: &dyn std::fmt::Display| CliError::Usage(format!("{option}: {problem}"));
    let to = parse_address(Chain::Bitcoin, to).map_err(|error| usage("--to", &error))?;
    let units =
        words::parse_amount(amount, Unit::coin(Chain::Bitcoin)).map_err(|error| usage("--amount", &error))?;
    let units = u64::try_from(units.units()).map_err(|_| usage("--amount", &"too large"))?;
    let fee = words::parse_fee(fee, Chain::Bitcoin).map_err(|error| usage("--fee", &error))?;
    let psbt = example_psbt(&vault, &to, units, fee).map_err(|error| CliError::Input(error.to_string()))?;
    files::write_new(out, Access::Private, (STANDARD.encode(psbt) + "\n").as_bytes())?;
    print(&format!("wrote {}: an example; the output that it spends exists on no network", out.display()));
    Ok(())
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
