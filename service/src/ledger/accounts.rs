//! `accounts.csv`, long and wide.

use std::path::Path;

use solventry_prover::ledger::{Ledger, LedgerError};
use solventry_types::{AccountId, Amount, AssetId, AssetTable, Holding};

use super::{
    amount::DecimalText,
    assets::{AssetList, AssetRow},
    fault::{Echo, Fault},
    index::AccountIndex,
    lines::{LONG_FORM_LINE, WIDE_FORM_LINE},
    problem::{LedgerFile, Position, Problems},
    read::ReadOptions,
    report::{AccountsForm, Side},
    table::{Record, Table, columns},
    tally::Tally,
};

const FILE: LedgerFile = LedgerFile::Accounts;

/// Accounts and rows in the order of the file; 24 bytes a row beside the ids.
#[derive(Default)]
pub(super) struct Accounts {
    index: AccountIndex,
    rows: Vec<Row>,
    /// Wide form: the line of every account.
    lines: Vec<u64>,
    form: Option<AccountsForm>,
}

struct Row {
    line: u64,
    amount: Amount,
    account: u32,
    asset: AssetId,
    column: u16,
}

/// What rows are checked against.
struct Check<'a> {
    assets: &'a AssetList,
    options: ReadOptions,
    tally: &'a mut Tally,
}

impl Accounts {
    /// Reads the file; faults are reported.
    pub fn read(
        folder: &Path,
        assets: &AssetList,
        options: ReadOptions,
        tally: &mut Tally,
        problems: &mut Problems,
    ) -> Self {
        let mut accounts = Self::default();
        let mut table = match Table::open(folder, FILE, WIDE_FORM_LINE) {
            Ok(table) => table,
            Err(error) => {
                problems.add(FILE, None, Fault::from(error));
                return accounts;
            }
        };
        let Some(header) = table.header(problems) else { return accounts };
        let check = Check { assets, options, tally };
        let lines = match form_of(&header, assets) {
            Some(AccountsForm::Long) => accounts.read_long(&mut table, &header, check, problems),
            Some(AccountsForm::Wide) => accounts.read_wide(&mut table, &header, check, problems),
            None => {
                let fault = Fault::MissingColumn { expected: FILE.header(), name: "account_id" };
                problems.add(FILE, header.first().map(|(_, at)| *at), fault);
                None
            }
        };
        if lines == Some(0) {
            problems.add(FILE, None, Fault::NoRows);
        }
        accounts.index.close();
        accounts.sort(problems);
        accounts
    }

