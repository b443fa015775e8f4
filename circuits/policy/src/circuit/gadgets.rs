//! Regions of single cells, comparisons and ranges.
//!
//! Values of a payment that the policy refuses are assigned all the same, as they come; the gates
//! refuse them.

use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{Layouter, Region, Value},
    pasta::Fp,
    plonk::{Error, Selector},
};

use super::{Cell, PolicyConfig, config::LIMB_BITS};
use crate::instance::PublicInputs;

/// A bit as a field element.
pub(super) fn bit(value: bool) -> Fp {
    Fp::from(u64::from(value))
}

impl PolicyConfig {
    /// The statement: each cell is equal to its row of the instance column.
    pub(super) fn public_inputs(
        &self,
        layouter: &mut impl Layouter<Fp>,
    ) -> Result<PublicInputs<Cell>, Error> {
        let mut rows = 0..;
        PublicInputs::try_build(|| {
            let row = rows.next().unwrap_or_default();
            layouter.assign_region(
                || "public input",
                |mut region| region.assign_advice_from_instance(|| "input", self.instance, row, self.word, 0),
            )
        })
    }

    /// A free cell. Whoever asks for it constrains it.
    pub(super) fn hidden(&self, layouter: &mut impl Layouter<Fp>, value: Value<Fp>) -> Result<Cell, Error> {
        layouter.assign_region(
            || "hidden field",
            |mut region| region.assign_advice(|| "field", self.word, 0, || value),
        )
    }

    /// A cell equal to a constant of the circuit.
    pub(super) fn constant(&self, layouter: &mut impl Layouter<Fp>, value: Fp) -> Result<Cell, Error> {
        layouter.assign_region(
            || "constant",
            |mut region| region.assign_advice_from_constant(|| "constant", self.word, 0, value),
        )
    }

    /// left = right.
    pub(super) fn equal(
        &self,
        layouter: &mut impl Layouter<Fp>,
        left: &Cell,
        right: &Cell,
    ) -> Result<(), Error> {
        layouter.assign_region(|| "equal", |mut region| region.constrain_equal(left.cell(), right.cell()))
    }

    /// upper − lower, in [0, 2^bits): so the lower two add up to at most the upper one.
    ///
    /// As integers: all three are below 2^96, by their types or because they came from here. The
    /// field element upper − lower lies in (−2^97, 2^96), and the order p > 2^254 leaves no
    /// negative one in [0, 2^96).
    pub(super) fn difference(
        &self,
        layouter: &mut impl Layouter<Fp>,
        upper: &Cell,
        lower: [&Cell; 2],
        bits: usize,
    ) -> Result<Cell, Error> {
        let [first, second] = lower;
        let value = upper.value().copied() - first.value() - second.value();
        let difference =
            self.row(layouter, "difference", self.gates.difference, [upper, first, second], value)?;
        self.range(layouter, &difference, bits)?;
        Ok(difference)
    }

    /// Whether left > right, as a bit; both below 2^bits. One of left − right − 1 and
    /// right − left is negative, so the range of the chosen one determines the bit.
    pub(super) fn is_above(
        &self,
        layouter: &mut impl Layouter<Fp>,
        left: &Cell,
        right: &Cell,
        bits: usize,
    ) -> Result<Cell, Error> {
        let pair = left.value().zip(right.value());
        let above = pair.map(|(left, right)| bit(left > right));
        let difference =
            pair.map(|(left, right)| if left > right { left - right - Fp::ONE } else { right - left });
        let [_, _, c] = self.operands;
        let (above, difference) = layouter.assign_region(
            || "comparison",
            |mut region| {
                self.gates.comparison.enable(&mut region, 0)?;
                self.copies(&mut region, [left, right])?;
                Ok((
                    region.assign_advice(|| "above", c, 0, || above)?,
                    region.assign_advice(|| "difference", self.word, 0, || difference)?,
                ))
            },
        )?;
        self.range(layouter, &difference, bits)?;
        Ok(above)
    }

    /// approvals ≥ needed if the bit is 1.
    pub(super) fn approved_if(
        &self,
        layouter: &mut impl Layouter<Fp>,
        reached: &Cell,
        approvals: &Cell,
        needed: &Cell,
    ) -> Result<(), Error> {
        let value = approvals.value().copied() - needed.value().copied() * reached.value();
        let difference =
            self.row(layouter, "approved", self.gates.approved, [approvals, needed, reached], value)?;
        self.range(layouter, &difference, 16)
    }

    /// Lane and own destination are bits; in the rebalance lane the destination is an own one and
    /// one of the bits `outside` is 1.
    pub(super) fn rebalance_lane(
        &self,
        layouter: &mut impl Layouter<Fp>,
        lane: &Cell,
        own_destination: &Cell,
        outside: [&Cell; 2],
    ) -> Result<(), Error> {
        let [below, above] = outside;
        layouter.assign_region(
            || "rebalance",
            |mut region| {
                self.gates.rebalance.enable(&mut region, 0)?;
                self.copies(&mut region, [lane, own_destination, below])?;
                above.copy_advice(|| "above", &mut region, self.word, 0).map(drop)
            },
        )
    }

    /// In the rebalance lane the two limbs are equal.
    pub(super) fn rebalance_oracle(
        &self,
        layouter: &mut impl Layouter<Fp>,
        lane: &Cell,
        limbs: [&Cell; 2],
    ) -> Result<(), Error> {
        let [stated, hidden] = limbs;
        layouter.assign_region(
            || "oracle",
            |mut region| {
                self.gates.oracle.enable(&mut region, 0)?;
                self.copies(&mut region, [lane, stated, hidden])
            },
        )
    }

    /// One row of a gate that determines its last column.
    fn row(
        &self,
        layouter: &mut impl Layouter<Fp>,
        name: &'static str,
        gate: Selector,
        operands: [&Cell; 3],
        value: Value<Fp>,
    ) -> Result<Cell, Error> {
        layouter.assign_region(
            || name,
            |mut region| {
                gate.enable(&mut region, 0)?;
                self.copies(&mut region, operands)?;
                region.assign_advice(|| "result", self.word, 0, || value)
            },
        )
    }

    fn copies<const N: usize>(&self, region: &mut Region<'_, Fp>, cells: [&Cell; N]) -> Result<(), Error> {
        self.operands
            .into_iter()
            .zip(cells)
            .try_for_each(|(column, cell)| cell.copy_advice(|| "operand", region, column, 0).map(drop))
    }

    /// value ∈ [0, 2^bits), for a multiple of 8 bits: its running sum ends in 0. As integers,
    /// value = Σ limb_i·2^(8i) with limbs from the table, and 2^bits < p.
    fn range(&self, layouter: &mut impl Layouter<Fp>, value: &Cell, bits: usize) -> Result<(), Error> {
        layouter.assign_region(
            || "range",
            |mut region| {
                let mut sum = value.copy_advice(|| "sum", &mut region, self.word, 0)?;
                for limb in 0..bits / LIMB_BITS {
                    self.range.enable(&mut region, limb)?;
                    let next = sum.value().map(without_lowest_limb);
                    sum = region.assign_advice(|| "sum", self.word, limb + 1, || next)?;
                }
                region.constrain_constant(sum.cell(), Fp::ZERO)
            },
        )
    }
}

/// ⌊value / 2^8⌋ of the integer below p.
fn without_lowest_limb(value: &Fp) -> Fp {
    let mut bytes = value.to_repr();
    bytes.rotate_left(1);
    if let Some(top) = bytes.last_mut() {
        *top = 0;
    }
    Option::from(Fp::from_repr(bytes)).unwrap_or_default()
}
