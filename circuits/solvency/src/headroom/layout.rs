//! Where the values of the headroom circuit live.

use super::{DIFFERENCE_BITS, OUTFLOW_BITS};
use crate::{
    gadgets::{
        poseidon::{ARITY, HashLayout, Input, Template},
        select::{BITS, SelectLayout},
    },
    r1cs::{FreeStage, Wires},
    surplus_tree::{DEPTH, GROUP},
};

/// Wires of the headroom circuit. Public so that tests can put any value in any wire.
pub struct HeadroomLayout {
    /// Copies of the two halves of the context.
    pub copies: Wires,
    /// Bits of the outflow, little-endian; ranged in C-HEAD-2.
    pub outflow: Wires,
    /// One-hot place s of the asset in its group; ranged in C-HEAD-3.
    pub place: Wires,
    /// Bits of the group q, little-endian; ranged in C-HEAD-3.
    pub group: Wires,
    /// Bits of `surplus − 10 000·outflow`, little-endian; ranged in C-HEAD-4.
    pub difference: Wires,
    /// Surpluses of the group; bound to the root in C-HEAD-5.
    pub surpluses: Wires,
    /// Salt of the group; bound to the root in C-HEAD-5.
    pub salt: Wires,
    /// The eight children on each level, from the leaves up; bound to the root in C-HEAD-5.
    pub children: [Wires; DEPTH],
    /// `place_i · surplus_i`: the surplus of the asset where its place is, else 0 (C-HEAD-4).
    pub picked: Wires,
    pub(super) choices: [SelectLayout; DEPTH],
    pub(super) hashes: Vec<HashLayout>,
}

impl HeadroomLayout {
    /// Takes all wires: those that the prover chooses, then those that follow.
    pub(super) fn new(stage: &mut FreeStage, [leaf, node]: [&Template; 2]) -> Self {
        let copies = stage.free(2);
        let outflow = stage.free(OUTFLOW_BITS as usize);
        let place = stage.free(GROUP);
        let group = stage.free(BITS * DEPTH);
        let difference = stage.free(DIFFERENCE_BITS as usize);
        let surpluses = stage.free(GROUP);
        let salt = stage.free(1);
        let children: [Wires; DEPTH] = std::array::from_fn(|_| stage.free(ARITY));

        let picked = stage.free(GROUP);
        let choices = std::array::from_fn(|_| SelectLayout::new(stage));
        let leaf_inputs = std::array::from_fn(|index| {
            Input::Wire(if index < GROUP { surpluses.at(index) } else { salt.at(0) })
        });
        let mut hashes = vec![leaf.layout(stage, leaf_inputs)];
        for level in &children {
            hashes.push(node.layout(stage, std::array::from_fn(|index| Input::Wire(level.at(index)))));
        }
        Self { copies, outflow, place, group, difference, surpluses, salt, children, picked, choices, hashes }
    }

    /// The wires that the prover chooses; all others follow from them and the public inputs.
    pub fn chosen(&self) -> std::ops::Range<usize> {
        self.copies.range().start..self.picked.range().start
    }

    /// The bits of the group that choose the child on a level.
    pub fn level_bits(&self, level: usize) -> Wires {
        self.group.part(BITS * level, BITS)
    }
}
