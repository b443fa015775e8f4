//! Forgeries of coverage that both test files of its claims use.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use solventry_solvency::{
    coverage::{CoverageLayout, LIMB_BITS},
    r1cs::Wires,
};
use solventry_types::Profile;

use super::{committed::Committed, forge::HonestCoverage};

/// Honest coverage on the small profile.
pub static HONEST: LazyLock<HonestCoverage> = LazyLock::new(|| HonestCoverage::new(Profile::SMALL));

/// Index of the first asset; its minimum coverage is 10 000.
pub const FIRST: usize = 0;
/// Assets of the table; ids after them are past it.
pub const LISTED: usize = 5;

pub fn layout() -> &'static CoverageLayout {
    HONEST.circuit.layout()
}

pub fn scalar(value: u64) -> Fr {
    Fr::from(value)
}

/// A forgery with multiplicities that fit.
pub fn forge(edit: impl FnOnce(&mut Committed)) -> Committed {
    let mut forged = HONEST.forge();
    edit(&mut forged);
    HONEST.recount(&mut forged);
    forged
}

/// A forgery of limbs of the first asset, its liabilities chosen so that the surplus fits.
pub fn forge_limbs(edit: impl FnOnce(&mut Committed)) -> Committed {
    forge(|forged| {
        edit(forged);
        HONEST.balance(forged, FIRST);
    })
}

pub fn honest_integer(limbs: &Wires) -> u128 {
    let limbs = HONEST.committed.of(limbs).iter().rev();
    limbs.fold(0, |sum, limb| (sum << LIMB_BITS) | u128::from(limb.into_bigint().0[0]))
}
