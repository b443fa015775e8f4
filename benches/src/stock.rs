//! Our shard circuit, proven by stock ark-groth16: what the prover itself is compared with.
//!
//! Same rows, same wires in the same order, same domain; all private wires are plain witnesses,
//! so there is no D and the stock prover does slightly less.

use ark_bn254::{Bn254, Fr};
use ark_groth16::{Groth16, Proof, ProvingKey, r1cs_to_qap::LibsnarkReduction};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Matrix, SynthesisError, Variable,
};
use solventry_solvency::r1cs::Circuit;

use crate::measure::{Cost, once, repeated};

/// A circuit of ours with the values of all its wires.
#[derive(Clone, Copy)]
pub struct Adapter<'a> {
    /// The rows.
    pub circuit: &'a Circuit,
    /// One value per wire.
    pub assignment: &'a [Fr],
}

/// What the stock prover took on our circuit.
pub struct StockResult {
    /// Key generation.
    pub setup: Cost,
    /// `create_random_proof`: synthesis, then the proof.
    pub with_synthesis: Cost,
    /// The proof from ready matrices and assignment: the like of our `prove`.
    pub proof_only: Cost,
}

impl Adapter<'_> {
    /// Makes a stock key, verifies one proof of each kind, then times `repeats` of each.
    pub fn run(self, repeats: usize) -> StockResult {
        let rng = &mut rand_core::OsRng;
        let (key, setup) = once(|| {
            Groth16::<Bn254>::generate_random_parameters_with_reduction(self, rng)
                .expect("the circuit is well formed")
        });
        let matrices = self.matrices();
        let inputs = &self.assignment[1..self.circuit.instance()];
        for proof in [self.prove(&key), self.prove_from(&key, &matrices)] {
            assert!(verifies(&key, inputs, &proof), "the stock proof of our circuit holds");
        }
        StockResult {
            setup,
            with_synthesis: repeated(repeats, || self.prove(&key)),
            proof_only: repeated(repeats, || self.prove_from(&key, &matrices)),
        }
    }

    fn prove(self, key: &ProvingKey<Bn254>) -> Proof<Bn254> {
        let rng = &mut rand_core::OsRng;
        Groth16::<Bn254>::create_random_proof_with_reduction(self, key, rng)
            .expect("the assignment satisfies the rows")
    }

    fn prove_from(self, key: &ProvingKey<Bn254>, matrices: &[Matrix<Fr>]) -> Proof<Bn254> {
        let [r, s] = [0; 2].map(|_| ark_ff::UniformRand::rand(&mut rand_core::OsRng));
        let (instance, rows) = (self.circuit.instance(), self.circuit.rows());
        Groth16::<Bn254, LibsnarkReduction>::create_proof_with_reduction_and_matrices(
            key,
            r,
            s,
            matrices,
            instance,
            rows,
            self.assignment,
        )
        .expect("the domain exists")
    }

    /// Our matrices in arkworks' form.
    fn matrices(self) -> Vec<Matrix<Fr>> {
        let row = |matrix: usize, row| {
            let entries = self.circuit.matrices[matrix].row(row).iter();
            entries.map(|entry| (self.circuit.coefficient(*entry), entry.wire as usize)).collect()
        };
        (0..3).map(|matrix| (0..self.circuit.rows()).map(|index| row(matrix, index)).collect()).collect()
    }
}

impl ConstraintSynthesizer<Fr> for Adapter<'_> {
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

/// Whether a stock proof verifies.
#[allow(clippy::disallowed_methods)] // a check of the peer against itself, with the inputs it was made for
pub fn verifies(key: &ProvingKey<Bn254>, inputs: &[Fr], proof: &Proof<Bn254>) -> bool {
    let prepared = ark_groth16::prepare_verifying_key(&key.vk);
    Groth16::<Bn254>::verify_proof(&prepared, proof, inputs).is_ok_and(|holds| holds)
}