    /// Form of the file, if the header told.
    pub fn form(&self) -> Option<AccountsForm> {
        self.form
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Number of rows with an amount.
    pub fn holdings(&self) -> usize {
        self.rows.iter().filter(|row| row.amount != Amount::ZERO).count()
    }

    /// The ledger; call it only where nothing was reported.
    pub fn into_ledger(self, assets: AssetTable, problems: &mut Problems) -> Ledger {
        let mut ledger = Ledger::new(assets);
        let mut rows = self.rows.as_slice();
        for account in 0..u32::try_from(self.index.len()).unwrap_or(u32::MAX) {
            let count = rows.iter().take_while(|row| row.account == account).count();
            let (own, rest) = rows.split_at(count);
            rows = rest;
            let holding = |row: &Row| Holding { asset: row.asset, amount: row.amount };
            let position = own.first().map(Row::position);
            let pushed = match AccountId::new(self.index.id(account)) {
                Ok(id) => ledger.push(&id, own.iter().map(holding).collect()).map_err(ledger_fault),
                Err(error) => Err(error.into()),
            };
            if let Err(fault) = pushed {
                problems.add(FILE, position, fault);
            }
        }
        ledger
    }

    fn read_long(
        &mut self,
        table: &mut Table,
        header: &[(String, Position)],
        mut check: Check<'_>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let columns = columns(FILE, header, &["account_id", "asset", "amount"], &[], problems)?;
        let mut columns = columns.into_iter().flatten();
        let (account_at, asset_at, amount_at) = (columns.next()?, columns.next()?, columns.next()?);
        self.form = Some(AccountsForm::Long);
        table.set_limit(LONG_FORM_LINE);
        Some(table.records(header.len(), problems, |record, problems| {
            let mut report = |at: usize, fault| problems.add(FILE, Some(record.at(at)), fault);
            let account = self.account(record.text(account_at)).map_err(|fault| report(account_at, fault));
            let (asset, row) = match check.assets.find(record.text(asset_at)) {
                Ok((asset, row)) => (AssetId::from_index(asset), Some((asset, row))),
                Err(fault) => {
                    if let Some(fault) = fault {
                        report(asset_at, fault);
                    }
                    (None, None)
                }
            };
            let amount = check.amount(record.text(amount_at), row).map_err(|fault| report(amount_at, fault));
            let (Ok(account), Some(asset), Ok(Some(amount))) = (account, asset, amount) else { return };
            if amount == Amount::ZERO {
                check.tally.zero_rows += 1;
            }
            let Position { line, column } = record.at(account_at);
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            self.rows.push(Row { line, amount, account, asset, column });
        }))
    }

    fn read_wide(
        &mut self,
        table: &mut Table,
        header: &[(String, Position)],
        mut check: Check<'_>,
        problems: &mut Problems,
    ) -> Option<u64> {
        self.form = Some(AccountsForm::Wide);
        let assets = wide_columns(header, check.assets, problems);
        Some(table.records(header.len(), problems, |record, problems| {
            let account = self.wide_account(record, problems);
            for (asset, at) in assets.iter().zip(1..) {
                let text = record.text(at);
                if text.is_empty() {
                    continue;
                }
                let row = asset.and_then(|asset| Some((asset, check.assets.rows().get(asset)?)));
                let amount = match check.amount(text, row) {
                    Ok(amount) => amount.filter(|amount| *amount != Amount::ZERO),
                    Err(fault) => {
                        problems.add(FILE, Some(record.at(at)), fault);
                        None
                    }
                };
                let asset = asset.and_then(AssetId::from_index);
                let (Some(account), Some(asset), Some(amount)) = (account, asset, amount) else { continue };
                self.rows.push(Row { line: record.line(), amount, account, asset, column: 1 });
            }
        }))
    }

    /// Number of the account of a wide row; `None` after a fault, which is reported.
    fn wide_account(&mut self, record: &Record<'_>, problems: &mut Problems) -> Option<u32> {
        let before = self.index.len();
        let fault = match self.account(record.text(0)) {
            Ok(account) if self.index.len() > before => {
                self.lines.push(record.line());
                return Some(account);
            }
            Ok(account) => {
                let first = usize::try_from(account).ok().and_then(|account| self.lines.get(account));
                Fault::DuplicateAccount { first_line: first.copied().unwrap_or_default() }
            }
            Err(fault) => fault,
        };
        problems.add(FILE, Some(record.at(0)), fault);
        None
    }

    /// Number of an account, new or known.
    fn account(&mut self, text: &str) -> Result<u32, Fault> {
        if let Some(known) = self.index.find(text) {
            return Ok(known);
        }
        let id = AccountId::new(text)?;
        self.index.add(id.as_str()).ok_or(Fault::ManyAccounts)
    }

    /// Brings the rows of every account together and reports repeated pairs.
    fn sort(&mut self, problems: &mut Problems) {
        self.rows.sort_unstable_by_key(|row| (row.account, row.asset, row.line));
        let mut first: Option<&Row> = None;
        for row in &self.rows {
            match first.filter(|first| (first.account, first.asset) == (row.account, row.asset)) {
                Some(Row { line, .. }) => {
                    problems.add(FILE, Some(row.position()), Fault::DuplicateHolding { first_line: *line });
                }
                None => first = Some(row),
            }
        }
    }
}

impl Row {
    fn position(&self) -> Position {
        Position { line: self.line, column: self.column.into() }
    }
}

impl Check<'_> {
    /// An amount in listed units, rounded up. `None`: well formed, but its asset is at fault.
    fn amount(&mut self, text: &str, asset: Option<(usize, &AssetRow)>) -> Result<Option<Amount>, Fault> {
        let number = DecimalText::parse(text)?;
        let Some((index, asset)) = asset else { return Ok(None) };
        let Some(decimals) = asset.decimals else { return Ok(None) };
        let symbol = || asset.symbol.clone();
        let fitting = number
            .units_up(decimals)
            .and_then(|up| Some((Amount::from_units(u64::try_from(up.units).ok()?), up.dust)));
        match fitting {
            None => {
                let fits = number.most_decimals();
                self.tally.add_too_large(index, fits);
                Err(Fault::TooLarge { symbol: symbol(), decimals, fits })
            }
            Some((_, dust)) if dust > 0 && self.options.exact => {
                Err(Fault::Dust { symbol: symbol(), decimals })
            }
            Some((amount, dust)) => {
                self.tally.add_dust(Side::Liabilities, index, dust);
                Ok(Some(amount))
            }
        }
    }
}

/// Long if a column is named `asset` or `amount`, unless assets bear these names; else wide if
/// the first column is `account_id`.
fn form_of(header: &[(String, Position)], assets: &AssetList) -> Option<AccountsForm> {
    let has = |name: &str| header.iter().any(|(column, _)| column == name);
    let long = |name: &str| has(name) && (!assets.has(name) || (has("asset") && has("amount")));
    let wide = header.first().is_some_and(|(name, _)| name == "account_id") && header.len() > 1;
    match long("asset") || long("amount") || (has("account_id") && !wide) {
        true => Some(AccountsForm::Long),
        false if wide => Some(AccountsForm::Wide),
        false => None,
    }
}

/// The asset of every column after the first; unknown and repeated ones are reported.
fn wide_columns(
    header: &[(String, Position)],
    assets: &AssetList,
    problems: &mut Problems,
) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(header.len());
    for (name, position) in header.iter().skip(1) {
        let asset = match assets.find(name) {
            Ok((asset, _)) if found.contains(&Some(asset)) => {
                problems.add(FILE, Some(*position), Fault::RepeatedColumn { name: Echo::symbol(name) });
                None
            }
            Ok((asset, _)) => Some(asset),
            Err(fault) => {
                if let Some(fault) = fault {
                    problems.add(FILE, Some(*position), fault);
                }
                None
            }
        };
        found.push(asset);
    }
    found
}

fn ledger_fault(error: LedgerError) -> Fault {
    match error {
        LedgerError::TotalOverflow { symbol } => Fault::TotalOverflow { symbol },
        // Symbols and pairs were checked before.
        LedgerError::DuplicateAsset { symbol } => Fault::RepeatedColumn { name: Echo::new(&symbol) },
        _ => Fault::UnknownAsset { got: Echo::new("number"), hint: None },
    }
}
