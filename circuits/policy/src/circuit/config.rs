//! Columns, lookup table and gates.

use halo2_gadgets::poseidon::{Pow5Chip, Pow5Config, primitives::P128Pow5T3};
use halo2_proofs::{
    circuit::{Layouter, Value},
    pasta::Fp,
    plonk::{Advice, Column, ConstraintSystem, Error, Instance, Selector, TableColumn},
    poly::Rotation,
};

use super::gates;

/// Bits of a limb: the lookup table holds 0 to 2^8 − 1.
pub const LIMB_BITS: usize = 8;

/// Columns and selectors of the circuit.
///
/// Two Poseidon chips stand side by side, so that 46 permutations of 40 rows fit into 2^10 rows.
/// Gates share the columns of the first one: the chip that hashes destinations has rows to spare.
#[derive(Clone)]
pub struct PolicyConfig {
    /// The statement.
    pub(super) instance: Column<Instance>,
    /// Hashes of the destination and its path.
    pub(super) destination_hash: Pow5Config<Fp, 3, 2>,
    /// Hashes of the rule, its path and the root.
    pub(super) policy_hash: Pow5Config<Fp, 3, 2>,
    /// Operands of gates; the state columns of the first chip.
    pub(super) operands: [Column<Advice>; 3],
    /// A bit that no other cell is equal to; the S-box column of the first chip.
    pub(super) bit: Column<Advice>,
    /// Statement, hidden fields, differences and their running sums.
    pub(super) word: Column<Advice>,
    /// 0 to 2^8 − 1.
    pub(super) limbs: TableColumn,
    pub(super) range: Selector,
    pub(super) gates: gates::Gates,
}

impl PolicyConfig {
    pub(super) fn configure(meta: &mut ConstraintSystem<Fp>) -> Self {
        let instance = meta.instance_column();
        let word = meta.advice_column();
        let limbs = meta.lookup_table_column();
        meta.enable_equality(instance);
        meta.enable_equality(word);
        let (destination_hash, operands, bit) = poseidon(meta, true);
        let (policy_hash, ..) = poseidon(meta, false);
        let range = meta.complex_selector();
        // Each row of a running sum z takes one limb off: z − 2^8·z_next is in the table. Rows
        // outside of running sums look up 0.
        meta.lookup(|meta| {
            let enabled = meta.query_selector(range);
            let sum = meta.query_advice(word, Rotation::cur());
            let next = meta.query_advice(word, Rotation::next());
            vec![(enabled * (sum - next * Fp::from(1 << LIMB_BITS)), limbs)]
        });
        let gates = gates::Gates::configure(meta, operands, bit, word);
        Self { instance, destination_hash, policy_hash, operands, bit, word, limbs, range, gates }
    }

    /// Fills the lookup table.
    pub(super) fn load_table(&self, layouter: &mut impl Layouter<Fp>) -> Result<(), Error> {
        layouter.assign_table(
            || "limbs",
            |mut table| {
                (0..1u64 << LIMB_BITS).zip(0..).try_for_each(|(limb, row)| {
                    table.assign_cell(|| "limb", self.limbs, row, || Value::known(Fp::from(limb)))
                })
            },
        )
    }
}

/// A Poseidon chip with its own columns. The first also keeps the circuit's constants, in rows of
/// a round-constant column where no permutation stands.
fn poseidon(
    meta: &mut ConstraintSystem<Fp>,
    constants: bool,
) -> (Pow5Config<Fp, 3, 2>, [Column<Advice>; 3], Column<Advice>) {
    let state = [(); 3].map(|()| meta.advice_column());
    let partial = meta.advice_column();
    let even = [(); 3].map(|()| meta.fixed_column());
    let odd = [(); 3].map(|()| meta.fixed_column());
    if constants {
        let [first, ..] = odd;
        meta.enable_constant(first);
    }
    (Pow5Chip::configure::<P128Pow5T3>(meta, state, partial, even, odd), state, partial)
}
