//! Mutation of single wires (`05-threats` Z1): a wire that can take another value without
//! breaking a row is free or under-constrained.

use ark_bn254::Fr;
use ark_ff::{One, UniformRand, Zero};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rayon::prelude::*;
use solventry_solvency::r1cs::{Circuit, Matrix, two_to};

/// Where a wire occurs: the rows and its coefficients in A, B and C there.
type Column = Vec<(usize, [Fr; 3])>;

/// A satisfied assignment and, per wire, the rows that mention it.
pub struct Mutants<'a> {
    values: &'a [Fr],
    rows: Vec<[Fr; 3]>,
    columns: Vec<Column>,
    limb_bits: u32,
}

/// What became of the mutants.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Mutants that broke a row.
    pub killed: usize,
    /// Wires and index of the value that broke none.
    pub survivors: Vec<(usize, usize)>,
}

impl<'a> Mutants<'a> {
    /// Indexes the columns of a circuit under an assignment that satisfies it.
    pub fn new(circuit: &Circuit, values: &'a [Fr], limb_bits: u32) -> Self {
        circuit.check(values).expect("mutants are made of a satisfied assignment");
        let mut columns: Vec<Column> = vec![Vec::new(); circuit.wires()];
        for (side, matrix) in circuit.matrices.iter().enumerate() {
            for row in 0..circuit.rows() {
                for entry in matrix.row(row) {
                    let mut coefficients = [Fr::zero(); 3];
                    coefficients[side] = circuit.coefficient(*entry);
                    columns[entry.wire as usize].push((row, coefficients));
                }
            }
        }
        columns.par_iter_mut().for_each(join);
        let evaluate = |matrix: &Matrix, row| circuit.evaluate(matrix, row, values);
        let rows = (0..circuit.rows())
            .map(|row| circuit.matrices.each_ref().map(|matrix| evaluate(matrix, row)))
            .collect();
        Self { values, rows, columns, limb_bits }
    }

    /// Replaces every wire but the constant one by up to nine other values.
    pub fn run(&self, seed: u64) -> Tally {
        let one_wire = |wire: usize| {
            let old = self.values[wire];
            let replacements = self.replacements(old, seed.wrapping_add(wire as u64));
            let others = replacements.into_iter().enumerate().filter(|(_, new)| *new != old);
            let (killed, survivors): (Vec<_>, Vec<_>) =
                others.partition(|(_, new)| self.breaks_a_row(wire, *new - old));
            let survivors = survivors.into_iter().map(|(index, _)| (wire, index)).collect();
            Tally { killed: killed.len(), survivors }
        };
        (1..self.values.len()).into_par_iter().map(one_wire).reduce(Tally::default, |mut sum, part| {
            sum.killed += part.killed;
            sum.survivors.extend(part.survivors);
            sum
        })
    }

    fn replacements(&self, old: Fr, seed: u64) -> [Fr; 9] {
        let (one, base) = (Fr::one(), two_to(self.limb_bits));
        let random = Fr::rand(&mut ChaCha20Rng::seed_from_u64(seed));
        let carried = old + two_to(64);
        [old + one, old - one, -old, Fr::zero(), one, base, random, old + old, carried]
    }

    /// Only rows that mention the wire can change, each by coefficient times difference.
    fn breaks_a_row(&self, wire: usize, difference: Fr) -> bool {
        self.columns[wire].iter().any(|(row, coefficients)| {
            let sides: [Fr; 3] =
                std::array::from_fn(|side| self.rows[*row][side] + coefficients[side] * difference);
            sides[0] * sides[1] != sides[2]
        })
    }
}

/// Joins the entries of one row.
fn join(column: &mut Column) {
    column.sort_unstable_by_key(|(row, _)| *row);
    column.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1.iter_mut().zip(next.1).for_each(|(sum, part)| *sum += part);
        }
        same
    });
}
