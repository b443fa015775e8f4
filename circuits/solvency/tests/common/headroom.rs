//! Honest headroom in the clear and forgeries of it: any chosen value can be replaced, and the
//! public inputs be recomputed or kept.

use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use solventry_solvency::{
    Refused,
    coverage::BPS,
    gadgets::{poseidon::ARITY, range::limbs_of, select::BITS},
    headroom::{HeadroomCircuit, HeadroomLayout, HeadroomWitness, twin},
    r1cs::{Unsatisfied, Wire, Wires},
    surplus_tree::{DEPTH, GROUP, LEAF_TAG, NODE_TAG, hash},
};
use solventry_types::{AssetId, Digest, HeadroomStatement, Total};

use super::{committed::Committed, forge::assert_refused, scalars};

/// Index of headroom_root in the assignment.
pub const ROOT: usize = 3;
/// Index of the asset in the assignment.
pub const ASSET: usize = 4;
/// Index of the outflow in the assignment.
pub const OUTFLOW: usize = 5;

/// Surpluses of 63 assets: large ones, small ones, nothing.
pub fn surpluses() -> Vec<u128> {
    let [seed] = scalars::<1>(7);
    let word = u128::from(seed.into_bigint().0[0]);
    (0..63u128).map(|asset| (word.wrapping_mul(2 * asset + 1) << 40) >> (asset % 3 * 30)).collect()
}

/// A true statement, its witness and all wires.
pub struct HonestHeadroom {
    /// The circuit.
    pub circuit: HeadroomCircuit,
    /// Public inputs.
    pub inputs: [Fr; 5],
    /// The wires that the prover chooses.
    pub chosen: Committed,
    /// All wires.
    pub values: Vec<Fr>,
}

impl HonestHeadroom {
    /// Headroom of an asset whose surplus exceeds 10 000 times the outflow by `left` and less
    /// than one unit.
    pub fn new(asset: u16, left: u128) -> Self {
        let (circuit, surpluses, salts) = (HeadroomCircuit::new(), surpluses(), scalars::<9>(3));
        let asset = AssetId::new(asset).unwrap();
        let witness = HeadroomWitness::new(&surpluses, &salts, asset);
        let scalars = surpluses.iter().copied().map(Fr::from).collect::<Vec<_>>();
        let statement = HeadroomStatement {
            context: Digest(std::array::from_fn(|index| 255 - index as u8)),
            headroom_root: solventry_solvency::surplus_tree::root(&scalars, &salts),
            asset,
            outflow: Total::from_units((surpluses[asset.index()] - left) / u128::from(BPS)).unwrap(),
        };
        let chosen = circuit.chosen_values(&witness, &statement).unwrap();
        let (inputs, first) = (statement.inputs(), circuit.layout().chosen().start);
        let values = circuit.assignment(&inputs, &chosen);
        Self { circuit, inputs, chosen: Committed::new(chosen, first), values }
    }

    pub fn layout(&self) -> &HeadroomLayout {
        self.circuit.layout()
    }

    /// The honest values, to be forged.
    pub fn forge(&self) -> Forged<'_> {
        Forged { honest: self, inputs: self.inputs, chosen: self.chosen.clone() }
    }
}

/// A forgery under way: `fit_*` make later claims true of what was forged before.
#[derive(Clone)]
pub struct Forged<'a> {
    pub honest: &'a HonestHeadroom,
    /// Public inputs.
    pub inputs: [Fr; 5],
    /// Chosen wires.
    pub chosen: Committed,
}

