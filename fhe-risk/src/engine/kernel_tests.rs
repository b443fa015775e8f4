//! The kernels against what they mean, entry by entry.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use super::{
    accumulator::{Glwe, accumulator, extract},
    kernel::{PACKED, ROW, TILE, digits, keyswitch, pack_tile, packing_digit},
};
use crate::{
    circuit::Table,
    parameters::{KEYSWITCH_BASE_LOG, KEYSWITCH_LEVELS, PACKING_BASE_LOG, POLYNOMIAL},
};

const KEPT: u32 = KEYSWITCH_BASE_LOG * KEYSWITCH_LEVELS as u32;

/// What digits stand for, as the highest bits of the torus.
fn recomposed(value: u64) -> u64 {
    let add = |sum: i64, digit: &i32| (sum << KEYSWITCH_BASE_LOG) + i64::from(*digit);
    (digits(value).iter().fold(0, add) as u64) << (64 - KEPT)
}

#[test]
fn digits_are_small_and_stand_for_the_nearest_multiple() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for highest in 0..1u64 << KEPT {
        let value = highest << (64 - KEPT) | rng.next_u64() >> KEPT;
        let nearest = value.wrapping_add(1 << (63 - KEPT)) >> (64 - KEPT) << (64 - KEPT);
        assert_eq!(recomposed(value), nearest, "{value:#x}");
        assert!(digits(value).iter().all(|digit| digit.abs() <= 4), "{value:#x}");
    }
}

/// Over all values of the 20 bits that digits depend on: no digit has a mean, so the noise of a
/// key's rows adds up to nothing that would stay the same from query to query.
#[test]
fn every_digit_is_zero_on_average() {
    let mut sums = [0i64; KEYSWITCH_LEVELS];
    for highest in 0..1u64 << (KEPT + 2) {
        for (sum, digit) in sums.iter_mut().zip(digits(highest << (62 - KEPT))) {
            *sum += i64::from(digit);
        }
    }
    assert_eq!(sums, [0; KEYSWITCH_LEVELS]);
}

#[test]
fn packing_digits_stand_for_the_nearest_multiple() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let dropped = 64 - PACKING_BASE_LOG;
    let edges =
        [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, (1 << 63) - (1 << (dropped - 1)), 1 << (dropped - 1)];
    for value in edges.into_iter().chain((0..100_000).map(|_| rng.next_u64())) {
        let digit = packing_digit(value);
        assert!((digit as i64).unsigned_abs() <= 1 << (PACKING_BASE_LOG - 1), "{value:#x}");
        let off = (digit << dropped).wrapping_sub(value) as i64;
        assert!(off.unsigned_abs() <= 1 << (dropped - 1), "{value:#x}");
    }
}

#[test]
fn a_keyswitch_subtracts_the_rows_by_their_digits() {
    const LENGTH: usize = 5;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let key: Vec<u32> = (0..LENGTH * KEYSWITCH_LEVELS * ROW).map(|_| rng.next_u32()).collect();
    for count in [1, 2, 7] {
        let masks: Vec<Vec<u64>> =
            (0..count).map(|_| (0..LENGTH).map(|_| rng.next_u64()).collect()).collect();
        let before: Vec<u32> = (0..count * ROW).map(|_| rng.next_u32()).collect();
        let mut sums = before.clone();
        keyswitch(&key, &masks.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut sums);
        for (number, mask) in masks.iter().enumerate() {
            for column in 0..ROW {
                let mut expected = before[number * ROW + column];
                for (row, digit) in mask.iter().flat_map(|entry| digits(*entry)).enumerate() {
                    expected = expected.wrapping_sub(key[row * ROW + column].wrapping_mul(digit as u32));
                }
                assert_eq!(sums[number * ROW + column], expected, "{number}, column {column}");
            }
        }
    }
}

#[test]
fn a_packing_keyswitch_subtracts_the_rows_by_their_digits() {
    const LENGTH: usize = 3;
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let key: Vec<u64> = (0..LENGTH * PACKED).map(|_| rng.next_u64()).collect();
    let digits: Vec<Vec<u64>> =
        (0..2).map(|_| (0..LENGTH).map(|_| packing_digit(rng.next_u64())).collect()).collect();
    for from in (0..PACKED).step_by(TILE) {
        let mut sums = vec![0; digits.len() * TILE];
        pack_tile(&key, from, &digits, &mut sums);
        for (number, digits) in digits.iter().enumerate() {
            for column in 0..TILE {
                let product =
                    |(row, digit): (usize, &u64)| key[row * PACKED + from + column].wrapping_mul(*digit);
                let sum = digits.iter().enumerate().map(product).fold(0, u64::wrapping_add);
                assert_eq!(sums[number * TILE + column], sum.wrapping_neg());
            }
        }
    }
}

/// X^degree times a polynomial, modulo X^N + 1.
fn turned(polynomial: &[u64], degree: usize) -> Vec<u64> {
    let entry = |place: usize| {
        let from = (place + 2 * POLYNOMIAL - degree) % (2 * POLYNOMIAL);
        if from < POLYNOMIAL { polynomial[from] } else { polynomial[from - POLYNOMIAL].wrapping_neg() }
    };
    (0..POLYNOMIAL).map(entry).collect()
}

#[test]
fn a_packed_table_is_every_entry_over_its_share() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (count, width) in [(1, 1), (2, 2), (3, 4), (16, 16)] {
        let entries: Vec<Glwe> =
            (0..count).map(|_| Glwe((0..2 * POLYNOMIAL).map(|_| rng.next_u64()).collect())).collect();
        let share = POLYNOMIAL / width;
        let mut expected = vec![0u64; 2 * POLYNOMIAL];
        for (place, entry) in entries.iter().enumerate() {
            for degree in place * share..(place + 1) * share {
                for (half, polynomial) in entry.0.chunks_exact(POLYNOMIAL).enumerate() {
                    for (sum, part) in
                        expected[half * POLYNOMIAL..].iter_mut().zip(turned(polynomial, degree))
                    {
                        *sum = sum.wrapping_add(part);
                    }
                }
            }
        }
        assert!(accumulator(&Table::Packed { entries, width }) == expected, "{count} of {width}");
    }
}

#[test]
fn the_constant_coefficient_is_extracted() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let glwe: Vec<u64> = (0..2 * POLYNOMIAL).map(|_| rng.next_u64()).collect();
    let key: Vec<u64> = (0..POLYNOMIAL).map(|_| u64::from(rng.next_u32() % 2)).collect();
    let product = |place: usize| turned(&glwe[..POLYNOMIAL], place)[0].wrapping_mul(key[place]);
    let expected = (0..POLYNOMIAL).map(product).fold(glwe[POLYNOMIAL], u64::wrapping_sub);
    let lwe = extract(&glwe);
    let phase = lwe.mask().iter().zip(&key).map(|(entry, bit)| entry.wrapping_mul(*bit));
    assert_eq!(phase.fold(lwe.body(), u64::wrapping_sub), expected);
}
