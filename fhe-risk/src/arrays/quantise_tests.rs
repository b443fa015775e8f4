use proptest::prelude::*;

use super::*;

fn gains(name: &str, gains: &[f64]) -> LotGains {
    LotGains { name: name.to_owned(), gains: gains.to_vec() }
}

fn value(name: &str, value: f64, haircut_bps: u32) -> LotValue {
    LotValue { name: name.to_owned(), value, haircut_bps }
}

#[test]
fn losses_go_up_and_collateral_goes_down() {
    // 511 quanta of 20 hold 10 220, 511 of 10 only 5 110.
    let instruments = [gains("F", &[0.0, 3330.0, -3335.0, 10_000.0])];
    let collateral = [value("USD", 100.0, 0), value("BTC", 999.0, 1000), value("OLD", 5.0, 10_000)];
    let quantised = quantise(&instruments, &collateral, 9).unwrap();
    assert_eq!(quantised.quantum.to_string(), "20");
    assert_eq!(quantised.instruments[0].long, [0, -166, 167, -500]);
    assert_eq!(quantised.instruments[0].short, [0, 167, -166, 500]);
    let factors: Vec<_> = quantised.collateral.iter().map(|asset| asset.factor).collect();
    assert_eq!(factors, [5, 44, 0]); // 899.1 / 20 = 44.96
    // Long: 3335 counts 3340, a gain of 3330 only 3320. Short: 3330 counts 3340, 3335 only 3320.
    assert_eq!(quantised.loss.legs, [[10.0, 15.0]]);
    assert!((quantised.loss.per_lot() - 19.1).abs() < 1e-9);
    let portfolio = quantised.loss.of_portfolio(&[3], &[2], &[1, 10, 1]).unwrap();
    assert!((portfolio - (30.0 + 30.0 + 191.0)).abs() < 1e-9);
    assert_eq!(quantised.loss.of_portfolio(&[3], &[2], &[1]), None);
    assert_eq!(quantised.loss.of_portfolio(&[3, 1], &[2], &[1, 1, 1]), None);
}

#[test]
fn the_width_decides_the_quantum() {
    let quantum = |largest: f64, bits| {
        quantise(&[gains("F", &[-largest, 0.0])], &[], bits).unwrap().quantum.to_string()
    };
    assert_eq!(quantum(511.0, 9), "1");
    assert_eq!(quantum(511.01, 9), "2");
    assert_eq!(quantum(10_000.0, 9), "20");
    assert_eq!(quantum(10_000.0, 1), "10000");
    assert_eq!(quantum(10_000.0, 16), "0.2");
    assert_eq!(quantum(10_000.0, 31), "0.000005");
}

#[test]
fn what_cannot_be_quantised_is_refused_with_advice() {
    let refused = |gain: f64, value: f64, haircut_bps: u32, bits| {
        let collateral = [LotValue { name: "USD".to_owned(), value, haircut_bps }];
        quantise(&[gains("F", &[0.0, gain])], &collateral, bits).unwrap_err().to_string()
    };
    assert_eq!(refused(1.0, 1.0, 0, 0), "entries of 0 bits; expected 1 to 31");
    assert_eq!(refused(1.0, 1.0, 0, 32), "entries of 32 bits; expected 1 to 31");
    assert!(refused(f64::NAN, 1.0, 0, 9).contains("F in scenario 2 is NaN"));
    assert!(refused(0.0, 1.0, 0, 9).contains("no instrument gains or loses"));
    assert!(refused(1e18, 1.0, 0, 9).contains("use smaller lots"));
    assert!(refused(100.0, -1.0, 0, 9).contains("collateral USD: value -1"));
    assert!(refused(100.0, 1.0, 10_001, 9).contains("haircut 10001 bps"));
    // Quantum 0.2.
    assert!(
        refused(100.0, 103.0, 0, 9)
            .contains("counts 515 quanta of 0.2 after the haircut; expected 1 to 511: choose a smaller lot")
    );
    assert!(refused(100.0, 0.21, 500, 9).contains("choose a larger lot"));
}

proptest! {
    #[test]
    fn every_entry_is_the_least_that_covers(
        values in proptest::collection::vec(-1e7..1e7f64, 1..20), bits in 4u32..=31,
    ) {
        let quantised = quantise(&[gains("F", &values)], &[], bits).unwrap();
        let quantum = quantised.quantum;
        let legs = &quantised.instruments[0];
        for (gain, (long, short)) in values.iter().zip(legs.long.iter().zip(&legs.short)) {
            prop_assert!(long.unsigned_abs() < 1 << bits && short.unsigned_abs() < 1 << bits);
            for (loss, entry) in [(-gain, *long as f64), (*gain, *short as f64)] {
                prop_assert!(quantum.worth(entry) >= loss && quantum.worth(entry - 1.0) < loss);
            }
            prop_assert!(long + short == 0 || long + short == 1);
        }
        // No smaller round quantum does.
        let smaller = Quantum::rounds().take_while(|round| *round != quantum).last().unwrap();
        let largest = values.iter().fold(0f64, |most, gain| most.max(gain.abs()));
        prop_assert!(smaller.value() < quantum.value() && smaller.ceil(largest) >= (1u64 << bits) as f64);
    }

    #[test]
    fn the_margin_is_overstated_by_at_most_the_reported_loss(
        values in proptest::collection::vec(proptest::collection::vec(-5e4..5e4f64, 6), 1..6),
        lots in proptest::collection::vec(0u64..2000, 12),
    ) {
        let instruments: Vec<_> = values.iter().map(|values| gains("F", values)).collect();
        let quantised = quantise(&instruments, &[], 9).unwrap();
        let (long, short) = (&lots[..values.len()], &lots[6..6 + values.len()]);
        let net = |i: usize| long[i] as f64 - short[i] as f64;
        let loss = |s: usize| -(0..values.len()).map(|i| net(i) * values[i][s]).sum::<f64>();
        let exact = (0..6).map(loss).fold(0.0, f64::max);
        let entry = |i: usize, s: usize| {
            let legs = &quantised.instruments[i];
            legs.long[s] * long[i] as i64 + legs.short[s] * short[i] as i64
        };
        let counted = (0..6).map(|s| (0..values.len()).map(|i| entry(i, s)).sum::<i64>()).fold(0, i64::max);
        let overstated = quantised.quantum.worth(counted as f64) - exact;
        let bound = quantised.loss.of_portfolio(long, short, &[]).unwrap();
        prop_assert!(overstated >= -1e-3 && overstated <= bound + 1e-3, "{overstated} {bound}");
    }
}
