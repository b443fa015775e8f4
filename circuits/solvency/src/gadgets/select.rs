//! The child of a tree node that three bits choose.

use ark_bn254::Fr;
use ark_ff::One;

use super::poseidon::ARITY;
use crate::r1cs::{FreeStage, Wire, Wires};

/// Bits that choose one of eight.
pub const BITS: usize = 3;

/// Wires of one choice: four values after the first bit, two after the second.
pub struct SelectLayout {
    halves: Wires,
}

impl SelectLayout {
    /// Takes the wires.
    pub fn new(stage: &mut FreeStage) -> Self {
        Self { halves: stage.free(ARITY - 2) }
    }

    /// `bit · (right − left) = chosen − left` per pair, bit by bit, lowest first: the last chosen
    /// value is `output`. The bits must be ranged by the caller.
    pub fn constrain(&self, stage: &mut FreeStage, children: &Wires, bits: &Wires, output: Wire) {
        let (one, minus) = (Fr::one(), -Fr::one());
        let mut level: Vec<Wire> = children.iter().collect();
        let mut chosen = self.halves.iter().chain([output]);
        assert_eq!((level.len(), bits.len()), (ARITY, BITS), "three bits choose one of eight");
        for bit in bits.iter() {
            let pairs: Vec<[Wire; 2]> = level.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
            level = pairs
                .into_iter()
                .map(|[left, right]| {
                    let value = chosen.next().expect("seven rows");
                    let difference = [(right, one), (left, minus)];
                    stage.row(&[(bit, one)], &difference, &[(value, one), (left, minus)]);
                    value
                })
                .collect();
        }
    }

    /// Writes the wires; bits may hold any value.
    pub fn assign(&self, values: &mut [Fr], children: &Wires, bits: &Wires) {
        let mut level = values[children.range()].to_vec();
        let mut halves = self.halves.range();
        for bit in bits.range() {
            let bit = values[bit];
            level = level.chunks(2).map(|pair| pair[0] + bit * (pair[1] - pair[0])).collect();
            for (wire, value) in halves.by_ref().take(level.len()).zip(&level) {
                values[wire] = *value;
            }
        }
    }
}
