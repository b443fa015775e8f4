//! Money: one holding's amount and the sum of many.

use std::fmt;

/// Amount of one asset in its listed unit, in [0, 2^64).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of `units` listed units (satoshi where the listed decimals are 8).
    pub const fn from_units(units: u64) -> Self {
        Self(units)
    }

    /// The amount in listed units.
    pub const fn units(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Amount {
    /// Holdings are secret: the value is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Amount(hidden)")
    }
}

/// Sum of amounts of one asset, or reserves of one asset, in listed units, below 2^[`Total::BITS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Total(u128);

/// A sum left [0, 2^96).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a total must stay below 2^{} units", Total::BITS)]
pub struct TotalOverflow;

impl Total {
    /// Totals are below 2^96: 2^32 holdings of 2^64 units, or the reserves that the coverage
    /// circuit can range (C-COV-2).
    pub const BITS: u32 = 96;
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A total of `units` listed units.
    pub const fn from_units(units: u128) -> Result<Self, TotalOverflow> {
        if units >> Self::BITS == 0 { Ok(Self(units)) } else { Err(TotalOverflow) }
    }

    /// The total in listed units.
    pub const fn units(self) -> u128 {
        self.0
    }

    /// Adds one amount.
    pub fn add_amount(self, amount: Amount) -> Result<Self, TotalOverflow> {
        self.add(Self(u128::from(amount.units())))
    }

    /// Adds another total.
    #[allow(clippy::should_implement_trait)] // money sums return a Result
    pub fn add(self, other: Self) -> Result<Self, TotalOverflow> {
        self.0.checked_add(other.0).ok_or(TotalOverflow).and_then(Self::from_units)
    }
}

impl fmt::Debug for Total {
    /// Totals are secret: the value is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Total(hidden)")
    }
}

/// Writes `units` as a decimal number with `decimals` places, without trailing zeros
/// (`150000000`, 8 decimals: `1.5`).
pub fn decimal(units: u128, decimals: u8) -> String {
    let digits = format!("{units:0>width$}", width = usize::from(decimals).saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(usize::from(decimals)));
    match fraction.trim_end_matches('0') {
        "" => whole.to_string(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_stop_at_2_to_the_96() {
        assert!(Total::from_units((1 << 96) - 1).is_ok());
        assert!(Total::from_units(1 << 96).is_err());
        let most = Total::from_units((1 << 96) - 1).unwrap();
        assert!(most.add_amount(Amount::from_units(1)).is_err());
    }

    #[test]
    fn decimals_are_written_in_full_and_without_padding() {
        assert_eq!(decimal(150_000_000, 8), "1.5");
        assert_eq!(decimal(5, 8), "0.00000005");
        assert_eq!(decimal(0, 8), "0");
        assert_eq!(decimal(12, 0), "12");
    }

    #[test]
    fn debug_shows_no_amount() {
        assert!(!format!("{:?}", Amount::from_units(777)).contains("777"));
        assert!(!format!("{:?}", Total::from_units(777).unwrap()).contains("777"));
    }
}
