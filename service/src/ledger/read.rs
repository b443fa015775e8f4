//! A ledger folder to a ledger.

use std::path::Path;

use solventry_prover::ledger::Ledger;
use solventry_types::{AssetTable, Total, reserves::ReserveEntry};

use super::{
    accounts::Accounts,
    assets::AssetList,
    fault::Fault,
    problem::{LedgerFile, Problem, Problems},
    report::{AccountsForm, CheckReport, Warning},
    reserves::{Reserves, covered},
    tally::Tally,
};

/// How strict to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Refuse amounts that are finer than the listed unit, instead of rounding them.
    pub exact: bool,
}

/// A folder without faults.
#[derive(Debug)]
pub struct LedgerFolder {
    /// Assets, accounts and holdings; accounts in order of first appearance.
    pub ledger: Ledger,
    /// Public reserves, sorted and unique as `ReserveClass::Public` demands.
    pub reserves: Vec<ReserveEntry>,
    /// Counts, rounding and warnings.
    pub report: CheckReport,
}

/// Reads `assets.csv` of a folder alone.
pub fn read_assets(folder: &Path) -> Result<AssetTable, Vec<Problem>> {
    let mut problems = Problems::default();
    let table = AssetList::read(folder, &mut problems).table();
    if let Err(Some(error)) = &table {
        problems.add(LedgerFile::Assets, None, Fault::Table(error.clone()));
    }
    match table {
        Ok(table) if problems.count() == 0 => Ok(table),
        _ => Err(problems.finish().0),
    }
}

/// Reads `assets.csv`, `accounts.csv` and, if there, `reserves.csv` of a folder.
///
/// Rows stream through: memory holds the ids and 24 bytes a row beside the ledger. On any fault
/// nothing is returned but the report, with all faults (the first 1000, then their number).
pub fn read_ledger(folder: &Path, options: ReadOptions) -> Result<LedgerFolder, Box<CheckReport>> {
    let mut problems = Problems::default();
    let assets = AssetList::read(folder, &mut problems);
    let mut tally = Tally::new(assets.len());
    let accounts = Accounts::read(folder, &assets, options, &mut tally, &mut problems);
    let reserves = Reserves::read(folder, &assets, options, &mut tally, &mut problems);
    let counts = Counts { form: accounts.form(), accounts: accounts.len(), holdings: accounts.holdings() };

    let ledger = match assets.table() {
        _ if problems.count() > 0 => None,
        Ok(table) => Some(accounts.into_ledger(table, &mut problems)),
        Err(error) => {
            // The rules above are the table's; should it have one more, nothing passes unseen.
            problems.add(LedgerFile::Assets, None, error.map_or(Fault::NoRows, Fault::Table));
            None
        }
    };
    let warnings = warnings(&assets, ledger.as_ref(), &reserves, &tally);
    let report = report(&assets, counts, &reserves, &tally, warnings, problems);
    match ledger.filter(|_| report.is_ok()) {
        Some(ledger) => Ok(LedgerFolder { ledger, reserves: reserves.entries, report }),
        None => Err(Box::new(report)),
    }
}

struct Counts {
    form: Option<AccountsForm>,
    accounts: usize,
    holdings: usize,
}

fn report(
    assets: &AssetList,
    counts: Counts,
    reserves: &Reserves,
    tally: &Tally,
    warnings: Vec<Warning>,
    problems: Problems,
) -> CheckReport {
    let Counts { form, accounts, holdings } = counts;
    let symbols = assets.rows().iter().map(|row| row.symbol.as_str());
    let listed = assets.rows().iter().map(|row| (row.symbol.as_str(), row.decimals.unwrap_or(0)));
    let (problems, further_problems) = problems.finish();
    CheckReport {
        assets: assets.len(),
        accounts,
        holdings,
        reserves: reserves.entries.len(),
        form,
        dust: tally.dust(symbols),
        advice: tally.advice(listed),
        warnings,
        problems,
        further_problems,
    }
}

/// Coverage is compared only where the ledger is whole.
fn warnings(assets: &AssetList, ledger: Option<&Ledger>, reserves: &Reserves, tally: &Tally) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if tally.zero_rows > 0 {
        warnings.push(Warning::ZeroAmounts { rows: tally.zero_rows });
    }
    if tally.signature_rows > 0 {
        warnings.push(Warning::UnusedSignatures { rows: tally.signature_rows });
    }
    for row in assets.rows() {
        if let Some(min_coverage_bps) = row.min_coverage_bps.filter(|bps| *bps < 10_000) {
            warnings.push(Warning::LowMinimum { asset: row.symbol.clone(), min_coverage_bps });
        }
    }
    if !reserves.present {
        warnings.push(Warning::NoReservesFile);
    } else if let Some(ledger) = ledger {
        let assets = ledger.assets().assets().iter().zip(ledger.totals()).zip(&reserves.totals);
        for ((asset, liabilities), reserves) in assets {
            let (symbol, min_coverage_bps) = (asset.symbol.clone(), asset.min_coverage_bps);
            match reserves {
                None if *liabilities == Total::ZERO => {}
                None => warnings.push(Warning::NoReserves { asset: symbol }),
                Some(reserves) if covered(*reserves, *liabilities, min_coverage_bps) => {}
                Some(_) => warnings.push(Warning::Short { asset: symbol, min_coverage_bps }),
            }
        }
    }
    warnings
}
