//! What the prover knows about headroom, and the chosen wires made of it.

use std::fmt;

use ark_bn254::Fr;
use solventry_types::{AssetId, HeadroomStatement};

use super::{DIFFERENCE_BITS, HeadroomCircuit, OUTFLOW_BITS};
use crate::{
    coverage::BPS,
    gadgets::{poseidon::ARITY, range::limbs_of, select::BITS},
    surplus_tree::{self, DEPTH, GROUP},
};

/// Secrets of one headroom proof: the leaf of the asset and the way up to the root.
pub struct HeadroomWitness {
    /// Surpluses of the asset's group, each below 2^112.
    pub surpluses: [u128; GROUP],
    /// The group's salt.
    pub salt: Fr,
    /// The eight children on each level, from the leaves up.
    pub children: [[Fr; ARITY]; DEPTH],
}

/// The outflow would break coverage. Holds no value of the witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the outflow exceeds what reserves hold above the minimum coverage")]
pub struct Exceeded;

impl HeadroomWitness {
    /// The opening of `asset` in the tree over `surpluses`, in table order and as many as the
    /// table has assets; further ones are 0, as in the coverage circuit.
    ///
    /// Panics if the asset is past the tree, or there are more surpluses than the salts have room
    /// for.
    pub fn new(surpluses: &[u128], salts: &[Fr], asset: AssetId) -> Self {
        assert!(surpluses.len() <= GROUP * salts.len(), "one salt per group of seven");
        let (leaf, padded) = (asset.index() / GROUP, GROUP * salts.len());
        let all = surpluses.iter().copied().chain(std::iter::repeat(0)).take(padded);
        let all: Vec<u128> = all.collect();
        let scalars: Vec<Fr> = all.iter().map(|surplus| Fr::from(*surplus)).collect();
        Self {
            children: surplus_tree::siblings(&scalars, salts, leaf),
            surpluses: std::array::from_fn(|index| all[GROUP * leaf + index]),
            salt: salts[leaf],
        }
    }
}

impl fmt::Debug for HeadroomWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeadroomWitness(hidden)")
    }
}

impl HeadroomCircuit {
    /// Values of the chosen wires, in the order of the layout.
    pub fn chosen_values(
        &self,
        witness: &HeadroomWitness,
        statement: &HeadroomStatement,
    ) -> Result<Vec<Fr>, Exceeded> {
        let [high, low, ..] = statement.inputs();
        let (group, place) = (statement.asset.index() / GROUP, statement.asset.index() % GROUP);
        let outflow = statement.outflow.units();
        // Below 2^110: nothing overflows 128 bits.
        let difference = witness.surpluses[place].checked_sub(u128::from(BPS) * outflow).ok_or(Exceeded)?;
        let bits = |value: u128, count: u32| limbs_of(value, 1, count as usize);

        let mut values = vec![high, low];
        values.extend(bits(outflow, OUTFLOW_BITS));
        values.extend((0..GROUP).map(|index| Fr::from(index == place)));
        values.extend(bits(group as u128, (BITS * DEPTH) as u32));
        values.extend(bits(difference, DIFFERENCE_BITS));
        values.extend(witness.surpluses.map(Fr::from));
        values.push(witness.salt);
        values.extend(witness.children.iter().flatten());
        Ok(values)
    }
}
