//! `solventry-margin decrypt`: the decryption authority.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    engine::Engine,
    wire::{Digest, Query, SignedResult, Venue},
};
use solventry_margin::{
    authority::{DecryptionAuthority, Disclosure, Evidence, Request, Told},
    budget::{Budget, Limits},
    files::{self, Access, FileError},
    now,
    server::Account,
    shelf, signing,
    venue::VenueFolder,
};

use super::{CliError, Outcome, arrays, print, report, serve, tell};

/// What to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Disclose {
    /// Whether collateral is below the margin: 1 bit
    Call,
    /// That, and collateral over margin on a coarse grid: 4 bits
    Ratio,
    /// Margin, collateral and excess in full: about twice the bits of a value
    Margin,
}

/// `solventry-margin decrypt`.
#[derive(clap::Args)]
pub struct DecryptArgs {
    /// Venue folder with secret.key
    #[arg(long, value_name = "FOLDER")]
    venue: PathBuf,
    /// The market's configuration: the authority computes the risk arrays again itself
    #[arg(long, value_name = "FILE", required_unless_present = "accept_arrays", requires = "prices")]
    market: Option<PathBuf>,
    /// Its price history, from a source that the authority trusts
    #[arg(long, value_name = "FILE", requires = "market")]
    prices: Option<PathBuf>,
    /// Instead: published risk arrays
    #[arg(long, value_name = "FILE", conflicts_with = "market", requires = "accept_arrays")]
    arrays: Option<PathBuf>,
    /// With --arrays: their digest, which you have checked by other means than the engine's or the venue's word
    #[arg(long, value_name = "DIGEST", requires = "arrays")]
    accept_arrays: Option<Digest>,
    /// Query, as it was sent
    #[arg(long, value_name = "FILE")]
    query: PathBuf,
    /// The engine's result
    #[arg(long, value_name = "FILE")]
    result: PathBuf,
    /// Evaluate again here and compare; the default, since no engine is trusted alone
    #[arg(long, conflicts_with = "second_result")]
    re_evaluate: bool,
    /// Instead: the result of another engine, which must be the same to the last bit
    #[arg(long, value_name = "FILE", requires = "engine")]
    second_result: Option<PathBuf>,
    /// With --second-result: public keys of the engines that you know (64 hexadecimal digits; at least two)
    #[arg(long, value_name = "KEY")]
    engine: Vec<Digest>,
    /// What to tell
    #[arg(long, value_enum, default_value = "call")]
    disclose: Disclose,
    /// Folder of the authority's memory, which knows what was told [default: authority in the venue folder]
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Begin a new memory where there is none: all budgets begin at zero
    #[arg(long)]
    new_state: bool,
    /// Bits that may be told of an unchanged portfolio
    #[arg(long, value_name = "BITS", default_value_t = Limits::default().portfolio)]
    budget: u64,
    /// Bits that may be told of an account in all, under these keys
    #[arg(long, value_name = "BITS", default_value_t = Limits::default().account)]
    account_budget: u64,
    /// Bits that may be told of all accounts, under these keys
    #[arg(long, value_name = "BITS", default_value_t = Limits::default().venue)]
    venue_budget: u64,
    /// Answer only for the accounts that a server's configuration (JSON) registers for this venue
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Also sign a margin attestation, for the rebalance lane of a vault, under the name that --accounts gives the
    /// query's account; must not exist
    #[arg(long, value_name = "FILE", requires_all = ["oracle", "accounts"])]
    attest: Option<PathBuf>,
    /// With --attest: the oracle's signing key
    #[arg(long, value_name = "FILE", requires = "attest")]
    oracle: Option<PathBuf>,
    /// Exit with 0 even if the reference string is UNTRUSTED
    #[arg(long)]
    insecure_dev: bool,
}

/// Checks, charges, tells.
pub fn run(args: &DecryptArgs) -> Result<Outcome, CliError> {
    let folder = VenueFolder::new(&args.venue);
    let oracle = oracle(args, &folder.venue()?)?;
    let arrays = recomputed(args)?;
    let limits = Limits { portfolio: args.budget, account: args.account_budget, venue: args.venue_budget };
    let state = args.state.clone().unwrap_or_else(|| folder.path("authority"));
    require_memory(&state, args.new_state)?;
    let mut authority = authority(&folder, &state, limits)?;
    let accounts = args.accounts.as_deref().map(|path| accounts(path, authority.venue())).transpose()?;
    if let Some(accounts) = &accounts {
        authority = authority.for_accounts(accounts.iter().map(|account| account.key.0).collect());
    }
    let query = files::read(&args.query, Query::MAX_BYTES)?;
    Query::decode(&query).map_err(|error| FileError::new(&args.query, error))?;
    let result = read_result(&args.result)?;
    let second = args.second_result.as_deref().map(read_result).transpose()?;
    let engines: Vec<_> = args.engine.iter().map(|key| key.0).collect();
    let own;
    let evidence = match &second {
        Some(result) => Evidence::Second { result, engines: &engines },
        None => {
            tell("evaluating again; no engine is trusted alone");
            own = Engine::new(folder.evaluation_key(authority.venue())?);
            Evidence::ReEvaluate(&own)
        }
    };
    let disclosure = match args.disclose {
        Disclose::Call => Disclosure::Call,
        Disclose::Ratio => Disclosure::Ratio,
        Disclose::Margin => Disclosure::Margin,
    };
    let request =
        Request { query: &query, result: &result, arrays: &arrays, evidence, disclosure, now: now() };
    let told = authority.answer(&request)?;
    print(&text(&told, &arrays, limits));
    let outcome = report::stamped(authority.venue(), args.insecure_dev);
    if let (Some(out), Some(oracle)) = (&args.attest, &oracle) {
        let account = accounts.iter().flatten().find(|account| account.key.0 == told.subject.account);
        let name = account.map_or("", |account| account.name.as_str());
        attest(&authority, &told, out, oracle, name)?;
    }
    Ok(outcome)
}

