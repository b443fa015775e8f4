//! A rate per bracket of an amount, as in a tax table: exact sums in millionths.

/// One in the unit of rates.
pub const MILLION: u128 = 1_000_000;

/// A bracket: the part of an amount above the bracket before and up to its own upper end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bracket {
    /// Upper end, included; none in the last bracket.
    pub up_to: Option<u128>,
    /// Rate of this part, in millionths, 0 to 1 000 000.
    pub rate_ppm: u32,
}

/// Which way rates go from bracket to bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    /// Never up.
    Falling,
    /// Never down.
    Rising,
}

/// Why brackets are no table. Brackets are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BracketError {
    /// No bracket, or too many.
    #[error("{got} brackets; expected 1 to 64")]
    Count {
        /// How many.
        got: usize,
    },
    /// Upper ends out of order, or an open bracket before the last.
    #[error(
        "bracket {bracket}: expected an upper end above that of the bracket before, and none in the last only"
    )]
    Ends {
        /// The bracket.
        bracket: usize,
    },
    /// A rate above 100 %, or one that breaks the trend.
    #[error("bracket {bracket}: the rate is {got} ppm, expected {least} to {most}")]
    Rate {
        /// The bracket.
        bracket: usize,
        /// Its rate.
        got: u32,
        /// Least, from the bracket before.
        least: u32,
        /// Most, from the bracket before.
        most: u32,
    },
    /// An amount that published tables give differently.
    #[error("bracket {bracket}: the published maintenance amount is {got}, the rates give {expected}")]
    Amount {
        /// The bracket.
        bracket: usize,
        /// What the rates give, rounded down.
        expected: u128,
        /// What was published.
        got: u128,
    },
    /// A product beyond 128 bits.
    #[error("the amount {amount} is too large: in millionths it leaves 128 bits")]
    Overflow {
        /// The amount.
        amount: u128,
    },
}

/// Valid brackets: ends rise, only the last is open, rates follow the trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brackets(Vec<Bracket>);

impl Brackets {
    pub(super) fn new(brackets: Vec<Bracket>, trend: Trend) -> Result<Self, BracketError> {
        if !(1..=64).contains(&brackets.len()) {
            return Err(BracketError::Count { got: brackets.len() });
        }
        let (mut least, mut most, mut end) = (0, 1_000_000, 0);
        for (index, Bracket { up_to, rate_ppm: got }) in brackets.iter().copied().enumerate() {
            let (bracket, last) = (index + 1, index + 1 == brackets.len());
            match up_to {
                Some(up_to) if !last && up_to > end => end = up_to,
                None if last => {}
                _ => return Err(BracketError::Ends { bracket }),
            }
            if !(least..=most).contains(&got) {
                return Err(BracketError::Rate { bracket, got, least, most });
            }
            match trend {
                Trend::Falling => most = got,
                Trend::Rising => least = got,
            }
        }
        Ok(Self(brackets))
    }

    /// Sum over the brackets of the part of `amount` in each, times its rate: exact, in millionths.
    pub(super) fn sum_ppm(&self, amount: u128) -> Result<u128, BracketError> {
        let overflow = BracketError::Overflow { amount };
        let mut sum = 0u128;
        let mut start = 0;
        for Bracket { up_to, rate_ppm } in &self.0 {
            let end = up_to.unwrap_or(u128::MAX).min(amount);
            let part = (end - start).checked_mul(u128::from(*rate_ppm)).ok_or(overflow.clone())?;
            sum = sum.checked_add(part).ok_or(overflow.clone())?;
            if end == amount {
                break;
            }
            start = end;
        }
        Ok(sum)
    }

    pub(super) fn as_slice(&self) -> &[Bracket] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brackets(rows: &[(Option<u128>, u32)], trend: Trend) -> Result<Brackets, BracketError> {
        Brackets::new(
            rows.iter().map(|(up_to, rate_ppm)| Bracket { up_to: *up_to, rate_ppm: *rate_ppm }).collect(),
            trend,
        )
    }

    #[test]
    fn parts_are_summed_exactly() {
        let table = brackets(&[(Some(100), 10), (Some(300), 30), (None, 70)], Trend::Rising).unwrap();
        let sums = [0, 1, 100, 101, 300, 301, 400].map(|amount| table.sum_ppm(amount).unwrap());
        assert_eq!(sums, [0, 10, 1000, 1030, 7000, 7070, 14_000]);
    }

    #[test]
    fn an_amount_beyond_128_bits_is_refused() {
        let table = brackets(&[(Some(100), 0), (None, 1_000_000)], Trend::Rising).unwrap();
        let most = u128::MAX / MILLION + 100;
        assert_eq!(table.sum_ppm(most), Ok(u128::MAX / MILLION * MILLION));
        assert_eq!(table.sum_ppm(most + 1), Err(BracketError::Overflow { amount: most + 1 }));
        // Each part fits, the sum does not.
        let table = brackets(&[(Some(1 << 107), 1_000_000), (None, 1_000_000)], Trend::Rising).unwrap();
        assert!(table.sum_ppm(most).is_err());
    }

    #[test]
    fn bad_tables_are_refused() {
        use BracketError::{Count, Ends, Rate};
        let falling = |rows: &[(Option<u128>, u32)]| brackets(rows, Trend::Falling).unwrap_err();
        assert_eq!(falling(&[]), Count { got: 0 });
        assert_eq!(falling(&[(Some(1), 1); 65]), Count { got: 65 });
        assert_eq!(falling(&[(Some(1), 1)]), Ends { bracket: 1 });
        assert_eq!(falling(&[(None, 1), (None, 1)]), Ends { bracket: 1 });
        assert_eq!(falling(&[(Some(0), 1), (None, 1)]), Ends { bracket: 1 });
        assert_eq!(falling(&[(Some(5), 1), (Some(5), 1), (None, 1)]), Ends { bracket: 2 });
        assert_eq!(
            falling(&[(None, 1_000_001)]),
            Rate { bracket: 1, got: 1_000_001, least: 0, most: 1_000_000 }
        );
        assert_eq!(falling(&[(Some(5), 7), (None, 8)]), Rate { bracket: 2, got: 8, least: 0, most: 7 });
        let rising = brackets(&[(Some(5), 7), (None, 6)], Trend::Rising).unwrap_err();
        assert_eq!(rising, Rate { bracket: 2, got: 6, least: 7, most: 1_000_000 });
    }
}
