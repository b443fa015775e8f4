//! Slots: three holdings packed into one canonical scalar.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

use crate::{amount::Amount, asset::AssetId, profile::SLOT_HOLDINGS};

/// One customer's amount of one asset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holding {
    /// The asset.
    pub asset: AssetId,
    /// The amount in listed units.
    pub amount: Amount,
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holding(hidden)")
    }
}

/// `Σ_{t=0..2} (asset_t · 2^64 + amount_t) · 2^(80·t)`: 240 bits, below the field's order.
/// An empty place is asset 0, amount 0.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Slot([Option<Holding>; SLOT_HOLDINGS]);

/// Why 30 bytes are not a slot of an honest ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// Asset 0 with an amount.
    #[error("a slot place without an asset carries an amount")]
    AmountWithoutAsset,
    /// An asset with amount 0 (zero amounts are dropped before packing).
    #[error("a slot place names an asset with amount zero")]
    ZeroAmount,
}

impl Slot {
    /// Bytes of a packed slot.
    pub const BYTES: usize = 30;

    /// A slot of up to three holdings.
    pub fn new(holdings: &[Holding]) -> Self {
        let mut places = [None; SLOT_HOLDINGS];
        places.iter_mut().zip(holdings).for_each(|(place, holding)| *place = Some(*holding));
        Self(places)
    }

    /// The three places.
    pub const fn places(&self) -> &[Option<Holding>; SLOT_HOLDINGS] {
        &self.0
    }

    /// The holdings, without empty places.
    pub fn holdings(&self) -> impl Iterator<Item = Holding> + '_ {
        self.0.iter().flatten().copied()
    }

    /// The packed integer, 30 bytes big-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (chunk, place) in bytes.rchunks_exact_mut(10).zip(&self.0) {
            let Some(holding) = place else { continue };
            let (asset, amount) = chunk.split_at_mut(2);
            asset.copy_from_slice(&holding.asset.get().to_be_bytes());
            amount.copy_from_slice(&holding.amount.units().to_be_bytes());
        }
        bytes
    }

    /// Unpacks; refuses what no honest ledger packs.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, SlotError> {
        let mut places = [None; SLOT_HOLDINGS];
        for (chunk, place) in bytes.rchunks_exact(10).zip(&mut places) {
            let integer = chunk.iter().fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
            let (asset, amount) = ((integer >> 64) & 0xffff, integer & u128::from(u64::MAX));
            let (asset, amount) = (u16::try_from(asset).unwrap_or(0), u64::try_from(amount).unwrap_or(0));
            *place = match (AssetId::new(asset), amount) {
                (None, 0) => None,
                (None, _) => return Err(SlotError::AmountWithoutAsset),
                (Some(_), 0) => return Err(SlotError::ZeroAmount),
                (Some(asset), units) => Some(Holding { asset, amount: Amount::from_units(units) }),
            };
        }
        Ok(Self(places))
    }

    /// The packed integer as a scalar.
    pub fn scalar(&self) -> Fr {
        scalar_of_packed(&self.to_bytes())
    }
}

/// The scalar of 30 packed bytes, big-endian, whether or not they are a well-formed slot.
pub fn scalar_of_packed(bytes: &[u8; Slot::BYTES]) -> Fr {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    }
    // 240 bits are below the order, so the conversion never fails.
    Fr::from_bigint(BigInt::new(limbs)).unwrap_or_default()
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(asset: u16, units: u64) -> Holding {
        Holding { asset: AssetId::new(asset).unwrap(), amount: Amount::from_units(units) }
    }

    #[test]
    fn packing_is_the_formula_of_the_design() {
        let slot = Slot::new(&[holding(3, 5), holding(u16::MAX, u64::MAX), holding(9, 1)]);
        let two = Fr::from(2u64);
        use ark_ff::Field;
        let part = |asset: u64, amount: u64| Fr::from(asset) * two.pow([64]) + Fr::from(amount);
        let expected = part(3, 5) + part(65535, u64::MAX) * two.pow([80]) + part(9, 1) * two.pow([160]);
        assert_eq!(slot.scalar(), expected);
        assert_eq!(Slot::from_bytes(&slot.to_bytes()), Ok(slot));
    }

    #[test]
    fn odd_places_are_refused() {
        let mut bytes = [0; 30];
        bytes[29] = 1;
        assert_eq!(Slot::from_bytes(&bytes), Err(SlotError::AmountWithoutAsset));
        bytes[29] = 0;
        bytes[21] = 1;
        assert_eq!(Slot::from_bytes(&bytes), Err(SlotError::ZeroAmount));
        assert_eq!(Slot::from_bytes(&[0; 30]), Ok(Slot::default()));
    }
}
