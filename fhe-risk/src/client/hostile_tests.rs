//! What a sender may do who knows everything, the secret key too, but must prove its list: the
//! noise that adds up worst under a query's weights, with a valid proof.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use tfhe::core_crypto::prelude::slice_algorithms::slice_semi_reverse_negacyclic_convolution as convolve;

use super::{
    public::{empty, expand},
    *,
};
use crate::{
    circuit::{Torus, Wanted, evaluate, read_margin, read_sign},
    engine::{Engine, Lwe, WIDE},
    keys::{EvaluationKey, SecretKey},
    parameters::{INPUT_DIMENSION, MAX_INPUT_WEIGHT},
    plan::{InputKind, Market, Plan, Question, Width, widest},
    reference::{self, Portfolio, Weights},
};

const INSTRUMENTS: usize = 4;
const LEGS: usize = 2 * INSTRUMENTS;
const SCENARIOS: usize = 4;
const ENTRY_BITS: u32 = 8;

struct Venue {
    secret: SecretKey,
    public: PublicKey,
    market: Market,
    crs: Crs,
}

static VENUE: LazyLock<Venue> = LazyLock::new(|| {
    let secret = SecretKey::generate();
    let public = secret.public_key();
    let Width { market, .. } = widest(INSTRUMENTS, SCENARIOS, ENTRY_BITS, InputKind::Public).unwrap();
    let crs = Crs::generate(LEGS, market.bits, market.value_bits).unwrap();
    Venue { secret, public, market, crs }
});

/// What a sender chooses.
struct Choice {
    values: Vec<u64>,
    random: Vec<u64>,
    mask_noise: Vec<i64>,
    body_noise: Vec<i64>,
}

impl Choice {
    /// No noise at all.
    fn plain(values: &[u64], random: u64) -> Self {
        Self {
            values: values.to_vec(),
            random: vec![random; INPUT_DIMENSION],
            mask_noise: vec![0; INPUT_DIMENSION],
            body_noise: vec![0; values.len()],
        }
    }

    /// The largest Σ weight·noise that a proof allows: noise along Σ weight·X^j·s, as long as may be.
    fn worst(values: &[u64], weights: &[i64], sign: i64) -> Self {
        let mut choice = Self::plain(values, 1);
        let direction = direction(&VENUE.secret, weights);
        let norm = direction.iter().map(|entry| (entry * entry) as f64).sum::<f64>().sqrt();
        let longest = 8.0 * (INPUT_DIMENSION as f64).sqrt();
        for (noise, entry) in choice.mask_noise.iter_mut().zip(&direction) {
            // Towards zero: a rounded vector must not be too long.
            *noise = (-sign as f64 * *entry as f64 * longest / norm) as i64;
        }
        for (noise, weight) in choice.body_noise.iter_mut().zip(weights) {
            *noise = 8 * sign * weight.signum();
        }
        choice
    }

    /// The list, with a proof of what is claimed; nothing if tfhe finds no proof.
    fn proven(&self, metadata: &[u8]) -> Option<ProvenList> {
        let Venue { public, market, crs, .. } = &*VENUE;
        let (key_mask, key_body) = public.entries().split_at(INPUT_DIMENSION);
        let mut list = empty(self.values.len());
        let mut body = vec![0; INPUT_DIMENSION];
        convolve(&mut body, key_body, &self.random);
        let (mask_list, body_list) = list.as_mut().split_at_mut(INPUT_DIMENSION);
        convolve(mask_list, key_mask, &self.random);
        let unsigned = |noise: &[i64]| noise.iter().map(|noise| *noise as u64).collect::<Vec<_>>();
        let (mask_noise, body_noise) = (unsigned(&self.mask_noise), unsigned(&self.body_noise));
        mask_list.iter_mut().zip(&mask_noise).for_each(|(entry, noise)| *entry = entry.wrapping_add(*noise));
        for (place, entry) in body_list.iter_mut().enumerate() {
            let message = self.values[place] << (64 - market.bits);
            *entry = body[INPUT_DIMENSION - 1 - place].wrapping_add(message).wrapping_add(body_noise[place]);
        }
        let prove = || {
            crs.inner().prove(
                public.inner(),
                &self.values,
                &list,
                &self.random,
                &mask_noise,
                &body_noise,
                metadata,
                tfhe::zk::ZkComputeLoad::Proof,
                [7; 16],
            )
        };
        let proof = catch_unwind(AssertUnwindSafe(prove)).ok()?;
        Some(ProvenList::from_parts(list.as_ref().to_vec(), self.values.len(), proof).unwrap())
    }

