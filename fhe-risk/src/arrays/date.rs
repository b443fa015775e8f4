//! Calendar dates of the Gregorian calendar, for price rows and expiries.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// A date from 1900-01-01 to 2199-12-31, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(i32);

/// A text that is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date from 1900-01-01 to 2199-12-31, written as 2024-01-31")]
pub struct DateError;

impl Date {
    /// Days since 1970-01-01, negative before.
    pub fn days(self) -> i32 {
        self.0
    }

    /// The date `days` later; not checked to stay before 2200.
    #[cfg(test)]
    pub(super) fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Calendar days from `earlier` to this date.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let shape =
            |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(DateError);
        }
        let number = |from: usize, to: usize| text[from..to].parse::<i32>().map_err(|_| DateError);
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let valid = (1900..2200).contains(&year) && (1..=12).contains(&month) && day >= 1;
        if !valid || day > days_in(year, month) {
            return Err(DateError);
        }
        Ok(Self(days_from_civil(year, month, day)))
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn days_in(year: i32, month: i32) -> i32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms"): years start
/// in March, so that the leap day is their last.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse.
fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Days as given by Python's `(date(…) - date(1970, 1, 1)).days`.
    #[test]
    fn dates_count_days() {
        let known =
            [("1970-01-01", 0), ("1900-01-01", -25_567), ("2000-02-29", 11_016), ("2024-12-31", 20_088)];
        for (text, days) in known.into_iter().chain([("2199-12-31", 84_005)]) {
            assert_eq!(date(text).days(), days);
        }
        assert_eq!(date("2024-03-01").days_since(date("2024-02-28")), 2);
    }

    #[test]
    fn every_day_is_written_as_it_is_read() {
        let (first, last) = (date("1900-01-01"), date("2199-12-31"));
        for days in first.days()..=last.days() {
            assert_eq!(date(&Date(days).to_string()), Date(days));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let bad = [
            "",
            "2024-1-01",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2023-02-29",
            "1900-02-29",
            "2024-01-00",
        ];
        for text in bad.into_iter().chain([
            "1899-12-31",
            "2200-01-01",
            "20240101",
            "2024-01-01T",
            "+024-01-01",
            "２024-01-0",
        ]) {
            assert_eq!(text.parse::<Date>(), Err(DateError), "{text}");
        }
    }
}
