//! Margin tiers: marginal rates that rise with the notional, so that the requirement is convex and
//! continuous; as with haircut tiers, the notional is that of all of one owner's positions. Venues
//! publish them as `notional · rate − maintenance amount`, with an amount per tier that keeps the
//! requirement continuous; published amounts are checked against the rates.

use super::brackets::{Bracket, BracketError, Brackets, MILLION, Trend};

/// Tiers by notional, with marginal margin rates that never fall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarginTiers(Brackets);

impl MarginTiers {
    /// One bracket per tier; its rate is the marginal margin rate in millionths.
    pub fn new(tiers: Vec<Bracket>) -> Result<Self, BracketError> {
        Brackets::new(tiers, Trend::Rising).map(Self)
    }

    /// Margin requirement of `notional`, in its unit, rounded up.
    pub fn requirement(&self, notional: u128) -> Result<u128, BracketError> {
        Ok(self.requirement_ppm(notional)?.div_ceil(MILLION))
    }

    /// The same in millionths, exact.
    pub fn requirement_ppm(&self, notional: u128) -> Result<u128, BracketError> {
        self.0.sum_ppm(notional)
    }

    /// Maintenance amount per tier, in millionths, exact: `amount = amount of the tier before + its
    /// upper end · (this rate − its rate)`, zero in the first tier.
    pub fn maintenance_amounts_ppm(&self) -> Result<Vec<u128>, BracketError> {
        let mut amounts = vec![0u128];
        for pair in self.0.as_slice().windows(2) {
            let amount = pair[0].up_to.unwrap_or(0);
            let step = amount.checked_mul(u128::from(pair[1].rate_ppm - pair[0].rate_ppm));
            let sum = step.and_then(|step| step.checked_add(amounts[amounts.len() - 1]));
            amounts.push(sum.ok_or(BracketError::Overflow { amount })?);
        }
        Ok(amounts)
    }

    /// Refuses published maintenance amounts (one per tier, in the unit of the notional) other than
    /// those of the rates, rounded down: a larger one would lower the requirement.
    pub fn check_maintenance_amounts(&self, published: &[u128]) -> Result<(), BracketError> {
        let own = self.maintenance_amounts_ppm()?;
        if published.len() != own.len() {
            return Err(BracketError::Count { got: published.len() });
        }
        let expected = own.into_iter().map(|amount| amount / MILLION);
        match expected.zip(published).enumerate().find(|(_, (expected, got))| expected != *got) {
            Some((index, (expected, got))) => {
                Err(BracketError::Amount { bracket: index + 1, expected, got: *got })
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tiers from positive widths and rising rates.
    fn tiers(widths: Vec<u128>, mut rates: Vec<u32>) -> MarginTiers {
        rates.sort_unstable();
        let mut end = 0;
        let ends = widths.into_iter().map(|width| {
            end += width;
            Some(end)
        });
        let rows = ends.chain([None]).zip(rates).map(|(up_to, rate_ppm)| Bracket { up_to, rate_ppm });
        MarginTiers::new(rows.collect()).unwrap()
    }

    /// 0.4 % to 50 000, 0.5 % to 250 000, 1 % above.
    fn example() -> MarginTiers {
        tiers(vec![50_000, 200_000], vec![4000, 5000, 10_000])
    }

    #[test]
    fn the_requirement_is_notional_times_rate_less_amount() {
        let example = example();
        let requirements =
            [50_000, 250_000, 1_000_000, 1].map(|notional| example.requirement(notional).unwrap());
        assert_eq!(requirements, [200, 1200, 8700, 1]); // 0.004 up
        assert_eq!(example.maintenance_amounts_ppm().unwrap(), [0, 50_000_000, 1_300_000_000]);
        assert_eq!(1_000_000 * 10_000 - 1_300_000_000, example.requirement_ppm(1_000_000).unwrap());
    }

    #[test]
    fn published_amounts_are_checked() {
        let example = example();
        assert_eq!(example.check_maintenance_amounts(&[0, 50, 1300]), Ok(()));
        let wrong = BracketError::Amount { bracket: 3, expected: 1300, got: 1301 };
        assert_eq!(example.check_maintenance_amounts(&[0, 50, 1301]), Err(wrong));
        assert_eq!(example.check_maintenance_amounts(&[0, 50]), Err(BracketError::Count { got: 2 }));
        let huge = tiers(vec![u128::MAX], vec![0, 10]);
        assert_eq!(huge.maintenance_amounts_ppm(), Err(BracketError::Overflow { amount: u128::MAX }));
    }

    prop_compose! {
        fn any_tiers()(
            widths in proptest::collection::vec(1u128..1_000_000, 4),
            rates in proptest::collection::vec(0u32..=1_000_000, 5),
        ) -> MarginTiers {
            tiers(widths, rates)
        }
    }

    proptest! {
        #[test]
        fn the_requirement_is_monotone_and_without_jumps(tiers in any_tiers(), notional in 0u128..5_000_000) {
            let at = |notional| tiers.requirement_ppm(notional).unwrap();
            prop_assert!(at(notional) <= at(notional + 1) && at(notional + 1) - at(notional) <= MILLION);
            prop_assert!(tiers.requirement(notional).unwrap() <= notional);
        }

        #[test]
        fn the_requirement_is_convex(tiers in any_tiers(), a in 0u128..5_000_000, b in 0u128..5_000_000) {
            let at = |notional| tiers.requirement_ppm(notional).unwrap();
            prop_assert!(2 * at(a + b) <= at(2 * a) + at(2 * b));
            prop_assert!(at(a) + at(b) <= at(a + b));
        }

        #[test]
        fn the_form_with_amounts_gives_the_same(tiers in any_tiers(), notional in 0u128..5_000_000) {
            let amounts = tiers.maintenance_amounts_ppm().unwrap();
            let rows = tiers.0.as_slice();
            let tier = rows.iter().position(|row| row.up_to.is_none_or(|end| notional <= end)).unwrap();
            let by_amount = notional * u128::from(rows[tier].rate_ppm) - amounts[tier];
            prop_assert_eq!(by_amount, tiers.requirement_ppm(notional).unwrap());
        }
    }
}
