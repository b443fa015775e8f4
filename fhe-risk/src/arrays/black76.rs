//! Options on futures: F. Black, "The pricing of commodity contracts", J. Financial Economics 3
//! (1976). European exercise; the price is paid at once.

use serde::Deserialize;

/// The right that an option gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// To buy the future at the strike.
    Call,
    /// To sell it.
    Put,
}

/// All that the price depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contract {
    /// Call or put.
    pub right: Right,
    /// Price of the future; at or below zero counts as zero.
    pub futures: f64,
    /// Strike, above zero.
    pub strike: f64,
    /// Time to expiry in years of 365 days; at or below zero is expiry.
    pub years: f64,
    /// Volatility per year (0.2 is 20 %), at least zero.
    pub volatility: f64,
    /// Interest rate per year, continuously compounded.
    pub rate: f64,
}

impl Contract {
    /// Price of the option per unit of the future.
    pub fn price(&self) -> f64 {
        let Self { right, strike, rate, .. } = *self;
        let (futures, years) = (self.futures.max(0.0), self.years.max(0.0));
        let discount = (-rate * years).exp();
        let deviation = self.volatility * years.sqrt();
        let sign = if right == Right::Call { 1.0 } else { -1.0 };
        if deviation <= 0.0 || futures <= 0.0 {
            return discount * (sign * (futures - strike)).max(0.0);
        }
        let d1 = (futures / strike).ln() / deviation + deviation / 2.0;
        let d2 = d1 - deviation;
        discount * sign * (futures * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    }

    /// The volatility, up to 1000 %, at which the option is worth `price`; the contract's own is not
    /// used. None where no such volatility gives that price.
    pub fn implied_volatility(&self, price: f64) -> Option<f64> {
        let at = |volatility: f64| Self { volatility, ..*self }.price();
        let (mut low, mut high) = (0.0, 10.0);
        if !(at(low) < price && price <= at(high)) {
            return None;
        }
        // The price rises with the volatility: halving the interval 60 times exhausts an f64.
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if at(middle) < price { low = middle } else { high = middle }
        }
        Some(high)
    }
}

/// Distribution function of the standard normal distribution, to 3·10^-16 absolute: J. F. Hart,
/// "Computer Approximations" (1968), algorithm 5666, as in G. West, "Better approximations to
/// cumulative normal functions" (2005).
pub fn normal_cdf(x: f64) -> f64 {
    const ABOVE: [f64; 7] = [
        3.526_249_659_989_11e-2,
        0.700_383_064_443_688,
        6.373_962_203_531_65,
        33.912_866_078_383,
        112.079_291_497_871,
        221.213_596_169_931,
        220.206_867_912_376,
    ];
    const BELOW: [f64; 8] = [
        8.838_834_764_831_84e-2,
        1.755_667_163_182_64,
        16.064_177_579_207,
        86.780_732_202_946_1,
        296.564_248_779_674,
        637.333_633_378_831,
        793.826_512_519_948,
        440.413_735_824_752,
    ];
    let size = x.abs();
    let density = (-size * size / 2.0).exp();
    let horner = |coefficients: &[f64]| coefficients.iter().fold(0.0, |sum, c| sum * size + c);
    let tail = if size < 50f64.sqrt() {
        density * horner(&ABOVE) / horner(&BELOW)
    } else {
        // Continued fraction of the tail.
        let fraction = (1..=4).rev().fold(size + 0.65, |below, k| size + f64::from(k) / below);
        density / fraction / (2.0 * std::f64::consts::PI).sqrt()
    };
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
#[path = "black76_tests.rs"]
mod tests;
