//! `solventry-margin encrypt` and `reference`.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    plan::{InputKind, Market, Plan},
    reference,
    wire::weights,
};
use solventry_margin::{
    files::{self, Access, FileError},
    portfolio::{self, About, Encryptor, Lots},
    shelf, signing, stamps,
    venue::VenueFolder,
};

use super::{
    CliError, Outcome,
    plan::{Asked, require_family, require_served},
    print, report,
};

/// `solventry-margin encrypt`.
#[derive(clap::Args)]
pub struct EncryptArgs {
    /// Venue folder: with venue.json, and public.key and crs, or secret.key where the venue encrypts
    #[arg(long, value_name = "FOLDER")]
    venue: PathBuf,
    /// Risk arrays
    #[arg(long, value_name = "FILE")]
    arrays: PathBuf,
    /// Portfolio: JSON, or CSV with the header kind,name,lots
    #[arg(long, value_name = "FILE")]
    portfolio: PathBuf,
    /// The account's signing key (make one with `account-key`)
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What is asked; the call alone is cheaper and tells one bit
    #[arg(long, value_enum, default_value = "margin")]
    question: Asked,
    /// Higher than in any earlier query of the account [default: microseconds since 1970]
    #[arg(long)]
    nonce: Option<u64>,
    /// Query to write; must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Encrypts and signs.
pub fn run(args: &EncryptArgs) -> Result<Outcome, CliError> {
    files::require_writable(&args.out)?;
    let folder = VenueFolder::new(&args.venue);
    let (venue, arrays) = (folder.venue()?, shelf::read(&args.arrays)?);
    require_family(&venue, &arrays)?;
    // What an engine or the authority would refuse is refused before the work.
    let plan = Plan::new(venue.market, &weights(&arrays), args.question.into())?;
    require_served(&venue, &arrays, &plan)?;
    let lots = read_lots(&args.portfolio)?;
    let portfolio = lots.legs(&arrays, venue.market)?;
    let account = signing::read(&args.key)?;
    let nonce = args.nonce.unwrap_or_else(microseconds);
    let about = About { venue: &venue, arrays: &arrays, question: args.question.into(), nonce };
    let query = match (venue.market.inputs, folder.crs(&venue)?) {
        (InputKind::Public, Some(crs)) => {
            let key = folder.public_key(&venue)?;
            portfolio::encrypt(&about, &portfolio, &Encryptor::Public(&key, &crs), &account)?
        }
        _ => portfolio::encrypt(&about, &portfolio, &Encryptor::Secret(&folder.secret(&venue)?), &account)?,
    };
    let bytes = query.encode();
    files::write(&args.out, Access::Public, &bytes)?;
    print(&format!(
        "wrote {}: {} bytes, {} legs and {} collateral assets, nonce {nonce}, query {}\n{}",
        args.out.display(),
        bytes.len(),
        portfolio.legs.len(),
        portfolio.collateral.len(),
        query.digest(),
        stamps::SELF_DECLARED
    ));
    Ok(Outcome::Done)
}

fn read_lots(path: &Path) -> Result<Lots, CliError> {
    let lots = Lots::read(&files::read(path, portfolio::MAX_BYTES)?);
    Ok(lots.map_err(|error| FileError::new(path, error))?)
}

/// For nonces.
pub fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// `solventry-margin reference`.
#[derive(clap::Args)]
pub struct ReferenceArgs {
    /// Risk arrays
    #[arg(long, value_name = "FILE")]
    arrays: PathBuf,
    /// Portfolio: JSON, or CSV with the header kind,name,lots
    #[arg(long, value_name = "FILE")]
    portfolio: PathBuf,
}

/// Computes in clear.
pub fn reference(args: &ReferenceArgs) -> Result<Outcome, CliError> {
    let arrays = shelf::read(&args.arrays)?;
    let lots = read_lots(&args.portfolio)?;
    print(&report::margin(&arrays, &in_clear(&arrays, &lots)?));
    print("IN CLEAR: computed from positions that whoever runs this can read");
    Ok(Outcome::Done)
}

/// The margin in clear, for lots of any size that 32 bits hold.
pub fn in_clear(arrays: &RiskArrays, lots: &Lots) -> Result<reference::Margin, CliError> {
    let market = Market { bits: 60, value_bits: 32, inputs: InputKind::Secret };
    let portfolio = lots.legs(arrays, market)?;
    let margin = reference::margin(&weights(arrays), &portfolio);
    margin.ok_or_else(|| CliError::Usage("expected sums of at most 63 bits; the portfolio is larger".into()))
}
