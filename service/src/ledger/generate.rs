//! Synthetic ledger folders: plausible, heavy-tailed, the same for the same seed.
//!
//! Distributions (only multiplication, division and square roots, so that every machine writes
//! the same bytes):
//!
//! - Holdings of an account: `1 + ⌊X⌋`, at most one per asset, X Lomax with shape 2
//!   (P(X ≥ x) = (1 + x/s)^-2), s solved for the wanted mean.
//! - Which assets: Zipf, the k-th asset of the table with weight 1/k, without repetition.
//! - Value of a holding: 100 dollars · (U^(-3/4) - 1), a Lomax tail of index 4/3 (infinite
//!   variance: few accounts hold most), cut at a thousand million dollars.
//! - Reserves of an asset: 101 % to 110 % of its liabilities, spread over up to three addresses
//!   for each of its places; 97 % for the asset that shall be short.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use solventry_types::{Chain, Profile, Total, amount::decimal};

use super::{
    address::{address_text, locator_text},
    catalog::{Offer, offers},
    customers::Customers,
    problem::LedgerFile,
};

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// Accounts, at least 1.
    pub accounts: u64,
    /// Assets, 1 to 1022.
    pub assets: usize,
    /// Mean number of holdings of an account, from 1 to the number of assets.
    pub mean_holdings: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Symbol of an asset whose reserves shall be 97 % of its liabilities.
    pub shortfall: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Accounts.
    pub accounts: u64,
    /// Holdings.
    pub holdings: u64,
    /// Reserve entries.
    pub reserves: u64,
    /// Liabilities per asset in listed units, in table order.
    pub totals: Vec<Total>,
}

/// Why no folder was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The folder has files.
    #[error("{} is not an empty folder; choose another or remove its files", .0.display())]
    NotEmpty(PathBuf),
    /// No accounts.
    #[error("expected at least 1 account, came 0")]
    Accounts,
    /// Too few or too many assets.
    #[error("expected 1 to {most} assets, came {got}", most = Profile::STANDARD.max_assets)]
    Assets {
        /// The number.
        got: usize,
    },
    /// A mean that no ledger can have.
    #[error("expected mean holdings from 1 to the number of assets, came {0}")]
    MeanHoldings(f64),
    /// No asset of this symbol.
    #[error("expected the symbol of a generated asset for the shortfall, came {0}; the first is BTC")]
    Shortfall(String),
    /// Totals left their range.
    #[error(transparent)]
    Total(#[from] solventry_types::amount::TotalOverflow),
    /// The system refused.
    #[error("the folder cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes a folder; creates it if needed and refuses one with files. Streams: memory does not
/// grow with the accounts.
pub fn generate_ledger(folder: &Path, options: &GenerateOptions) -> Result<Generated, GenerateError> {
    let shortfall = check(options)?;
    let mut random = ChaCha20Rng::seed_from_u64(options.seed);
    let offers = offers(options.assets, &mut random);
    let shortfall = shortfall
        .map(|symbol| {
            let found = offers.iter().position(|offer| offer.asset.symbol == *symbol);
            found.ok_or_else(|| GenerateError::Shortfall(symbol.clone()))
        })
        .transpose()?;
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(GenerateError::NotEmpty(folder.to_owned()));
    }
    write_assets(create(folder, LedgerFile::Assets)?, &offers)?;
    let mut customers = Customers::new(&offers, options, shortfall, random);
    let (holdings, totals) = customers.write(create(folder, LedgerFile::Accounts)?, options.accounts)?;
    let random = &mut customers.random;
    let reserves =
        write_reserves(create(folder, LedgerFile::Reserves)?, &offers, &totals, shortfall, random)?;
    Ok(Generated { accounts: options.accounts, holdings, reserves, totals })
}

fn check(options: &GenerateOptions) -> Result<Option<&String>, GenerateError> {
    let assets = options.assets;
    if options.accounts == 0 {
        return Err(GenerateError::Accounts);
    }
    if !(1..=Profile::STANDARD.max_assets).contains(&assets) {
        return Err(GenerateError::Assets { got: assets });
    }
    if !(1.0..=assets as f64).contains(&options.mean_holdings) {
        return Err(GenerateError::MeanHoldings(options.mean_holdings));
    }
    Ok(options.shortfall.as_ref())
}

fn create(folder: &Path, file: LedgerFile) -> io::Result<BufWriter<File>> {
    File::create_new(folder.join(file.name())).map(|file| BufWriter::with_capacity(1 << 18, file))
}

fn write_assets(mut out: BufWriter<File>, offers: &[Offer]) -> io::Result<()> {
    writeln!(out, "symbol,decimals,min_coverage,places")?;
    for Offer { asset, .. } in offers {
        let places = asset.places.iter().map(|place| {
            let locator = locator_text(place.chain, &place.locator);
            format!("{}/{locator}/{}", place.chain, place.decimals)
        });
        let places = places.collect::<Vec<_>>().join(";");
        writeln!(out, "{},{},{},{places}", asset.symbol, asset.decimals, asset.min_coverage_bps)?;
    }
    out.flush()
}

fn write_reserves(
    mut out: BufWriter<File>,
    offers: &[Offer],
    totals: &[Total],
    shortfall: Option<usize>,
    random: &mut ChaCha20Rng,
) -> Result<u64, GenerateError> {
    let mut entries = 0;
    writeln!(out, "asset,chain,address,amount,message,signature")?;
    for (index, (Offer { asset, .. }, total)) in offers.iter().zip(totals).enumerate() {
        let percent = if shortfall == Some(index) { 97 } else { 101 + random.next_u64() % 10 };
        let target = total.units() * u128::from(percent);
        // Rounded up where covered, down where short; one coin where nothing is owed.
        let target = match shortfall == Some(index) {
            true => target / 100,
            false if target == 0 => 10u128.pow(asset.decimals.into()),
            false => target.div_ceil(100),
        };
        let addresses = asset.places.iter().flat_map(|place| {
            let count = 1 + random.next_u64() % 3;
            (0..count).filter_map(|_| draw_address(place.chain, random)).collect::<Vec<_>>()
        });
        let addresses: Vec<_> = addresses.collect();
        let mut left = target;
        for (number, (chain, address)) in addresses.iter().enumerate().rev() {
            let share =
                if number == 0 { left } else { left / 1000 * u128::from(100 + random.next_u64() % 400) };
            left -= share;
            if share == 0 && number > 0 {
                continue;
            }
            writeln!(out, "{},{chain},{address},{},,", asset.symbol, decimal(share, asset.decimals))?;
            entries += 1;
        }
    }
    out.flush()?;
    Ok(entries)
}

/// A fresh mainnet address: hashes and keys that nobody knows to open.
fn draw_address(chain: Chain, random: &mut ChaCha20Rng) -> Option<(Chain, String)> {
    let mut bytes = [0; 32];
    random.fill_bytes(&mut bytes);
    let account = match chain {
        Chain::Bitcoin => match random.next_u64() % 4 {
            0 => [&[0x76, 0xa9, 20], &bytes[..20], &[0x88, 0xac]].concat(), // P2PKH
            1 => [&[0xa9, 20], &bytes[..20], &[0x87]].concat(),             // P2SH
            2 => [&[0, 32], &bytes[..]].concat(),                           // P2WSH
            _ => [&[0, 20], &bytes[..20]].concat(),                         // P2WPKH
        },
        Chain::Ethereum => bytes[..20].to_vec(),
        _ => bytes.to_vec(),
    };
    address_text(chain, &account).map(|text| (chain, text))
}
