//! `solventry policy try`.

use std::path::PathBuf;

use serde_json::{Value, json};
use solventry::{
    document::{
        Fault,
        words::{self, Unit, amount_text},
    },
    journal_sums::{JournalSums, read_journal},
    ledger::parse_address,
    policy::{PolicyFile, Trial, Verdict},
};
use solventry_types::{Asset, Lane, Validity, VaultConfiguration};

use super::{CliError, epoch::now, policy::PolicyArgs, print, print_json};

/// `solventry policy try`.
#[derive(clap::Args)]
pub struct TryArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    /// Symbol of the asset
    #[arg(long)]
    asset: String,
    /// Name of a destination of the policy, or any address
    #[arg(long, value_name = "NAME|ADDRESS")]
    to: String,
    /// What the destination receives, such as "1.5 BTC"
    #[arg(long)]
    amount: String,
    /// Network fee, such as "0.0001 BTC" or "10000 sat" [default: none]
    #[arg(long)]
    fee: Option<String>,
    /// Lane of the payment
    #[arg(long, value_parser = ["normal", "rebalance"], default_value = "normal")]
    lane: String,
    /// Valid approvals that the payment has
    #[arg(long, default_value_t = 0)]
    approvals: u16,
    /// How long the payment is valid, such as "1 hour" [default: as long as the policy allows]
    #[arg(long, value_name = "DURATION")]
    valid_for: Option<String>,
    /// When it begins to be valid, such as 2026-11-22T12:00:00Z [default: the journal's time, or now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Sums of the journal (make a file with `journal new`) [default: a vault that never paid]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Margin ratio of the vault's oracle account, such as "75 %", for a rebalance
    #[arg(long, value_name = "RATIO")]
    margin_ratio: Option<String>,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

/// What was typed, understood.
struct Typed<'a> {
    trial: Trial<'a>,
    charged_fee: bool,
}

/// Tries the payment. Files at fault end as in `policy check`; what was typed wrong is wrong usage.
pub fn run(args: &TryArgs) -> Result<(), CliError> {
    let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
    let (vault, policy) = args.policy.read()?;
    let asset = asset(args, &policy)?;
    let journal = args.journal.as_deref().map(|file| read_journal(file, asset)).transpose()?;
    let account = destination(args, &policy)?;
    let typed = typed(args, &vault, &policy, asset, &account, journal.as_ref())?;
    let verdict = policy.try_payment(&vault, &typed.trial).map_err(|error| usage(&error))?;
    if args.json {
        print_json(&as_json(&verdict));
    } else {
        print(&text(&verdict, asset, typed.charged_fee));
    }
    if verdict.is_allowed() { Ok(()) } else { Err(CliError::Reported) }
}

/// A fault of one argument.
fn fault<T>(argument: &str, result: Result<T, impl Into<Fault>>) -> Result<T, CliError> {
    result.map_err(|fault| CliError::Usage(format!("{argument}: {}", fault.into())))
}

fn asset<'a>(args: &TryArgs, policy: &'a PolicyFile) -> Result<&'a Asset, CliError> {
    let symbols: Vec<&str> = policy.assets.iter().map(|asset| asset.symbol.as_str()).collect();
    let unknown =
        || CliError::Usage(format!("--asset: expected one of {}, came another", symbols.join(", ")));
    policy.asset(&args.asset).ok_or_else(unknown)
}

fn destination(args: &TryArgs, policy: &PolicyFile) -> Result<Vec<u8>, CliError> {
    if let Some(named) = policy.destination(&args.to) {
        return Ok(named.account.clone());
    }
    parse_address(policy.chain, &args.to).map_err(|error| {
        let names: Vec<&str> = policy.destinations.iter().map(|entry| entry.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        CliError::Usage(format!("--to: no destination of the policy has this name ({names} do), and {error}"))
    })
}

fn typed<'a>(
    args: &TryArgs,
    vault: &VaultConfiguration,
    policy: &PolicyFile,
    asset: &'a Asset,
    destination: &'a [u8],
    journal: Option<&'a JournalSums>,
) -> Result<Typed<'a>, CliError> {
    let lane = Lane::from_name(&args.lane).ok_or_else(|| CliError::Usage("--lane: unknown".into()))?;
    let amount = fault("--amount", words::parse_amount(&args.amount, Unit::from(asset)))?;
    let fee = args.fee.as_deref().map(|text| fault("--fee", words::parse_fee(text, policy.chain)));
    let from = args.at.as_deref().map(|text| fault("--at", words::parse_time(text)));
    let from = from.transpose()?.unwrap_or_else(|| journal.map_or_else(now, |journal| journal.time));
    let length = args.valid_for.as_deref().map(|text| fault("--valid-for", words::parse_duration(text)));
    let length = length.transpose()?.unwrap_or(policy.policy.max_validity);
    let margin = args.margin_ratio.as_deref().map(|text| fault("--margin-ratio", words::parse_ratio(text)));
    if args.margin_ratio.is_some() && vault.oracle.is_none() {
        return Err(CliError::Usage("--margin-ratio: vault.toml has no [oracle] that could sign it".into()));
    }
    if vault.accounts.owns(destination) {
        return Err(CliError::Usage(
            "--to: expected an address outside the vault, came one of its own".into(),
        ));
    }
    let trial = Trial {
        asset,
        destination,
        amount,
        fee: fee.transpose()?.unwrap_or(0),
        lane,
        approvals: args.approvals,
        validity: Validity { from, until: from.saturating_add(length) },
        journal,
        margin_ratio_bps: margin.transpose()?,
    };
    let charged_fee = args.fee.is_some();
    Ok(Typed { trial, charged_fee })
}

fn text(verdict: &Verdict, asset: &Asset, fee: bool) -> String {
    let charged = amount_text(verdict.statement.amount.units(), Unit::from(asset));
    let note = if fee { "" } else { " (no --fee given)" };
    let mut lines = vec![if verdict.is_allowed() {
        format!("ALLOWED: charges {charged}{note}")
    } else {
        format!("REFUSED: would charge {charged}{note}")
    }];
    lines.extend(verdict.reasons.iter().map(|reason| match &reason.detail {
        Some(detail) => format!("  {}: {detail}", reason.refusal),
        None => format!("  {}", reason.refusal),
    }));
    lines.join("\n")
}

fn as_json(verdict: &Verdict) -> Value {
    let reasons: Vec<Value> = verdict
        .reasons
        .iter()
        .map(|reason| {
            let kind = format!("{:?}", reason.refusal);
            json!({ "kind": kind, "message": reason.refusal.to_string(), "detail": reason.detail })
        })
        .collect();
    json!({
        "allowed": verdict.is_allowed(),
        "charged_units": verdict.statement.amount.units().to_string(),
        "refusals": reasons,
    })
}
