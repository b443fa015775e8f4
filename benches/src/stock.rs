//! Our shard circuit, proven by stock ark-groth16: what the prover itself is compared with.
//!
//! Same rows, same wires in the same order, same domain; all private wires are plain witnesses,
//! so there is no D and the stock prover does slightly less.

use ark_bn254::{Bn254, Fr};
use ark_groth16::{Groth16, Proof, ProvingKey};
use solventry_prover::stock::{self, Stock};

use crate::measure::{Cost, once, repeated};

/// What the stock prover took on our circuit.
pub struct StockResult {
    /// Key generation.
    pub setup: Cost,
    /// `create_random_proof`: synthesis, then the proof.
    pub with_synthesis: Cost,
    /// The proof from ready matrices and assignment: the like of our `prove`.
    pub proof_only: Cost,
}

/// Makes a stock key, verifies one proof of each kind, then times `repeats` of each.
pub fn run(stock: Stock<'_>, repeats: usize) -> StockResult {
    let rng = &mut rand_core::OsRng;
    let (key, setup) = once(|| {
        Groth16::<Bn254>::generate_random_parameters_with_reduction(stock, rng)
            .expect("the circuit is well formed")
    });
    let matrices = stock::matrices(stock.circuit);
    let inputs = &stock.assignment[1..stock.circuit.instance()];
    for proof in [prove(stock, &key), stock::prove(&key, stock, &matrices)] {
        assert!(verifies(&key, inputs, &proof), "the stock proof of our circuit holds");
    }
    StockResult {
        setup,
        with_synthesis: repeated(repeats, || prove(stock, &key)),
        proof_only: repeated(repeats, || stock::prove(&key, stock, &matrices)),
    }
}

fn prove(stock: Stock<'_>, key: &ProvingKey<Bn254>) -> Proof<Bn254> {
    let rng = &mut rand_core::OsRng;
    Groth16::<Bn254>::create_random_proof_with_reduction(stock, key, rng)
        .expect("the assignment satisfies the rows")
}

/// Whether a stock proof verifies.
#[allow(clippy::disallowed_methods)] // a check of the peer against itself, with the inputs it was made for
pub fn verifies(key: &ProvingKey<Bn254>, inputs: &[Fr], proof: &Proof<Bn254>) -> bool {
    let prepared = ark_groth16::prepare_verifying_key(&key.vk);
    Groth16::<Bn254>::verify_proof(&prepared, proof, inputs).is_ok_and(|holds| holds)
}
