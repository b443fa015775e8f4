//! The full assignment, once the challenges are known.

use ark_bn254::Fr;
use ark_ff::{Field, Zero, batch_inversion};
use solventry_types::challenge::ShardChallenges;

use super::ShardCircuit;
use crate::{Pole, gadgets::range::small, r1cs::Combination};

impl ShardCircuit {
    /// All wires: constant, public inputs (with y last), `committed` (J1) as given, and the free
    /// wires (J2) that follow from them. Works on any committed values, true or not: rows that
    /// do not hold are then for [`crate::r1cs::Circuit::check`] to find.
    pub fn assignment(&self, committed: &[Fr], challenges: &ShardChallenges) -> Result<Vec<Fr>, Pole> {
        let ShardChallenges { alpha, chi, rho, gamma } = *challenges;
        if gamma.is_zero() {
            return Err(Pole);
        }
        let layout = self.layout();
        let mut values = vec![Fr::zero(); self.circuit.wires()];
        values[..5].copy_from_slice(&[Fr::from(1u64), alpha, chi, rho, gamma]);
        values[self.circuit.committed_range()].copy_from_slice(committed);

        layout.range.assign(&mut values, alpha)?;
        self.assign_shares(&mut values, chi)?;
        let point = layout.point.assign(&mut values, rho)?;

        let n = self.profile.block_slots;
        let mut evaluations = Vec::with_capacity(self.profile.shard_blocks + 1);
        let combinations = SlotValues::new(self);
        for (block, vector) in layout.blocks.iter().enumerate() {
            let slots: Vec<Fr> =
                (block * n..(block + 1) * n).map(|slot| combinations.slot(&values, slot)).collect();
            let blinding = values[layout.block_blinding.at(block).0 as usize];
            evaluations.push(vector.assign(&mut values, &point, &slots, blinding));
        }
        let totals = values[layout.totals.range()].to_vec();
        let blinding = values[layout.totals_blinding.0 as usize];
        evaluations.push(layout.totals_vector.assign(&mut values, &point, &totals, blinding));
        let mask = [0, 1].map(|index| values[layout.mask.at(index).0 as usize]);
        values[5] = layout.join.assign(&mut values, &evaluations, mask, rho, gamma);
        Ok(values)
    }

    /// `u_h = amount_h / (χ − a_h)` and `g_a = T_a / (χ − a)`.
    fn assign_shares(&self, values: &mut [Fr], chi: Fr) -> Result<(), Pole> {
        let layout = self.layout();
        let mut inverses: Vec<Fr> = (0..=self.profile.max_assets as u64).map(|a| chi - Fr::from(a)).collect();
        if (0..1u64 << 16).any(|a| chi == Fr::from(a)) {
            return Err(Pole);
        }
        batch_inversion(&mut inverses);
        for (holding, share) in layout.shares.range().enumerate() {
            let amount = evaluate(values, &layout.amount(holding).value());
            if amount.is_zero() {
                continue; // the share of nothing is zero
            }
            let asset = evaluate(values, &layout.asset(holding).value());
            let inverse = match small(asset).and_then(|asset| inverses.get(asset)) {
                Some(inverse) => *inverse,
                None => (chi - asset).inverse().ok_or(Pole)?,
            };
            values[share] = amount * inverse;
        }
        let totals = layout.totals.range().zip(layout.asset_shares.range());
        for ((total, share), inverse) in totals.zip(&inverses[1..]) {
            values[share] = values[total] * inverse;
        }
        Ok(())
    }
}

/// Packs slots from limb values; the weights are the same for every slot.
struct SlotValues {
    weights: Vec<Fr>,
    first: usize,
}

impl SlotValues {
    fn new(circuit: &ShardCircuit) -> Self {
        let layout = circuit.layout();
        let mut first_slot = layout.slot(0);
        first_slot.sort_unstable_by_key(|(wire, _)| *wire);
        let weights = first_slot.into_iter().map(|(_, weight)| weight).collect();
        Self { weights, first: layout.limbs.range().start }
    }

    fn slot(&self, values: &[Fr], slot: usize) -> Fr {
        let limbs = &values[self.first + slot * self.weights.len()..][..self.weights.len()];
        // Most limbs are zero; a test is cheaper than a product.
        limbs
            .iter()
            .zip(&self.weights)
            .filter(|(limb, _)| !limb.is_zero())
            .map(|(limb, weight)| *limb * weight)
            .sum()
    }
}

fn evaluate(values: &[Fr], combination: &Combination) -> Fr {
    combination.iter().map(|(wire, factor)| values[wire.0 as usize] * factor).sum()
}
