//! H1 on the clear twin: near ties, noise as bad as the plan lets it be, and no answer that differs
//! from the exact one, so that answers say nothing about noise or keys.

use std::sync::Mutex;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_fhe_risk::{
    circuit::{Wanted, any_call, evaluate, read_margin, read_sign},
    clear::{Clear, Noise},
    plan::{InputKind, Market, Plan, Question, widest},
    reference::Weights,
};

const BITS_OF_A_PLACE: u32 = 52;

/// Ten standard deviations of the plan's largest noise, plus what hostile inputs may add: a chance
/// of 2^-76 for each bootstrap to be worse. It goes where it hurts, up or down at random.
struct Planned {
    /// Margin and noise on the torus.
    rows: Vec<(u64, i64)>,
    rng: Mutex<ChaCha8Rng>,
}

impl Planned {
    fn new(plan: &Plan, seed: u64) -> Self {
        let torus = |places: f64| places * 2f64.powi(BITS_OF_A_PLACE as i32);
        let row = |row: &solventry_fhe_risk::plan::Row| {
            let noise = torus(10.0 * row.deviation + row.worst);
            assert!(noise < torus(row.margin), "{row:?}");
            (torus(row.margin) as u64, noise as i64)
        };
        Self { rows: plan.rows.iter().map(row).collect(), rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed)) }
    }
}

impl Noise for Planned {
    fn phase(&self, margin: u64) -> i64 {
        let of_margin = self.rows.iter().filter(|(row, _)| *row == margin);
        let most = of_margin.map(|(_, noise)| *noise).max().expect("a margin that the plan has");
        match self.rng.lock().expect("no panic").next_u32() % 3 {
            0 => most,
            1 => -most,
            _ => 0,
        }
    }

    fn result(&self) -> i64 {
        0
    }
}

fn encode(value: i64, bits: u32) -> u64 {
    (value as u64) << (64 - bits)
}

/// Losses within two of each other, collateral within two of the largest.
fn near(rng: &mut ChaCha8Rng, scenarios: usize, market: Market) -> (Vec<i64>, i64) {
    let end = (1i64 << (market.bits - 2)) - 8;
    let base = (rng.next_u64() % end as u64) as i64 * i64::from(rng.next_u32() % 2);
    let mut close = |value: i64| value + i64::from(rng.next_u32() % 5) - 2;
    let losses: Vec<_> = (0..scenarios).map(|_| close(base)).collect();
    let largest = losses.iter().copied().max().unwrap_or(0);
    (losses, close(largest).max(0))
}

fn plan(scenarios: usize, question: Question) -> Plan {
    let market = widest(8, scenarios, 8, InputKind::Public).expect("it fits").market;
    let weights = Weights { scenarios: vec![[255, -255].repeat(8); scenarios], collateral: vec![255] };
    Plan::new(market, &weights, question).expect("it fits")
}

#[test]
fn a_hundred_thousand_near_ties_are_answered_exactly() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (scenarios, queries) in [(1, 60_000), (2, 30_000), (5, 10_000)] {
        let plan = plan(scenarios, Question::Call);
        let machine = Clear::new(Planned::new(&plan, 2));
        let bits = plan.market.bits;
        for _ in 0..queries {
            let (losses, collateral) = near(&mut rng, scenarios, plan.market);
            let wide = losses.iter().map(|loss| encode(*loss, bits)).collect();
            let call = read_sign(any_call(&machine, bits, wide, &encode(collateral, bits)));
            let largest = losses.iter().copied().max().unwrap_or(0).max(0);
            assert_eq!(call, collateral < largest, "{losses:?}, {collateral}");
        }
    }
}

#[test]
fn near_ties_have_exact_margins() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for (scenarios, queries) in [(2, 3_000), (16, 1_000), (33, 300)] {
        let plan = plan(scenarios, Question::Margin);
        let machine = Clear::new(Planned::new(&plan, 4));
        let bits = plan.market.bits;
        for _ in 0..queries {
            let (losses, collateral) = near(&mut rng, scenarios, plan.market);
            let wide = losses.iter().map(|loss| encode(*loss, bits)).collect();
            let wanted = Wanted { margin: true, call: true };
            let outcome = evaluate(&machine, bits, wide, &encode(collateral, bits), wanted);
            let largest = losses.iter().copied().max().unwrap_or(0).max(0);
            assert_eq!(read_margin(bits, &outcome.margin) as i64, largest, "{losses:?}");
            assert_eq!(outcome.call.map(read_sign), Some(collateral < largest), "{losses:?}, {collateral}");
        }
    }
}
