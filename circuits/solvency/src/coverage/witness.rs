//! What the prover knows about coverage, and the committed wires made of it.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::Zero;
use solventry_types::{AssetTable, Total};

use super::{BPS, CoverageCircuit, LIMB_BITS, layout::limb_counts};
use crate::gadgets::range::{count_multiplicities, limbs_of};

/// Secrets of the coverage proof; vectors in table order, A entries each.
pub struct CoverageWitness {
    /// L_a, summed over all shards.
    pub liabilities: Vec<Total>,
    /// R_a, summed over all classes.
    pub reserves: Vec<Total>,
    /// Blinding of C_L: the sum of all r_T.
    pub liabilities_blinding: Fr,
    /// Summed blinding of the attested commitments; 0 if there are none.
    pub reserves_blinding: Fr,
    /// Mask scalars: fresh for every proof attempt.
    pub mask: [Fr; 2],
    /// One uniform salt per group of seven surpluses.
    pub salts: Vec<Fr>,
}

/// `10 000·R_a − c_a·L_a` per asset of the table; refuses the first asset that is short and names
/// it, so that the operator can be told.
pub fn surpluses(
    assets: &AssetTable,
    liabilities: &[Total],
    reserves: &[Total],
) -> Result<Vec<u128>, Shortfall> {
    let rows = assets.assets().iter().zip(liabilities).zip(reserves).enumerate();
    rows.map(|(index, ((asset, liabilities), reserves))| {
        // Products stay below 2^116: nothing overflows 128 bits.
        let held = reserves.units() * u128::from(BPS);
        let owed = liabilities.units() * u128::from(asset.min_coverage_bps);
        held.checked_sub(owed).ok_or(Shortfall { asset: index })
    })
    .collect()
}

/// Reserves do not cover an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reserves of asset number {} do not reach its minimum coverage", asset + 1)]
pub struct Shortfall {
    /// Index of the asset in the table, from 0.
    pub asset: usize,
}

impl fmt::Debug for CoverageWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CoverageWitness(hidden)")
    }
}

impl CoverageCircuit {
    /// Values of the committed wires (J1), in the order of the layout.
    ///
    /// Panics if a vector has not one entry per asset of the table.
    pub fn committed_values(
        &self,
        witness: &CoverageWitness,
        assets: &AssetTable,
    ) -> Result<Vec<Fr>, Shortfall> {
        assert_eq!(witness.liabilities.len(), assets.len(), "one L per asset");
        assert_eq!(witness.reserves.len(), assets.len(), "one R per asset");
        assert_eq!(witness.salts.len(), self.layout.salts.len(), "one salt per group");
        let surpluses = surpluses(assets, &witness.liabilities, &witness.reserves)?;
        let (places, (reserve_limbs, surplus_limbs)) = (self.profile.max_assets, limb_counts());
        let padded = |values: Vec<Fr>, padding: Fr| {
            let rest = places - values.len();
            values.into_iter().chain(std::iter::repeat_n(padding, rest))
        };

        let mut values = Vec::with_capacity(self.circuit.committed);
        values.extend(padded(
            witness.liabilities.iter().map(|total| Fr::from(total.units())).collect(),
            Fr::zero(),
        ));
        let mut limbs = Vec::with_capacity(self.layout.limbs.len());
        for index in 0..places {
            let reserves = witness.reserves.get(index).map_or(0, |total| total.units());
            let surplus = surpluses.get(index).copied().unwrap_or(0);
            limbs.extend(limbs_of(reserves, LIMB_BITS, reserve_limbs));
            limbs.extend(limbs_of(surplus, LIMB_BITS, surplus_limbs));
        }
        let multiplicities = count_multiplicities(&limbs, LIMB_BITS);
        values.extend(limbs);
        values.extend(public_vectors(assets, places).into_iter().flatten());
        values.extend([witness.liabilities_blinding, witness.reserves_blinding]);
        values.extend(multiplicities);
        values.extend(witness.mask);
        values.extend(&witness.salts);
        Ok(values)
    }
}

/// The two vectors that the verifier knows: c_a, and the marks of ids past the table.
pub fn public_vectors(assets: &AssetTable, places: usize) -> [Vec<Fr>; 2] {
    let coverage = (0..places)
        .map(|index| assets.assets().get(index).map_or(Fr::zero(), |asset| asset.min_coverage_bps.into()));
    let past = (0..places).map(|index| Fr::from(index >= assets.len()));
    [coverage.collect(), past.collect()]
}