    fn accepted(&self) -> Option<Vec<Lwe>> {
        self.proven(b"hostile")?.verify(&VENUE.public, &VENUE.crs, b"hostile")
    }
}

/// Σ weight·phase as a linear function of the mask that a list has in common, negated.
fn direction(secret: &SecretKey, weights: &[i64]) -> Vec<i64> {
    let mut list = empty(weights.len());
    let numbered = list.as_mut().iter_mut().take(INPUT_DIMENSION).enumerate();
    numbered.for_each(|(place, entry)| *entry = place as u64 + 1);
    let bits = secret.input().into_container();
    let mut direction = vec![0; INPUT_DIMENSION];
    for (lwe, weight) in expand(list).iter().zip(weights) {
        for (entry, bit) in lwe.mask().iter().zip(bits) {
            let entry = *entry as i64;
            direction[entry.unsigned_abs() as usize - 1] += weight * entry.signum() * *bit as i64;
        }
    }
    direction
}

fn combine(weights: &[i64], inputs: &[Lwe]) -> Lwe {
    let mut sum = Lwe::zero(WIDE);
    weights.iter().zip(inputs).for_each(|(weight, input)| sum.add_multiple(input, *weight));
    sum
}

/// Noise of Σ weight·input.
fn noise(weights: &[i64], inputs: &[Lwe], values: &[u64]) -> i64 {
    let exact = weights.iter().zip(values).map(|(weight, value)| weight * *value as i64).sum::<i64>();
    let phase = VENUE.secret.input_phase(&combine(weights, inputs));
    phase.wrapping_sub((exact as u64) << (64 - VENUE.market.bits)) as i64
}

/// H7: the bound holds, and is not far above what can be done.
#[test]
fn the_worst_noise_with_a_valid_proof_is_within_the_bound() {
    let norm = 8.0 * ((INPUT_DIMENSION + LEGS) as f64 * (MAX_INPUT_WEIGHT + 1) as f64).sqrt();
    let one = [vec![255], vec![0; LEGS - 1]].concat();
    // Neighbours against each other share most of their noise: far from the bound.
    let shapes = [(one, 0.9), (vec![255; LEGS], 0.5), ([255, -255].repeat(INSTRUMENTS), 0.1)];
    for (weights, least) in shapes {
        let bound = norm * weights.iter().map(|weight: &i64| weight.abs() as f64).sum::<f64>();
        for sign in [1, -1] {
            let values = vec![5; LEGS];
            let choice =
                Choice { random: vec![0; INPUT_DIMENSION], ..Choice::worst(&values, &weights, sign) };
            let inputs = choice.accepted().expect("a valid proof");
            let noise = noise(&weights, &inputs, &values) as f64 * sign as f64;
            println!("{weights:?}: {:.3} of the bound", noise / bound);
            assert!(noise <= bound && noise > least * bound, "{noise} of {bound}");
        }
    }
}

