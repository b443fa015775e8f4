//! H6: random portfolios against the clear reference, and one against the naive program.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_fhe_risk::{
    oracle::Oracle,
    plan::{InputKind, Plan, Question},
    reference::{self, Portfolio, Weights},
};

use crate::venue::{Inputs, LIST, VALUE_BITS, check, margin, market};

/// Portfolios: this many if the variable is not set.
const USUAL: u64 = 20;

/// Entries as large as the plan allows for the number of legs and scenarios.
fn random(rng: &mut ChaCha8Rng, kind: InputKind) -> (Weights, Portfolio) {
    let scenarios = [1, 2, 3, 4, 7, 8, 12, 16, 17, 24][rng.next_u32() as usize % 10];
    let legs = 2 * (1 + rng.next_u32() as usize % (LIST / 2));
    let assets = rng.next_u32() as usize % 3;
    let mut limit = 1i64 << (1 + rng.next_u32() % 15);
    loop {
        let mut entry = || i64::from(rng.next_u32()) % (2 * limit + 1) - limit;
        let mut scenario = || (0..legs).map(|_| entry()).collect();
        let scenarios = (0..scenarios).map(|_| scenario()).collect();
        let collateral = (0..assets).map(|_| entry().unsigned_abs()).collect();
        let weights = Weights { scenarios, collateral };
        let fits = |question| Plan::new(market(kind), &weights, question).is_ok();
        if !fits(Question::Margin) || !fits(Question::Call) {
            limit = (limit / 2).max(1);
            continue;
        }
        // Few lots or many: ties and small differences happen too.
        let most = 1u64 << (1 + rng.next_u32() % VALUE_BITS);
        let mut lots = |count: usize| (0..count).map(|_| rng.next_u64() % most).collect();
        return (weights, Portfolio { legs: lots(legs), collateral: lots(assets) });
    }
}

#[test]
fn random_portfolios_are_exact() {
    let count = std::env::var("SOLVENTRY_MARGIN_PORTFOLIOS")
        .map_or(USUAL, |count| count.parse().expect("SOLVENTRY_MARGIN_PORTFOLIOS: a number"));
    // One evaluation alone leaves cores idle towards its end.
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let check_all = || {
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if seed >= count {
                return;
            }
            check_one(seed);
            let done = done.fetch_add(1, Relaxed) + 1;
            if done % 100 == 0 || done == count {
                println!("{done} portfolios, 0 mismatches");
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(check_all);
        }
    });
}

fn check_one(seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Proofs take longer than the evaluation: every fifth.
    let kind = if seed % 5 == 4 { InputKind::Public } else { InputKind::Secret };
    let (weights, portfolio) = random(&mut rng, kind);
    check(kind, &weights, &portfolio);
}

#[test]
fn the_naive_program_agrees() {
    let oracle = Oracle::generate();
    let weights = Weights { scenarios: vec![vec![7, -7, 0, 3], vec![-5, 5, 2, 0]], collateral: vec![9] };
    let portfolio = Portfolio { legs: vec![0, 90, 0, 1], collateral: vec![50] };
    let naive = oracle.evaluate(&weights, &oracle.encrypt(&portfolio)).expect("there are scenarios");
    let naive = oracle.decrypt(&naive);
    assert_eq!(Some(naive), reference::margin(&weights, &portfolio));
    assert_eq!(naive, margin(&weights, &Inputs::new(InputKind::Secret, &portfolio)).0);
}
