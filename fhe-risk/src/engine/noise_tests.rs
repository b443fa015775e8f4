//! What every step of the engine really adds, against the formulas that the plan takes: one-sided,
//! over three keys.

use std::sync::LazyLock;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use tfhe::core_crypto::prelude::{
    LweCiphertext, LweSecretKey, ModulusSwitchedLweCiphertext, Plaintext, encrypt_lwe_ciphertext,
};

use super::{Engine, Glwe, Lwe, pack, places::Places};
use crate::{
    circuit::{Phase, Rotation, Table, Torus},
    keys::{EvaluationKey, SecretKey},
    parameters::{self, POLYNOMIAL, SMALL_DIMENSION},
    plan::{InputKind, InputNoise, Steps},
    random,
};

const KEYS: usize = 3;
/// One place of a phase.
const PLACE: f64 = (1u64 << 52) as f64;

static VENUES: LazyLock<Vec<(SecretKey, Engine)>> = LazyLock::new(|| {
    let venue = |_| {
        let secret = SecretKey::generate();
        let key = EvaluationKey::generate(&secret, true);
        (secret, Engine::new(key))
    };
    (0..KEYS).map(venue).collect()
});

/// Mean and second moment.
#[derive(Debug, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Around zero: an offset is noise too.
    fn variance(&self) -> f64 {
        self.squares / self.count
    }
}

/// Six standard deviations of a variance that was estimated from so many independent samples.
fn slack(samples: usize) -> f64 {
    1.0 + 6.0 * (2.0 / samples as f64).sqrt()
}

#[track_caller]
fn require(name: &str, measured: f64, predicted: f64, samples: usize) {
    println!("{name}: deviation {:.3e}, predicted {:.3e}", measured.sqrt(), predicted.sqrt());
    let most = predicted * slack(samples);
    assert!(measured <= most, "{name}: variance {measured} of at most {most}");
    // A formula that is far off is a formula for something else.
    assert!(measured >= predicted / 4.0, "{name}: variance {measured} of {predicted}");
}

fn encrypt(key: &LweSecretKey<&[u64]>, value: u64) -> Lwe {
    let size = key.lwe_dimension().to_lwe_size();
    let mut ciphertext = LweCiphertext::new(0u64, size, parameters::modulus());
    let noise = parameters::input_noise();
    encrypt_lwe_ciphertext(key, &mut ciphertext, Plaintext(value), noise, &mut random::encryption());
    Lwe(ciphertext.into_container())
}

fn small_phase(secret: &SecretKey, sum: &[u32]) -> u32 {
    let (mask, body) = sum[..=SMALL_DIMENSION].split_at(SMALL_DIMENSION);
    let key = secret.small().into_container();
    let products = mask.iter().zip(key).map(|(entry, bit)| entry.wrapping_mul(*bit as u32));
    products.fold(body[0], u32::wrapping_sub)
}

fn place(secret: &SecretKey, places: &Places) -> usize {
    let key = secret.small().into_container();
    let products = places.mask().zip(key).map(|(entry, bit)| entry * *bit as usize);
    (places.body() + 4096 * SMALL_DIMENSION - products.sum::<usize>()) % 4096
}

/// Off by how much, in places, on the circle.
fn off(phase: f64, exact: u64) -> f64 {
    let off = phase - exact as f64 / PLACE;
    off - (off / 4096.0).round() * 4096.0
}

/// Errors of keyswitched phases, and of whole places, for one key.
fn switch(number: usize, is_wide: bool, is_computed: bool) -> (Moments, Moments) {
    const BATCHES: usize = 140;
    let (secret, engine) = &VENUES[number];
    let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
    let (mut switched, mut placed) = (Moments::default(), Moments::default());
    for _ in 0..BATCHES {
        let exact: Vec<u64> = (0..8).map(|_| rng.next_u64()).collect();
        let rotation = |exact: &u64| {
            let mut phase = Phase::constant(0);
            let share = if is_wide && is_computed { exact / 3 } else { *exact };
            phase.wide = is_wide.then(|| encrypt(&secret.input(), share));
            let rest = if is_wide { exact.wrapping_sub(share) } else { *exact };
            phase.computed = is_computed.then(|| encrypt(&secret.large_lwe(), rest));
            Rotation { name: "noise", phase, table: Table::Values(vec![0]), margin: 0 }
        };
        let rotations: Vec<Rotation<Engine>> = exact.iter().map(rotation).collect();
        for (sum, exact) in engine.switched(&rotations).chunks_exact(super::ROW).zip(&exact) {
            switched.add(off(f64::from(small_phase(secret, sum)) / f64::from(1u32 << 20), *exact));
            // Half a place is taken off so that rounding reads the place that a phase lies in.
            placed.add(off(place(secret, &Places::new(sum)) as f64 + 0.5, *exact));
        }
    }
    (switched, placed)
}

