//! Headroom circuit: one asset's surplus covers an outflow at 10 000 basis points. `01-solvency`
//! §5; claims C-HEAD-1 to 5 in `circuits/SPEC.md`.
//!
//! Plain Groth16: no wire is committed before a challenge and there is none. One circuit serves
//! every profile.

mod assign;
mod layout;
pub mod twin;
mod witness;

use ark_bn254::Fr;
use ark_ff::One;

pub use self::{
    layout::HeadroomLayout,
    witness::{Exceeded, HeadroomWitness},
};
use crate::{
    coverage::{BPS, SURPLUS_BITS},
    gadgets::{bits, poseidon::Template},
    r1cs::{Circuit, CommittedStage, ONE, Wire, just, scaled},
    surplus_tree::{DEPTH, GROUP, LEAF_TAG, NODE_TAG},
};

/// Public inputs of the headroom circuit, in order.
pub const PUBLIC: [&str; 5] = ["context_high", "context_low", "headroom_root", "asset", "outflow"];
/// Name and version.
pub const ID: &str = "solventry-headroom-v1";
/// Outflows are below 2^96.
pub const OUTFLOW_BITS: u32 = 96;
/// What is left of a surplus is below 2^112, as the surplus is (C-COV-2).
pub const DIFFERENCE_BITS: u32 = SURPLUS_BITS;

/// The headroom circuit.
pub struct HeadroomCircuit {
    /// Rows and matrices.
    pub circuit: Circuit,
    layout: HeadroomLayout,
    leaf: Template,
    node: Template,
}

impl Default for HeadroomCircuit {
    fn default() -> Self {
        Self::new()
    }
}

impl HeadroomCircuit {
    /// Describes the circuit: wires, then the claims from top to bottom.
    pub fn new() -> Self {
        let stage = CommittedStage::new(ID.into(), &PUBLIC);
        let [high, low, root, asset, outflow] = [0, 1, 2, 3, 4].map(|index| stage.public(index));
        let one = Fr::one();
        let (leaf, node) = (Template::new(Fr::from(LEAF_TAG)), Template::new(Fr::from(NODE_TAG)));
        let mut stage = stage.close(); // nothing is committed
        let layout = HeadroomLayout::new(&mut stage, [&leaf, &node]);

        // C-HEAD-1: the proof is of this context. Nothing is claimed about its two halves; a row
        // each makes them part of the relation, so that no public input is without a row. A
        // copy, not a square, which a half and its negative share.
        stage.claim("C-HEAD-1");
        for (half, copy) in [high, low].into_iter().zip(layout.copies.iter()) {
            stage.row(&just(half), &just(ONE), &just(copy));
        }

        // C-HEAD-2: outflow in [0, 2^96).
        stage.claim("C-HEAD-2");
        let ranged_outflow = bits::constrain(&mut stage, &layout.outflow);
        stage.row(&ranged_outflow.value(), &just(ONE), &just(outflow));

        // C-HEAD-3: asset − 1 = 7·q + s with q in [0, 512) and s in [0, 7), one-hot. All terms are
        // below 2^12: the equation holds over the integers and q, s are unique.
        stage.claim("C-HEAD-3");
        bits::constrain(&mut stage, &layout.place);
        let places: Vec<(Wire, Fr)> = layout.place.iter().map(|wire| (wire, one)).collect();
        stage.row(&places, &just(ONE), &just(ONE));
        let group = bits::constrain(&mut stage, &layout.group).value();
        let mut number = scaled(&group, Fr::from(GROUP as u64));
        number.push((ONE, one));
        number.extend((0u64..).zip(layout.place.iter()).map(|(s, wire)| (wire, Fr::from(s))));
        stage.row(&number, &just(ONE), &just(asset));

        // C-HEAD-4: surplus − 10 000·outflow in [0, 2^112), the surplus being the one at place s.
        // 10 000·outflow < 2^110 by C-HEAD-2, so the surplus is an integer below 2^113 whatever
        // stands in the leaf: nothing wraps modulo the order.
        stage.claim("C-HEAD-4");
        let places = layout.place.iter().zip(layout.surpluses.iter());
        for ((place, surplus), picked) in places.zip(layout.picked.iter()) {
            stage.row(&just(place), &just(surplus), &just(picked));
        }
        let difference = bits::constrain(&mut stage, &layout.difference).value();
        let mut rest: Vec<(Wire, Fr)> = layout.picked.iter().map(|wire| (wire, one)).collect();
        rest.extend(scaled(&ranged_outflow.value(), -Fr::from(BPS)));
        rest.extend(scaled(&difference, -one));
        stage.row(&rest, &just(ONE), &[]);

        // C-HEAD-5: surpluses and salt are leaf q under headroom_root: on each level the child
        // that three bits of q choose is the hash below.
        stage.claim("C-HEAD-5");
        leaf.constrain(&mut stage, &layout.hashes[0]);
        for level in 0..DEPTH {
            let (below, above) = (layout.hashes[level].output(), &layout.hashes[level + 1]);
            let bits = layout.level_bits(level);
            layout.choices[level].constrain(&mut stage, &layout.children[level], &bits, below);
            node.constrain(&mut stage, above);
        }
        stage.row(&just(layout.hashes[DEPTH].output()), &just(ONE), &just(root));

        Self { circuit: stage.finish(), layout, leaf, node }
    }

    /// Where each value lives.
    pub fn layout(&self) -> &HeadroomLayout {
        &self.layout
    }
}
