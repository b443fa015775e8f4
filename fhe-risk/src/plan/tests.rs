use super::*;
use crate::{
    circuit::{Wanted, any_call, evaluate},
    clear::{Clear, Exact},
};

const MARKET: Market = Market { bits: 31, value_bits: 14, inputs: InputKind::Public };

fn weights(scenarios: Vec<Vec<i64>>) -> Weights {
    Weights { scenarios, collateral: vec![100] }
}

/// 32 instruments, all of them in the same direction.
fn plain(scenarios: usize) -> Weights {
    weights(vec![[200, -199].repeat(32); scenarios])
}

fn twin(bits: u32, scenarios: usize, question: Question) -> u64 {
    let machine = Clear::new(Exact);
    match question {
        Question::Call => drop(any_call(&machine, bits, vec![0; scenarios], &0)),
        Question::Margin => {
            drop(evaluate(&machine, bits, vec![0; scenarios], &0, Wanted { margin: true, call: true }));
        }
    }
    machine.bootstraps()
}

#[test]
fn a_plan_counts_the_bootstraps_of_the_evaluation() {
    for question in [Question::Call, Question::Margin] {
        for scenarios in (1..=20).chain([31, 32, 33, 48, 64]) {
            let plan = Plan::new(MARKET, &plain(scenarios), question).unwrap();
            assert_eq!(plan.bootstraps, twin(31, scenarios, question), "{scenarios}, {question:?}");
            assert_eq!(plan.needs_large_key(), scenarios > 16 && question == Question::Margin);
            assert!(plan.failure_log2 <= MAX_FAILURE_LOG2);
            let worst = plan.rows.iter().map(|row| row.failure_log2).fold(f64::NEG_INFINITY, f64::max);
            assert!(plan.rows[0].failure_log2 == worst && plan.failure_log2 >= worst);
        }
    }
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    let refused = |market: Market, weights: &Weights| match Plan::new(market, weights, Question::Call) {
        Err(PlanError::Size { what, least, most, got }) => {
            assert!(!(least..=most).contains(&got));
            what
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Market { bits: 7, ..MARKET }, &plain(1)), "bits of values");
    assert_eq!(refused(Market { bits: 61, ..MARKET }, &plain(1)), "bits of values");
    assert_eq!(refused(Market { value_bits: 0, ..MARKET }, &plain(1)), "bits of lots");
    assert_eq!(refused(Market { value_bits: 31, ..MARKET }, &plain(1)), "bits of lots");
    assert_eq!(refused(MARKET, &plain(0)), "scenarios");
    assert_eq!(refused(MARKET, &plain(65)), "scenarios");
    assert_eq!(refused(MARKET, &weights(vec![vec![]])), "legs");
    assert_eq!(refused(MARKET, &weights(vec![vec![1; 257]])), "legs");
    let many = Weights { collateral: vec![1; 65], ..plain(1) };
    assert_eq!(refused(MARKET, &many), "collateral assets");
    let uneven = weights(vec![vec![1; 4], vec![1; 3]]);
    let error = PlanError::Shape { number: 1, expected: 4, got: 3 };
    assert_eq!(Plan::new(MARKET, &uneven, Question::Call).unwrap_err(), error);
}

/// The largest weight that a sum allows, and one more.
#[test]
fn a_sum_that_may_leave_the_range_is_refused() {
    let market = Market { bits: 20, value_bits: 10, inputs: InputKind::Secret };
    // (2^19 − 1)/(2^10 − 1), rounded down.
    let most = 512;
    let named = |weights: &Weights| match Plan::new(market, weights, Question::Margin) {
        Err(PlanError::Range { what, largest, limit, .. }) => {
            assert!(largest >= limit && limit == 1 << 19);
            what
        }
        other => panic!("{other:?}"),
    };
    let only =
        |scenarios: Vec<Vec<i64>>, collateral: u64| Weights { scenarios, collateral: vec![collateral] };
    assert!(Plan::new(market, &only(vec![vec![most, 0]], 0), Question::Margin).is_ok());
    assert_eq!(named(&only(vec![vec![most + 1, 0]], 0)), "the loss of scenario 0");
    assert_eq!(named(&only(vec![vec![0, -most - 1]], 0)), "the loss of scenario 0");
    assert_eq!(named(&only(vec![vec![1, 0]], most as u64 + 1)), "the collateral");
    assert!(Plan::new(market, &only(vec![vec![-256, 0]], 256), Question::Margin).is_ok());
    assert_eq!(named(&only(vec![vec![-256, 0]], 257)), "collateral minus loss 0");
    let apart = only(vec![vec![256, 0], vec![0, 0], vec![-257, 0]], 0);
    assert_eq!(named(&apart), "the difference of losses 0 and 2");
    let extreme = only(vec![vec![i64::MIN; 256], vec![i64::MAX; 256]], u64::MAX);
    assert_eq!(named(&extreme), "the collateral");
}

