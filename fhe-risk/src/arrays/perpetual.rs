//! Margin of perpetual futures: fractions of the notional, rounded up.

use super::brackets::MILLION;

/// Initial and maintenance margin fractions of one perpetual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerpetualMargin {
    initial_ppm: u32,
    maintenance_ppm: u32,
}

/// Why there is no requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PerpetualError {
    /// Fractions out of order.
    #[error(
        "initial {initial_ppm} ppm and maintenance {maintenance_ppm} ppm; \
         expected 0 < maintenance <= initial <= 1000000"
    )]
    Fractions {
        /// Initial fraction.
        initial_ppm: u32,
        /// Maintenance fraction.
        maintenance_ppm: u32,
    },
    /// A product beyond 128 bits.
    #[error("the notional of {lots} lots at {price} is too large: in millionths it leaves 128 bits")]
    Overflow {
        /// Lots.
        lots: i64,
        /// Mark price of a lot.
        price: u64,
    },
}

impl PerpetualMargin {
    /// Fractions in millionths of the notional.
    pub fn new(initial_ppm: u32, maintenance_ppm: u32) -> Result<Self, PerpetualError> {
        let valid = 0 < maintenance_ppm && maintenance_ppm <= initial_ppm && initial_ppm <= 1_000_000;
        if valid {
            Ok(Self { initial_ppm, maintenance_ppm })
        } else {
            Err(PerpetualError::Fractions { initial_ppm, maintenance_ppm })
        }
    }

    /// Margin needed to open `lots` (negative: short) at the mark price of one lot, in the unit of the
    /// price, rounded up.
    pub fn initial(&self, lots: i64, price: u64) -> Result<u128, PerpetualError> {
        fraction(lots, price, self.initial_ppm)
    }

    /// Margin below which the position may be closed out.
    pub fn maintenance(&self, lots: i64, price: u64) -> Result<u128, PerpetualError> {
        fraction(lots, price, self.maintenance_ppm)
    }
}

fn fraction(lots: i64, price: u64, ppm: u32) -> Result<u128, PerpetualError> {
    // Below 2^63 · 2^64; only the millionths may leave 128 bits.
    let notional = u128::from(lots.unsigned_abs()) * u128::from(price);
    let millionths = notional.checked_mul(ppm.into()).ok_or(PerpetualError::Overflow { lots, price })?;
    Ok(millionths.div_ceil(MILLION))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fractions_round_up() {
        let margin = PerpetualMargin::new(50_000, 25_000).unwrap();
        assert_eq!((margin.initial(3, 100), margin.maintenance(3, 100)), (Ok(15), Ok(8)));
        assert_eq!((margin.initial(-3, 101), margin.initial(0, 101)), (Ok(16), Ok(0)));
        assert_eq!(margin.maintenance(1, 1), Ok(1));
    }

    #[test]
    fn the_largest_notional_is_exact_or_refused() {
        let tiny = PerpetualMargin::new(1, 1).unwrap();
        assert_eq!(tiny.initial(i64::MIN, u64::MAX), Ok(170_141_183_460_469_231_722_463_931_679_030));
        let full = PerpetualMargin::new(1_000_000, 1).unwrap();
        assert_eq!(
            full.initial(i64::MIN, u64::MAX),
            Err(PerpetualError::Overflow { lots: i64::MIN, price: u64::MAX })
        );
    }

    #[test]
    fn fractions_out_of_order_are_refused() {
        for (initial_ppm, maintenance_ppm) in [(0, 0), (10, 0), (10, 11), (1_000_001, 5)] {
            let refused = PerpetualMargin::new(initial_ppm, maintenance_ppm);
            assert_eq!(refused, Err(PerpetualError::Fractions { initial_ppm, maintenance_ppm }));
        }
    }

    proptest! {
        #[test]
        fn requirements_are_ordered_and_monotone(
            lots in -1_000_000i64..1_000_000, price in 0u64..1 << 40, low in 1u32..1000, more in 0u32..1000,
        ) {
            let margin = PerpetualMargin::new(low + more, low).unwrap();
            let initial = margin.initial(lots, price).unwrap();
            prop_assert!(margin.maintenance(lots, price).unwrap() <= initial);
            prop_assert!(initial <= margin.initial(lots, price + 1).unwrap());
            prop_assert_eq!(initial, margin.initial(-lots, price).unwrap());
        }
    }
}
