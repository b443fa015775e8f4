//! Range by logarithmic derivatives (Haböck, "Multivariate lookups based on logarithmic
//! derivatives", eprint 2022/1530): every limb lies in the table [0, 2^w) iff
//! `Σ 1/(α − limb) = Σ m_t/(α − t)` as rational functions of α. Characteristic is far above the
//! number of limbs, so multiplicities cannot wrap.

use ark_bn254::Fr;
use ark_ff::{BigInteger, One, PrimeField, Zero, batch_inversion};

use crate::{
    Pole,
    r1cs::{Combination, FreeStage, ONE, Wire, Wires, constant, digits, just, two_to},
};

/// Wires of one range table.
pub struct RangeLayout {
    bits: u32,
    limbs: Wires,
    multiplicities: Wires,
    inverses: Wires,
    table_inverses: Wires,
}

/// Limbs that a [`RangeLayout`], or bits that [`super::bits::constrain`], constrains; the only way
/// to a value below 2^bits.
#[derive(Clone, Debug)]
pub struct Ranged {
    limbs: Wires,
    limb_bits: u32,
}

impl Ranged {
    /// Wires that [`super::bits::constrain`] made bits.
    pub(super) fn of_bits(bits: Wires) -> Self {
        Self { limbs: bits, limb_bits: 1 }
    }

    /// The value `Σ 2^(w·i) · limb_i`, in [0, 2^(w·limbs)).
    pub fn value(&self) -> Combination {
        digits(&self.limbs, two_to(self.limb_bits))
    }
}

impl RangeLayout {
    /// Takes the free wires. `limbs` and `multiplicities` (2^bits of them) must be committed:
    /// a limb chosen after α could satisfy the identity with any value.
    pub fn new(stage: &mut FreeStage, bits: u32, limbs: Wires, multiplicities: Wires) -> Self {
        assert_eq!(multiplicities.len(), 1 << bits, "one multiplicity per table entry");
        stage.require_committed(limbs.iter().chain(multiplicities.iter()));
        let inverses = stage.free(limbs.len());
        let table_inverses = stage.free(multiplicities.len());
        Self { bits, limbs, multiplicities, inverses, table_inverses }
    }

    /// A value made of limbs of this table.
    pub fn ranged(&self, limbs: Wires) -> Ranged {
        let (inside, all) = (limbs.range(), self.limbs.range());
        assert!(inside.start >= all.start && inside.end <= all.end, "limbs of another table");
        Ranged { limbs, limb_bits: self.bits }
    }

    /// Per limb `inv · (α − limb) = 1`, per table entry `inv' · (α − t) = m_t`, and
    /// `Σ inv = Σ inv'`. The small factors stand on the B side.
    pub fn constrain(&self, stage: &mut FreeStage, alpha: Wire) {
        let minus = -Fr::one();
        for (inverse, limb) in self.inverses.iter().zip(self.limbs.iter()) {
            stage.row(&just(inverse), &[(alpha, Fr::one()), (limb, minus)], &just(ONE));
        }
        for (t, inverse) in (0u64..).zip(self.table_inverses.iter()) {
            let multiplicity = self.multiplicities.at(t as usize);
            stage.row(&just(inverse), &[(alpha, Fr::one()), (ONE, -Fr::from(t))], &just(multiplicity));
        }
        let sum = self.inverses.iter().map(|wire| (wire, Fr::one()));
        let table_sum = self.table_inverses.iter().map(|wire| (wire, minus));
        stage.row(&sum.chain(table_sum).collect::<Vec<_>>(), &constant(Fr::one()), &[]);
    }

    /// Writes the free wires. `values` holds all wires; limbs out of range get their true
    /// inverse, and the sum then fails.
    pub fn assign(&self, values: &mut [Fr], alpha: Fr) -> Result<(), Pole> {
        let mut table: Vec<Fr> = (0..1u64 << self.bits).map(|t| alpha - Fr::from(t)).collect();
        if table.iter().any(Fr::is_zero) {
            return Err(Pole);
        }
        batch_inversion(&mut table);
        for (limb, inverse) in self.limbs.range().zip(self.inverses.range()) {
            values[inverse] = match small(values[limb]).and_then(|t| table.get(t)) {
                Some(inverse) => *inverse,
                None => ark_ff::Field::inverse(&(alpha - values[limb])).ok_or(Pole)?,
            };
        }
        let entries = self.multiplicities.range().zip(self.table_inverses.range());
        for ((multiplicity, inverse), entry) in entries.zip(&table) {
            values[inverse] = values[multiplicity] * entry;
        }
        Ok(())
    }
}

/// How often each table entry occurs among `limbs`.
pub fn count_multiplicities(limbs: &[Fr], bits: u32) -> Vec<Fr> {
    let mut counts = vec![0u64; 1 << bits];
    for limb in limbs {
        if let Some(count) = small(*limb).and_then(|t| counts.get_mut(t)) {
            *count += 1;
        }
    }
    counts.into_iter().map(Fr::from).collect()
}

/// The scalar as an index, if it is below 2^32.
pub fn small(value: Fr) -> Option<usize> {
    let integer = value.into_bigint();
    (integer.num_bits() <= 32).then(|| integer.0[0] as usize)
}

/// Little-endian limbs of `value`, `count` of them, each of `bits` bits.
pub fn limbs_of(value: u128, bits: u32, count: usize) -> impl Iterator<Item = Fr> {
    let mask = (1u128 << bits) - 1;
    (0..count as u32).map(move |index| Fr::from((value >> (bits * index)) & mask))
}
