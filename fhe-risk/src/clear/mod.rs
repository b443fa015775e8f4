//! The clear twin: the same evaluation on torus elements, with whatever noise one likes to add.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::circuit::{Machine, Phase, Rotation, Table, Torus};

impl Torus for u64 {
    fn add(&mut self, other: &Self) {
        *self = self.wrapping_add(*other);
    }

    fn sub(&mut self, other: &Self) {
        *self = self.wrapping_sub(*other);
    }

    fn scale(&mut self, factor: u64) {
        *self = self.wrapping_mul(factor);
    }

    fn offset(&mut self, constant: u64) {
        *self = self.wrapping_add(constant);
    }
}

/// What is added to a phase, by the margin of its bootstrap; and to a result.
pub trait Noise: Sync {
    /// To the phase of a bootstrap.
    fn phase(&self, margin: u64) -> i64;
    /// To its result.
    fn result(&self) -> i64;
}

/// None at all.
#[derive(Debug, Clone, Copy)]
pub struct Exact;

impl Noise for Exact {
    fn phase(&self, _margin: u64) -> i64 {
        0
    }

    fn result(&self) -> i64 {
        0
    }
}

/// The twin; it counts its bootstraps.
#[derive(Debug)]
pub struct Clear<N> {
    noise: N,
    bootstraps: AtomicU64,
}

impl<N: Noise> Clear<N> {
    /// With noise.
    pub fn new(noise: N) -> Self {
        Self { noise, bootstraps: AtomicU64::new(0) }
    }

    /// Bootstraps so far.
    pub fn bootstraps(&self) -> u64 {
        self.bootstraps.load(Ordering::Relaxed)
    }

    fn rotate(&self, rotation: &Rotation<Self>) -> u64 {
        let Phase { wide, computed, constant } = &rotation.phase;
        let exact = constant.wrapping_add(wide.unwrap_or(0)).wrapping_add(computed.unwrap_or(0));
        let phase = exact.wrapping_add_signed(self.noise.phase(rotation.margin));
        let width = rotation.table.width();
        let place =
            usize::try_from((phase & (u64::MAX >> 1)) / Table::<u64>::step(width)).unwrap_or(usize::MAX);
        let entry = match &rotation.table {
            Table::Values(values) => values.get(place),
            Table::Packed { entries, .. } => entries.get(place),
        };
        let entry = entry.copied().unwrap_or(0);
        let entry = if phase >> 63 == 1 { entry.wrapping_neg() } else { entry };
        entry.wrapping_add_signed(self.noise.result())
    }
}

impl<N: Noise> Machine for Clear<N> {
    type Wide = u64;
    type Computed = u64;
    type Packed = u64;

    fn pack_wide(&self, values: &[u64]) -> Vec<u64> {
        values.to_vec()
    }

    fn pack_computed(&self, values: &[u64]) -> Vec<u64> {
        values.to_vec()
    }

    fn bootstrap(&self, rotations: &[Rotation<Self>]) -> Vec<u64> {
        self.bootstraps.fetch_add(rotations.len() as u64, Ordering::Relaxed);
        rotations.iter().map(|rotation| self.rotate(rotation)).collect()
    }
}

#[cfg(test)]
mod tests;
