//! The peer: amounts ranged bit by bit with stock ark-groth16, the usual way.
//!
//! Kept favourable to the peer: 64 booleans per amount and one sum over everything; no asset
//! ids, no sums per asset, no commitment to the ledger and no owner of a row. What Solventry
//! proves of a holding beside its range is left out here.

use ark_bn254::{Bn254, Fr};
use ark_ff::One;
use ark_groth16::{Groth16, Proof, ProvingKey};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use solventry_prover::ledger::Ledger;

use crate::measure::{Cost, once, repeated};

/// Bits of an amount.
const BITS: usize = 64;

/// Every amount is in [0, 2^64) and their sum is the public input.
#[derive(Clone)]
pub struct BitRanges {
    amounts: Vec<u64>,
}

/// What the peer took.
pub struct BitsResult {
    /// Holdings in the proof.
    pub holdings: usize,
    /// Rows of its circuit.
    pub rows: usize,
    /// Key generation.
    pub setup: Cost,
    /// `create_random_proof`, synthesis included, as its interface has it.
    pub prove: Cost,
}

impl BitRanges {
    /// As many amounts of `ledger` as fill a domain of 2^`log_rows`; amounts repeat when there
    /// are fewer.
    pub fn new(ledger: &Ledger, log_rows: u32) -> Self {
        let count = ((1usize << log_rows) - 4) / BITS;
        let amounts = ledger.accounts().flat_map(|account| account.holdings);
        let amounts: Vec<u64> = amounts.take(count).map(|holding| holding.amount.units()).collect();
        Self { amounts: amounts.iter().copied().cycle().take(count).collect() }
    }

    fn total(&self) -> Fr {
        self.amounts.iter().map(|amount| Fr::from(*amount)).sum()
    }

    /// Makes a key, proves and verifies once, then times `repeats` proofs.
    pub fn run(&self, repeats: usize) -> BitsResult {
        let rng = &mut rand_core::OsRng;
        let (key, setup) = once(|| {
            Groth16::<Bn254>::generate_random_parameters_with_reduction(self.clone(), rng)
                .expect("the circuit is well formed")
        });
        assert!(crate::stock::verifies(&key, &[self.total()], &self.prove(&key)), "the peer's proof holds");
        let prove = repeated(repeats, || self.prove(&key));
        BitsResult { holdings: self.amounts.len(), rows: self.amounts.len() * BITS + 1, setup, prove }
    }

    fn prove(&self, key: &ProvingKey<Bn254>) -> Proof<Bn254> {
        let rng = &mut rand_core::OsRng;
        Groth16::<Bn254>::create_random_proof_with_reduction(self.clone(), key, rng)
            .expect("the amounts are in range")
    }
}

impl ConstraintSynthesizer<Fr> for BitRanges {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let total = cs.new_input_variable(|| Ok(self.total()))?;
        let powers: Vec<Fr> =
            std::iter::successors(Some(Fr::one()), |power| Some(*power + power)).take(BITS).collect();
        let mut sum = Vec::with_capacity(self.amounts.len() * BITS);
        for amount in &self.amounts {
            for (bit, power) in powers.iter().enumerate() {
                let wire = cs.new_witness_variable(|| Ok(Fr::from((amount >> bit) & 1)))?;
                let not = || LinearCombination(vec![(Fr::one(), Variable::One), (-Fr::one(), wire)]);
                cs.enforce_r1cs_constraint(|| wire.into(), not, LinearCombination::new)?;
                sum.push((*power, wire));
            }
        }
        let one = || LinearCombination::from(Variable::One);
        cs.enforce_r1cs_constraint(|| LinearCombination(sum), one, || total.into())
    }
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;

    use super::*;

    #[test]
    fn the_circuit_has_the_rows_it_names_and_holds() {
        let peer = BitRanges::new(&crate::synthetic::ledger(3, 1), 10);
        let (amounts, cs) = (peer.amounts.len(), ConstraintSystem::new_ref());
        assert_eq!(amounts, 15);
        peer.generate_constraints(cs.clone()).unwrap();
        cs.finalize();
        assert_eq!((cs.num_constraints(), cs.is_satisfied()), (amounts * BITS + 1, Ok(true)));
    }
}