/// 10 080 phases in all.
#[test]
fn keyswitch_and_modulus_switch_add_what_the_plan_takes() {
    let steps = Steps::by_formula();
    for (is_wide, is_computed) in [(true, false), (false, true), (true, true)] {
        let part = |is: bool, variance: f64| if is { variance } else { 0.0 };
        let keyswitch = part(is_wide, steps.from_input) + part(is_computed, steps.from_large);
        let moments: Vec<_> = (0..KEYS).map(|number| switch(number, is_wide, is_computed)).collect();
        let samples = moments.iter().map(|(switched, _)| switched.count).sum::<f64>();
        let mean = |of: fn(&(Moments, Moments)) -> f64| moments.iter().map(of).sum::<f64>() / KEYS as f64;
        let name = format!("input {is_wide}, large {is_computed}");
        let (switched, placed) = (mean(|both| both.0.variance()), mean(|both| both.1.variance()));
        require(&format!("keyswitch, {name}"), switched, keyswitch, samples as usize);
        require(&format!("place, {name}"), placed, keyswitch + steps.switch, samples as usize);
        for (switched, placed) in &moments {
            println!("offset of a key: {:.3}, {:.3}", switched.mean(), placed.mean());
            assert!(placed.mean().abs() < 1.5 && switched.mean().abs() < 1.5, "{name}: {moments:?}");
        }
    }
}

/// Phases of all coefficients.
fn phases(secret: &SecretKey, glwe: &[u64]) -> Vec<u64> {
    let key = secret.large().into_container();
    let (mask, body) = glwe.split_at(POLYNOMIAL);
    let mut phases = body.to_vec();
    for (degree, _) in key.iter().enumerate().filter(|(_, bit)| **bit == 1) {
        let (low, high) = mask.split_at(POLYNOMIAL - degree);
        phases[degree..].iter_mut().zip(low).for_each(|(phase, entry)| *phase = phase.wrapping_sub(*entry));
        phases[..degree].iter_mut().zip(high).for_each(|(phase, entry)| *phase = phase.wrapping_add(*entry));
    }
    phases
}

/// All coefficients of 16 bootstraps a key: 98 304 samples.
#[test]
fn a_bootstrap_adds_what_the_plan_takes() {
    const AMPLITUDE: u64 = 1 << 62;
    let mut moments = Moments::default();
    for (secret, engine) in VENUES.iter() {
        for _ in 0..2 {
            let rotation = |number: u64| {
                let mut phase = Phase::constant(0);
                phase.computed = Some(encrypt(&secret.large_lwe(), number << 61));
                Rotation { name: "noise", phase, table: Table::Values(vec![AMPLITUDE]), margin: 0 }
            };
            let rotations: Vec<Rotation<Engine>> = (0..8).map(rotation).collect();
            for glwe in engine.rotated(&rotations, &engine.places(&rotations)).chunks_exact(2 * POLYNOMIAL) {
                for phase in phases(secret, glwe) {
                    // Plus or minus the amplitude: doubled, it is half of the torus for both.
                    moments.add((phase.wrapping_mul(2).wrapping_sub(1 << 63) as i64) as f64 / 2.0 / PLACE);
                }
            }
        }
    }
    println!("mean {:.5}", moments.mean());
    require("bootstrap", moments.variance(), Steps::by_formula().result, 64 * 16 * KEYS);
}

/// Lists of eight that are packed with every key.
const LISTS: usize = 24;

