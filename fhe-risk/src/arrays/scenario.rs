//! The sixteen scenarios of SPAN ("SPAN" is a trademark of CME), and what one lot gains in each.
//!
//! Seven price moves (none, ±1/3, ±2/3, ±3/3 of the price scan range), each with the volatility up
//! and down, and two extreme moves of twice the range at unchanged volatility, of whose result 35 %
//! count: an option far out of the money would lose nothing within the range. An option is repriced
//! after the look-ahead time has passed; its gain is against today's price.

use super::black76::Contract;

/// Number of scenarios.
pub const SCENARIOS: usize = 16;
/// Part of an extreme scenario's result that counts.
pub const EXTREME_COVER: f64 = 0.35;

/// What happens to the volatility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolatilityMove {
    /// It rises.
    Up,
    /// It falls.
    Down,
    /// It stays.
    Unchanged,
}

/// One scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenario {
    /// Price move in thirds of the price scan range.
    pub thirds: i8,
    /// Volatility move.
    pub volatility: VolatilityMove,
    /// Part of the result that counts.
    pub cover: f64,
}

/// The scenarios in the order of the classic SPAN arrays.
pub const fn scenarios() -> [Scenario; SCENARIOS] {
    const MOVES: [i8; 7] = [0, 1, -1, 2, -2, 3, -3];
    const EXTREMES: [i8; 2] = [6, -6];
    let extreme = Scenario { thirds: 0, volatility: VolatilityMove::Unchanged, cover: EXTREME_COVER };
    let mut all = [extreme; SCENARIOS];
    let mut at = 0;
    while at < 14 {
        let volatility = if at % 2 == 0 { VolatilityMove::Up } else { VolatilityMove::Down };
        all[at] = Scenario { thirds: MOVES[at / 2], volatility, cover: 1.0 };
        at += 1;
    }
    all[14].thirds = EXTREMES[0];
    all[15].thirds = EXTREMES[1];
    all
}

/// How far prices and volatilities are scanned for one option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scan {
    /// Price scan range of the underlying future, in the unit of its price.
    pub range: f64,
    /// Volatility move as a fraction of the option's volatility, in [0, 1).
    pub volatility_move: f64,
    /// Years of 365 days by which the option has aged.
    pub look_ahead_years: f64,
}

/// Gain of a future (or of the thing itself) long in each scenario, in the unit of `range`.
pub fn outright_gains(range: f64) -> [f64; SCENARIOS] {
    scenarios().map(|scenario| scenario.cover * range * f64::from(scenario.thirds) / 3.0)
}

/// Gain of an option long in each scenario, per unit of the underlying future.
pub fn option_gains(contract: &Contract, scan: &Scan) -> [f64; SCENARIOS] {
    let today = contract.price();
    scenarios().map(|scenario| {
        let volatility = contract.volatility
            * match scenario.volatility {
                VolatilityMove::Up => 1.0 + scan.volatility_move,
                VolatilityMove::Down => 1.0 - scan.volatility_move,
                VolatilityMove::Unchanged => 1.0,
            };
        let futures = contract.futures + scan.range * f64::from(scenario.thirds) / 3.0;
        let years = contract.years - scan.look_ahead_years;
        scenario.cover * (Contract { futures, years, volatility, ..*contract }.price() - today)
    })
}

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod tests;
