//! Amounts as people write them: decimal strings, converted exactly.

use solventry_types::AssetTable;

/// A decimal number without sign: digits, and after a point at most 30 more.
/// Leading zeros of the whole part and trailing zeros of the fraction mean nothing.
#[derive(Clone, Copy)]
pub struct DecimalText<'a> {
    whole: &'a str,
    fraction: &'a str,
}

/// Why text is not an amount. The text itself is never repeated: amounts are secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// No characters.
    #[error("expected an amount, came an empty field; write 0 or leave the row out")]
    Empty,
    /// A minus sign.
    #[error("expected an amount of zero or more, came a negative one; list debts elsewhere, not as holdings")]
    Negative,
    /// A plus sign.
    #[error("expected digits, came a plus sign; leave it out")]
    Plus,
    /// Scientific notation.
    #[error("expected plain digits, came an exponent; write the number in full (format the cells as text)")]
    Exponent,
    /// Thousands separators or a decimal comma.
    #[error("expected digits and at most one point, came a separator; write 1234.5, not 1,234.5 or 1234,5")]
    Separator,
    /// `.5`
    #[error("expected a digit before the point; write 0.5, not .5")]
    NoWhole,
    /// `1.`
    #[error("expected a digit after the point; write 1 or 1.0, not 1.")]
    NoFraction,
    /// Anything else.
    #[error("expected a decimal number such as 12 or 0.5, came other characters; leave out units and signs")]
    NotDecimal,
    /// Finer than every asset can be.
    #[error("expected at most {} decimals, came more; no asset has that many", AssetTable::MAX_DECIMALS)]
    TooFine,
}

/// An amount in some unit, and what rounding up added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RoundedUp {
    /// Units after rounding.
    pub units: u128,
    /// Added by rounding, in 10^-30 of the coin; 0 where the amount was exact.
    pub dust: u128,
}

impl<'a> DecimalText<'a> {
    /// Checks the form of an amount.
    pub fn parse(text: &'a str) -> Result<Self, AmountError> {
        let (whole, fraction) =
            text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() || !digits(whole) || !fraction.is_none_or(digits) {
            return Err(fault_of(text));
        }
        match (whole, fraction) {
            ("", Some("")) => return Err(AmountError::NotDecimal),
            ("", _) => return Err(AmountError::NoWhole),
            (_, Some("")) => return Err(AmountError::NoFraction),
            _ => {}
        }
        let fraction = fraction.unwrap_or("").trim_end_matches('0');
        if fraction.len() > usize::from(AssetTable::MAX_DECIMALS) {
            return Err(AmountError::TooFine);
        }
        Ok(Self { whole, fraction })
    }

    /// Decimals that the number needs.
    pub fn decimals(&self) -> u8 {
        u8::try_from(self.fraction.len()).unwrap_or(u8::MAX)
    }

    /// The number in units of 10^-decimals, if it is a whole number of them below 2^128.
    pub fn exact_units(&self, decimals: u8) -> Option<u128> {
        self.units_up(decimals).filter(|rounded| rounded.dust == 0).map(|rounded| rounded.units)
    }

    /// The number in units of 10^-decimals, rounded up. `None`: 2^128 or more.
    pub(super) fn units_up(&self, decimals: u8) -> Option<RoundedUp> {
        let kept = self.fraction.len().min(decimals.into());
        let (head, rest) = self.fraction.split_at(kept);
        let head = number(head)?.checked_mul(power(usize::from(decimals) - kept)?)?;
        let units = number(self.whole)?.checked_mul(power(decimals.into())?)?.checked_add(head)?;
        if rest.is_empty() {
            return Some(RoundedUp { units, dust: 0 });
        }
        // One listed unit and the rest of the number, both in 10^-30 of the coin.
        let fine = usize::from(AssetTable::MAX_DECIMALS);
        let rest = number(rest)?.checked_mul(power(fine.checked_sub(self.fraction.len())?)?)?;
        let unit = power(fine.checked_sub(decimals.into())?)?;
        Some(RoundedUp { units: units.checked_add(1)?, dust: unit.checked_sub(rest)? })
    }

    /// The largest number of decimals for which the amount, rounded up, is below 2^64.
    pub(super) fn most_decimals(&self) -> Option<u8> {
        (0..=AssetTable::MAX_DECIMALS)
            .rev()
            .find(|decimals| self.units_up(*decimals).is_some_and(|up| up.units <= u128::from(u64::MAX)))
    }
}

