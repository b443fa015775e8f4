//! What the prover knows about one shard, and the committed wires made of it.

use std::fmt;

use ark_bn254::Fr;
use solventry_types::{Slot, amount::TotalOverflow, profile::SLOT_HOLDINGS};

use super::ShardCircuit;
use crate::gadgets::range::{count_multiplicities, limbs_of};

/// Secrets of one shard.
pub struct ShardWitness {
    /// B·n slots in block order.
    pub slots: Vec<Slot>,
    /// r_b, one per block.
    pub block_blinding: Vec<Fr>,
    /// r_T.
    pub totals_blinding: Fr,
    /// m_0, m_1: fresh for every proof attempt.
    pub mask: [Fr; 2],
}

impl ShardWitness {
    /// T_a for a = 1..=max_assets, in listed units.
    pub fn totals(&self, max_assets: usize) -> Result<Vec<u128>, TotalOverflow> {
        let mut totals = vec![0u128; max_assets];
        for holding in self.slots.iter().flat_map(Slot::holdings) {
            // An id past the circuit's table is refused by C-SHARD-2; here it has no place.
            if let Some(total) = totals.get_mut(holding.asset.index()) {
                *total = total.checked_add(holding.amount.units().into()).ok_or(TotalOverflow)?;
            }
        }
        Ok(totals)
    }
}

impl fmt::Debug for ShardWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShardWitness(hidden)")
    }
}

impl ShardCircuit {
    /// Values of the committed wires (J1), in the order of the layout.
    ///
    /// Panics if the witness has not exactly B·n slots and B blinding scalars.
    pub fn committed_values(&self, witness: &ShardWitness) -> Result<Vec<Fr>, TotalOverflow> {
        let profile = self.profile;
        assert_eq!(witness.slots.len(), profile.shard_slots(), "a shard is B·n slots");
        assert_eq!(witness.block_blinding.len(), profile.shard_blocks, "one blinding scalar per block");
        let mut values = Vec::with_capacity(self.circuit.committed);
        for slot in &witness.slots {
            for place in slot.places() {
                let (asset, units) =
                    place.map_or((0, 0), |holding| (holding.asset.get(), holding.amount.units()));
                values.extend(limbs_of(units.into(), profile.limb_bits, profile.amount_limbs()));
                values.extend(limbs_of(asset.into(), profile.limb_bits, profile.asset_limbs()));
            }
        }
        debug_assert_eq!(values.len() % SLOT_HOLDINGS, 0);
        values.extend(count_multiplicities(&values, profile.limb_bits));
        values.extend(witness.totals(profile.max_assets)?.into_iter().map(Fr::from));
        values.extend(&witness.block_blinding);
        values.push(witness.totals_blinding);
        values.extend(witness.mask);
        Ok(values)
    }
}
