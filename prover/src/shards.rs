//! Proving shards: commitments, proof, opening; each verified before it is handed out.

use std::sync::mpsc::sync_channel;

use ark_bn254::{Fr, G1Affine};
use ark_ff::{One, UniformRand, Zero};
use rand_core::OsRng;
use solventry_solvency::shard::ShardWitness;
use solventry_types::{
    EpochContext, Label, MasterSecret, Slot,
    amount::TotalOverflow,
    attestation::ShardRecord,
    proof::LinkedProof,
    statement::{BlockCommitment, ShardStatement},
};
use solventry_verifier::{
    attestation::claims,
    kzg::{KzgError, verify_openings},
    staged::{StagedError, verify_batch},
    transcript::{EpochBinding, PoleError, shard_challenges},
};

use crate::{
    kernel::Kernel,
    keys::ProvingKeys,
    kzg::blinded_polynomial,
    ledger::Ledger,
    placement::{Placement, ShardData},
    secrets::{EpochSecret, ShardBlinding},
    staged::{CommittedStage, prove},
};

/// How often the prover blinds afresh when a challenge falls on a pole (a 2^-230 event).
const ATTEMPTS: usize = 4;

/// Everything the shards of one epoch share.
pub struct EpochJob<'a> {
    /// Keys and circuits.
    pub keys: &'a ProvingKeys,
    /// Who holds what.
    pub ledger: &'a Ledger,
    /// Where it goes.
    pub placement: &'a Placement,
    /// Entity, epoch, assets, capacity.
    pub context: &'a EpochContext,
    /// Blinding.
    pub secret: &'a EpochSecret,
    /// Source of account nonces.
    pub master: &'a MasterSecret,
}

/// A proven shard with the secrets that inclusion proofs need later.
pub struct ProvenShard {
    /// Statement and proof.
    pub record: ShardRecord,
    /// Slots and labels.
    pub data: ShardData,
}

/// A proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// A total is too large.
    #[error(transparent)]
    Total(#[from] TotalOverflow),
    /// Poles in every attempt: the randomness of this machine is broken.
    #[error("{0} in every attempt; the operating system's randomness is broken")]
    Pole(#[from] PoleError),
    /// The fresh proof does not verify.
    #[error("the fresh proof of shard {shard} does not verify ({source}); keys or memory are damaged")]
    Proof {
        /// Index of the shard.
        shard: u32,
        /// What failed.
        source: StagedError,
    },
    /// The fresh opening does not verify.
    #[error("the fresh opening of shard {shard} does not verify ({source}); keys or memory are damaged")]
    Opening {
        /// Index of the shard.
        shard: u32,
        /// What failed.
        source: KzgError,
    },
}

impl EpochJob<'_> {
    /// What all transcripts of the epoch absorb first.
    pub fn binding(&self) -> EpochBinding {
        EpochBinding { keys: self.keys.digest, context: self.context.digest(), shards: self.context.shards }
    }

    /// Proves the shards in `pending` in order and hands each to `sink` as soon as it is
    /// verified; the next shard's content is gathered while one is proven. Two shards are in
    /// memory at most.
    pub fn prove_all<E: From<ProveError>>(
        &self,
        kernel: &impl Kernel,
        pending: &[u32],
        mut sink: impl FnMut(ProvenShard) -> Result<(), E>,
    ) -> Result<(), E> {
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(0);
            scope.spawn(move || {
                for index in pending {
                    let data = self.placement.shard(self.ledger, self.context, self.master, *index);
                    let witness = self.witness(&data);
                    if sender.send((data, witness)).is_err() {
                        return; // proving stopped
                    }
                }
            });
            for (data, witness) in receiver {
                sink(self.prove_shard(kernel, data, witness?)?)?;
            }
            Ok(())
        })
    }

    /// The committed wires but for the mask, which every attempt draws afresh.
    fn witness(&self, data: &ShardData) -> Result<Vec<Fr>, ProveError> {
        let blinding = self.secret.blinding(self.context.profile, data.index);
        let witness = ShardWitness {
            slots: data.slots.clone(),
            block_blinding: blinding.blocks,
            totals_blinding: blinding.totals,
            mask: [Fr::zero(); 2],
        };
        Ok(self.keys.shard_circuit.committed_values(&witness)?)
    }

    fn prove_shard(
        &self,
        kernel: &impl Kernel,
        data: ShardData,
        mut committed: Vec<Fr>,
    ) -> Result<ProvenShard, ProveError> {
        let (keys, epoch, index) = (self.keys, self.binding(), data.index);
        let blinding = self.secret.blinding(self.context.profile, index);
        let vectors = vectors(keys, &data.slots, &committed, &blinding);
        let blocks = commit_blocks(keys, kernel, &data, &blinding);
        let (totals, totals_blinding) = vectors.last().expect("the totals are the last vector");
        let totals = keys.reference.commit(kernel, 0, totals, *totals_blinding);

        let mask_wires = keys.shard_circuit.layout().mask.range();
        let instance = keys.shard_circuit.circuit.instance();
        let mut attempt = || {
            let mask = [Fr::rand(&mut OsRng), Fr::rand(&mut OsRng)];
            committed[mask_wires.start - instance..mask_wires.end - instance].copy_from_slice(&mask);
            let mask_point = keys.reference.commit_mask(mask);
            let statement = ShardStatement { blocks: blocks.clone(), totals, mask: mask_point };
            let linked =
                prove_statement(keys, kernel, &epoch, index, &statement, &committed, &vectors, mask)?;
            Ok::<_, PoleError>(ShardRecord { statement, linked })
        };
        let record = retry(&mut attempt)?;
        verify_record(keys, &epoch, index, &record)?;
        Ok(ProvenShard { record, data })
    }
}

