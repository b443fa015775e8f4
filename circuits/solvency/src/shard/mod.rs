//! Shard circuit: these committed blocks hold ranged amounts, and their sums per asset are the
//! committed totals. `01-solvency` §3; claims C-SHARD-1 to 3 in `circuits/SPEC.md`.

mod assign;
mod layout;
pub mod twin;
mod witness;

use ark_bn254::Fr;
use ark_ff::One;
use solventry_types::{Profile, profile::SLOT_HOLDINGS};

pub use self::{layout::ShardLayout, witness::ShardWitness};
use crate::{
    gadgets::{
        evaluation::{JoinLayout, JoinPoint, PointLayout, VectorLayout},
        range::RangeLayout,
    },
    r1cs::{Circuit, CommittedStage, ONE, Wire, just, scaled, two_to},
};

/// Public inputs of the shard circuit, in order.
pub const PUBLIC: [&str; 5] = ["alpha", "chi", "rho", "gamma", "y"];

/// The shard circuit of a profile.
pub struct ShardCircuit {
    /// Sizes.
    pub profile: Profile,
    /// Rows and matrices.
    pub circuit: Circuit,
    layout: ShardLayout,
}

impl ShardCircuit {
    /// Describes the circuit: committed wires, free wires, then the claims from top to bottom.
    pub fn new(profile: Profile) -> Self {
        let mut stage = CommittedStage::new(format!("solventry-shard-v1/{profile}"), &PUBLIC);
        let [alpha, chi, rho, gamma, y] = [0, 1, 2, 3, 4].map(|index| stage.public(index));
        let one = Fr::one();

        // Committed wires (J1): limbs, multiplicities, totals, blinding, mask.
        let holdings = SLOT_HOLDINGS * profile.shard_slots();
        let limbs = stage.committed(holdings * (profile.amount_limbs() + profile.asset_limbs()));
        let multiplicities = stage.committed(1 << profile.limb_bits);
        let totals = stage.committed(profile.max_assets);
        let block_blinding = stage.committed(profile.shard_blocks);
        let totals_blinding = stage.committed(1).at(0);
        let mask = stage.committed(2);

        // Free wires (J2): each is the one solution of its row once the challenges are fixed.
        let mut stage = stage.close();
        let layout = ShardLayout {
            profile,
            range: RangeLayout::new(&mut stage, profile.limb_bits, limbs.clone(), multiplicities.clone()),
            shares: stage.free(holdings),
            asset_shares: stage.free(profile.max_assets),
            point: PointLayout::new(&mut stage, profile.block_slots),
            blocks: (0..profile.shard_blocks)
                .map(|_| VectorLayout::new(&mut stage, 0, profile.block_slots))
                .collect(),
            totals_vector: VectorLayout::new(&mut stage, 1, profile.max_assets),
            join: JoinLayout::new(&mut stage, profile.shard_blocks + 1),
            limbs,
            multiplicities,
            totals,
            block_blinding,
            totals_blinding,
            mask,
        };

        // C-SHARD-1: every limb of every amount and asset id is in [0, 2^w).
        stage.claim("C-SHARD-1");
        layout.range.constrain(&mut stage, alpha);

        // C-SHARD-2: T_a is the sum of all amounts of asset a; other ids carry no amount.
        // Amount and id are combinations of limbs that C-SHARD-1 ranges.
        stage.claim("C-SHARD-2");
        for (holding, share) in layout.shares.iter().enumerate() {
            let asset = scaled(&layout.asset(holding).value(), -one);
            let factor: Vec<_> = std::iter::once((chi, one)).chain(asset).collect();
            stage.row(&just(share), &factor, &layout.amount(holding).value());
        }
        for (index, share) in layout.asset_shares.iter().enumerate() {
            let factor = [(chi, one), (ONE, -Fr::from(index as u64 + 1))];
            stage.row(&just(share), &factor, &just(layout.totals.at(index)));
        }
        let shares = layout.shares.iter().map(|share| (share, one));
        let asset_shares = layout.asset_shares.iter().map(|share| (share, -one));
        stage.row(&shares.chain(asset_shares).collect::<Vec<_>>(), &just(ONE), &[]);

        // C-SHARD-3: y is the evaluation at ρ of blocks, totals and mask joined by γ.
        stage.claim("C-SHARD-3");
        layout.point.constrain(&mut stage, rho);
        for (block, vector) in layout.blocks.iter().enumerate() {
            let first = block * profile.block_slots;
            let slots: Vec<_> = (first..first + profile.block_slots).map(|slot| layout.slot(slot)).collect();
            vector.constrain(&mut stage, &layout.point, rho, &slots, Some(layout.block_blinding.at(block)));
        }
        let totals: Vec<_> = layout.totals.iter().map(just).collect();
        let vector = &layout.totals_vector;
        vector.constrain(&mut stage, &layout.point, rho, &totals, Some(layout.totals_blinding));
        let evaluations: Vec<Wire> = layout.vectors().map(VectorLayout::value).collect();
        let mask = [layout.mask.at(0), layout.mask.at(1)];
        layout.join.constrain(&mut stage, &evaluations, mask, JoinPoint { rho, gamma, y });

        Self { profile, circuit: stage.finish(), layout }
    }

    /// Where each value lives.
    pub fn layout(&self) -> &ShardLayout {
        &self.layout
    }
}

impl ShardLayout {
    /// The packed slot as a combination of limbs:
    /// `Σ_t (asset_t · 2^64 + amount_t) · 2^(80·t)`.
    fn slot(&self, slot: usize) -> Vec<(Wire, Fr)> {
        let mut packed = Vec::new();
        for place in 0..SLOT_HOLDINGS {
            let (holding, shift) = (SLOT_HOLDINGS * slot + place, 80 * place as u32);
            packed.extend(scaled(&self.amount(holding).value(), two_to(shift)));
            packed.extend(scaled(&self.asset(holding).value(), two_to(shift + 64)));
        }
        packed
    }
}
