//! Amounts with their unit, durations in words, times, ratios and keys as people write them.

use ed25519_dalek::VerifyingKey;
use jiff::Timestamp;
use solventry_types::{Asset, Chain, Digest, Total, amount::decimal};

use super::fault::Fault;
use crate::ledger::{AmountError, DecimalText, Echo};

/// Lengths in seconds, longest first.
const SPANS: [(&str, u64); 5] =
    [("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

/// What amounts are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Symbol behind the number.
    pub symbol: &'a str,
    /// Amounts are integers of 10^-decimals.
    pub decimals: u8,
}

impl<'a> From<&'a Asset> for Unit<'a> {
    fn from(asset: &'a Asset) -> Self {
        Self { symbol: &asset.symbol, decimals: asset.decimals }
    }
}

impl Unit<'static> {
    /// A chain's own coin, in which fees are paid.
    pub const fn coin(chain: Chain) -> Self {
        match chain {
            Chain::Bitcoin => Self { symbol: "BTC", decimals: 8 },
            Chain::Solana => Self { symbol: "SOL", decimals: 9 },
            _ => Self { symbol: "ETH", decimals: 18 },
        }
    }
}

/// Name of a coin's smallest unit.
const fn smallest(chain: Chain) -> &'static str {
    match chain {
        Chain::Bitcoin => "sat",
        Chain::Solana => "lamports",
        _ => "wei",
    }
}

/// The smallest unit of what is counted, where people have a name for it.
fn smallest_of(unit: Unit<'_>) -> Option<Unit<'static>> {
    let chain = [Chain::Bitcoin, Chain::Solana].into_iter().find(|chain| Unit::coin(*chain) == unit)?;
    Some(Unit { symbol: smallest(chain), decimals: 0 })
}

/// `1.5 BTC` in units of 10^-decimals; of bitcoin and sol also `150000000 sat` and `5000 lamports`.
pub fn parse_amount(text: &str, unit: Unit<'_>) -> Result<Total, Fault> {
    let symbol = || unit.symbol.to_owned();
    let form = || Fault::AmountForm { symbol: symbol() };
    let (number, got) = text.split_once(' ').ok_or_else(form)?;
    if let Some(small) = smallest_of(unit).filter(|small| small.symbol == got) {
        return parse_amount(text, small);
    }
    let number = DecimalText::parse(number).map_err(|error| match error {
        AmountError::Empty | AmountError::NotDecimal => form(),
        AmountError::Negative => Fault::Negative,
        error => Fault::Amount(error),
    })?;
    if got != unit.symbol {
        return Err(Fault::OtherUnit { symbol: symbol(), got: Echo::symbol(got) });
    }
    if number.decimals() > unit.decimals {
        return Err(Fault::TooFine { symbol: symbol(), decimals: unit.decimals });
    }
    let units = number.exact_units(unit.decimals).and_then(|units| Total::from_units(units).ok());
    units.ok_or(Fault::TooLarge { bits: Total::BITS })
}

/// A network fee in units of the chain's own coin: `0.0001 BTC` or `10000 sat`.
pub fn parse_fee(text: &str, chain: Chain) -> Result<u64, Fault> {
    let small = Unit { symbol: smallest(chain), decimals: 0 };
    let unit = if text.ends_with(small.symbol) { small } else { Unit::coin(chain) };
    let fee = parse_amount(text, unit)?;
    u64::try_from(fee.units()).map_err(|_| Fault::TooLarge { bits: u64::BITS })
}

/// The amount as [`parse_amount`] reads it.
pub fn amount_text(units: u128, unit: Unit<'_>) -> String {
    format!("{} {}", decimal(units, unit.decimals), unit.symbol)
}

/// `36 hours`, `1 day 12 hours`, `0 seconds` in seconds. Parts stand from the longest to the
/// shortest unit.
pub fn parse_duration(text: &str) -> Result<u64, Fault> {
    let form = || Fault::Duration { got: hint(text) };
    let (mut sum, mut shorter) = (0u64, &SPANS[..]);
    let mut words = text.split(' ');
    loop {
        let (number, name) = match (words.next(), words.next()) {
            (None, _) => return Ok(sum),
            (Some(number), Some(name)) => (number, name),
            _ => return Err(form()),
        };
        let singular = name.strip_suffix('s').unwrap_or(name);
        let place = shorter.iter().position(|(span, _)| *span == singular).ok_or_else(form)?;
        let seconds = shorter.get(place).map_or(0, |(_, seconds)| *seconds);
        shorter = shorter.get(place.saturating_add(1)..).unwrap_or_default();
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| digits).ok_or_else(form)?;
        let part = number.checked_mul(seconds).ok_or(Fault::LongDuration)?;
        sum = sum.checked_add(part).filter(|sum| *sum <= MOST_SECONDS).ok_or(Fault::LongDuration)?;
    }
}

