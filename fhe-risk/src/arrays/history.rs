//! Price histories: one CSV file, one row per trading day, one column per instrument.
//!
//! ```csv
//! date,BTC,GOLD
//! 2024-01-02,45012.5,2063.10
//! 2024-01-03,42845,
//! ```
//!
//! The first column is `date`, ISO dates strictly increasing; every other cell is a positive
//! decimal (`.` as the point, no sign, no exponent, no thousands). An **empty cell** is a gap: the
//! last price carries forward, for at most [`MAX_GAP`] rows in a row; its return is zero and the
//! whole move falls into the row of the next price. A column may not start with a gap. Blank lines
//! are skipped.

use std::collections::HashSet;

use csv::StringRecord;

mod error;

pub use error::HistoryError;

use super::{date::Date, limits::name_fault};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Most instruments.
pub const MAX_INSTRUMENTS: usize = 64;
/// Most rows of prices.
pub const MAX_ROWS: usize = 20_000;
/// Most rows in a row over which a price carries forward.
pub const MAX_GAP: usize = 3;

/// Prices by instrument and date, without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceHistory {
    dates: Vec<Date>,
    names: Vec<String>,
    /// By instrument, then by date.
    prices: Vec<Vec<f64>>,
}

impl PriceHistory {
    /// Reads a CSV file of at most 16 MiB, 64 instruments and 20 000 rows.
    pub fn read(csv: &[u8]) -> Result<Self, HistoryError> {
        if csv.len() > MAX_BYTES {
            return Err(HistoryError::TooLarge { got: csv.len() });
        }
        // Rows of another length than the header's get an error of ours, with the reason.
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv);
        let mut rows = reader.records();
        let header = rows.next().transpose()?.unwrap_or_default();
        let names = instruments(&header)?;
        let mut history = Self { dates: Vec::new(), prices: vec![Vec::new(); names.len()], names };
        let mut gaps = vec![0; history.names.len()];
        for row in rows {
            let row = row?;
            history.push(line_of(&row, csv), &row, &mut gaps)?;
        }
        count("rows of prices", history.dates.len(), 2, MAX_ROWS)?;
        Ok(history)
    }

    /// Names of the instruments, in the order of the columns.
    pub fn instruments(&self) -> &[String] {
        &self.names
    }

    /// Dates of the rows.
    pub fn dates(&self) -> &[Date] {
        &self.dates
    }

    /// Prices of one instrument, one per date.
    pub fn prices(&self, instrument: &str) -> Option<&[f64]> {
        let column = self.names.iter().position(|name| name == instrument)?;
        self.prices.get(column).map(Vec::as_slice)
    }

    /// Adds one row; `gaps` counts per column the rows since the last price.
    fn push(&mut self, line: u64, row: &StringRecord, gaps: &mut [usize]) -> Result<(), HistoryError> {
        let expected = self.names.len() + 1;
        if row.len() != expected {
            return Err(HistoryError::Cells { line, expected, got: row.len() });
        }
        count("rows of prices", self.dates.len() + 1, 1, MAX_ROWS)?;
        self.push_date(line, &row[0])?;
        for (index, cell) in row.iter().skip(1).enumerate() {
            let (column, instrument) = (index + 2, || self.names[index].clone());
            let price = if cell.is_empty() {
                gaps[index] += 1;
                let last = self.prices[index].last().copied().filter(|_| gaps[index] <= MAX_GAP);
                last.ok_or_else(|| HistoryError::Gap {
                    line,
                    column,
                    instrument: instrument(),
                    gap: gaps[index],
                })?
            } else {
                gaps[index] = 0;
                let got = || short(cell);
                price(cell).ok_or_else(|| HistoryError::Price {
                    line,
                    column,
                    instrument: instrument(),
                    got: got(),
                })?
            };
            self.prices[index].push(price);
        }
        Ok(())
    }

    fn push_date(&mut self, line: u64, cell: &str) -> Result<(), HistoryError> {
        let date = cell.parse().map_err(|_| HistoryError::Date { line, got: short(cell) })?;
        if let Some(before) = self.dates.last().copied().filter(|before| *before >= date) {
            return Err(HistoryError::Order { line, date, before });
        }
        self.dates.push(date);
        Ok(())
    }
}

/// Logarithmic returns, `ln(price of a row / price of the row before)`: one fewer than prices.
pub fn log_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

/// The line of a row: the reader's position is before the blank lines that it skips.
fn line_of(row: &StringRecord, csv: &[u8]) -> u64 {
    let (line, start) = row.position().map_or((0, 0), |position| (position.line(), position.byte()));
    let before = csv.iter().skip(start as usize).take_while(|byte| matches!(byte, b'\r' | b'\n'));
    line + before.filter(|byte| **byte == b'\n').count() as u64
}

/// The names in the header behind `date`.
fn instruments(header: &StringRecord) -> Result<Vec<String>, HistoryError> {
    let first = header.get(0).unwrap_or_default();
    if first != "date" {
        return Err(HistoryError::Header { got: short(first) });
    }
    count("instruments", header.len() - 1, 1, MAX_INSTRUMENTS)?;
    let mut seen = HashSet::new();
    for (index, name) in header.iter().enumerate().skip(1) {
        let twice = (!seen.insert(name)).then_some("another column has it too; names stand once");
        if let Some(fault) = name_fault(name).or(twice) {
            return Err(HistoryError::Name { column: index + 1, name: short(name), fault });
        }
    }
    Ok(header.iter().skip(1).map(str::to_owned).collect())
}

fn count(what: &'static str, got: usize, least: usize, most: usize) -> Result<(), HistoryError> {
    if (least..=most).contains(&got) { Ok(()) } else { Err(HistoryError::Count { what, got, least, most }) }
}

/// A positive decimal of at most 24 characters.
fn price(cell: &str) -> Option<f64> {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if cell.len() > 24 || !digits(whole) || !digits(fraction) {
        return None;
    }
    cell.parse().ok().filter(|price| *price > 0.0)
}

/// The beginning of a cell, for a message.
fn short(cell: &str) -> String {
    cell.chars().take(40).collect()
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
