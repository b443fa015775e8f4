//! Where the values of the shard circuit live.

use solventry_types::Profile;

use crate::{
    gadgets::{
        evaluation::{JoinLayout, PointLayout, VectorLayout},
        range::{RangeLayout, Ranged},
    },
    r1cs::{Wire, Wires},
};

/// Wires of the shard circuit. Public so that tests can put any value in any wire.
pub struct ShardLayout {
    /// Sizes.
    pub profile: Profile,
    /// J1: per holding, the limbs of its amount and then of its asset id, little-endian.
    pub limbs: Wires,
    /// J1: how often each table entry occurs.
    pub multiplicities: Wires,
    /// J1: T_a for a = 1..A_max.
    pub totals: Wires,
    /// J1: r_b, one per block.
    pub block_blinding: Wires,
    /// J1: r_T.
    pub totals_blinding: Wire,
    /// J1: m_0, m_1.
    pub mask: Wires,
    /// J2: u_h = amount_h / (χ − a_h).
    pub shares: Wires,
    /// J2: g_a = T_a / (χ − a).
    pub asset_shares: Wires,
    pub(super) range: RangeLayout,
    pub(super) point: PointLayout,
    pub(super) blocks: Vec<VectorLayout>,
    pub(super) totals_vector: VectorLayout,
    pub(super) join: JoinLayout,
}

impl ShardLayout {
    /// Limbs of one holding.
    fn holding_limbs(&self) -> usize {
        self.profile.amount_limbs() + self.profile.asset_limbs()
    }

    /// Limb wires of the amount of one holding of the shard.
    pub fn amount_limbs(&self, holding: usize) -> Wires {
        self.limbs.part(holding * self.holding_limbs(), self.profile.amount_limbs())
    }

    /// Limb wires of the asset id of one holding of the shard.
    pub fn asset_limbs(&self, holding: usize) -> Wires {
        let first = holding * self.holding_limbs() + self.profile.amount_limbs();
        self.limbs.part(first, self.profile.asset_limbs())
    }

    /// Amount of a holding; ranged in C-SHARD-1.
    pub(super) fn amount(&self, holding: usize) -> Ranged {
        self.range.ranged(self.amount_limbs(holding))
    }

    /// Asset id of a holding; ranged in C-SHARD-1.
    pub(super) fn asset(&self, holding: usize) -> Ranged {
        self.range.ranged(self.asset_limbs(holding))
    }

    /// The blocks and, last, the totals.
    pub(super) fn vectors(&self) -> impl Iterator<Item = &VectorLayout> {
        self.blocks.iter().chain([&self.totals_vector])
    }
}