/// A result's bytes, if they are one.
fn read_result(path: &Path) -> Result<Vec<u8>, FileError> {
    let bytes = files::read(path, SignedResult::MAX_BYTES)?;
    SignedResult::decode(&bytes).map_err(|error| FileError::new(path, error))?;
    Ok(bytes)
}

/// What an attestation needs, before anything is charged or shown.
fn oracle(args: &DecryptArgs, venue: &Venue) -> Result<Option<SigningKey>, CliError> {
    let (Some(out), Some(oracle)) = (&args.attest, &args.oracle) else { return Ok(None) };
    files::require_writable(out)?;
    let refused = |problem: &str| Err(CliError::Usage(problem.to_owned()));
    if args.disclose == Disclose::Call {
        return refused("an attestation states a ratio: expected --disclose ratio or margin with --attest");
    }
    if venue.is_untrusted() && !args.insecure_dev {
        return refused(
            "an attestation says nothing of an UNTRUSTED reference string: expected --insecure-dev with --attest",
        );
    }
    Ok(Some(signing::read(oracle)?))
}

/// A memory that is missing has forgotten what was told.
fn require_memory(state: &Path, is_new: bool) -> Result<(), CliError> {
    if is_new || Budget::exists(state) {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "{}: expected the authority's memory of what was told, which keygen makes; restore it from a backup, or pass \
         --new-state to begin at zero",
        state.display()
    )))
}

/// The accounts that a server's configuration registers for the venue.
fn accounts(path: &Path, venue: &Venue) -> Result<Vec<Account>, CliError> {
    let config = serve::config(path)?;
    Ok(config.venue(&venue.digest()).map(|venue| venue.accounts.clone()).unwrap_or_default())
}

/// The arrays as the authority computes them, or those whose digest it was given.
fn recomputed(args: &DecryptArgs) -> Result<RiskArrays, CliError> {
    if let (Some(market), Some(prices)) = (&args.market, &args.prices) {
        return Ok(arrays::built(market, prices)?.arrays);
    }
    let (Some(path), Some(expected)) = (&args.arrays, args.accept_arrays) else {
        return Err(CliError::Usage(
            "expected --market and --prices, or --arrays and --accept-arrays".into(),
        ));
    };
    let arrays = shelf::read(path)?;
    let got = Digest(arrays.digest());
    if got != expected {
        return Err(CliError::Failed(format!("expected risk arrays {expected}, got {got}")));
    }
    Ok(arrays)
}

/// The authority of a venue folder.
pub fn authority(
    folder: &VenueFolder,
    state: &Path,
    limits: Limits,
) -> Result<DecryptionAuthority, CliError> {
    let venue = folder.venue()?;
    let (public_key, crs) = (folder.public_key(&venue)?, folder.crs(&venue)?);
    let (secret, budget) = (folder.secret(&venue)?, Budget::open(state)?);
    Ok(DecryptionAuthority::new(venue, secret, public_key, crs, budget, limits))
}

/// What is told, and what it cost.
pub fn text(told: &Told, arrays: &RiskArrays, limits: Limits) -> String {
    let answer = match (&told.margin, told.ratio_bps) {
        (Some(margin), _) => report::margin(arrays, margin),
        (None, Some(bps)) => format!("{}\n{}", report::ratio(bps), report::call(told.call)),
        (None, None) => report::call(told.call),
    };
    let charge = &told.charge;
    format!(
        "{answer}\nbudget: {} bits charged; {} of {} told of this portfolio, {} of {} of this account\n\
         risk arrays {}\nengine {}",
        charge.bits,
        charge.portfolio,
        limits.portfolio,
        charge.account,
        limits.account,
        told.arrays,
        hex::encode(told.engine)
    )
}

fn attest(
    authority: &DecryptionAuthority,
    told: &Told,
    out: &Path,
    oracle: &SigningKey,
    account: &str,
) -> Result<(), CliError> {
    let attestation = authority.attest(told, account, oracle)?;
    files::write(out, Access::Private, &attestation.encode())?;
    print(&format!(
        "wrote {}: {account:?}, ratio at least {} bps, counter {}, signed by {}",
        out.display(),
        attestation.ratio_bps,
        attestation.counter,
        hex::encode(attestation.oracle)
    ));
    Ok(())
}