/// A thousand years: no limit is meant beyond it.
const MOST_SECONDS: u64 = 31_557_600_000;

/// What to write instead.
fn hint(text: &str) -> &'static str {
    let has = |part: &str| text.contains(part);
    if has("month") || has("year") {
        "months and years have no fixed length: write days"
    } else if has(".") {
        "use a shorter unit instead of a point: \"90 minutes\" for one and a half hours"
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        "add the unit"
    } else {
        "units are weeks, days, hours, minutes and seconds, in this order, each behind a whole number and a space"
    }
}

/// The duration as [`parse_duration`] reads it, in at most two units where that is exact.
pub fn duration_text(seconds: u64) -> String {
    let (mut rest, mut parts) = (seconds, Vec::new());
    for (name, length) in SPANS {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

/// `2026-11-01T00:00:00Z` (RFC 3339, whole seconds) in Unix seconds.
pub fn parse_time(text: &str) -> Result<u64, Fault> {
    let time: Timestamp = text.parse().map_err(|_| Fault::Time)?;
    if time.subsec_nanosecond() != 0 {
        return Err(Fault::SplitSecond);
    }
    u64::try_from(time.as_second()).map_err(|_| Fault::Time)
}

/// The time as [`parse_time`] reads it; seconds past the year 9999 as a number.
pub fn time_text(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_string())
}

/// `80 %` in basis points.
pub fn parse_ratio(text: &str) -> Result<u32, Fault> {
    let number = text.strip_suffix('%').map(str::trim_end).ok_or(Fault::Ratio)?;
    let number = DecimalText::parse(number).map_err(|_| Fault::Ratio)?;
    number.exact_units(2).and_then(|bps| u32::try_from(bps).ok()).ok_or(Fault::Ratio)
}

/// The ratio as [`parse_ratio`] reads it.
pub fn ratio_text(bps: u32) -> String {
    format!("{} %", decimal(bps.into(), 2))
}

/// A digest of 64 hexadecimal digits.
pub fn parse_digest(text: &str) -> Result<Digest, Fault> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Fault::Digest)?;
    Ok(Digest(bytes))
}