/// H7: near ties, with the worst noise in the worst direction on every list, at the widest market.
#[test]
fn results_are_exact_under_the_worst_noise_with_a_valid_proof() {
    let Venue { secret, public, market, .. } = &*VENUE;
    let engine = Engine::new(EvaluationKey::generate(secret, false));
    let most = (1i64 << ENTRY_BITS) - 1;
    let first: Vec<i64> = [most, -most].repeat(INSTRUMENTS);
    let second: Vec<i64> = first.iter().map(|weight| -weight).collect();
    let weights = Weights {
        scenarios: vec![first.clone(), second, vec![0; LEGS], [1, -1].repeat(INSTRUMENTS)],
        collateral: vec![most as u64, 1],
    };
    Plan::new(*market, &weights, Question::Margin).expect("the widest market takes it");
    let full = (1u64 << market.value_bits) - 1;
    // One lot more on one side, then on the other: losses ±255 next to 0 and to each other.
    let legs = |extra: usize| (0..LEGS).map(|leg| full - u64::from(leg != extra)).collect::<Vec<_>>();
    for (extra, sign) in [(0, -1), (0, 1), (1, -1), (1, 1)] {
        let lots = legs(extra);
        let loss =
            reference::losses(&weights, &Portfolio { legs: lots.clone(), collateral: vec![0, 0] }).unwrap();
        let largest = loss.iter().copied().max().unwrap().max(0) as u64;
        for short in [0, 1] {
            let owed = largest.saturating_sub(short);
            let posted = vec![owed / most as u64, owed % most as u64];
            let portfolio = Portfolio { legs: lots.clone(), collateral: posted.clone() };
            let expected = reference::margin(&weights, &portfolio).unwrap();
            let mut inputs = Choice::worst(&lots, &first, sign).accepted().expect("a valid proof");
            let factors = [most, 1];
            let mut collateral = Choice::worst(&posted, &factors, -sign).accepted().expect("a valid proof");
            for (number, list) in [&mut inputs, &mut collateral].into_iter().enumerate() {
                let zeros = public.zeros(list.len(), [number as u8 + 1; 16]);
                list.iter_mut().zip(&zeros).for_each(|(input, zero)| input.add(zero));
            }
            let losses = weights.scenarios.iter().map(|scenario| combine(scenario, &inputs)).collect();
            let collateral = combine(&factors, &collateral);
            let wanted = Wanted { margin: true, call: true };
            let outcome = evaluate(&engine, market.bits, losses, &collateral, wanted);
            let phases: Vec<_> = outcome.margin.iter().map(|window| secret.result_phase(window)).collect();
            let call = read_sign(secret.result_phase(&outcome.call.unwrap()));
            assert_eq!((read_margin(market.bits, &phases) as i64, call), (expected.margin, expected.call));
        }
    }
}

#[test]
fn noise_beyond_the_bound_is_refused() {
    let values = [1; LEGS];
    let weights = [1; LEGS];
    assert!(Choice::worst(&values, &weights, 1).accepted().is_some());
    let mut longer = Choice::worst(&values, &weights, 1);
    longer.mask_noise.iter_mut().for_each(|noise| *noise += noise.signum());
    assert!(longer.accepted().is_none(), "longer by one in every entry");
    let mut one = Choice::plain(&values, 1);
    one.body_noise[0] = 1 << 20;
    assert!(one.accepted().is_none(), "all of it in one body");
    // A proof of other noise than there is.
    let Venue { public, crs, .. } = &*VENUE;
    for place in [0, INPUT_DIMENSION] {
        let list = Choice::plain(&values, 1).proven(b"hostile").unwrap();
        let mut entries = list.entries().to_vec();
        entries[place] = entries[place].wrapping_add(1);
        let list = ProvenList::from_parts(entries, LEGS, list.proof().clone()).unwrap();
        assert!(list.verify(public, crs, b"hostile").is_none(), "entry {place}");
    }
}

#[test]
fn values_of_a_bit_too_many_are_refused() {
    let most = 1u64 << VENUE.market.value_bits;
    let list = |value: u64| Choice::plain(&[value; LEGS], 1);
    assert!(list(most - 1).accepted().is_some());
    for value in [most, (1 << VENUE.market.bits) - 1] {
        assert!(list(value).accepted().is_none(), "{value}");
    }
}

#[test]
fn random_vectors_that_are_not_binary_are_refused() {
    for random in [2, u64::MAX] {
        assert!(Choice::plain(&[1; LEGS], random).accepted().is_none(), "{random}");
    }
}
