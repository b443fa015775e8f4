//! The ledger in memory: who holds what, before it is packed into slots.

use std::fmt;

use solventry_types::{AccountId, AssetId, AssetTable, Digest, Holding, Total, digest::InjectiveHasher};

/// Accounts and their holdings, with the asset table that numbers the assets.
pub struct Ledger {
    assets: AssetTable,
    ids: String,
    holdings: Vec<Holding>,
    ends: Vec<End>,
    totals: Vec<Total>,
}

/// Where one account's id and holdings end.
struct End {
    id: usize,
    holdings: usize,
}

/// One account of the ledger.
#[derive(Clone, Copy)]
pub struct AccountRef<'a> {
    /// The account id; personal data.
    pub id: &'a str,
    /// Holdings, sorted by asset, one each, none zero.
    pub holdings: &'a [Holding],
}

/// Why an account cannot enter the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// An asset that the table does not have.
    #[error("asset number {number} is not in the table of {assets} assets")]
    UnknownAsset {
        /// The number.
        number: u16,
        /// Size of the table.
        assets: usize,
    },
    /// Two holdings of one asset.
    #[error("the account has two holdings of asset {symbol}")]
    DuplicateAsset {
        /// Symbol of the asset.
        symbol: String,
    },
    /// The sum of one asset leaves its range.
    #[error("the total of asset {symbol} exceeds 2^96 units; list the asset with fewer decimals")]
    TotalOverflow {
        /// Symbol of the asset.
        symbol: String,
    },
}

impl Ledger {
    /// An empty ledger.
    pub fn new(assets: AssetTable) -> Self {
        let totals = vec![Total::ZERO; assets.len()];
        Self { assets, ids: String::new(), holdings: Vec::new(), ends: Vec::new(), totals }
    }

    /// Adds one account; sorts its holdings by asset and drops zero amounts. The caller has made
    /// sure that the id is new. After an error the ledger is as before.
    pub fn push(&mut self, id: &AccountId, mut holdings: Vec<Holding>) -> Result<(), LedgerError> {
        holdings.sort_unstable_by_key(|holding| holding.asset);
        if let Some(pair) = holdings.windows(2).find(|pair| pair[0].asset == pair[1].asset) {
            return Err(LedgerError::DuplicateAsset { symbol: self.symbol(pair[0].asset)? });
        }
        // Each asset once: every sum is checked before the first one is stored.
        for holding in &holdings {
            let total = self.totals.get(holding.asset.index());
            if total.is_none_or(|total| total.add_amount(holding.amount).is_err()) {
                return Err(LedgerError::TotalOverflow { symbol: self.symbol(holding.asset)? });
            }
        }
        for holding in &holdings {
            let total = &mut self.totals[holding.asset.index()];
            *total = total.add_amount(holding.amount).unwrap_or(*total); // checked above
        }
        self.ids.push_str(id.as_str());
        self.holdings.extend(holdings.iter().filter(|holding| holding.amount.units() > 0));
        self.ends.push(End { id: self.ids.len(), holdings: self.holdings.len() });
        Ok(())
    }

    /// The asset table.
    pub fn assets(&self) -> &AssetTable {
        &self.assets
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no accounts.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Number of holdings that are not zero.
    pub fn holdings(&self) -> usize {
        self.holdings.len()
    }

    /// Liabilities per asset, in table order.
    pub fn totals(&self) -> &[Total] {
        &self.totals
    }

    /// The account at `index` (order of insertion).
    pub fn account(&self, index: usize) -> AccountRef<'_> {
        let (id_start, holdings_start) = match index.checked_sub(1) {
            Some(before) => (self.ends[before].id, self.ends[before].holdings),
            None => (0, 0),
        };
        let end = &self.ends[index];
        AccountRef { id: &self.ids[id_start..end.id], holdings: &self.holdings[holdings_start..end.holdings] }
    }

    /// All accounts in order of insertion.
    pub fn accounts(&self) -> impl Iterator<Item = AccountRef<'_>> {
        (0..self.len()).map(|index| self.account(index))
    }

    /// Digest of the asset table and of every account in order; binds the epoch's secrets.
    pub fn digest(&self) -> Digest {
        let mut hasher = InjectiveHasher::new("solventry/ledger/v1").field(&self.assets.digest().0);
        let mut holdings = Vec::new();
        for account in self.accounts() {
            holdings.clear();
            for holding in account.holdings {
                holdings.extend(holding.asset.get().to_be_bytes());
                holdings.extend(holding.amount.units().to_be_bytes());
            }
            hasher = hasher.field(account.id.as_bytes()).field(&holdings);
        }
        hasher.finish()
    }

    fn symbol(&self, asset: AssetId) -> Result<String, LedgerError> {
        let (number, assets) = (asset.get(), self.assets.len());
        let found = self.assets.asset(asset).ok_or(LedgerError::UnknownAsset { number, assets })?;
        Ok(found.symbol.clone())
    }
}

impl fmt::Debug for Ledger {
    /// Who holds what is secret: only counts are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({} accounts)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use solventry_types::{Amount, Asset};

    use super::*;

    fn ledger() -> Ledger {
        let asset = |symbol: &str| Asset {
            symbol: symbol.to_owned(),
            decimals: 8,
            min_coverage_bps: 10_000,
            places: Vec::new(),
        };
        Ledger::new(AssetTable::new(vec![asset("A"), asset("B")]).unwrap())
    }

    fn holding(asset: u16, units: u64) -> Holding {
        Holding { asset: AssetId::new(asset).unwrap(), amount: Amount::from_units(units) }
    }

    #[test]
    fn accounts_keep_their_order_and_holdings_are_sorted_without_zeros() {
        let mut ledger = ledger();
        for (id, holdings) in [("eva", vec![holding(2, 5), holding(1, 7)]), ("ada", vec![holding(1, 0)])] {
            ledger.push(&AccountId::new(id).unwrap(), holdings).unwrap();
        }
        assert_eq!(ledger.account(0).holdings, [holding(1, 7), holding(2, 5)]);
        assert_eq!((ledger.account(1).id, ledger.account(1).holdings.len()), ("ada", 0));
        assert_eq!(ledger.totals().iter().map(|total| total.units()).collect::<Vec<_>>(), [7, 5]);
    }

    #[test]
    fn a_refused_account_leaves_no_trace() {
        let mut ledger = ledger();
        let eva = AccountId::new("eva").unwrap();
        let unknown = ledger.push(&eva, vec![holding(1, 1), holding(3, 1)]);
        assert_eq!(unknown, Err(LedgerError::UnknownAsset { number: 3, assets: 2 }));
        let twice = ledger.push(&eva, vec![holding(2, 1), holding(1, 1), holding(2, 0)]);
        assert_eq!(twice, Err(LedgerError::DuplicateAsset { symbol: "B".to_owned() }));
        assert!(ledger.is_empty() && ledger.totals().iter().all(|total| *total == Total::ZERO));
    }
}