/// `chain_units` of 10^-decimals in units of 10^-30, as far as 128 bits go.
pub(super) fn fine_units(units: u128, decimals: u8) -> u128 {
    let more = AssetTable::MAX_DECIMALS.saturating_sub(decimals);
    power(more.into()).map_or(u128::MAX, |factor| units.saturating_mul(factor))
}

fn power(exponent: usize) -> Option<u128> {
    10u128.checked_pow(u32::try_from(exponent).ok()?)
}

/// Digits to a number; no digits are zero.
fn number(digits: &str) -> Option<u128> {
    digits
        .bytes()
        .try_fold(0u128, |sum, digit| sum.checked_mul(10)?.checked_add(u128::from(digit.wrapping_sub(b'0'))))
}

fn fault_of(text: &str) -> AmountError {
    let rest = text.trim_start_matches(['-', '+']);
    let spelled = |extra: &[char]| {
        rest.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && rest.chars().all(|c| c.is_ascii_digit() || c == '.' || extra.contains(&c))
    };
    match text.chars().next() {
        None => AmountError::Empty,
        Some('-' | '\u{2212}') => AmountError::Negative,
        Some('+') => AmountError::Plus,
        _ if spelled(&['e', 'E', '+', '-']) && rest.contains(['e', 'E']) => AmountError::Exponent,
        _ if spelled(&[',', '\'', '’', '_', ' ', '\u{a0}', '\u{202f}']) && !text.ends_with(' ') => {
            AmountError::Separator
        }
        _ => AmountError::NotDecimal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solventry_types::amount::decimal;

    use super::*;

    #[test]
    fn every_wrong_form_has_its_own_advice() {
        for (text, fault) in [
            ("", AmountError::Empty),
            ("-5", AmountError::Negative),
            ("-0", AmountError::Negative),
            ("+1", AmountError::Plus),
            ("1e5", AmountError::Exponent),
            ("1.5E-8", AmountError::Exponent),
            ("1,000", AmountError::Separator),
            ("1'000.5", AmountError::Separator),
            ("1 000", AmountError::Separator),
            ("1.000.000", AmountError::Separator),
            (".5", AmountError::NoWhole),
            ("1.", AmountError::NoFraction),
            (".", AmountError::NotDecimal),
            ("5 BTC", AmountError::NotDecimal),
            (" 5", AmountError::NotDecimal),
            ("5 ", AmountError::NotDecimal),
            ("NaN", AmountError::NotDecimal),
            ("0x10", AmountError::NotDecimal),
            ("١", AmountError::NotDecimal),
            ("0.0000000000000000000000000000001", AmountError::TooFine),
        ] {
            assert_eq!(DecimalText::parse(text).err(), Some(fault), "{text}");
        }
    }

    #[test]
    fn rounding_goes_up_and_counts_the_dust() {
        let up = |text, decimals| DecimalText::parse(text).unwrap().units_up(decimals);
        assert_eq!(up("1.5", 8), Some(RoundedUp { units: 150_000_000, dust: 0 }));
        assert_eq!(up("007.50", 1), Some(RoundedUp { units: 75, dust: 0 }));
        assert_eq!(up("0.019", 2), Some(RoundedUp { units: 2, dust: 10u128.pow(27) }));
        assert_eq!(up("1.1", 0), Some(RoundedUp { units: 2, dust: 9 * 10u128.pow(29) }));
        assert_eq!(up("340282366920938463463374607431768211456", 0), None);
        assert_eq!(DecimalText::parse("1.25").unwrap().exact_units(1), None);
        assert_eq!(DecimalText::parse("18.446744073709551616").unwrap().most_decimals(), Some(17));
        assert_eq!(DecimalText::parse("120000000").unwrap().most_decimals(), Some(11));
        assert_eq!(DecimalText::parse("18446744073709551616").unwrap().most_decimals(), None);
    }

    proptest! {
        #[test]
        fn units_written_and_read_are_the_same(units in any::<u128>(), decimals in 0u8..=30) {
            let text = decimal(units, decimals);
            prop_assert_eq!(DecimalText::parse(&text).unwrap().exact_units(decimals), Some(units));
        }

        #[test]
        fn rounding_never_loses_nor_adds_a_unit(units in 0u128..1 << 31, fine in 1u8..=12, listed in 0u8..=12) {
            let text = decimal(units, fine);
            let up = DecimalText::parse(&text).unwrap().units_up(listed).unwrap();
            let step = 10u128.pow(u32::from(fine.saturating_sub(listed)));
            let more = 10u128.pow(u32::from(listed.saturating_sub(fine)));
            prop_assert_eq!(up.units, (units * more).div_ceil(step));
            prop_assert_eq!(fine_units(up.units * step / more, fine), fine_units(units, fine) + up.dust);
        }
    }
}
