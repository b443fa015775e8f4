//! What a bootstrap rotates: a table as a polynomial, each entry repeated over its share.

use super::lwe::Lwe;
use crate::{
    circuit::{Table, Torus},
    parameters::POLYNOMIAL,
};

/// A GLWE ciphertext: mask polynomial, then body polynomial.
#[derive(Clone, PartialEq, Eq)]
pub struct Glwe(pub Vec<u64>);

impl Torus for Glwe {
    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, entry)| *sum = sum.wrapping_add(*entry));
    }

    fn sub(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, entry)| *sum = sum.wrapping_sub(*entry));
    }

    fn scale(&mut self, factor: u64) {
        self.0.iter_mut().for_each(|entry| *entry = entry.wrapping_mul(factor));
    }

    fn offset(&mut self, constant: u64) {
        self.0[POLYNOMIAL] = self.0[POLYNOMIAL].wrapping_add(constant);
    }
}

/// The table as a GLWE ciphertext; known entries need no mask.
pub fn accumulator(table: &Table<Glwe>) -> Vec<u64> {
    let share = POLYNOMIAL / table.width();
    match table {
        Table::Values(values) => {
            let body = values.iter().flat_map(|value| std::iter::repeat_n(*value, share));
            std::iter::repeat_n(0, POLYNOMIAL).chain(body).collect()
        }
        Table::Packed { entries, .. } => {
            let mut sum = vec![0; 2 * POLYNOMIAL];
            for (place, entry) in entries.iter().enumerate() {
                for (sum, entry) in sum.chunks_exact_mut(POLYNOMIAL).zip(entry.0.chunks_exact(POLYNOMIAL)) {
                    add_shifted(sum, entry, place * share);
                }
            }
            sum.chunks_exact_mut(POLYNOMIAL).for_each(|polynomial| spread(polynomial, share));
            sum
        }
    }
}

/// sum + X^degree · polynomial, modulo X^N + 1.
fn add_shifted(sum: &mut [u64], polynomial: &[u64], degree: usize) {
    let (low, high) = polynomial.split_at(POLYNOMIAL - degree);
    sum[degree..].iter_mut().zip(low).for_each(|(sum, entry)| *sum = sum.wrapping_add(*entry));
    sum[..degree].iter_mut().zip(high).for_each(|(sum, entry)| *sum = sum.wrapping_sub(*entry));
}

/// Multiplies by 1 + X + … + X^(share − 1), modulo X^N + 1: a window that slides.
fn spread(polynomial: &mut [u64], share: usize) {
    let entries = polynomial.to_vec();
    let leaving = |place: usize| {
        if place >= share {
            entries[place - share]
        } else {
            entries[POLYNOMIAL + place - share].wrapping_neg()
        }
    };
    // Entries that stand before the first one come back negated from the end.
    let before = entries[POLYNOMIAL - share..].iter().fold(0u64, |sum, entry| sum.wrapping_sub(*entry));
    let mut window = before;
    for (place, sum) in polynomial.iter_mut().enumerate() {
        window = window.wrapping_add(entries[place]).wrapping_sub(leaving(place));
        *sum = window;
    }
}

/// The constant coefficient as a ciphertext under the large key.
pub fn extract(glwe: &[u64]) -> Lwe {
    let (mask, body) = glwe.split_at(POLYNOMIAL);
    let turned = mask[1..].iter().rev().map(|entry| entry.wrapping_neg());
    Lwe(std::iter::once(mask[0]).chain(turned).chain([body[0]]).collect())
}
