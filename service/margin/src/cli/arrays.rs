//! `solventry-margin arrays`.

use std::path::{Path, PathBuf};

use solventry_fhe_risk::arrays::{
    build::{Built, build},
    config::{MAX_CONFIG_BYTES, MarketConfig},
    history::{self, PriceHistory},
};
use solventry_margin::files::{self, Access, FileError};

use super::{CliError, Outcome, print};

/// `solventry-margin arrays`.
#[derive(clap::Args)]
pub struct ArraysArgs {
    /// The market's configuration (TOML): instruments, collateral, parameters
    #[arg(long, value_name = "FILE")]
    market: PathBuf,
    /// Its price history (CSV)
    #[arg(long, value_name = "FILE")]
    prices: PathBuf,
    /// Risk arrays to write (JSON); must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Builds and writes.
pub fn run(args: &ArraysArgs) -> Result<Outcome, CliError> {
    files::require_writable(&args.out)?;
    let built = built(&args.market, &args.prices)?;
    files::write(&args.out, Access::Public, built.arrays.to_json().as_bytes())?;
    print(&table(&built));
    print(&built.to_string());
    print(&format!("wrote {}", args.out.display()));
    Ok(Outcome::Done)
}

/// Arrays of a market, from its files.
pub fn built(market: &Path, prices: &Path) -> Result<Built, CliError> {
    let config = MarketConfig::read(&files::read(market, MAX_CONFIG_BYTES)?);
    let config = config.map_err(|error| FileError::new(market, error))?;
    let history = PriceHistory::read(&files::read(prices, history::MAX_BYTES)?);
    let history = history.map_err(|error| FileError::new(prices, error))?;
    Ok(build(&config, &history)?)
}

/// The arrays, a line for every leg.
pub fn table(built: &Built) -> String {
    let content = built.arrays.content();
    let row = |name: &str, leg: &str, entries: &[i64]| {
        let entries: String = entries.iter().map(|entry| format!("{entry:>6}")).collect();
        format!("{name:<18}{leg:<6}{entries}")
    };
    let legs = content.instruments.iter().flat_map(|instrument| {
        [row(&instrument.name, "long", &instrument.long), row("", "short", &instrument.short)]
    });
    let assets =
        content.collateral.iter().map(|asset| format!("{:<18}counts{:>6}", asset.name, asset.factor));
    let header =
        "losses of one lot in quanta, by scenario; quanta that a lot of collateral counts".to_owned();
    [header].into_iter().chain(legs).chain(assets).collect::<Vec<_>>().join("\n")
}
