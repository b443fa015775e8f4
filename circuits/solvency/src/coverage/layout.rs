//! Where the values of the coverage circuit live.

use solventry_types::Profile;

use super::{LIMB_BITS, RESERVES_BITS, SURPLUS_BITS, leaf_inputs, node_inputs};
use crate::{
    gadgets::{
        evaluation::{JoinLayout, PointLayout, VectorLayout},
        poseidon::{HashLayout, Template},
        range::{RangeLayout, Ranged},
    },
    r1cs::{FreeStage, Wire, Wires},
    surplus_tree::DEPTH,
};

/// Wires of the coverage circuit. Public so that tests can put any value in any wire.
pub struct CoverageLayout {
    /// Sizes.
    pub profile: Profile,
    /// J1: L_a for a = 1..A_max; bound to C_L in C-COV-1.
    pub liabilities: Wires,
    /// J1: per asset 12 limbs of R_a, then 14 of the surplus, little-endian.
    pub limbs: Wires,
    /// J1: c_a; bound to the public table in C-COV-1, 0 past it.
    pub coverage: Wires,
    /// J1: 1 for ids past the epoch's table, else 0; bound to the public table in C-COV-1.
    pub past: Wires,
    /// J1: summed blinding of C_L and of the attested C_R.
    pub blinding: Wires,
    /// J1: how often each table entry occurs.
    pub multiplicities: Wires,
    /// J1: mask scalars.
    pub mask: Wires,
    /// J1: one salt per group of seven surpluses.
    pub salts: Wires,
    /// J2: the surplus of each asset.
    pub surpluses: Wires,
    pub(super) range: RangeLayout,
    pub(super) point: PointLayout,
    pub(super) vectors: [VectorLayout; 4],
    pub(super) join: JoinLayout,
    pub(super) tree: Vec<Vec<HashLayout>>,
}

impl CoverageLayout {
    /// Limb wires of R_a (asset index from 0).
    pub fn reserves_limbs(&self, asset: usize) -> Wires {
        let (reserves, surplus) = limb_counts();
        self.limbs.part(asset * (reserves + surplus), reserves)
    }

    /// Limb wires of the surplus (asset index from 0).
    pub fn surplus_limbs(&self, asset: usize) -> Wires {
        let (reserves, surplus) = limb_counts();
        self.limbs.part(asset * (reserves + surplus) + reserves, surplus)
    }

    /// R_a; ranged in C-COV-2.
    pub(super) fn reserves(&self, asset: usize) -> Ranged {
        self.range.ranged(self.reserves_limbs(asset))
    }

    /// The surplus; ranged in C-COV-2.
    pub(super) fn surplus(&self, asset: usize) -> Ranged {
        self.range.ranged(self.surplus_limbs(asset))
    }
}

/// Limbs of reserves and of a surplus.
pub(super) const fn limb_counts() -> (usize, usize) {
    ((RESERVES_BITS / LIMB_BITS) as usize, (SURPLUS_BITS / LIMB_BITS) as usize)
}

/// Takes the wires of all hashes: the leaves, then level by level up to the root.
pub(super) fn tree(
    stage: &mut FreeStage,
    [leaf, node]: [&Template; 2],
    surpluses: &Wires,
    salts: &Wires,
) -> Vec<Vec<HashLayout>> {
    let leaves = leaf_inputs(surpluses, salts).into_iter().map(|inputs| leaf.layout(stage, inputs));
    let mut levels = vec![leaves.collect::<Vec<_>>()];
    for level in 0..DEPTH {
        let children: Vec<Wire> = levels[level].iter().map(HashLayout::output).collect();
        let nodes = node_inputs(&children, level).into_iter().map(|inputs| node.layout(stage, inputs));
        levels.push(nodes.collect());
    }
    levels
}
