//! Committed values (J1), to be forged wire by wire.

use ark_bn254::Fr;
use solventry_solvency::{
    gadgets::range::{count_multiplicities, limbs_of},
    r1cs::{Wire, Wires},
};

/// Committed values of either circuit, addressed by wire.
#[derive(Clone)]
pub struct Committed {
    /// Values in the order of the layout.
    pub values: Vec<Fr>,
    instance: usize,
}

impl Committed {
    /// Values of a circuit with `instance` instance wires.
    pub fn new(values: Vec<Fr>, instance: usize) -> Self {
        Self { values, instance }
    }

    /// Value of a wire.
    pub fn at(&self, wire: Wire) -> Fr {
        self.values[wire.0 as usize - self.instance]
    }

    /// Replaces a value.
    pub fn set(&mut self, wire: Wire, value: Fr) {
        self.values[wire.0 as usize - self.instance] = value;
    }

    /// Adds to a value.
    pub fn add(&mut self, wire: Wire, difference: Fr) {
        self.set(wire, self.at(wire) + difference);
    }

    /// Swaps two values.
    pub fn swap(&mut self, first: Wire, second: Wire) {
        self.values.swap(first.0 as usize - self.instance, second.0 as usize - self.instance);
    }

    /// Values of a run of wires.
    pub fn of(&self, wires: &Wires) -> &[Fr] {
        &self.values[wires.range().start - self.instance..wires.range().end - self.instance]
    }

    /// Wires, by index in the assignment, where this differs from `other`, and the values here.
    pub fn differences(&self, other: &Self) -> Vec<(usize, Fr)> {
        let pairs = self.values.iter().zip(&other.values).zip(self.instance..);
        pairs.filter(|((mine, theirs), _)| mine != theirs).map(|((mine, _), wire)| (wire, *mine)).collect()
    }

    /// Writes the little-endian limbs of an integer.
    pub fn write(&mut self, limbs: &Wires, integer: u128, limb_bits: u32) {
        for (wire, limb) in limbs.iter().zip(limbs_of(integer, limb_bits, limbs.len())) {
            self.set(wire, limb);
        }
    }

    /// Makes the multiplicities right for all limbs that are in range.
    pub fn recount(&mut self, limbs: &Wires, multiplicities: &Wires, limb_bits: u32) {
        let counts = count_multiplicities(self.of(limbs), limb_bits);
        for (wire, count) in multiplicities.iter().zip(counts) {
            self.set(wire, count);
        }
    }
}
