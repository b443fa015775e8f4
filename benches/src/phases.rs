//! The proof of one shard, taken apart. Criterion and `whole_run` time the same list.

use std::hint::black_box;

use ark_bn254::Fr;
use ark_ff::UniformRand;
use ark_poly::EvaluationDomain;
use rayon::prelude::*;
use solventry_prover::{
    grouped::{msm_g1, msm_g2},
    kernel::Kernel,
    kzg::blinded_polynomial,
    setup::domain,
    shards::commit_blocks,
    staged::{CommittedStage, prove, quotient},
};
use solventry_solvency::shard::{ShardCircuit, ShardWitness};
use solventry_types::challenge::ShardChallenges;

use crate::epoch::{Epoch, Shard};

/// A piece of work with its name.
pub type Phase<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// Inputs of every phase of one shard. Challenges are random, not from a transcript: no cost
/// depends on their values.
pub struct ShardParts<'a, K> {
    epoch: &'a Epoch<'a>,
    kernel: &'a K,
    shard: Shard,
    challenges: ShardChallenges,
    committed: Vec<Fr>,
    assignment: Vec<Fr>,
    rows: [Vec<Fr>; 3],
    quotient: Vec<Fr>,
    polynomial: Vec<Fr>,
}

impl<'a, K: Kernel> ShardParts<'a, K> {
    /// Prepares shard 0.
    pub fn new(epoch: &'a Epoch<'a>, kernel: &'a K) -> Self {
        let shard = epoch.shard(0);
        let circuit = &epoch.keys.shard_circuit;
        let [alpha, chi, rho, gamma] = [0; 4].map(|_| Fr::rand(&mut rand_core::OsRng));
        let challenges = ShardChallenges { alpha, chi, rho, gamma };
        let committed = committed(circuit, &shard);
        let assignment = circuit.assignment(&committed, &challenges).expect("no pole at random");
        let quotient = quotient(&circuit.circuit, kernel, &assignment);
        let n = circuit.profile.block_slots;
        let mixed: Vec<Fr> = shard.data.slots[..n].iter().map(|slot| slot.scalar() * gamma).collect();
        Self {
            rows: rows(circuit, &assignment),
            polynomial: blinded_polynomial(&mixed, gamma),
            epoch,
            kernel,
            shard,
            challenges,
            committed,
            assignment,
            quotient,
        }
    }

    /// All wires of an honest shard, for the peer.
    pub fn assignment(&self) -> &[Fr] {
        &self.assignment
    }

    /// The values of the committed wires.
    pub fn committed(&self) -> &[Fr] {
        &self.committed
    }

    /// The parts in the order of proving; the last two are wholes made of the parts, and
    /// what stands in brackets is no part of them.
    pub fn phases(&self) -> Vec<Phase<'_>> {
        let (epoch, kernel, keys) = (self.epoch, self.kernel, self.epoch.keys);
        let (circuit, key) = (&keys.shard_circuit, &keys.shard);
        let free = &self.assignment[circuit.circuit.committed_range().end..];
        vec![
            phase("gather slots and labels", move || epoch.shard(0)),
            phase("committed values", move || committed(circuit, &self.shard)),
            phase("block commitments", move || {
                commit_blocks(keys, kernel, &self.shard.data, &self.shard.blinding)
            }),
            phase("MSM D (committed)", move || CommittedStage::new(key, kernel, &self.committed)),
            phase("assignment", move || circuit.assignment(&self.committed, &self.challenges)),
            phase("rows of A and B", move || rows(circuit, &self.assignment)),
            phase("FFTs (3 to the coset)", move || self.ffts()),
            phase("MSM A", move || msm_g1(kernel, &key.a.bases, &key.a.gather(&self.assignment))),
            phase("MSM B1", move || msm_g1(kernel, &key.b_g1, &key.b_g2.gather(&self.assignment))),
            phase("MSM B2", move || msm_g2(kernel, &key.b_g2.bases, &key.b_g2.gather(&self.assignment))),
            phase("MSM L (free)", move || msm_g1(kernel, &key.free, free)),
            phase("MSM H (quotient)", move || kernel.msm_g1(&key.quotient, &self.quotient)),
            phase("opening", move || keys.reference.open(kernel, &self.polynomial, self.challenges.rho)),
            phase("(MSM A, equal scalars not joined)", move || {
                kernel.msm_g1(&key.a.bases, &key.a.gather(&self.assignment))
            }),
            phase("whole proof (D, A, B, C)", move || self.proof()),
            phase("whole shard, verified", move || epoch.prove(kernel, &[0])),
        ]
    }

    /// D, A, B, C from the full assignment.
    pub fn proof(&self) -> solventry_types::proof::StagedProof {
        let keys = self.epoch.keys;
        let stage = CommittedStage::new(&keys.shard, self.kernel, &self.committed);
        prove(&keys.shard, &keys.shard_circuit.circuit, self.kernel, &self.assignment, stage)
    }

    fn ffts(&self) -> [Vec<Fr>; 3] {
        let domain = domain(&self.epoch.keys.shard_circuit.circuit);
        self.rows.clone().map(|mut values| {
            self.kernel.extend_to_coset(&domain, &mut values);
            values
        })
    }
}

fn phase<'a, T>(name: &'static str, work: impl Fn() -> T + 'a) -> Phase<'a> {
    (name, Box::new(move || drop(black_box(work()))))
}

fn committed(circuit: &ShardCircuit, shard: &Shard) -> Vec<Fr> {
    let witness = ShardWitness {
        slots: shard.data.slots.clone(),
        block_blinding: shard.blinding.blocks.clone(),
        totals_blinding: shard.blinding.totals,
        mask: [Fr::from(3u64), Fr::from(4u64)],
    };
    circuit.committed_values(&witness).expect("totals are in range")
}

/// `A·z`, `B·z` and their product on the domain, as the prover computes them.
fn rows(circuit: &ShardCircuit, assignment: &[Fr]) -> [Vec<Fr>; 3] {
    let (circuit, size) = (&circuit.circuit, domain(&circuit.circuit).size());
    let [a, b] = [0, 1].map(|index| {
        let row = |row| circuit.evaluate(&circuit.matrices[index], row, assignment);
        let mut values: Vec<Fr> = (0..circuit.rows()).into_par_iter().map(row).collect();
        values.resize(size, Fr::from(0u64));
        values
    });
    let c = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();
    [a, b, c]
}
