//! Circuits of ours in the form that stock ark-groth16 takes: same rows, same wires in the same
//! order, same domain.

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::{Groth16, Proof, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Matrix, SynthesisError, Variable,
};
use rand_core::OsRng;
use solventry_solvency::r1cs::Circuit;

/// A circuit with the values of all its wires. A setup ignores the values.
#[derive(Clone, Copy)]
pub struct Stock<'a> {
    /// The rows.
    pub circuit: &'a Circuit,
    /// One value per wire.
    pub assignment: &'a [Fr],
}

impl ConstraintSynthesizer<Fr> for Stock<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let mut wires = vec![Variable::One];
        for (index, value) in self.assignment.iter().enumerate().skip(1) {
            wires.push(if index < self.circuit.instance() {
                cs.new_input_variable(|| Ok(*value))?
            } else {
                cs.new_witness_variable(|| Ok(*value))?
            });
        }
        for row in 0..self.circuit.rows() {
            let [a, b, c] = [0, 1, 2].map(|matrix: usize| {
                let entries = self.circuit.matrices[matrix].row(row).iter();
                LinearCombination(
                    entries
                        .map(|entry| (self.circuit.coefficient(*entry), wires[entry.wire as usize]))
                        .collect(),
                )
            });
            cs.enforce_r1cs_constraint(|| a, || b, || c)?;
        }
        Ok(())
    }
}

/// The matrices of a circuit.
pub fn matrices(circuit: &Circuit) -> Vec<Matrix<Fr>> {
    let row = |matrix: usize, row| {
        let entries = circuit.matrices[matrix].row(row).iter();
        entries.map(|entry| (circuit.coefficient(*entry), entry.wire as usize)).collect()
    };
    (0..3).map(|matrix| (0..circuit.rows()).map(|index| row(matrix, index)).collect()).collect()
}

/// A stock proof with randomness from the operating system; `matrices` are those of the circuit,
/// which spares the synthesis. Whether the rows hold is not checked.
pub fn prove(key: &ProvingKey<Bn254>, stock: Stock<'_>, matrices: &[Matrix<Fr>]) -> Proof<Bn254> {
    let [r, s] = [0; 2].map(|_| Fr::rand(&mut OsRng));
    let (instance, rows) = (stock.circuit.instance(), stock.circuit.rows());
    Groth16::<Bn254, LibsnarkReduction>::create_proof_with_reduction_and_matrices(
        key,
        r,
        s,
        matrices,
        instance,
        rows,
        stock.assignment,
    )
    .expect("the domain exists")
}