impl Forged<'_> {
    fn layout(&self) -> &HeadroomLayout {
        self.honest.layout()
    }

    /// `Σ 2^i · bit_i`, bits or not.
    pub fn integer(&self, bits: &Wires) -> Fr {
        self.chosen.of(bits).iter().rev().fold(Fr::from(0u64), |sum, bit| sum + sum + bit)
    }

    /// Writes the bits of an integer.
    pub fn write(&mut self, bits: &Wires, integer: u128) {
        for (wire, bit) in bits.iter().zip(limbs_of(integer, 1, bits.len())) {
            self.chosen.set(wire, bit);
        }
    }

    /// Makes the public outflow the value of its bits.
    pub fn fit_outflow(&mut self) -> &mut Self {
        self.inputs[4] = self.integer(&self.layout().outflow);
        self
    }

    /// Makes the public asset that of group and place.
    pub fn fit_asset(&mut self) -> &mut Self {
        let places = self.chosen.of(&self.layout().place).iter().zip(0u64..);
        let place: Fr = places.map(|(mark, index)| *mark * Fr::from(index)).sum();
        self.inputs[3] = Fr::from(1u64) + Fr::from(GROUP as u64) * self.integer(&self.layout().group) + place;
        self
    }

    /// Makes the surplus at the first marked place what outflow and difference add up to.
    pub fn fit_surplus(&mut self) -> &mut Self {
        let layout = self.honest.layout();
        let due = Fr::from(BPS) * self.integer(&layout.outflow) + self.integer(&layout.difference);
        let marks = self.chosen.of(&layout.place).to_vec();
        let first = marks.iter().position(|mark| *mark != Fr::from(0u64)).expect("a place is marked");
        let others = marks.iter().zip(self.chosen.of(&layout.surpluses)).skip(first + 1);
        let others: Fr = others.map(|(mark, surplus)| *mark * surplus).sum();
        let surplus = (due - others) * marks[first].inverse().unwrap();
        self.chosen.set(layout.surpluses.at(first), surplus);
        self
    }

    /// Hashes the leaf up to the public root: on each level a child that counts is solved for.
    pub fn fit_root(&mut self) -> &mut Self {
        self.fit_root_from(0, None)
    }

    /// The same from a level on; `below` replaces the hash under it.
    pub fn fit_root_from(&mut self, level: usize, below: Option<Fr>) -> &mut Self {
        let layout = self.honest.layout();
        let mut node = below.unwrap_or_else(|| self.node(level));
        for level in level..DEPTH {
            let weights = self.weights(level);
            let children = &layout.children[level];
            let index = weights.iter().position(|weight| *weight != Fr::from(0u64)).expect("one counts");
            let sum: Fr = weights.iter().zip(self.chosen.of(children)).map(|(w, child)| *w * child).sum();
            self.chosen.add(children.at(index), (node - sum) * weights[index].inverse().unwrap());
            node = self.node(level + 1);
        }
        self.inputs[2] = node;
        self
    }

    /// The hash of the leaf (0) or of the children on the level below `level`.
    pub fn node(&self, level: usize) -> Fr {
        let layout = self.layout();
        if level == 0 {
            let inputs = [self.chosen.of(&layout.surpluses), self.chosen.of(&layout.salt)].concat();
            return hash(LEAF_TAG, &inputs.try_into().unwrap());
        }
        hash(NODE_TAG, &self.chosen.of(&layout.children[level - 1]).try_into().unwrap())
    }

    /// How much each child counts in the choice on a level: the product of its bits' factors.
    fn weights(&self, level: usize) -> [Fr; ARITY] {
        let bits = self.chosen.of(&self.layout().level_bits(level));
        std::array::from_fn(|child| {
            let factor =
                |bit: usize| if child >> bit & 1 == 1 { bits[bit] } else { Fr::from(1u64) - bits[bit] };
            (0..BITS).map(factor).product()
        })
    }

    /// Everything that follows from what was forged.
    pub fn fit_all(&mut self) -> &mut Self {
        self.fit_outflow().fit_asset().fit_surplus().fit_root()
    }

    /// Replaces a chosen value.
    pub fn set(&mut self, wire: Wire, value: Fr) -> &mut Self {
        self.chosen.set(wire, value);
        self
    }

    /// All wires.
    pub fn values(&self) -> Vec<Fr> {
        self.honest.circuit.assignment(&self.inputs, &self.chosen.values)
    }

    /// What circuit and twin say.
    pub fn verdicts(&self) -> (Result<(), Unsatisfied>, Result<(), Refused>) {
        let circuit = &self.honest.circuit;
        let twin = twin::check(circuit, &self.inputs, &self.chosen.values);
        (circuit.circuit.check(&self.values()), twin)
    }

    /// Both must refuse and name `claim`.
    pub fn refused(&self, claim: &str) {
        assert_refused(claim, self.verdicts());
    }

    /// Both must accept.
    pub fn accepted(&self) {
        assert_eq!(self.verdicts(), (Ok(()), Ok(())));
    }
}