/// Runs `attempt` again when a challenge fell on a pole.
pub(crate) fn retry<T>(mut attempt: impl FnMut() -> Result<T, PoleError>) -> Result<T, PoleError> {
    let mut result = attempt();
    for _ in 1..ATTEMPTS {
        if result.is_ok() {
            break;
        }
        result = attempt();
    }
    result
}

/// Proof and opening of a statement. Neither the committed values nor the vectors are checked
/// here, so that tests can prove what is not so; callers verify what comes out.
#[allow(clippy::too_many_arguments)] // the statement, and one argument per thing that binds it
pub fn prove_statement(
    keys: &ProvingKeys,
    kernel: &impl Kernel,
    epoch: &EpochBinding,
    index: u32,
    statement: &ShardStatement,
    committed: &[Fr],
    vectors: &[(Vec<Fr>, Fr)],
    mask: [Fr; 2],
) -> Result<LinkedProof, PoleError> {
    let circuit = &keys.shard_circuit;
    let stage = CommittedStage::new(&keys.shard, kernel, committed);
    let challenges = shard_challenges(&keys.verifying, epoch, index, statement, &stage.d())?;
    let pole = |_| PoleError { circuit: "shard", challenge: "alpha or chi" };
    let assignment = circuit.assignment(committed, &challenges).map_err(pole)?;
    let proof = prove(&keys.shard, &circuit.circuit, kernel, &assignment, stage);
    let polynomial = joined_polynomial(vectors, mask, challenges.gamma);
    let opening = keys.reference.open(kernel, &polynomial, challenges.rho);
    Ok(LinkedProof { proof, evaluation: assignment[circuit.circuit.instance() - 1], opening })
}

/// Verifies a record as the auditor's verifier will.
pub fn verify_record(
    keys: &ProvingKeys,
    epoch: &EpochBinding,
    shard: u32,
    record: &ShardRecord,
) -> Result<(), ProveError> {
    let (proof, opening) = claims::shard(&keys.verifying, epoch, shard, record)?;
    verify_batch(&[proof]).map_err(|source| ProveError::Proof { shard, source })?;
    verify_openings(&keys.verifying.kzg, &[opening]).map_err(|source| ProveError::Opening { shard, source })
}

/// The blocks and, last, the totals: n values each, with their blinding.
fn vectors(
    keys: &ProvingKeys,
    slots: &[Slot],
    committed: &[Fr],
    blinding: &ShardBlinding,
) -> Vec<(Vec<Fr>, Fr)> {
    let n = keys.verifying.profile.block_slots;
    let blocks = slots.chunks(n).map(|block| block.iter().map(Slot::scalar).collect::<Vec<_>>());
    let mut vectors: Vec<_> = blocks.zip(blinding.blocks.iter().copied()).collect();
    let circuit = &keys.shard_circuit;
    let range = circuit.layout().totals.range();
    let mut totals = vec![Fr::zero(); n];
    let values = &committed[range.start - circuit.circuit.instance()..range.end - circuit.circuit.instance()];
    totals[1..=values.len()].copy_from_slice(values); // T_a stands at ω^a
    vectors.push((totals, blinding.totals));
    vectors
}

/// C_b and E_b of every block of a shard.
pub fn commit_blocks(
    keys: &ProvingKeys,
    kernel: &impl Kernel,
    data: &ShardData,
    blinding: &ShardBlinding,
) -> Vec<BlockCommitment> {
    let n = keys.verifying.profile.block_slots;
    let commit =
        |values: Vec<Fr>, blinding: Fr| -> G1Affine { keys.reference.commit(kernel, 0, &values, blinding) };
    let blocks = data.slots.chunks(n).zip(data.labels.chunks(n));
    blocks
        .zip(blinding.blocks.iter().zip(&blinding.labels))
        .map(|((slots, labels), (r, s))| BlockCommitment {
            slots: commit(slots.iter().map(Slot::scalar).collect(), *r),
            labels: commit(labels.iter().map(Label::scalar).collect(), *s),
        })
        .collect()
}

/// Coefficients of `Σ_i γ^i · (I_i + Z_H·r_i) + γ^k · (m_0 + m_1·X)` for k vectors.
pub(crate) fn joined_polynomial(vectors: &[(Vec<Fr>, Fr)], mask: [Fr; 2], gamma: Fr) -> Vec<Fr> {
    let mut values = vec![Fr::zero(); vectors.first().map_or(1, |(values, _)| values.len())];
    let (mut power, mut blinding) = (Fr::one(), Fr::zero());
    for (vector, r) in vectors {
        values.iter_mut().zip(vector).for_each(|(sum, value)| *sum += power * value);
        blinding += power * r;
        power *= gamma;
    }
    let mut polynomial = blinded_polynomial(&values, blinding);
    polynomial[0] += power * mask[0];
    polynomial[1] += power * mask[1];
    polynomial
}
