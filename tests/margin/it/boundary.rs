//! H6: results at the edges, to the last digit.

use solventry_fhe_risk::{
    plan::{InputKind, Plan, Question},
    reference::{self, Portfolio, Weights},
};

use crate::venue::{VALUE_BITS, check, market};

const FULL: u64 = (1 << VALUE_BITS) - 1;
/// Times [`FULL`] the largest value below 2^30.
const LARGEST: i64 = 1 << 16;

fn query(scenarios: Vec<Vec<i64>>, legs: Vec<u64>, collateral: u64) -> (Weights, Portfolio) {
    (Weights { scenarios, collateral: vec![1] }, Portfolio { legs, collateral: vec![collateral] })
}

fn secret((weights, portfolio): (Weights, Portfolio)) {
    check(InputKind::Secret, &weights, &portfolio);
}

fn public((weights, portfolio): (Weights, Portfolio)) {
    check(InputKind::Public, &weights, &portfolio);
}

#[test]
fn one_instrument_and_one_scenario() {
    for (weight, collateral) in [(3, 299), (3, 300), (3, 301), (0, 0), (-3, 0)] {
        secret(query(vec![vec![weight, 7]], vec![100, 0], collateral));
    }
    public(query(vec![vec![3, 7]], vec![100, 0], 299));
}

#[test]
fn two_scenarios() {
    for (first, second) in [(5, 6), (6, 5), (5, 5), (-5, -6)] {
        secret(query(vec![vec![first, 0], vec![second, 0]], vec![100, 0], 549));
    }
    public(query(vec![vec![5, 0], vec![6, 0]], vec![100, 0], 600));
}

/// Sums of the same weights on equal lots, in any order, and all scenarios alike.
#[test]
fn ties() {
    let turned = |number: usize| (0..4).map(|leg| [10, -20, 30, -5][(leg + number) % 4]).collect();
    secret(query((0..16).map(turned).collect(), vec![77; 4], 77 * 15));
    secret(query(vec![vec![10, -20, 30, -5]; 16], vec![1, 2, 3, 4], 39));
    secret(query(vec![vec![-10, -20, -30, -5]; 15], vec![1, 2, 3, 4], 0));
    public(query((0..4).map(turned).collect(), vec![77; 4], 77 * 15 - 1));
}

#[test]
fn nothing_is_held() {
    for scenarios in [1, 15] {
        secret(query(vec![vec![9, -9, 1, -1]; scenarios], vec![0; 4], 0));
    }
    public(query(vec![vec![9, -9]; 2], vec![0; 2], 0));
}

/// The largest and the smallest loss that 31 bits hold, alone and in the middle of others.
#[test]
fn extremes_of_both_signs() {
    let half = LARGEST / 2;
    secret(query(vec![vec![LARGEST, 0]], vec![FULL, FULL], FULL));
    secret(query(vec![vec![-LARGEST + 1, 0]], vec![FULL, FULL], FULL));
    for place in [0, 7, 15] {
        let mut scenarios = vec![vec![-half, 0]; 16];
        scenarios[place] = vec![half, 0];
        secret(query(scenarios, vec![FULL, FULL], FULL));
    }
    secret(query(vec![vec![-half, 0]; 16], vec![FULL, FULL], 0));
    let (losing, gaining) = (vec![half / 2, 0], vec![0, -half / 2]);
    public(query(vec![losing, gaining], vec![FULL, FULL], 0));
}

/// One quantum above another, at every place.
#[test]
fn the_largest_is_found_at_every_place_of_fifteen_to_seventeen() {
    for (count, places) in [(15, vec![0, 8, 14]), (16, vec![1, 15]), (17, vec![0, 15, 16])] {
        for place in places {
            let mut scenarios = vec![vec![1000, 0]; count];
            scenarios[place] = vec![1000, 1];
            secret(query(scenarios, vec![9, 1], 9000));
        }
    }
}

#[test]
fn three_groups_of_scenarios() {
    let scenario = |number: i64| vec![(number * 37) % 101 - 50, number % 5];
    secret(query((0..33).map(scenario).collect(), vec![1000, 3], 50_000));
    let mut scenarios = vec![vec![-3, 0]; 33];
    scenarios[32] = vec![3, 0];
    secret(query(scenarios, vec![1000, 3], 3000));
}

#[test]
fn collateral_at_the_margin_one_below_and_none() {
    let weights = Weights { scenarios: vec![vec![7, -7], vec![-7, 7], vec![3, 0]], collateral: vec![255, 1] };
    for (legs, other) in [(vec![2000, 0], 14_001), (vec![0, 2000], 0), (vec![1000, 1000], 3001)] {
        let held = Portfolio { legs: legs.clone(), collateral: vec![0, 0] };
        let owed = reference::margin(&weights, &held).expect("sums that fit").margin;
        for posted in [owed, owed - 1, other] {
            let posted = posted as u64;
            let collateral = vec![posted / 255, posted % 255];
            check(InputKind::Secret, &weights, &Portfolio { legs: legs.clone(), collateral });
        }
    }
    let collateral = vec![13_999 / 255, 13_999 % 255];
    check(InputKind::Public, &weights, &Portfolio { legs: vec![2000, 0], collateral });
}

/// One more than fits is refused by the plan, so that nothing is evaluated.
#[test]
fn a_value_that_would_not_fit_is_refused() {
    let refused = |scenarios: Vec<Vec<i64>>| {
        let (weights, _) = query(scenarios, vec![0, 0], 0);
        Plan::new(market(InputKind::Secret), &weights, Question::Margin).is_err()
    };
    assert!(!refused(vec![vec![LARGEST, 0]]) && refused(vec![vec![LARGEST + 5, 0]]));
    assert!(refused(vec![vec![LARGEST / 2 + 5, 0], vec![-LARGEST / 2, 0]]));
}
