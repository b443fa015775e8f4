//! Which row defines which wire, and what follows from a change: the tool of the tests that
//! lie in single wires and let everything else follow honestly.

use ark_bn254::Fr;
use ark_ff::Field;
use solventry_solvency::r1cs::{Circuit, Matrix};

/// A row that has exactly one solution for one wire, all others being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The row.
    pub row: usize,
    /// The wire that it defines.
    pub wire: usize,
    /// Whether the wire stands on the left: unique only if the right side is not zero.
    pub left: bool,
}

/// The rows of a circuit, each either a definition or a check.
pub struct Solver<'a> {
    circuit: &'a Circuit,
    /// Definitions, in row order; each uses wires known before it only.
    pub definitions: Vec<Definition>,
    /// Rows that define nothing: these are what the circuit demands.
    pub checks: Vec<usize>,
    outputs: Vec<usize>,
}

impl<'a> Solver<'a> {
    /// Reads the rows in order; public inputs except `outputs`, and J1, are known.
    ///
    /// Panics if a row is neither a definition nor a check, or a wire stays undefined.
    pub fn new(circuit: &'a Circuit, outputs: &[usize]) -> Self {
        Self::knowing(circuit, circuit.committed_range().end, outputs)
    }

    /// The same with the first `given` wires known, for circuits that commit to nothing.
    pub fn knowing(circuit: &'a Circuit, given: usize, outputs: &[usize]) -> Self {
        let mut known = vec![false; circuit.wires()];
        known[..given].fill(true);
        outputs.iter().for_each(|wire| known[*wire] = false);
        let (mut definitions, mut checks) = (Vec::new(), Vec::new());
        for row in 0..circuit.rows() {
            let [left, right, output] =
                [0, 1, 2].map(|matrix| unknown(&circuit.matrices[matrix], row, &known));
            match (&left[..], &right[..], &output[..]) {
                ([], [], []) => checks.push(row),
                ([wire], [], []) => definitions.push(Definition { row, wire: *wire, left: true }),
                ([], [], [wire]) => definitions.push(Definition { row, wire: *wire, left: false }),
                _ => panic!("row {row} has more than one unknown wire"),
            }
            left.iter().chain(&output).for_each(|wire| known[*wire] = true);
        }
        assert!(known.iter().all(|known| *known), "a wire is defined by no row");
        Self { circuit, definitions, checks, outputs: outputs.to_vec() }
    }

    /// `base` with some wires changed and everything that follows from them recomputed; the
    /// changed wires themselves, and outputs if `keep`, stay as they are.
    pub fn follow(&self, base: &[Fr], changes: &[(usize, Fr)], keep: bool) -> Vec<Fr> {
        let mut values = base.to_vec();
        let (mut pinned, mut dirty) = (vec![false; values.len()], vec![false; values.len()]);
        for (wire, value) in changes {
            values[*wire] = *value;
            (pinned[*wire], dirty[*wire]) = (true, true);
        }
        if keep {
            self.outputs.iter().for_each(|wire| pinned[*wire] = true);
        }
        for definition in self.definitions.iter().filter(|definition| !pinned[definition.wire]) {
            let touched =
                |matrix: &Matrix| matrix.row(definition.row).iter().any(|entry| dirty[entry.wire as usize]);
            if self.circuit.matrices.iter().any(touched) {
                let value = self.solve(definition, &values);
                dirty[definition.wire] = value != values[definition.wire];
                values[definition.wire] = value;
            }
        }
        values
    }

    /// The one value of the defined wire that satisfies its row.
    fn solve(&self, definition: &Definition, values: &[Fr]) -> Fr {
        let [a, b, c] = self.sides(definition.row, values);
        let missing = if definition.left { c - a * b } else { a * b - c };
        let slope = self.slope(definition, values);
        values[definition.wire] + missing * slope.inverse().expect("not on a pole")
    }

    /// How the defining row changes with the defined wire: the solution is unique iff not zero.
    pub fn slope(&self, definition: &Definition, values: &[Fr]) -> Fr {
        let side = &self.circuit.matrices[if definition.left { 0 } else { 2 }];
        let entries = side.row(definition.row).iter();
        let own = entries.filter(|entry| entry.wire as usize == definition.wire);
        let factor: Fr = own.map(|entry| self.circuit.coefficient(*entry)).sum();
        if definition.left { factor * self.sides(definition.row, values)[1] } else { factor }
    }

    fn sides(&self, row: usize, values: &[Fr]) -> [Fr; 3] {
        self.circuit.matrices.each_ref().map(|matrix| self.circuit.evaluate(matrix, row, values))
    }

    /// The wire that a row defines.
    pub fn defined_by(&self, row: usize) -> usize {
        let index = self.definitions.binary_search_by_key(&row, |definition| definition.row);
        self.definitions[index.expect("a defining row")].wire
    }
}

/// Every row that does not hold.
pub fn violations(circuit: &Circuit, values: &[Fr]) -> Vec<usize> {
    (0..circuit.rows()).filter(|row| !circuit.holds(*row, values)).collect()
}

fn unknown(matrix: &Matrix, row: usize, known: &[bool]) -> Vec<usize> {
    let wires = matrix.row(row).iter().map(|entry| entry.wire as usize).filter(|wire| !known[*wire]);
    let mut wires: Vec<usize> = wires.collect();
    wires.dedup();
    wires
}
