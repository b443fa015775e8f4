//! Haircut tiers: the more of one asset, the less each further piece counts. The sum is concave in the
//! value: two halves counted apart count at least as much as the whole, so tiers belong to the sum of
//! all that one owner pledges.

use super::brackets::{Bracket, BracketError, Brackets, MILLION, Trend};

/// Tiers by value, with factors (1 less the haircut) that never rise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaircutTiers(Brackets);

impl HaircutTiers {
    /// One bracket per tier; its rate is the factor in millionths.
    pub fn new(tiers: Vec<Bracket>) -> Result<Self, BracketError> {
        Brackets::new(tiers, Trend::Falling).map(Self)
    }

    /// What `value` counts, in millionths of its unit, exact.
    pub fn counted_ppm(&self, value: u128) -> Result<u128, BracketError> {
        self.0.sum_ppm(value)
    }

    /// What `value` counts, in its unit, rounded down.
    pub fn counted(&self, value: u128) -> Result<u128, BracketError> {
        Ok(self.counted_ppm(value)? / MILLION)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tiers from positive widths and falling factors.
    fn tiers(widths: Vec<u128>, mut factors: Vec<u32>) -> HaircutTiers {
        factors.sort_unstable_by(|a, b| b.cmp(a));
        let mut end = 0;
        let ends = widths.into_iter().map(|width| {
            end += width;
            Some(end)
        });
        let rows = ends.chain([None]).zip(factors).map(|(up_to, rate_ppm)| Bracket { up_to, rate_ppm });
        HaircutTiers::new(rows.collect()).unwrap()
    }

    #[test]
    fn each_tier_counts_by_its_own_factor() {
        let tiers = tiers(vec![1_000_000, 4_000_000], vec![950_000, 900_000, 500_000]);
        assert_eq!(tiers.counted(1_000_000), Ok(950_000));
        assert_eq!(tiers.counted(2_000_000), Ok(1_850_000));
        assert_eq!(tiers.counted(7_000_000), Ok(950_000 + 3_600_000 + 1_000_000));
        assert_eq!(tiers.counted(1), Ok(0)); // 0.95 down
        assert_eq!(tiers.counted_ppm(1), Ok(950_000));
    }

    prop_compose! {
        fn any_tiers()(
            widths in proptest::collection::vec(1u128..1_000_000, 4),
            factors in proptest::collection::vec(0u32..=1_000_000, 5),
        ) -> HaircutTiers {
            tiers(widths, factors)
        }
    }

    proptest! {
        #[test]
        fn counting_is_monotone_and_never_above_the_value(tiers in any_tiers(), value in 0u128..10_000_000) {
            prop_assert!(tiers.counted_ppm(value).unwrap() <= tiers.counted_ppm(value + 1).unwrap());
            prop_assert!(tiers.counted(value).unwrap() <= value);
        }

        #[test]
        fn counting_is_concave(tiers in any_tiers(), a in 0u128..5_000_000, b in 0u128..5_000_000) {
            let at = |value| tiers.counted_ppm(value).unwrap();
            prop_assert!(2 * at(a + b) >= at(2 * a) + at(2 * b));
            prop_assert!(at(a) + at(b) >= at(a + b));
        }
    }
}
