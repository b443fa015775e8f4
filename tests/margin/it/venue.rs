//! One venue for all tests of a run: keys take seconds.

use std::sync::{LazyLock, atomic::AtomicU64};

use solventry_fhe_risk::{
    circuit::{Outcome, Wanted, any_call, evaluate, read_margin, read_sign},
    client::{Crs, ProvenList, PublicKey, encrypt},
    engine::{Counted, Engine, Lwe, WIDE},
    keys::{EvaluationKey, SecretKey},
    plan::{InputKind, Market, Plan, Question},
    reference::{self, Margin, Portfolio, Weights},
};

/// Encoded values of 31 bits, lots of 14.
pub const BITS: u32 = 31;
pub const VALUE_BITS: u32 = 14;
/// Most values of a proven list.
pub const LIST: usize = 16;

pub struct Venue {
    pub secret: SecretKey,
    pub public: PublicKey,
    pub crs: Crs,
    pub engine: Engine,
}

pub static VENUE: LazyLock<Venue> = LazyLock::new(|| {
    let secret = SecretKey::generate();
    let public = secret.public_key();
    let crs = Crs::generate(LIST, BITS, VALUE_BITS).expect("sizes that tfhe takes");
    let engine = Engine::new(EvaluationKey::generate(&secret, true));
    Venue { secret, public, crs, engine }
});

pub const fn market(inputs: InputKind) -> Market {
    Market { bits: BITS, value_bits: VALUE_BITS, inputs }
}

/// Encrypted lots.
#[derive(Clone)]
pub struct Inputs {
    pub legs: Vec<Lwe>,
    pub collateral: Vec<Lwe>,
}

impl Inputs {
    pub fn new(kind: InputKind, portfolio: &Portfolio) -> Self {
        let encrypt = |values: &[u64]| match kind {
            InputKind::Secret => encrypt(&VENUE.secret, BITS, values),
            InputKind::Public => proven(values),
        };
        let mut inputs = Self { legs: encrypt(&portfolio.legs), collateral: encrypt(&portfolio.collateral) };
        for (number, list) in [&mut inputs.legs, &mut inputs.collateral].into_iter().enumerate() {
            use solventry_fhe_risk::circuit::Torus;
            let zeros = VENUE.public.zeros(list.len(), [number as u8; 16]);
            list.iter_mut().zip(&zeros).for_each(|(input, zero)| input.add(zero));
        }
        inputs
    }
}

fn proven(values: &[u64]) -> Vec<Lwe> {
    if values.is_empty() {
        return Vec::new();
    }
    let Venue { public, crs, .. } = &*VENUE;
    let list = ProvenList::encrypt(public, crs, BITS, values, b"test").expect("values that fit");
    list.verify(public, crs, b"test").expect("an honest proof")
}

fn combine(weights: impl Iterator<Item = i64>, inputs: &[Lwe]) -> Lwe {
    let mut sum = Lwe::zero(WIDE);
    weights.zip(inputs).for_each(|(weight, input)| sum.add_multiple(input, weight));
    sum
}

/// Linear part: losses, and collateral.
pub fn linear(weights: &Weights, inputs: &Inputs) -> (Vec<Lwe>, Lwe) {
    let scenarios = weights.scenarios.iter();
    let losses = scenarios.map(|scenario| combine(scenario.iter().copied(), &inputs.legs)).collect();
    let factors = weights.collateral.iter().map(|factor| *factor as i64);
    (losses, combine(factors, &inputs.collateral))
}

/// The encrypted margin, and how many bootstraps it took.
pub fn outcome(weights: &Weights, inputs: &Inputs) -> (Outcome<Engine>, u64) {
    let (losses, collateral) = linear(weights, inputs);
    let progress = AtomicU64::new(0);
    let machine = Counted { engine: &VENUE.engine, progress: &progress };
    let Outcome { margin, call } =
        evaluate(&machine, BITS, losses, &collateral, Wanted { margin: true, call: true });
    (Outcome { margin, call }, progress.into_inner())
}

/// All three numbers, decrypted, and the bootstraps.
pub fn margin(weights: &Weights, inputs: &Inputs) -> (Margin, u64) {
    let secret = &VENUE.secret;
    let (outcome, bootstraps) = outcome(weights, inputs);
    let phases: Vec<_> = outcome.margin.iter().map(|window| secret.result_phase(window)).collect();
    let collateral =
        secret.input_phase(&linear(weights, inputs).1).wrapping_add(1 << (63 - BITS)) >> (64 - BITS);
    let margin = Margin {
        margin: read_margin(BITS, &phases) as i64,
        collateral: collateral as i64,
        call: read_sign(secret.result_phase(&outcome.call.expect("asked for"))),
    };
    (margin, bootstraps)
}

/// The call alone, decrypted, and the bootstraps.
pub fn call(weights: &Weights, inputs: &Inputs) -> (bool, u64) {
    let (losses, collateral) = linear(weights, inputs);
    let progress = AtomicU64::new(0);
    let machine = Counted { engine: &VENUE.engine, progress: &progress };
    let call = any_call(&machine, BITS, losses, &collateral);
    (read_sign(VENUE.secret.result_phase(&call)), progress.into_inner())
}

/// Both evaluations give what the clear one gives, with as many bootstraps as planned.
#[track_caller]
pub fn check(kind: InputKind, weights: &Weights, portfolio: &Portfolio) {
    let plan = |question| Plan::new(market(kind), weights, question).expect("the market is wide enough");
    let (for_margin, for_call) = (plan(Question::Margin), plan(Question::Call));
    let expected = reference::margin(weights, portfolio).expect("sums that fit");
    let inputs = Inputs::new(kind, portfolio);
    let Portfolio { legs, collateral } = portfolio;
    let about = format!("{kind:?}, {weights:?}, legs {legs:?}, collateral {collateral:?}");
    assert_eq!(margin(weights, &inputs), (expected, for_margin.bootstraps), "{about}");
    assert_eq!(call(weights, &inputs), (expected.call, for_call.bootstraps), "{about}");
}
