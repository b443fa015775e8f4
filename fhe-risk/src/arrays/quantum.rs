//! The step of money in which risk arrays count: an exact decimal.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Most decimal places, and most digits: below 2^53, so that the value as f64 is the nearest one.
const MAX_DECIMALS: u32 = 12;
const MAX_DIGITS: usize = 15;

/// A positive amount of money, exact to the last digit: `250`, `0.05`.
///
/// Text form: digits, and after a point at most 12 more; 15 in all; nothing superfluous (`0.5`, not
/// `.5`, `0.50` or `5e-1`), so that one quantum has one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quantum {
    /// The digits without the point.
    digits: u64,
    /// How many of them stand behind the point.
    decimals: u32,
}

/// A text that is no quantum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no quantum: expected a positive decimal such as 250 or 0.05, at most {MAX_DIGITS} digits, \
     {MAX_DECIMALS} of them behind the point, no superfluous zero"
)]
pub struct QuantumError {
    /// The text, shortened to 40 characters.
    pub text: String,
}

impl Quantum {
    /// The round quanta, rising: 1, 2 and 5 times every power of ten from 10^-12 to 10^14.
    pub fn rounds() -> impl Iterator<Item = Self> {
        let fractions = (0..=MAX_DECIMALS).rev().map(|decimals| (1, decimals));
        let tens = fractions.chain((1..=14).map(|power| (10u64.pow(power), 0)));
        tens.flat_map(|(ten, decimals)| [1, 2, 5].map(|digit| Self { digits: digit * ten, decimals }))
    }

    /// The nearest f64, in money.
    pub fn value(self) -> f64 {
        self.digits as f64 / 10f64.powi(self.decimals as i32)
    }

    /// `count` quanta in money, as an exact decimal without trailing zeros; none if the digits
    /// leave 128 bits.
    pub fn money(self, count: i128) -> Option<String> {
        let digits = count.unsigned_abs().checked_mul(u128::from(self.digits))?;
        let sign = if count < 0 { "-" } else { "" };
        Some(format!("{sign}{}", decimal(digits, self.decimals)))
    }

    /// Smallest number of quanta that is worth at least `money`, which is finite: the division may
    /// be off in its last bit, so its neighbours are tried too.
    pub(crate) fn ceil(self, money: f64) -> f64 {
        let near = (money / self.value()).ceil();
        let counts = [near - 1.0, near];
        counts.into_iter().find(|count| self.worth(*count) >= money).unwrap_or(near + 1.0)
    }

    /// Largest number of quanta that is worth at most `money`.
    pub(crate) fn floor(self, money: f64) -> f64 {
        -self.ceil(-money)
    }

    /// `count` quanta in money, rounded once where the product is exact in 53 bits.
    pub(crate) fn worth(self, count: f64) -> f64 {
        count * self.digits as f64 / 10f64.powi(self.decimals as i32)
    }
}

impl fmt::Display for Quantum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(u128::from(self.digits), self.decimals))
    }
}

impl FromStr for Quantum {
    type Err = QuantumError;

    fn from_str(text: &str) -> Result<Self, QuantumError> {
        let error = || QuantumError { text: text.chars().take(40).collect() };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = [whole, fraction].concat();
        if digits.len() > MAX_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        let digits = digits.parse().map_err(|_| error())?;
        let quantum = Self { digits, decimals: fraction.len() as u32 };
        // What is written back is the one text of this value: anything else had something superfluous.
        let canonical = quantum.decimals <= MAX_DECIMALS && digits > 0 && quantum.to_string() == text;
        if canonical { Ok(quantum) } else { Err(error()) }
    }
}

impl TryFrom<String> for Quantum {
    type Error = QuantumError;

    fn try_from(text: String) -> Result<Self, QuantumError> {
        text.parse()
    }
}

impl From<Quantum> for String {
    fn from(quantum: Quantum) -> Self {
        quantum.to_string()
    }
}

/// `digits` with `decimals` places behind the point, without trailing zeros there.
fn decimal(digits: u128, decimals: u32) -> String {
    let text = format!("{digits:0>width$}", width = decimals as usize + 1);
    let (whole, fraction) = text.split_at(text.len() - decimals as usize);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantum(text: &str) -> Quantum {
        text.parse().unwrap()
    }

    #[test]
    fn one_value_has_one_text() {
        for text in ["1", "250", "0.05", "12.5", "0.000000000001", "100000000000000"] {
            assert_eq!(quantum(text).to_string(), text);
        }
        let bad = [
            "",
            "0",
            "0.0",
            "-1",
            "+1",
            "1.",
            ".5",
            "0.50",
            "01",
            "1e3",
            "1,5",
            "1.2.3",
            " 1",
            "0.0000000000001",
        ];
        for text in bad.into_iter().chain([
            "0.0000000000001",
            "1000000000000000",
            "99999999999999999999999",
            "1_000",
            "½",
        ]) {
            assert!(text.parse::<Quantum>().is_err(), "{text}");
        }
    }

    #[test]
    fn round_quanta_rise() {
        let rounds: Vec<_> = Quantum::rounds().collect();
        assert_eq!(rounds.len(), 27 * 3);
        assert!(rounds.windows(2).all(|pair| pair[0].value() < pair[1].value()));
        let texts = [0, 1, 2, 35, 36, 39, 40, 80].map(|at| rounds[at].to_string());
        let expected = ["0.000000000001", "0.000000000002", "0.000000000005", "0.5", "1", "10", "20"];
        assert_eq!(texts[..7], expected);
        assert_eq!(texts[7], "500000000000000");
        assert!(rounds.iter().all(|round| quantum(&round.to_string()) == *round));
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(quantum("0.05").money(-3).unwrap(), "-0.15");
        assert_eq!(quantum("0.05").money(20).unwrap(), "1");
        assert_eq!(quantum("250").money(0).unwrap(), "0");
        assert_eq!(quantum("0.1").money(123_456_789_012_345_678_901).unwrap(), "12345678901234567890.1");
        assert_eq!(quantum("250").money(i128::MIN), None);
    }

    #[test]
    fn counts_round_towards_the_named_side() {
        let cent = quantum("0.01");
        assert_eq!((cent.ceil(0.07), cent.floor(0.07)), (7.0, 7.0)); // 0.07 / 0.01 is above 7 in f64
        assert_eq!((cent.ceil(-0.071), cent.floor(-0.071)), (-7.0, -8.0));
        assert_eq!((cent.ceil(1.000_000_001), cent.floor(1.000_000_001)), (101.0, 100.0));
    }
}
