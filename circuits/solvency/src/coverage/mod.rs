//! Coverage circuit: for every asset, reserves × 10 000 ≥ minimum coverage × liabilities.
//! `01-solvency` §4; claims C-COV-1 to 3 in `circuits/SPEC.md`.

mod assign;
mod layout;
pub mod twin;
mod witness;

use ark_bn254::Fr;
use ark_ff::One;
use solventry_types::Profile;

pub use self::{
    layout::CoverageLayout,
    witness::{CoverageWitness, Shortfall, public_vectors, surpluses},
};
use crate::{
    gadgets::{
        evaluation::{JoinLayout, JoinPoint, PointLayout, VectorLayout},
        poseidon::{ARITY, Input, Template},
        range::RangeLayout,
    },
    r1cs::{Circuit, Combination, CommittedStage, FreeStage, ONE, Wire, just},
    surplus_tree::{DEPTH, GROUP, LEAF_TAG, NODE_TAG, empty_subtrees},
};

/// Public inputs of the coverage circuit, in order.
pub const PUBLIC: [&str; 5] = ["alpha", "rho", "gamma", "y", "headroom_root"];
/// Limb width: 8 bits in every profile, since two tables of 2^16 rows would cost more than the
/// extra limbs of at most 1 022 assets.
pub const LIMB_BITS: u32 = 8;
/// Reserves are below 2^96.
pub const RESERVES_BITS: u32 = 96;
/// Surpluses are below 2^112.
pub const SURPLUS_BITS: u32 = 112;
/// Basis points in one.
pub const BPS: u64 = 10_000;

/// The coverage circuit of a profile.
pub struct CoverageCircuit {
    /// Sizes.
    pub profile: Profile,
    /// Rows and matrices.
    pub circuit: Circuit,
    layout: CoverageLayout,
    leaf: Template,
    node: Template,
}

impl CoverageCircuit {
    /// Describes the circuit: committed wires, free wires, then the claims from top to bottom.
    pub fn new(profile: Profile) -> Self {
        let id = format!("solventry-coverage-v1/{profile}");
        let mut stage = CommittedStage::new(id, &PUBLIC);
        let [alpha, rho, gamma, y, root] = [0, 1, 2, 3, 4].map(|index| stage.public(index));
        let (one, assets) = (Fr::one(), profile.max_assets);

        // Committed wires (J1).
        let liabilities = stage.committed(assets);
        let limbs = stage.committed(assets * ((RESERVES_BITS + SURPLUS_BITS) / LIMB_BITS) as usize);
        let coverage = stage.committed(assets);
        let past = stage.committed(assets);
        let blinding = stage.committed(2);
        let multiplicities = stage.committed(1 << LIMB_BITS);
        let mask = stage.committed(2);
        let salts = stage.committed(assets / GROUP);

        // Free wires (J2): each is determined by committed wires and challenges.
        let (leaf, node) = (Template::new(Fr::from(LEAF_TAG)), Template::new(Fr::from(NODE_TAG)));
        let mut stage = stage.close();
        let range = RangeLayout::new(&mut stage, LIMB_BITS, limbs.clone(), multiplicities.clone());
        let surpluses = stage.free(assets);
        let point = PointLayout::new(&mut stage, profile.block_slots);
        let vectors = std::array::from_fn(|_| VectorLayout::new(&mut stage, 1, assets));
        let join = JoinLayout::new(&mut stage, 4);
        let tree = layout::tree(&mut stage, [&leaf, &node], &surpluses, &salts);
        let layout = CoverageLayout {
            profile,
            liabilities,
            limbs,
            coverage,
            past,
            blinding,
            multiplicities,
            mask,
            salts,
            surpluses,
            range,
            point,
            vectors,
            join,
            tree,
        };

        // C-COV-1: y joins the evaluations at ρ of liabilities, reserves, minimum coverage and
        // the marks of ids past the table; the verifier knows the last two vectors
        // and the public part of the second.
        stage.claim("C-COV-1");
        layout.point.constrain(&mut stage, rho);
        for (vector, (entries, blinding)) in layout.vectors.iter().zip(layout.joined()) {
            vector.constrain(&mut stage, &layout.point, rho, &entries, blinding);
        }
        let evaluations: Vec<Wire> = layout.vectors.iter().map(VectorLayout::value).collect();
        let mask = [layout.mask.at(0), layout.mask.at(1)];
        layout.join.constrain(&mut stage, &evaluations, mask, JoinPoint { rho, gamma, y });

        // C-COV-2: R_a in [0, 2^96), surplus_a = 10 000·R_a − c_a·L_a in [0, 2^112), and ids past
        // the table have neither liabilities nor reserves (both are sums of non-negative
        // integers far below the field's order, so their sum is 0 only if both are).
        stage.claim("C-COV-2");
        layout.range.constrain(&mut stage, alpha);
        for asset in 0..assets {
            layout.constrain_surplus(&mut stage, asset);
            let sum = [&layout.reserves(asset).value()[..], &[(layout.liabilities.at(asset), one)]].concat();
            stage.row(&sum, &just(layout.past.at(asset)), &[]);
        }

        // C-COV-3: headroom_root is the root of the tree over surpluses and salts.
        stage.claim("C-COV-3");
        for (level, hashes) in layout.tree.iter().enumerate() {
            let template = if level == 0 { &leaf } else { &node };
            hashes.iter().for_each(|hash| template.constrain(&mut stage, hash));
        }
        let top = layout.tree[DEPTH][0].output();
        stage.row(&just(top), &just(ONE), &just(root));

        Self { profile, circuit: stage.finish(), layout, leaf, node }
    }

