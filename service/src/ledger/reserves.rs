//! `reserves.csv`.

use std::path::Path;

use solventry_types::{
    Chain, Locator, Place, Total,
    reserves::{ReserveEntry, ReserveEvidence, listed_units},
};

use super::{
    address::{parse_address, parse_locator},
    amount::{DecimalText, fine_units},
    assets::{AssetList, AssetRow},
    fault::{Echo, Fault},
    lines::LONG_FORM_LINE,
    problem::{LedgerFile, Position, Problems},
    read::ReadOptions,
    report::Side,
    table::{Record, Table, columns},
    tally::Tally,
};

const FILE: LedgerFile = LedgerFile::Reserves;

/// The reserves as far as they could be read.
pub(super) struct Reserves {
    /// Whether the file exists.
    pub present: bool,
    /// Sorted by (chain, account, locator), as a public reserve class demands.
    pub entries: Vec<ReserveEntry>,
    /// Per asset: listed units, each entry rounded down; `None` without entries.
    pub totals: Vec<Option<Total>>,
}

struct Row {
    entry: ReserveEntry,
    asset: usize,
    listed: Total,
    address_at: Position,
}

/// Columns of the header: asset, chain, address, amount, message, signature.
type Columns = [Option<usize>; 6];

impl Reserves {
    /// Reads the file if there is one; faults are reported.
    pub fn read(
        folder: &Path,
        assets: &AssetList,
        options: ReadOptions,
        tally: &mut Tally,
        problems: &mut Problems,
    ) -> Self {
        let mut reserves = Self { present: true, entries: Vec::new(), totals: vec![None; assets.len()] };
        let mut table = match Table::open(folder, FILE, LONG_FORM_LINE).map_err(Fault::from) {
            Ok(table) => table,
            Err(Fault::Missing) => return Self { present: false, ..reserves },
            Err(fault) => {
                problems.add(FILE, None, fault);
                return reserves;
            }
        };
        let Some(header) = table.header(problems) else { return reserves };
        let (required, optional) = (["asset", "chain", "address", "amount"], ["message", "signature"]);
        let Some(columns) = columns(FILE, &header, &required, &optional, problems) else { return reserves };
        let Ok(columns) = Columns::try_from(columns) else { return reserves };
        let mut rows = Vec::new();
        let mut seen = 0usize;
        table.records(header.len(), problems, |record, problems| {
            seen += 1;
            if seen <= ReserveEvidence::MAX_ENTRIES {
                rows.extend(read_row(record, columns, assets, options, tally, problems));
            } else if seen == ReserveEvidence::MAX_ENTRIES + 1 {
                problems.add(FILE, Some(record.at(0)), Fault::ManyReserves);
            }
        });
        reserves.add(rows, assets, problems);
        reserves
    }

    fn add(&mut self, mut rows: Vec<Row>, assets: &AssetList, problems: &mut Problems) {
        for row in &rows {
            let Some(total) = self.totals.get_mut(row.asset) else { continue };
            match total.unwrap_or(Total::ZERO).add(row.listed) {
                Ok(sum) => *total = Some(sum),
                Err(_) => {
                    let symbol = assets.rows().get(row.asset).map(|asset| asset.symbol.clone());
                    let fault = Fault::TotalOverflow { symbol: symbol.unwrap_or_default() };
                    problems.add(FILE, Some(row.address_at), fault);
                }
            }
        }
        rows.sort_by(|a, b| (a.key(), a.address_at).cmp(&(b.key(), b.address_at)));
        let mut first: Option<&Row> = None;
        for row in &rows {
            match first.filter(|first| first.key() == row.key()) {
                Some(first) => {
                    let fault = Fault::DuplicateAddress { first_line: first.address_at.line };
                    problems.add(FILE, Some(row.address_at), fault);
                }
                None => first = Some(row),
            }
        }
        self.entries = rows.into_iter().map(|row| row.entry).collect();
    }
}

impl Row {
    fn key(&self) -> impl Ord + '_ {
        (self.entry.chain, &self.entry.account, &self.entry.locator)
    }
}

