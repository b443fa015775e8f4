//! Counts that grow while a folder is read.

use solventry_types::{AssetTable, amount::decimal};

use super::report::{Advice, Dust, Side};

/// Counts that grow while the files are read.
#[derive(Default)]
pub(super) struct Tally {
    liabilities: Vec<DustSum>,
    reserves: Vec<DustSum>,
    /// Per asset: the fewest decimals that any too large amount asks for.
    too_large: Vec<Option<Option<u8>>>,
    /// Rows of the long form with amount zero.
    pub zero_rows: u64,
    /// Reserve rows with a message or signature.
    pub signature_rows: u64,
}

#[derive(Clone, Copy, Default)]
struct DustSum {
    rows: u64,
    sum: u128,
}

impl Tally {
    /// For a table of so many assets.
    pub fn new(assets: usize) -> Self {
        let dust = vec![DustSum::default(); assets];
        let too_large = vec![None; assets];
        Self { liabilities: dust.clone(), reserves: dust, too_large, ..Self::default() }
    }

    /// Counts one rounded amount; `dust` in 10^-30 of the coin.
    pub fn add_dust(&mut self, side: Side, asset: usize, dust: u128) {
        let sums = if side == Side::Liabilities { &mut self.liabilities } else { &mut self.reserves };
        if let Some(sum) = sums.get_mut(asset).filter(|_| dust > 0) {
            sum.rows = sum.rows.saturating_add(1);
            sum.sum = sum.sum.saturating_add(dust);
        }
    }

    /// Counts one amount that fits with `fits` decimals at most.
    pub fn add_too_large(&mut self, asset: usize, fits: Option<u8>) {
        if let Some(advice) = self.too_large.get_mut(asset) {
            *advice = Some(advice.map_or(fits, |other| other.min(fits)));
        }
    }

    /// The dust of every asset.
    pub fn dust<'a>(&self, symbols: impl Iterator<Item = &'a str> + Clone) -> Vec<Dust> {
        let of = |side, sums: &[DustSum]| {
            let rounded = symbols.clone().zip(sums.to_vec()).filter(|(_, sum)| sum.rows > 0);
            let dust = rounded.map(move |(asset, sum)| Dust {
                asset: asset.to_owned(),
                side,
                rows: sum.rows,
                amount: decimal(sum.sum, AssetTable::MAX_DECIMALS),
            });
            dust.collect::<Vec<_>>()
        };
        [of(Side::Liabilities, &self.liabilities), of(Side::Reserves, &self.reserves)].concat()
    }

    /// The advice for every asset with a too large amount.
    pub fn advice<'a>(&self, assets: impl Iterator<Item = (&'a str, u8)>) -> Vec<Advice> {
        let advised = assets.zip(&self.too_large).filter_map(|((asset, listed), fits)| {
            Some(Advice { asset: asset.to_owned(), listed, fits: (*fits)? })
        });
        advised.collect()
    }
}
