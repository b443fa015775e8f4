//! The full assignment, once the challenges are known.

use ark_bn254::Fr;
use ark_ff::Zero;
use solventry_types::challenge::CoverageChallenges;

use super::{CoverageCircuit, LIMB_BITS};
use crate::{
    Pole,
    r1cs::{Wires, two_to},
    surplus_tree::{DEPTH, LEAF_TAG, NODE_TAG},
};

impl CoverageCircuit {
    /// All wires: constant, public inputs (with y and headroom_root last), `committed` (J1) as
    /// given, and the free wires (J2) that follow. Works on any committed values, true or not.
    pub fn assignment(&self, committed: &[Fr], challenges: &CoverageChallenges) -> Result<Vec<Fr>, Pole> {
        let CoverageChallenges { alpha, rho, gamma } = *challenges;
        if gamma.is_zero() {
            return Err(Pole);
        }
        let layout = self.layout();
        let mut values = vec![Fr::zero(); self.circuit.wires()];
        values[..4].copy_from_slice(&[Fr::from(1u64), alpha, rho, gamma]);
        values[self.circuit.committed_range()].copy_from_slice(committed);
        layout.range.assign(&mut values, alpha)?;
        for asset in 0..self.profile.max_assets {
            let surplus = integer(&values, &layout.surplus_limbs(asset));
            values[layout.surpluses.at(asset).0 as usize] = surplus;
        }

        let point = layout.point.assign(&mut values, rho)?;
        let assets = 0..self.profile.max_assets;
        let reserves = assets.map(|asset| integer(&values, &layout.reserves_limbs(asset))).collect();
        let copy = |wires: &Wires| values[wires.range()].to_vec();
        let entries = [copy(&layout.liabilities), reserves, copy(&layout.coverage), copy(&layout.past)];
        let [first, second] = [0, 1].map(|index| values[layout.blinding.at(index).0 as usize]);
        let blinding = [first, second, Fr::zero(), Fr::zero()];
        let mut evaluations = Vec::with_capacity(4);
        for ((vector, entries), blinding) in layout.vectors.iter().zip(&entries).zip(blinding) {
            evaluations.push(vector.assign(&mut values, &point, entries, blinding));
        }
        let mask = [0, 1].map(|index| values[layout.mask.at(index).0 as usize]);
        values[4] = layout.join.assign(&mut values, &evaluations, mask, rho, gamma);
        values[5] = self.assign_tree(&mut values);
        Ok(values)
    }

    /// The root alone: part of the statement, so it is needed before the challenges.
    pub fn headroom_root(&self, committed: &[Fr]) -> Fr {
        let layout = self.layout();
        let mut values = vec![Fr::zero(); self.circuit.wires()];
        values[self.circuit.committed_range()].copy_from_slice(committed);
        let assets = 0..self.profile.max_assets;
        let surpluses: Vec<Fr> = assets.map(|asset| integer(&values, &layout.surplus_limbs(asset))).collect();
        crate::surplus_tree::root(&surpluses, &values[layout.salts.range()])
    }

    fn assign_tree(&self, values: &mut [Fr]) -> Fr {
        let mut last = Fr::zero();
        for (level, hashes) in self.layout.tree.iter().enumerate() {
            let (template, tag) = if level == 0 { (&self.leaf, LEAF_TAG) } else { (&self.node, NODE_TAG) };
            for hash in hashes {
                last = template.assign(values, hash, Fr::from(tag));
            }
        }
        debug_assert_eq!(self.layout.tree.len(), DEPTH + 1);
        last
    }
}

/// `Σ 2^(w·i)·limb_i`.
fn integer(values: &[Fr], limbs: &Wires) -> Fr {
    let base = two_to(LIMB_BITS);
    values[limbs.range()].iter().rev().fold(Fr::zero(), |sum, limb| sum * base + limb)
}
