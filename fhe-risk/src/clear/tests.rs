//! The evaluation on the clear twin, against plain integers, with the largest noise that the
//! margins allow.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use super::{Clear, Exact, Noise};
use crate::circuit::{Signed, Wanted, any_call, evaluate, margin_tops, read_margin, read_sign, signs};

/// All but one of the margin, up or down, in a pattern of its own.
struct Worst(std::sync::Mutex<ChaCha8Rng>);

impl Worst {
    fn new(seed: u64) -> Self {
        Self(std::sync::Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }
}

impl Noise for Worst {
    fn phase(&self, margin: u64) -> i64 {
        // A bootstrap's entry begins at its margin's lower end: one less at the upper.
        let most = i64::try_from(margin).unwrap();
        if self.0.lock().unwrap().next_u32().is_multiple_of(2) { -most } else { most - 1 }
    }

    fn result(&self) -> i64 {
        0
    }
}

fn encode(value: i64, bits: u32) -> u64 {
    (value as u64) << (64 - bits)
}

fn sign_of(noise: impl Noise, value: i64, bits: u32) -> bool {
    let value = Signed { wide: Some(encode(value, bits)), windows: vec![] };
    read_sign(signs(&Clear::new(noise), "sign", bits, &[value], 1 << 62)[0])
}

#[test]
fn every_sign_of_up_to_14_bits_is_right_under_the_largest_noise() {
    for bits in 2..=14 {
        for value in -(1i64 << (bits - 1))..1 << (bits - 1) {
            for seed in 0..4 {
                assert_eq!(sign_of(Worst::new(seed), value, bits), value < 0, "{value} of {bits} bits");
            }
        }
    }
}

/// A million values above: near zero, near both ends, and anywhere.
#[test]
fn signs_of_more_bits_are_right_under_the_largest_noise() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..1_000_000 {
        let bits = 15 + rng.next_u32() % 40;
        let end = 1i64 << (bits - 1);
        let near = i64::from(rng.next_u32() % 16);
        let value = match rng.next_u32() % 4 {
            0 => near - 8,
            1 => end - 1 - near,
            2 => near - end,
            _ => (rng.next_u64() as i64) >> (64 - bits),
        };
        assert_eq!(sign_of(Worst::new(rng.next_u64()), value, bits), value < 0, "{value} of {bits} bits");
    }
}

/// Noise of the margins' size cannot be added to selections too: their windows feed chains. What a
/// selection gives is off by a little instead.
struct Small(Worst);

impl Noise for Small {
    fn phase(&self, margin: u64) -> i64 {
        // A shifted window brings sixteen times what a selection is off, on either side.
        self.0.phase(margin - (1 << 57))
    }

    fn result(&self) -> i64 {
        self.0.phase(1 << 51)
    }
}

fn check(noise: impl Noise, bits: u32, losses: &[i64], collateral: i64) {
    let machine = Clear::new(noise);
    let wide: Vec<_> = losses.iter().map(|loss| encode(*loss, bits)).collect();
    let collateral_wide = encode(collateral, bits);
    let wanted = Wanted { margin: true, call: true };
    let outcome = evaluate(&machine, bits, wide.clone(), &collateral_wide, wanted);
    let expected = losses.iter().copied().max().unwrap().max(0);
    assert_eq!(outcome.margin.len(), margin_tops(bits).len());
    assert_eq!(read_margin(bits, &outcome.margin), expected as u64, "{losses:?} of {bits} bits");
    assert_eq!(read_sign(outcome.call.unwrap()), collateral < expected, "{losses:?}, {collateral}");
    let call = any_call(&machine, bits, wide, &collateral_wide);
    assert_eq!(read_sign(call), collateral < expected, "{losses:?}, {collateral}");
}

#[test]
fn margins_of_one_to_64_scenarios_are_exact() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for scenarios in 1..=64 {
        for case in 0..40u32 {
            let bits = 8 + rng.next_u32() % 40;
            // Differences need the last bit.
            let end = 1i64 << (bits - 2);
            let mut any = |_| {
                let value = (rng.next_u64() % end as u64) as i64;
                match case % 4 {
                    0 => value,
                    1 => -value,
                    2 => value % 3 - 1,
                    _ => value - end / 2,
                }
            };
            let losses: Vec<_> = (0..scenarios).map(&mut any).collect();
            let largest = losses.iter().copied().max().unwrap().max(0);
            let collateral = match case % 5 {
                0 => largest,
                1 => (largest - 1).max(0),
                _ => any(0).max(0),
            };
            check(Exact, bits, &losses, collateral);
            check(Small(Worst::new(u64::from(case))), bits, &losses, collateral);
        }
    }
}

#[test]
fn extremes_and_ties_are_exact() {
    let end = (1i64 << 29) - 1;
    for scenarios in [1usize, 2, 3, 15, 16, 17, 31, 32, 33, 64] {
        for value in [0, 1, -1, end, -end] {
            check(Small(Worst::new(7)), 31, &vec![value; scenarios], 0);
            for place in [0, scenarios / 2, scenarios - 1] {
                let mut losses = vec![-end; scenarios];
                losses[place] = value;
                check(Small(Worst::new(8)), 31, &losses, value.max(0));
            }
        }
    }
}

fn count(bits: u32, scenarios: usize, wanted: Wanted) -> u64 {
    let machine = Clear::new(Exact);
    evaluate(&machine, bits, vec![0; scenarios], &0, wanted);
    machine.bootstraps()
}

#[test]
fn bootstraps_are_as_many_as_documented() {
    assert_eq!(count(31, 16, Wanted { margin: true, call: false }), 196);
    assert_eq!(count(31, 16, Wanted { margin: true, call: true }), 205);
    let machine = Clear::new(Exact);
    any_call(&machine, 31, vec![0; 16], &0);
    assert_eq!(machine.bootstraps(), 129);
}
