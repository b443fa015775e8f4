//! `assets.csv`.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use solventry_types::{Asset, AssetTable, Chain, Locator, Place, Profile, asset::AssetTableError};

use super::{
    address::{locator_text, parse_place, whole_number},
    fault::{Echo, Fault},
    lines::LONG_FORM_LINE,
    problem::{LedgerFile, Problems},
    table::{Record, Table, columns},
};

const FILE: LedgerFile = LedgerFile::Assets;

/// The assets as far as they could be read: the other files are checked against them even where
/// one of them is at fault.
#[derive(Default)]
pub(super) struct AssetList {
    rows: Vec<AssetRow>,
    by_symbol: HashMap<String, usize>,
    /// Whether every row has a known symbol; if not, an unknown symbol elsewhere is no fault.
    complete: bool,
}

/// One asset; `None` where the field is at fault.
pub(super) struct AssetRow {
    pub symbol: String,
    pub decimals: Option<u8>,
    pub min_coverage_bps: Option<u32>,
    pub places: Vec<Place>,
}

/// First lines of symbols and places.
#[derive(Default)]
struct Seen {
    symbols: HashMap<String, u64>,
    places: BTreeMap<(Chain, Locator), u64>,
}

impl AssetList {
    /// Reads the file; faults are reported.
    pub fn read(folder: &Path, problems: &mut Problems) -> Self {
        let mut list = Self::default();
        let mut table = match Table::open(folder, FILE, LONG_FORM_LINE) {
            Ok(table) => table,
            Err(error) => {
                problems.add(FILE, None, Fault::from(error));
                return list;
            }
        };
        let Some(header) = table.header(problems) else { return list };
        let required = ["symbol", "decimals", "min_coverage"];
        let Some(columns) = columns(FILE, &header, &required, &["places"], problems) else { return list };
        let (mut seen, mut broken) = (Seen::default(), false);
        let mut rows = 0usize;
        let lines = table.records(header.len(), problems, |record, problems| {
            rows += 1;
            if rows <= Profile::STANDARD.max_assets {
                broken |= !list.add(record, &columns, &mut seen, problems);
            } else if rows == Profile::STANDARD.max_assets + 1 {
                problems.add(FILE, Some(record.at(0)), Fault::ManyAssets);
            }
        });
        if lines == 0 {
            problems.add(FILE, None, Fault::NoRows);
        }
        let skipped = u64::try_from(rows).ok() != Some(lines);
        list.complete = !broken && !skipped && (1..=Profile::STANDARD.max_assets).contains(&rows);
        list
    }

    /// Number of assets.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The assets in order.
    pub fn rows(&self) -> &[AssetRow] {
        &self.rows
    }

    /// Whether the table has this symbol.
    pub fn has(&self, symbol: &str) -> bool {
        self.by_symbol.contains_key(symbol)
    }

    /// Place of a symbol in the table, with its row. `Err(None)`: not known, and no fault either.
    pub fn find(&self, symbol: &str) -> Result<(usize, &AssetRow), Option<Fault>> {
        let found = self.by_symbol.get(symbol).and_then(|index| Some((*index, self.rows.get(*index)?)));
        found.ok_or_else(|| {
            let hint = self.rows.iter().find(|row| row.symbol.eq_ignore_ascii_case(symbol));
            let hint = hint.map(|row| row.symbol.clone());
            self.complete.then(|| Fault::UnknownAsset { got: Echo::symbol(symbol), hint })
        })
    }

    /// The validated table. `Err(None)`: a row is at fault, which was reported when it was read.
    pub fn table(&self) -> Result<AssetTable, Option<AssetTableError>> {
        let asset = |row: &AssetRow| {
            Some(Asset {
                symbol: row.symbol.clone(),
                decimals: row.decimals?,
                min_coverage_bps: row.min_coverage_bps?,
                places: row.places.clone(),
            })
        };
        let assets = self.rows.iter().map(asset).collect::<Option<_>>().ok_or(None)?;
        AssetTable::new(assets).map_err(Some)
    }

    /// Adds a row; `false` if its symbol is unknown.
    fn add(
        &mut self,
        record: &Record<'_>,
        columns: &[Option<usize>],
        seen: &mut Seen,
        problems: &mut Problems,
    ) -> bool {
        let column = |index: usize| columns.get(index).copied().flatten();
        let [symbol_at, decimals_at, coverage_at] = [0, 1, 2].map(|index| column(index).unwrap_or(index));
        let symbol = record.text(symbol_at);
        let (decimals, bps) = (record.text(decimals_at), record.text(coverage_at));
        let decimals = parse_decimals(decimals)
            .map_err(|fault| problems.add(FILE, Some(record.at(decimals_at)), fault))
            .ok();
        let min_coverage_bps =
            parse_coverage(bps).map_err(|fault| problems.add(FILE, Some(record.at(coverage_at)), fault)).ok();
        let places = column(3).map_or_else(Vec::new, |at| places(record, at, seen, problems));
        if !symbol_fits(symbol) {
            problems.add(FILE, Some(record.at(symbol_at)), Fault::Symbol { got: Echo::new(symbol) });
            return false;
        }
        if let Some(first_line) = seen.symbols.get(symbol) {
            let fault = Fault::DuplicateSymbol { symbol: symbol.to_owned(), first_line: *first_line };
            problems.add(FILE, Some(record.at(symbol_at)), fault);
            return true;
        }
        seen.symbols.insert(symbol.to_owned(), record.line());
        self.by_symbol.insert(symbol.to_owned(), self.rows.len());
        self.rows.push(AssetRow { symbol: symbol.to_owned(), decimals, min_coverage_bps, places });
        true
    }
}

/// The rule for symbols is the table's.
fn symbol_fits(symbol: &str) -> bool {
    let asset =
        Asset { symbol: symbol.to_owned(), decimals: 0, min_coverage_bps: 10_000, places: Vec::new() };
    AssetTable::new(vec![asset]).is_ok()
}

fn parse_decimals(text: &str) -> Result<u8, Fault> {
    whole_number(text)
        .and_then(|number| u8::try_from(number).ok())
        .filter(|decimals| *decimals <= AssetTable::MAX_DECIMALS)
        .ok_or_else(|| Fault::Decimals { got: Echo::new(text) })
}

fn parse_coverage(text: &str) -> Result<u32, Fault> {
    whole_number(text)
        .filter(|bps| (1..1 << 20).contains(bps))
        .ok_or_else(|| Fault::Coverage { got: Echo::new(text) })
}

fn places(record: &Record<'_>, at: usize, seen: &mut Seen, problems: &mut Problems) -> Vec<Place> {
    let parts: Vec<&str> =
        record.text(at).split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    let position = Some(record.at(at));
    if parts.len() > AssetTable::MAX_PLACES {
        problems.add(FILE, position, Fault::ManyPlaces { got: parts.len() });
        return Vec::new();
    }
    let mut places = Vec::new();
    for part in parts {
        let place = match parse_place(part) {
            Ok(place) => place,
            Err(error) => {
                problems.add(FILE, position, Fault::Place(error));
                continue;
            }
        };
        let key = (place.chain, place.locator.clone());
        if let Some(first_line) = seen.places.get(&key) {
            let place = format!("{}/{}", place.chain, locator_text(place.chain, &place.locator));
            problems.add(FILE, position, Fault::DuplicatePlace { place, first_line: *first_line });
        } else {
            seen.places.insert(key, record.line());
            places.push(place);
        }
    }
    places
}
