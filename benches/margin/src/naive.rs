//! The naive program beside the engine.

use solventry_fhe_risk::{oracle::Oracle, plan::Question, reference};

use crate::{
    margins::{Query, row, widest_market},
    measure::once,
    seconds,
    venue::Bench,
};

const INSTRUMENTS: usize = 8;
const SCENARIOS: usize = 8;

/// Eight instruments and eight scenarios, on signed FHE integers of 64 bits.
pub fn compare(bench: &Bench) {
    let market = widest_market(INSTRUMENTS, SCENARIOS).expect("it fits");
    println!();
    let engine = row(bench, market, (INSTRUMENTS, SCENARIOS), Question::Margin);
    let oracle = Oracle::generate();
    let query = Query::random(INSTRUMENTS, SCENARIOS, market.value_bits, 1);
    let encrypted = oracle.encrypt(&query.portfolio);
    let (outcome, naive) = once(|| oracle.evaluate(&query.weights, &encrypted).expect("there are scenarios"));
    let expected = reference::margin(&query.weights, &query.portfolio).expect("sums fit");
    assert_eq!(oracle.decrypt(&outcome), expected, "the naive program is right");
    println!(
        "naive, {INSTRUMENTS} instruments, {SCENARIOS} scenarios: {} wall, {} core",
        seconds(naive.wall),
        seconds(naive.cpu)
    );
    println!(
        "ratio: {:.0} by core time, {:.0} by wall time",
        naive.cpu.as_secs_f64() / engine.cpu.as_secs_f64(),
        naive.wall.as_secs_f64() / engine.wall.as_secs_f64()
    );
}