#[test]
fn noise_that_may_reach_a_margin_is_refused_with_its_numbers() {
    let weights = weights(vec![[511, -511].repeat(32); 4]);
    let wide = |bits: u32, inputs: InputKind| {
        let market = Market { bits, value_bits: 8, inputs };
        Plan::new(market, &weights, Question::Margin)
    };
    assert!(wide(31, InputKind::Public).is_ok());
    let error = wide(40, InputKind::Public).unwrap_err();
    let PlanError::Noise { worst, failure, limit, .. } = error else { panic!("{error}") };
    assert!(worst > 64.0 && failure > limit);
    assert!(error.to_string().contains("use fewer bits of values or smaller weights"), "{error}");
    // Without hostile noise there is room for more.
    assert!(wide(36, InputKind::Secret).is_ok());
    assert!(matches!(wide(50, InputKind::Secret), Err(PlanError::Noise { .. })));
}

/// The highest window takes the value as it stands: what hostile inputs add there depends on the
/// weights alone. The lowest one takes it 2^(p − 1) times larger.
#[test]
fn hostile_noise_doubles_with_every_bit() {
    let worst = |bits: u32| {
        let weights = weights(vec![[20, -20].repeat(32); 4]);
        let plan = Plan::new(Market { bits, value_bits: 8, ..MARKET }, &weights, Question::Call).unwrap();
        plan.rows.iter().map(|row| row.worst).fold(0.0, f64::max)
    };
    let ratio = worst(33) / worst(29);
    assert!((15.9..16.1).contains(&ratio), "{ratio}");
}

#[test]
fn a_plan_prints_what_an_auditor_asks_for() {
    let text = Plan::new(MARKET, &plain(16), Question::Margin).unwrap().to_string();
    for part in [
        "32 instruments, 16 scenarios",
        "public key, with proof",
        "fresh values 2 6 10 14 18 22 26 30; selected values 2 5 9 12 16 19 23 26 30\nbootstraps: 205",
        "chance of a wrong result: 2^-1",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn the_widest_market_is_one_that_plans_and_the_next_is_not() {
    for inputs in [InputKind::Secret, InputKind::Public] {
        for (instruments, scenarios) in [(1, 1), (3, 2), (32, 16), (128, 33)] {
            let width = widest(instruments, scenarios, 9, inputs).unwrap();
            println!("{instruments} {scenarios} {inputs:?} {width:?}");
            assert!(width.market.value_bits < 32, "not bound by the table");
            let legs = 2 * instruments as i64;
            let largest = legs * 511 * ((1 << width.market.value_bits) - 1);
            let limit = 1 << (width.market.bits - 1);
            assert!(largest < limit && 2 * largest >= limit, "no bit is wasted: {largest} of {limit}");
        }
    }
    assert_eq!(widest(32, 16, 9, InputKind::Public).unwrap().market.bits, 31);
}

/// Two scenarios that are each other's negative have packed noise in step.
#[test]
fn opposite_scenarios_are_noisier_than_others() {
    let market = Market { bits: 31, value_bits: 8, inputs: InputKind::Secret };
    let deviation = |last: i64| {
        let scenario = |sign: i64| [[200 * sign, -200 * sign].repeat(7), vec![100 * sign, last]].concat();
        let weights = weights(vec![scenario(1), scenario(-1), scenario(1), scenario(-1)]);
        let plan = Plan::new(market, &weights, Question::Margin).unwrap();
        plan.rows.iter().filter(|row| row.name == "comparison").map(|row| row.deviation).fold(0.0, f64::max)
    };
    let (apart, opposite) = (deviation(99), deviation(0));
    assert!(opposite > 1.1 * apart, "{opposite}, {apart}");
}

/// The winners of eight against eight hold the same inputs, turned against each other: the noise of
/// their difference is twice that of one, not √2 times.
#[test]
fn winners_of_opposite_scenarios_are_counted_in_step() {
    let market = Market { bits: 41, value_bits: 8, inputs: InputKind::Secret };
    let plan = |entry: i64| {
        let scenario = |number: usize| vec![if number < 8 { entry } else { -entry }; 16];
        Plan::new(market, &weights((0..16).map(scenario).collect()), Question::Margin)
    };
    assert!(matches!(plan(65), Err(PlanError::Noise { name: "comparison", .. })));
    // All windows but the last come from selections: what one value has stands in the rows of zero.
    let plan = plan(40).unwrap();
    let deviation = |name: &str| {
        let rows = plan.rows.iter().filter(|row| row.name == name && row.margin == 512.0);
        rows.map(|row| row.deviation).fold(0.0, f64::max)
    };
    assert!(deviation("comparison") > 1.9 * deviation("zero"), "{:?}", plan.rows);
}
