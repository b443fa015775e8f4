use super::*;
use crate::arrays::black76::Right;

/// L. G. McMillan, "Options as a Strategic Investment", chapter on futures options: maintenance
/// margin of the S&P 500 future 10 000, a move of 20 points at 500 per point.
const FUTURE: [i32; SCENARIOS] =
    [0, 0, 3330, 3330, -3330, -3330, 6670, 6670, -6670, -6670, 10_000, 10_000, -10_000, -10_000, 7000, -7000];
/// The same, December 410 call. Neither the price of the future nor that of the option is given.
const CALL: [i32; SCENARIOS] =
    [460, -610, 2640, 1730, -1270, -2340, 5210, 4540, -2540, -3430, 8060, 7640, -3380, -3990, 3130, -1500];

fn to_tens(gain: f64) -> i32 {
    (gain / 10.0).round() as i32 * 10
}

/// The margin: the largest loss, at least nothing.
fn margin(gains: impl IntoIterator<Item = i32>) -> i32 {
    gains.into_iter().map(|gain| -gain).max().unwrap_or(0).max(0)
}

#[test]
fn the_classic_array_of_the_future() {
    assert_eq!(outright_gains(20.0 * 500.0).map(to_tens), FUTURE);
}

#[test]
fn the_classic_margins() {
    assert_eq!(margin(FUTURE), 10_000);
    assert_eq!(margin(CALL), 3990);
    // Covered write: long the future, short the call.
    assert_eq!(margin(FUTURE.iter().zip(CALL).map(|(future, call)| future - call)), 6620);
}

/// The inputs of the call are not published. These were fitted to its first 14 figures (scipy 1.17,
/// `least_squares`; only volatility times root of time is determined): Black-76 then meets every one
/// of them to 15, where they are printed in tens.
#[test]
fn black_76_meets_the_classic_array_of_the_call() {
    let (volatility, years) = (0.119_356_775, 42.0 / 365.0);
    let contract =
        Contract { right: Right::Call, futures: 413.7525, strike: 410.0, years, volatility, rate: 0.0 };
    let scan =
        Scan { range: 20.0, volatility_move: 0.020_239_107 / volatility, look_ahead_years: 2.0 / 365.0 };
    let gains = option_gains(&contract, &scan).map(|gain| gain * 500.0);
    for (scenario, (gain, printed)) in gains.iter().zip(CALL).take(14).enumerate() {
        assert!((gain - f64::from(printed)).abs() < 15.0, "scenario {}: {gain} {printed}", scenario + 1);
    }
    // The book's extreme moves are 14 points, not 35 % of the result at 40 points. Under that rule no
    // call with its other figures gains 3130: the gain is convex in the move, so at 40 points it is
    // over twice that at 20, and 35 % of it over 0.7 * 7640.
    assert!(gains[14] > 0.7 * 7640.0);
}

#[test]
fn scenarios_stand_in_their_order() {
    use VolatilityMove::{Down, Unchanged, Up};
    let all = scenarios();
    let thirds = all.map(|scenario| scenario.thirds);
    assert_eq!(thirds, [0, 0, 1, 1, -1, -1, 2, 2, -2, -2, 3, 3, -3, -3, 6, -6]);
    for pair in all[..14].chunks(2) {
        assert_eq!((pair[0].volatility, pair[1].volatility), (Up, Down));
        assert_eq!((pair[0].cover, pair[1].cover), (1.0, 1.0));
    }
    assert!(all[14..].iter().all(|scenario| scenario.volatility == Unchanged && scenario.cover == 0.35));
}

#[test]
fn a_far_option_is_caught_by_the_extremes_only() {
    let contract = Contract {
        right: Right::Call,
        futures: 100.0,
        strike: 130.0,
        years: 0.02,
        volatility: 0.2,
        rate: 0.0,
    };
    let scan = Scan { range: 20.0, volatility_move: 0.2, look_ahead_years: 0.0 };
    let gains = option_gains(&contract, &scan);
    let within = gains[..14].iter().fold(0.0, |most: f64, gain| most.max(*gain));
    assert!(within < 0.02 && (gains[14] - 0.35 * 10.0).abs() < 0.01, "{gains:?}");
}

/// Long call and short put are a long future, but for time and interest.
#[test]
fn parity_holds_in_every_scenario() {
    let call =
        Contract { right: Right::Call, futures: 50.0, strike: 55.0, years: 0.5, volatility: 0.6, rate: 0.0 };
    let scan = Scan { range: 12.0, volatility_move: 0.3, look_ahead_years: 2.0 / 365.0 };
    let puts = option_gains(&Contract { right: Right::Put, ..call }, &scan);
    for ((call, put), future) in option_gains(&call, &scan).iter().zip(puts).zip(outright_gains(12.0)) {
        assert!((call - put - future).abs() < 1e-10);
    }
}

/// Down twice the range may lie below zero: the future counts as zero in the option's price.
#[test]
fn prices_do_not_fall_below_zero_in_options() {
    let put =
        Contract { right: Right::Put, futures: 10.0, strike: 10.0, years: 0.1, volatility: 0.5, rate: 0.0 };
    let scan = Scan { range: 8.0, volatility_move: 0.2, look_ahead_years: 0.0 };
    let gain = option_gains(&put, &scan)[15];
    assert!((gain - 0.35 * (10.0 - put.price())).abs() < 1e-12);
}
