//! The full assignment.

use ark_bn254::Fr;
use ark_ff::Zero;

use super::HeadroomCircuit;
use crate::surplus_tree::{LEAF_TAG, NODE_TAG};

impl HeadroomCircuit {
    /// All wires: constant, public inputs, the chosen wires as given, and those that follow. Works
    /// on any values, true or not.
    ///
    /// Panics if `chosen` has not one value per chosen wire.
    pub fn assignment(&self, inputs: &[Fr; 5], chosen: &[Fr]) -> Vec<Fr> {
        let layout = &self.layout;
        let mut values = vec![Fr::zero(); self.circuit.wires()];
        values[0] = Fr::from(1u64);
        values[1..6].copy_from_slice(inputs);
        values[layout.chosen()].copy_from_slice(chosen);
        let places = layout.place.range().zip(layout.surpluses.range());
        for ((place, surplus), picked) in places.zip(layout.picked.range()) {
            values[picked] = values[place] * values[surplus];
        }
        for (level, (choice, children)) in layout.choices.iter().zip(&layout.children).enumerate() {
            choice.assign(&mut values, children, &layout.level_bits(level));
        }
        for (index, hash) in layout.hashes.iter().enumerate() {
            let (template, tag) = if index == 0 { (&self.leaf, LEAF_TAG) } else { (&self.node, NODE_TAG) };
            template.assign(&mut values, hash, Fr::from(tag));
        }
        values
    }
}