/// An Ed25519 public key of 64 hexadecimal digits; other points of the field are refused.
pub fn parse_key(text: &str) -> Result<[u8; 32], Fault> {
    let Digest(bytes) = parse_digest(text).map_err(|_| Fault::Key { got: text.chars().count() })?;
    match VerifyingKey::from_bytes(&bytes) {
        Ok(key) if !key.is_weak() => Ok(bytes),
        _ => Err(Fault::NoKey),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BTC: Unit<'_> = Unit { symbol: "BTC", decimals: 8 };

    #[test]
    fn amounts_need_their_unit() {
        assert_eq!(parse_amount("1.5 BTC", BTC).map(Total::units), Ok(150_000_000));
        assert_eq!(parse_fee("10000 sat", Chain::Bitcoin), Ok(10_000));
        assert_eq!(parse_fee("0.0001 BTC", Chain::Bitcoin), Ok(10_000));
        assert_eq!(parse_fee("5000 lamports", Chain::Solana), Ok(5_000));
        assert_eq!(parse_amount("10000 sat", BTC).map(Total::units), Ok(10_000));
        assert_eq!(parse_amount("5000 lamports", Unit::coin(Chain::Solana)).map(Total::units), Ok(5_000));
        assert!(parse_amount("5000 lamports", BTC).is_err());
        assert!(parse_amount("10000 sat", Unit { symbol: "X", decimals: 8 }).is_err());
        for text in [
            "", "1.5", "0.5 sat", "BTC", "BTC 1.5", "1.5BTC", "x BTC", "1,5 BTC", "-1 BTC", "1.5 btc",
            "1e5 BTC",
        ] {
            assert!(parse_amount(text, BTC).is_err(), "{text}");
        }
        assert_eq!(
            parse_amount("0.000000001 BTC", BTC),
            Err(Fault::TooFine { symbol: "BTC".into(), decimals: 8 })
        );
        let most = Fault::TooLarge { bits: 96 };
        assert_eq!(parse_amount("99999999999999999999999 BTC", BTC), Err(most));
    }

    #[test]
    fn durations_are_words() {
        for (text, seconds) in [
            ("36 hours", 129_600),
            ("2 days", 172_800),
            ("1 day 12 hours", 129_600),
            ("1 week", 604_800),
            ("0 seconds", 0),
            ("90 minutes", 5_400),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "1",
            "hours",
            "1.5 hours",
            "1 month",
            "2 hours 1 day",
            "1 hour 1 hour",
            "-1 days",
            "+1 day",
            "1  hour",
            "99999999999999999999 days",
            "99999999999 weeks",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_and_ratios_are_exact() {
        assert_eq!(parse_time("2026-11-01T00:00:00Z"), Ok(1_793_491_200));
        assert_eq!(parse_time("2026-11-01T01:00:00+01:00"), Ok(1_793_491_200));
        assert_eq!(time_text(1_793_491_200), "2026-11-01T00:00:00Z");
        assert_eq!(parse_time("2026-11-01T00:00:00"), Err(Fault::Time));
        assert_eq!(parse_time("2026-11-01"), Err(Fault::Time));
        assert_eq!(parse_time("2026-11-01T00:00:00.5Z"), Err(Fault::SplitSecond));
        assert_eq!(parse_ratio("80 %"), Ok(8_000));
        assert_eq!(parse_ratio("80.25%"), Ok(8_025));
        assert_eq!(parse_ratio("80"), Err(Fault::Ratio));
        assert_eq!(parse_ratio("80.255 %"), Err(Fault::Ratio));
    }

    #[test]
    fn keys_are_points() {
        assert_eq!(parse_key("00"), Err(Fault::Key { got: 2 }));
        assert_eq!(parse_key(&"00".repeat(32)), Err(Fault::NoKey));
        assert_eq!(parse_key(&"02".repeat(32)), Err(Fault::NoKey));
        let base = format!("58{}", "66".repeat(31));
        assert!(parse_key(&base).is_ok());
    }

    proptest! {
        #[test]
        fn durations_survive_the_round_trip(seconds in 0..=MOST_SECONDS) {
            prop_assert_eq!(parse_duration(&duration_text(seconds)), Ok(seconds));
        }

        #[test]
        fn amounts_survive_the_round_trip(units in 0u128..1 << 96, decimals in 0u8..=18) {
            let unit = Unit { symbol: "X", decimals };
            prop_assert_eq!(parse_amount(&amount_text(units, unit), unit).map(Total::units), Ok(units));
        }

        #[test]
        fn times_survive_the_round_trip(seconds in 0u64..253_402_207_200) {
            prop_assert_eq!(parse_time(&time_text(seconds)), Ok(seconds));
        }
    }
}
