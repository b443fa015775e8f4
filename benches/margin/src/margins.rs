//! Margins by size.

use std::time::Duration;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use rayon::prelude::*;
use solventry_fhe_risk::{
    circuit::{Wanted, any_call, evaluate, read_margin, read_sign},
    client::encrypt,
    engine::{Engine, Lwe, WIDE},
    keys::SecretKey,
    plan::{InputKind, Market, Plan, Question, widest},
    reference::{self, Portfolio, Weights},
};

use crate::{
    measure::{Cost, once},
    seconds,
    venue::Bench,
};

/// Magnitude bits of an array entry: nine with its sign.
pub const ENTRY_BITS: u32 = 8;

/// A query in clear.
pub struct Query {
    /// Arrays and factors.
    pub weights: Weights,
    /// Lots.
    pub portfolio: Portfolio,
}

impl Query {
    /// Random entries and lots of full width, one collateral asset for every instrument up to eight.
    pub fn random(instruments: usize, scenarios: usize, value_bits: u32, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut entry = || (rng.next_u32() % (1 << (ENTRY_BITS + 1))) as i64 - (1 << ENTRY_BITS);
        let most = (1 << ENTRY_BITS) - 1;
        let mut scenario = || (0..2 * instruments).map(|_| entry().clamp(-most, most)).collect();
        let scenarios = (0..scenarios).map(|_| scenario()).collect();
        let collateral = vec![most as u64; instruments.min(8)];
        let mut lots = |count: usize| (0..count).map(|_| rng.next_u64() % (1 << value_bits)).collect();
        let portfolio = Portfolio { legs: lots(2 * instruments), collateral: lots(collateral.len()) };
        Self { weights: Weights { scenarios, collateral }, portfolio }
    }
}

/// Encrypted lots.
pub struct Inputs {
    legs: Vec<Lwe>,
    collateral: Vec<Lwe>,
}

impl Inputs {
    /// With the secret key: the evaluation costs the same for every kind.
    pub fn new(secret: &SecretKey, bits: u32, portfolio: &Portfolio) -> Self {
        let encrypt = |values: &[u64]| encrypt(secret, bits, values);
        Self { legs: encrypt(&portfolio.legs), collateral: encrypt(&portfolio.collateral) }
    }
}

fn combine(weights: impl Iterator<Item = i64>, inputs: &[Lwe]) -> Lwe {
    let mut sum = Lwe::zero(WIDE);
    weights.zip(inputs).for_each(|(weight, input)| sum.add_multiple(input, weight));
    sum
}

/// Evaluates and compares with the clear result.
pub fn check(bench: &Bench, bits: u32, question: Question, query: &Query, inputs: &Inputs) {
    let expected = reference::margin(&query.weights, &query.portfolio).expect("sums fit");
    let (margin, call) = run(&bench.engine, &bench.secret, bits, question, &query.weights, inputs);
    assert_eq!(call, expected.call, "the call is exact");
    assert!(margin.is_none_or(|margin| margin as i64 == expected.margin), "the margin is exact");
}

fn run(
    engine: &Engine,
    secret: &SecretKey,
    bits: u32,
    question: Question,
    weights: &Weights,
    inputs: &Inputs,
) -> (Option<u64>, bool) {
    let scenarios = weights.scenarios.par_iter();
    let losses = scenarios.map(|scenario| combine(scenario.iter().copied(), &inputs.legs)).collect();
    let collateral = combine(weights.collateral.iter().map(|factor| *factor as i64), &inputs.collateral);
    let negative = |sign: &Lwe| read_sign(secret.result_phase(sign));
    if question == Question::Call {
        return (None, negative(&any_call(engine, bits, losses, &collateral)));
    }
    let outcome = evaluate(engine, bits, losses, &collateral, Wanted { margin: true, call: true });
    let phases: Vec<_> = outcome.margin.iter().map(|window| secret.result_phase(window)).collect();
    (Some(read_margin(bits, &phases)), outcome.call.as_ref().is_some_and(negative))
}

/// One row; returns what it took.
pub fn row(bench: &Bench, market: Market, size: (usize, usize), question: Question) -> Cost {
    let (instruments, scenarios) = size;
    let query = Query::random(instruments, scenarios, market.value_bits, 1);
    let plan = Plan::new(market, &query.weights, question).expect("the market is wide enough");
    let inputs = Inputs::new(&bench.secret, market.bits, &query.portfolio);
    let before = bench.engine.bootstraps();
    let ((), cost) = once(|| check(bench, market.bits, question, &query, &inputs));
    let count = bench.engine.bootstraps() - before;
    assert_eq!(count, plan.bootstraps, "the plan counts right");
    println!(
        "| {instruments} | {scenarios} | {} | {} | {} | {count} | {} | {} | {:.1} ms |",
        market.bits,
        market.value_bits,
        if question == Question::Call { "call" } else { "margin and call" },
        seconds(cost.wall),
        seconds(cost.cpu),
        cost.cpu.as_secs_f64() * 1e3 / count as f64
    );
    cost
}

/// What the targets name: 32 instruments, 16 scenarios, p = 31.
pub fn reference_size(bench: &Bench) {
    let market = Market { bits: 31, value_bits: 15, inputs: InputKind::Public };
    for question in [Question::Margin, Question::Call] {
        row(bench, market, (32, 16), question);
    }
}

/// The widest market of public inputs for nine-bit entries.
pub fn widest_market(instruments: usize, scenarios: usize) -> Option<Market> {
    let market = widest(instruments, scenarios, ENTRY_BITS, InputKind::Public)?.market;
    // That takes one collateral asset: one bit of lots less leaves room for eight.
    Some(Market { value_bits: market.value_bits - 1, ..market })
}

/// All sizes at the widest market of public inputs.
pub fn grid(bench: &Bench, is_full: bool) {
    let instruments: &[usize] = if is_full { &[8, 32, 64, 128] } else { &[8, 32] };
    let scenarios: &[usize] = if is_full { &[8, 16, 33] } else { &[8, 16] };
    for instruments in instruments {
        for scenarios in scenarios {
            let Some(market) = widest_market(*instruments, *scenarios) else {
                println!("| {instruments} | {scenarios} | does not fit |");
                continue;
            };
            row(bench, market, (*instruments, *scenarios), Question::Margin);
            if is_full {
                row(bench, market, (*instruments, *scenarios), Question::Call);
            }
        }
    }
}

/// Twenty portfolios side by side.
pub fn parallel(bench: &Bench) {
    const COUNT: u64 = 20;
    let queries: Vec<_> = (0..COUNT)
        .map(|seed| {
            let query = Query::random(32, 16, 15, seed);
            let inputs = Inputs::new(&bench.secret, 31, &query.portfolio);
            (query, inputs)
        })
        .collect();
    let ((), cost) = once(|| {
        queries.par_iter().for_each(|(query, inputs)| check(bench, 31, Question::Margin, query, inputs));
    });
    let hour = Duration::from_secs(3600).as_secs_f64();
    println!(
        "{COUNT} portfolios of 32 instruments and 16 scenarios side by side on {} threads: {} wall, {} core, {:.0} \
         portfolios per hour",
        rayon::current_num_threads(),
        seconds(cost.wall),
        seconds(cost.cpu),
        hour * COUNT as f64 / cost.wall.as_secs_f64()
    );
}