    /// Where each value lives.
    pub fn layout(&self) -> &CoverageLayout {
        &self.layout
    }
}

impl CoverageLayout {
    /// The four committed vectors in joining order, with their blinding wires.
    fn joined(&self) -> [(Vec<Combination>, Option<Wire>); 4] {
        let wires = |wires: &crate::r1cs::Wires| wires.iter().map(just).collect();
        let reserves = (0..self.profile.max_assets).map(|asset| self.reserves(asset).value()).collect();
        [
            (wires(&self.liabilities), Some(self.blinding.at(0))),
            (reserves, Some(self.blinding.at(1))),
            (wires(&self.coverage), None),
            (wires(&self.past), None),
        ]
    }

    /// `surplus = Σ limbs` and `c_a · L_a = 10 000·R_a − surplus_a`. Bounds: c < 2^20, L < 2^98,
    /// 10 000·R < 2^110, surplus < 2^112: nothing wraps modulo the order.
    fn constrain_surplus(&self, stage: &mut FreeStage, asset: usize) {
        let surplus = self.surpluses.at(asset);
        stage.row(&self.surplus(asset).value(), &just(ONE), &just(surplus));
        let mut rest = crate::r1cs::scaled(&self.reserves(asset).value(), Fr::from(BPS));
        rest.push((surplus, -Fr::one()));
        stage.row(&just(self.liabilities.at(asset)), &just(self.coverage.at(asset)), &rest);
    }
}

/// Inputs of the leaves: seven surpluses and a salt each.
fn leaf_inputs(surpluses: &crate::r1cs::Wires, salts: &crate::r1cs::Wires) -> Vec<[Input; ARITY]> {
    (0..salts.len())
        .map(|group| {
            std::array::from_fn(|index| {
                let inside = index < GROUP;
                Input::Wire(if inside { surpluses.at(GROUP * group + index) } else { salts.at(group) })
            })
        })
        .collect()
}

/// Inputs of the nodes above `children`; missing children are empty subtrees.
fn node_inputs(children: &[Wire], level: usize) -> Vec<[Input; ARITY]> {
    let empty = Input::Constant(empty_subtrees()[level]);
    children
        .chunks(ARITY)
        .map(|chunk| std::array::from_fn(|index| chunk.get(index).map_or(empty, |wire| Input::Wire(*wire))))
        .collect()
}