/// Constant coefficient, the others, and the difference of two values that are each other's negative.
fn packed(number: usize, is_wide: bool) -> [Moments; 3] {
    let (secret, engine) = &VENUES[number];
    let (key, packing) = match is_wide {
        true => (secret.input(), &engine.pack_input),
        false => (secret.large_lwe(), &engine.pack_large),
    };
    let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
    let [mut constant, mut beside, mut opposite] = [(); 3].map(|()| Moments::default());
    for _ in 0..LISTS {
        let values: Vec<u64> = (0..8).map(|_| rng.next_u64()).collect();
        let mut lwes: Vec<Lwe> = values.iter().map(|value| encrypt(&key, *value)).collect();
        let mut negative = lwes[0].clone();
        negative.scale(u64::MAX);
        lwes.push(negative);
        let packed = pack(packing, &lwes);
        for (packed, value) in packed.iter().zip(&values) {
            let phases = phases(secret, &packed.0);
            constant.add((phases[0].wrapping_sub(*value) as i64) as f64 / PLACE);
            phases[1..].iter().for_each(|phase| beside.add(*phase as i64 as f64 / PLACE));
        }
        let mut difference: Glwe = packed[0].clone();
        difference.sub(&packed[8]);
        phases(secret, &difference.0)[1..]
            .iter()
            .for_each(|phase| opposite.add(*phase as i64 as f64 / PLACE));
    }
    [constant, beside, opposite]
}

#[test]
fn packing_adds_what_the_plan_takes() {
    let steps = Steps::by_formula();
    for (is_wide, predicted) in [(true, steps.pack_input), (false, steps.pack_large)] {
        let moments: Vec<_> = (0..KEYS).map(|number| packed(number, is_wide)).collect();
        let mean =
            |part: usize| moments.iter().map(|parts| parts[part].variance()).sum::<f64>() / KEYS as f64;
        let name = if is_wide { "input" } else { "large" };
        require(&format!("packing, constant coefficient, {name}"), mean(0), predicted, KEYS * LISTS * 8);
        require(&format!("packing, other coefficients, {name}"), mean(1), predicted, KEYS * LISTS * 8);
        // Digits of a negative are the negatives of the digits: their noise adds up in step.
        require(&format!("packing, difference of opposites, {name}"), mean(2), 4.0 * predicted, KEYS * LISTS);
    }
}

/// Fresh zeros of a compact list, weighted: what the public key's noise and the shared random
/// vectors add, over many public keys, since their part stays the same for all lists of a key.
#[test]
fn compact_lists_add_what_the_plan_takes() {
    const PUBLIC_KEYS: usize = 250;
    const COUNT: usize = 16;
    let one = |place: usize| if place == 3 { 1 } else { 0 };
    let half = |place: usize| if place < COUNT / 2 { 1 } else { -1 };
    let shapes: [(&str, Vec<i64>); 4] = [
        ("one value", (0..COUNT).map(one).collect()),
        ("all ones", vec![1; COUNT]),
        ("long and short", [1, -1].repeat(COUNT / 2)),
        ("one half against the other", (0..COUNT).map(half).collect()),
    ];
    let mut moments: [Moments; 4] = std::array::from_fn(|_| Moments::default());
    for number in 0..PUBLIC_KEYS {
        let secret = SecretKey::generate();
        let public = secret.public_key();
        for list in 0..40 {
            let seed = (number * 40 + list) as u128;
            let zeros = public.zeros(COUNT, seed.to_le_bytes());
            let phases: Vec<i64> = zeros.iter().map(|zero| secret.input_phase(zero) as i64).collect();
            for ((_, weights), moments) in shapes.iter().zip(&mut moments) {
                let sum: i64 = weights.iter().zip(&phases).map(|(weight, phase)| weight * phase).sum();
                moments.add(sum as f64 / PLACE);
            }
        }
    }
    let noise = InputNoise::new(InputKind::Secret, vec![COUNT]);
    for ((name, weights), moments) in shapes.iter().zip(&moments) {
        let weights: Vec<f64> = weights.iter().map(|weight| *weight as f64).collect();
        // Without the noise of the inputs themselves.
        let own = 21.5 * weights.iter().map(|weight| weight * weight).sum::<f64>() / (PLACE * PLACE);
        require(name, moments.variance(), noise.bound(&weights).input.powi(2) - own, PUBLIC_KEYS);
    }
}
