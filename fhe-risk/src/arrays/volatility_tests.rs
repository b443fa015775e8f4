use super::*;

/// 300 returns that Python computes alike: the last 100 half again as large.
fn returns() -> Vec<f64> {
    let base = |i: i32| f64::from(i * 37 % 101 - 50) / 2500.0;
    (0..300).map(|i| base(i) * if i >= 200 { 1.5 } else { 1.0 }).collect()
}

fn close(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 1e-13, "{got} {expected}");
}

/// pandas 3.1: `ewm(alpha=1-lambda, adjust=False)` over the seed and the later squared returns;
/// `rolling(60).mean().max()`.
#[test]
fn figures_equal_those_of_pandas() {
    let default = Parameters::default();
    let volatility = estimate(&returns(), &default, Given::default()).unwrap();
    close(volatility.current, 0.014_209_244_132_083_45);
    close(volatility.stressed, 0.017_517_191_555_726_05);
    close(volatility.applied, 0.015_104_302_834_088_732);
    close(default.price_scan_range(50.0, volatility.applied), 3.204_106_487_723_8);
    let fast = Parameters { lambda: LAMBDA_RISKMETRICS, ..default };
    close(estimate(&returns(), &fast, Given::default()).unwrap().current, 0.017_061_445_496_751_85);
}

#[test]
fn the_seed_is_the_mean_square_of_the_first_returns() {
    let parameters = Parameters { seed_returns: 2, lambda: 0.5, ..Parameters::default() };
    let volatility = estimate(&[0.3, 0.1, 0.2], &parameters, Given::default()).unwrap();
    close(volatility.current.powi(2), 0.5 * 0.05 + 0.5 * 0.04);
    // A window longer than the history is all of it.
    close(volatility.stressed.powi(2), 0.14 / 3.0);
}

#[test]
fn anti_procyclicality_only_raises() {
    let applied = |given| estimate(&returns(), &Parameters::default(), given).unwrap().applied;
    let current = estimate(&returns(), &Parameters::default(), Given::default()).unwrap().current;
    let stressed = |stressed| Given { stressed: Some(stressed), ten_year: None };
    assert_eq!(applied(stressed(0.001)), current);
    close(applied(stressed(0.05)).powi(2), 0.75 * current * current + 0.25 * 0.05 * 0.05);
    assert_eq!(applied(Given { stressed: Some(0.001), ten_year: Some(0.03) }), 0.03);
    assert_eq!(applied(Given { stressed: Some(0.001), ten_year: Some(0.01) }), current);
}

#[test]
fn the_range_has_a_floor() {
    let parameters = Parameters { floor: 0.04, multiplier: 2.0, horizon_days: 4, ..Parameters::default() };
    close(parameters.price_scan_range(200.0, 0.001), 8.0);
    close(parameters.price_scan_range(200.0, 0.02), 16.0);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let default = Parameters::default();
    assert_eq!(default.validate(), Ok(()));
    let bad = [
        Parameters { lambda: 1.0, ..default },
        Parameters { lambda: f64::NAN, ..default },
        Parameters { seed_returns: 0, ..default },
        Parameters { multiplier: 0.9, ..default },
        Parameters { multiplier: f64::INFINITY, ..default },
        Parameters { horizon_days: 0, ..default },
        Parameters { floor: -0.1, ..default },
        Parameters { stressed_weight: 0.24, ..default },
        Parameters { stress_window: 9, ..default },
    ];
    for parameters in bad {
        let refused = estimate(&returns(), &parameters, Given::default());
        assert!(matches!(refused, Err(VolatilityError::Parameter { .. })), "{parameters:?}");
    }
    for figure in [0.0, 1.0, -0.1, f64::NAN] {
        for given in [
            Given { stressed: Some(figure), ten_year: None },
            Given { stressed: None, ten_year: Some(figure) },
        ] {
            assert!(estimate(&returns(), &default, given).is_err(), "{given:?}");
        }
    }
    let short = estimate(&returns()[..60], &default, Given::default()).unwrap_err();
    assert_eq!(short, VolatilityError::TooShort { got: 60, needed: 61 });
    assert!(estimate(&returns()[..61], &default, Given::default()).is_ok());
}
