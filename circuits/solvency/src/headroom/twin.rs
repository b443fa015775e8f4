//! Native twin: the claims of the headroom circuit checked directly on the chosen values.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, One, Zero};

use super::HeadroomCircuit;
use crate::{
    Refused,
    coverage::BPS,
    gadgets::{poseidon::ARITY, range::small},
    r1cs::Wires,
    surplus_tree::{DEPTH, GROUP, LEAF_TAG, NODE_TAG, hash},
};

/// Checks public inputs and chosen values (in the order of the layout).
pub fn check(headroom: &HeadroomCircuit, inputs: &[Fr; 5], chosen: &[Fr]) -> Result<(), Refused> {
    let values = Chosen { headroom, values: chosen };
    let [high, low, root, asset, outflow] = *inputs;
    context(&values, [high, low])?;
    let units = integer(values.bits(&headroom.layout().outflow, "C-HEAD-2", "a bit of the outflow")?);
    if units != outflow {
        return Err(Refused { claim: "C-HEAD-2", problem: "the outflow is not the value of its bits" });
    }
    let (group, place) = position(&values, asset)?;
    surplus(&values, place, units)?;
    membership(&values, group, root)
}

struct Chosen<'a> {
    headroom: &'a HeadroomCircuit,
    values: &'a [Fr],
}

impl Chosen<'_> {
    fn of(&self, wires: &Wires) -> &[Fr] {
        let first = self.headroom.layout().chosen().start;
        &self.values[wires.range().start - first..wires.range().end - first]
    }

    fn bits(&self, wires: &Wires, claim: &'static str, problem: &'static str) -> Result<Vec<bool>, Refused> {
        let bit = |value: &Fr| match small(*value) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(Refused { claim, problem }),
        };
        self.of(wires).iter().map(bit).collect()
    }
}

/// C-HEAD-1: the copies are those of the context's halves.
fn context(values: &Chosen<'_>, halves: [Fr; 2]) -> Result<(), Refused> {
    if values.of(&values.headroom.layout().copies) == halves {
        return Ok(());
    }
    Err(Refused { claim: "C-HEAD-1", problem: "a copy is not its half of the context" })
}

/// C-HEAD-3: group and place of the asset.
fn position(values: &Chosen<'_>, asset: Fr) -> Result<(usize, usize), Refused> {
    let (claim, layout) = ("C-HEAD-3", values.headroom.layout());
    let places = values.bits(&layout.place, claim, "a mark of the place is neither 0 nor 1")?;
    if places.iter().filter(|mark| **mark).count() != 1 {
        return Err(Refused { claim, problem: "not exactly one place is marked" });
    }
    let place = places.iter().position(|mark| *mark).unwrap_or_default();
    let bits = values.bits(&layout.group, claim, "a bit of the group is neither 0 nor 1")?;
    let group = bits.iter().rev().fold(0, |sum, bit| 2 * sum + usize::from(*bit));
    if Fr::from((1 + GROUP * group + place) as u64) == asset {
        return Ok((group, place));
    }
    Err(Refused { claim, problem: "group and place are not those of the asset" })
}

/// C-HEAD-4: the surplus exceeds 10 000 times the outflow by the difference.
fn surplus(values: &Chosen<'_>, place: usize, outflow: Fr) -> Result<(), Refused> {
    let (claim, layout) = ("C-HEAD-4", values.headroom.layout());
    let bits = values.bits(&layout.difference, claim, "a bit of the difference is neither 0 nor 1")?;
    if values.of(&layout.surpluses)[place] == Fr::from(BPS) * outflow + integer(bits) {
        return Ok(());
    }
    Err(Refused { claim, problem: "the surplus is not 10 000·outflow and the difference" })
}

/// C-HEAD-5: the group's surpluses and salt are its leaf under the root.
fn membership(values: &Chosen<'_>, group: usize, root: Fr) -> Result<(), Refused> {
    let (claim, layout) = ("C-HEAD-5", values.headroom.layout());
    let inputs: Vec<Fr> = [values.of(&layout.surpluses), values.of(&layout.salt)].concat();
    let mut node = hash(LEAF_TAG, &std::array::from_fn(|index| inputs[index]));
    for level in 0..DEPTH {
        let children = values.of(&layout.children[level]);
        if children[group / ARITY.pow(level as u32) % ARITY] != node {
            return Err(Refused { claim, problem: "a node is not the child that the group says" });
        }
        node = hash(NODE_TAG, &std::array::from_fn(|index| children[index]));
    }
    if node == root { Ok(()) } else { Err(Refused { claim, problem: "the top is not headroom_root" }) }
}

/// The integer of little-endian bits.
fn integer(bits: Vec<bool>) -> Fr {
    bits.iter().rev().fold(Fr::zero(), |sum, bit| sum.double() + if *bit { Fr::one() } else { Fr::zero() })
}