/// Reads one row; `None` after a fault, which is reported.
fn read_row(
    record: &Record<'_>,
    [asset_at, chain_at, address_at, amount_at, message_at, signature_at]: Columns,
    assets: &AssetList,
    options: ReadOptions,
    tally: &mut Tally,
    problems: &mut Problems,
) -> Option<Row> {
    let text = |at: Option<usize>| at.map_or("", |at| record.text(at));
    let mut report = |at: Option<usize>, fault: Fault| {
        problems.add(FILE, at.map(|at| record.at(at)), fault);
    };
    if [message_at, signature_at].iter().any(|at| !text(*at).is_empty()) {
        tally.signature_rows += 1;
    }
    let number = DecimalText::parse(text(amount_at)).map_err(|error| report(amount_at, error.into()));
    let asset = assets.find(text(asset_at)).map_err(|fault| {
        if let Some(fault) = fault {
            report(asset_at, fault);
        }
    });
    let chain = parse_chain(text(chain_at)).map_err(|fault| report(chain_at, fault));
    let account = match &chain {
        Ok((chain, _)) => {
            parse_address(*chain, text(address_at)).map_err(|error| report(address_at, error.into())).ok()
        }
        Err(()) => None,
    };
    let (Ok(number), Ok((asset, row)), Ok((chain, locator))) = (number, asset, chain) else { return None };
    let place = find_place(row, chain, locator).map_err(|fault| report(chain_at, fault)).ok()?;
    let (chain_units, listed) = convert(&number, row, place, options, asset, tally)
        .map_err(|fault| {
            if let Some(fault) = fault {
                report(amount_at, fault);
            }
        })
        .ok()?;
    let entry = ReserveEntry { chain, locator: place.locator.clone(), account: account?, chain_units };
    Some(Row { entry, asset, listed, address_at: address_at.map(|at| record.at(at))? })
}

/// `chain`, `chain/native` or `chain/CONTRACT`.
fn parse_chain(text: &str) -> Result<(Chain, Option<Locator>), Fault> {
    let (name, locator) = text.split_once('/').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let chain = Chain::from_name(name).ok_or_else(|| Fault::UnknownChain { got: Echo::new(name) })?;
    let locator = locator.map(|locator| parse_locator(chain, locator)).transpose()?;
    Ok((chain, locator))
}

fn find_place(asset: &AssetRow, chain: Chain, locator: Option<Locator>) -> Result<&Place, Fault> {
    let symbol = || asset.symbol.clone();
    let fits = |place: &&Place| {
        place.chain == chain && locator.as_ref().is_none_or(|locator| *locator == place.locator)
    };
    let mut places = asset.places.iter().filter(fits);
    match (places.next(), places.next()) {
        (None, _) => Err(Fault::NoPlace { symbol: symbol() }),
        (Some(place), None) => Ok(place),
        (Some(_), Some(_)) => Err(Fault::AmbiguousPlace { symbol: symbol(), chain }),
    }
}

/// Chain units, exactly, and listed units, rounded down. `Err(None)`: the asset is at fault.
fn convert(
    number: &DecimalText<'_>,
    asset: &AssetRow,
    place: &Place,
    options: ReadOptions,
    index: usize,
    tally: &mut Tally,
) -> Result<(u128, Total), Option<Fault>> {
    let (symbol, decimals) = (|| asset.symbol.clone(), place.decimals);
    if number.decimals() > decimals {
        return Err(Some(Fault::FinerThanChain { symbol: symbol(), chain: place.chain, decimals }));
    }
    let chain_units = number.exact_units(decimals).ok_or(Some(Fault::ReserveTooLarge))?;
    let listed_decimals = asset.decimals.ok_or(None)?;
    let listed = listed_units(chain_units, decimals, listed_decimals)
        .and_then(|units| Total::from_units(units).ok())
        .ok_or_else(|| Some(Fault::TotalOverflow { symbol: symbol() }))?;
    // 10^(chain - listed decimals) fits: chain_units was divided by it, or it is one.
    let step = 10u128.checked_pow(decimals.saturating_sub(listed_decimals).into()).unwrap_or(u128::MAX);
    let dust = fine_units(chain_units.checked_rem(step).unwrap_or_default(), decimals);
    if dust > 0 && options.exact {
        return Err(Some(Fault::Dust { symbol: symbol(), decimals: listed_decimals }));
    }
    tally.add_dust(Side::Reserves, index, dust);
    Ok((chain_units, listed))
}

/// Whether reserves reach the minimum coverage: `10000 · reserves >= bps · liabilities`.
pub(super) fn covered(reserves: Total, liabilities: Total, min_coverage_bps: u32) -> bool {
    // Totals are below 2^96 and basis points below 2^20: no overflow.
    let (held, owed) =
        (reserves.units().checked_mul(10_000), liabilities.units().checked_mul(min_coverage_bps.into()));
    matches!((held, owed), (Some(held), Some(owed)) if held >= owed)
}
