//! The same inputs give the same bits.

use solventry_fhe_risk::{
    engine::Lwe,
    plan::InputKind,
    reference::{Portfolio, Weights},
};

use crate::venue::{Inputs, VENUE, outcome};

/// Within one process; between processes the authority's second evaluation shows it.
#[test]
fn the_same_inputs_give_the_same_bits() {
    let weights = Weights { scenarios: vec![vec![3, -2], vec![-3, 4], vec![1, 1]], collateral: vec![5] };
    let portfolio = Portfolio { legs: vec![1000, 20], collateral: vec![550] };
    let inputs = Inputs::new(InputKind::Secret, &portfolio);
    let bits = || {
        let (outcome, _) = outcome(&weights, &inputs);
        let results: Vec<Lwe> = outcome.margin.into_iter().chain(outcome.call).collect();
        results.into_iter().map(|result| result.0).collect::<Vec<_>>()
    };
    let first = bits();
    assert_eq!(first.len(), 6);
    assert!(first == bits());
}

#[test]
fn the_same_seed_gives_the_same_re_randomisation() {
    let zeros = VENUE.public.zeros(7, [9; 16]);
    assert!(zeros == VENUE.public.zeros(7, [9; 16]) && zeros != VENUE.public.zeros(7, [10; 16]));
}
