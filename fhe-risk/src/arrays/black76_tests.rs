use proptest::prelude::*;

use super::*;

fn contract(right: Right, [futures, strike, volatility, years, rate]: [f64; 5]) -> Contract {
    Contract { right, futures, strike, years, volatility, rate }
}

/// scipy 1.17: `scipy.stats.norm.cdf`.
#[test]
fn the_normal_distribution_equals_that_of_scipy() {
    let known = [
        (-30.0, 4.906_713_927_147_908e-198),
        (-8.0, 6.220_960_574_271_74e-16),
        (-7.08, 7.207_723_086_467_469e-13),
        (-7.07, 7.746_684_865_636_453e-13),
        (-5.0, 2.866_515_718_791_933e-7),
        (-2.326, 0.010_009_275_340_867_669),
        (-1.0, 0.158_655_253_931_457_07),
        (-0.1, 0.460_172_162_722_971),
        (0.0, 0.5),
        (0.1, 0.539_827_837_277_029),
        (1.0, 0.841_344_746_068_542_9),
        (2.5, 0.993_790_334_674_223_8),
        (7.2, 0.999_999_999_999_698_9),
    ];
    for (x, expected) in known {
        let error = (normal_cdf(x) - expected).abs();
        assert!(error < 3e-16 && error < 1e-6 * expected, "{x}: {error:e}");
    }
    assert_eq!((normal_cdf(-40.0), normal_cdf(40.0)), (0.0, 1.0));
}

#[test]
fn textbook_prices() {
    // J. Hull, "Options, Futures, and Other Derivatives", valuing futures options with Black's
    // model: a put on crude oil, printed as 1.12.
    let put = contract(Right::Put, [20.0, 20.0, 0.25, 4.0 / 12.0, 0.09]);
    assert!((put.price() - 1.12).abs() < 0.005);
    // E. G. Haug, "The Complete Guide to Option Pricing Formulas", Black-76: Brent, printed as 1.7011.
    for right in [Right::Call, Right::Put] {
        assert!((contract(right, [19.0, 19.0, 0.28, 0.75, 0.1]).price() - 1.7011).abs() < 5e-5);
    }
}

/// numpy 2.4 and scipy 1.17, from the formula.
#[test]
fn prices_equal_those_of_scipy() {
    let known = [
        (Right::Call, [100.0, 95.0, 0.3, 0.5, 0.02], 10.865_262_063_376_182),
        (Right::Put, [100.0, 120.0, 0.8, 2.0, -0.01], 58.834_441_580_740_57),
        (Right::Call, [413.75, 410.0, 0.1194, 42.0 / 365.0, 0.0], 8.697_109_175_089_85),
    ];
    for (right, terms, expected) in known {
        assert!((contract(right, terms).price() / expected - 1.0).abs() < 1e-12);
    }
}

#[test]
fn at_the_edges_an_option_is_worth_its_exercise() {
    let price = |right, terms| contract(right, terms).price();
    assert_eq!(price(Right::Call, [110.0, 100.0, 0.2, 0.0, 0.05]), 10.0);
    assert_eq!(price(Right::Call, [110.0, 100.0, 0.2, -1.0, 0.05]), 10.0);
    assert_eq!(price(Right::Put, [110.0, 100.0, 0.0, 1.0, 0.0]), 0.0);
    assert_eq!(price(Right::Put, [-5.0, 100.0, 0.2, 1.0, 0.0]), 100.0);
    assert_eq!(price(Right::Call, [-5.0, 100.0, 0.2, 1.0, 0.0]), 0.0);
}

#[test]
fn a_price_that_no_volatility_gives_has_no_implied_volatility() {
    let call = contract(Right::Call, [110.0, 100.0, 0.0, 0.5, 0.0]);
    assert_eq!(call.implied_volatility(9.99), None);
    assert_eq!(call.implied_volatility(10.0), None);
    assert_eq!(call.implied_volatility(110.0), None);
    assert_eq!(call.implied_volatility(f64::NAN), None);
}

proptest! {
    #[test]
    fn call_less_put_is_the_discounted_forward(
        futures in 1.0..1000.0, strike in 1.0..1000.0, volatility in 0.01..3.0, years in 0.001..5.0,
        rate in -0.05..0.2,
    ) {
        let terms = [futures, strike, volatility, years, rate];
        let (call, put) = (contract(Right::Call, terms).price(), contract(Right::Put, terms).price());
        let parity = f64::exp(-rate * years) * (futures - strike);
        prop_assert!((call - put - parity).abs() < 1e-10 * (futures + strike));
        prop_assert!(call >= -1e-10 && call <= futures * f64::exp(-rate * years) + 1e-10);
    }

    #[test]
    fn the_implied_volatility_is_the_one_that_made_the_price(
        moneyness in 0.8..1.25, volatility in 0.05..2.0, years in 0.05..3.0,
    ) {
        let call = contract(Right::Call, [100.0 * moneyness, 100.0, volatility, years, 0.03]);
        let implied = call.implied_volatility(call.price()).unwrap();
        let repriced = Contract { volatility: implied, ..call }.price();
        prop_assert!((repriced - call.price()).abs() < 1e-9);
    }
}
