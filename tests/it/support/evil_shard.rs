//! A shard prover that can put any value in any wire and any commitment in any place.

use ark_bn254::{Fr, G1Affine};
use ark_ff::{One, UniformRand, Zero};
use rand_core::OsRng;
use solventry_prover::{
    kernel::Arkworks,
    kzg::{ReferenceString, blinded_polynomial},
    setup::StagedProvingKey,
    staged::{CommittedStage, prove},
};
use solventry_solvency::{gadgets::range::count_multiplicities, r1cs::Circuit, shard::ShardWitness};
use solventry_types::{
    Attestation, Profile,
    attestation::ShardRecord,
    challenge::ShardChallenges,
    proof::{LinkedProof, StagedProof},
    statement::ShardStatement,
};
use solventry_verifier::transcript::{EpochBinding, shard_challenges};

use super::{
    evil_coverage::{self, EvilCoverage},
    fixture::fixture,
    outcome::Outcome,
};

/// A change of the full assignment after the challenges are known.
pub type Tweak<'a> = &'a dyn Fn(&mut [Fr], &ShardChallenges);

/// No change.
pub const HONEST: Tweak<'static> = &|_, _| {};

/// One shard of the fixture in the hands of an attacker.
#[derive(Clone)]
pub struct EvilShard {
    /// Index that the transcript absorbs.
    pub index: u32,
    /// All committed wires (J1).
    pub committed: Vec<Fr>,
    /// What the commitments hold: blocks and, last, totals, each with its blinding.
    pub vectors: Vec<(Vec<Fr>, Fr)>,
    /// What the file says.
    pub statement: ShardStatement,
    /// Coefficients of M.
    pub mask: [Fr; 2],
}

impl EvilShard {
    /// The fixture's shard, word for word, with a fresh mask.
    pub fn honest(index: u32) -> Self {
        let fixture = fixture();
        let shard = &fixture.shards[index as usize];
        let blinding = fixture.secret.blinding(Profile::SMALL, index);
        let witness = ShardWitness {
            slots: shard.data.slots.clone(),
            block_blinding: blinding.blocks.clone(),
            totals_blinding: blinding.totals,
            mask: [Fr::rand(&mut OsRng), Fr::rand(&mut OsRng)],
        };
        let committed = fixture.keys.shard_circuit.committed_values(&witness).unwrap();
        let mut evil = Self {
            index,
            committed,
            vectors: Vec::new(),
            statement: shard.record.statement.clone(),
            mask: witness.mask,
        };
        evil.vectors_from_wires();
        evil.statement.mask = fixture.keys.reference.commit_mask(evil.mask);
        evil
    }

    /// Index in [`Self::committed`] of one limb of a holding; limb 8 and 9 are the asset id.
    pub fn limb(holding: usize, limb: usize) -> usize {
        10 * holding + limb
    }

    /// Index in [`Self::committed`] of T_a (asset from 0).
    pub fn total(asset: usize) -> usize {
        let circuit = &fixture().keys.shard_circuit;
        circuit.layout().totals.range().start - circuit.circuit.instance() + asset
    }

    /// Index in [`Self::committed`] of the multiplicity of table entry t.
    pub fn multiplicity(t: usize) -> usize {
        let circuit = &fixture().keys.shard_circuit;
        circuit.layout().multiplicities.range().start - circuit.circuit.instance() + t
    }

    /// The amount and asset id that the limbs of a holding encode.
    pub fn holding(&self, holding: usize) -> (Fr, Fr) {
        let limbs = &self.committed[Self::limb(holding, 0)..Self::limb(holding + 1, 0)];
        (digits(&limbs[..8]), digits(&limbs[8..]))
    }

    /// The first holding with an amount, and the index (from 0) of its asset.
    pub fn first_holding(&self) -> (usize, usize) {
        let found = (0..).find(|holding| !self.holding(*holding).0.is_zero()).unwrap();
        let asset = (1..=63u64).find(|id| Fr::from(*id) == self.holding(found).1).unwrap();
        (found, asset as usize - 1)
    }

    /// An unused holding of the shard.
    pub fn free_holding(&self) -> usize {
        (0..)
            .find(|holding| (0..10).all(|limb| self.committed[Self::limb(*holding, limb)].is_zero()))
            .unwrap()
    }

    /// Recounts the multiplicities of all limbs that are in the table.
    pub fn recount(&mut self) {
        let layout = fixture().keys.shard_circuit.layout();
        let counts = count_multiplicities(&self.committed[..layout.limbs.len()], 8);
        self.committed[Self::multiplicity(0)..][..256].copy_from_slice(&counts);
    }

    /// What the commitments hold follows from the wires. In the small profile a slot is thirty
    /// 8-bit limbs in a row.
    pub fn vectors_from_wires(&mut self) {
        let profile = Profile::SMALL;
        let (n, blocks) = (profile.block_slots, profile.shard_blocks);
        let first = Self::total(profile.max_assets);
        let blinding = &self.committed[first..first + blocks + 1];
        let slots: Vec<Fr> = self.committed[..30 * n * blocks].chunks(30).map(digits).collect();
        let mut totals = vec![Fr::zero(); n];
        totals[1..=profile.max_assets]
            .copy_from_slice(&self.committed[Self::total(0)..Self::total(profile.max_assets)]);
        let vectors = slots.chunks(n).map(<[Fr]>::to_vec).chain([totals]);
        self.vectors = vectors.zip(blinding.iter().copied()).collect();
    }

    /// Commitments of the statement follow from the vectors.
    pub fn commit(&mut self) {
        let reference = &fixture().keys.reference;
        let points: Vec<G1Affine> = self
            .vectors
            .iter()
            .map(|(values, blinding)| reference.commit(&Arkworks, 0, values, *blinding))
            .collect();
        let (totals, blocks) = points.split_last().unwrap();
        self.statement.totals = *totals;
        self.statement.blocks.iter_mut().zip(blocks).for_each(|(block, point)| block.slots = *point);
    }

    /// Proof and opening; nothing is checked.
    pub fn prove(&self, epoch: &EpochBinding, tweak: Tweak<'_>) -> ShardRecord {
        self.prove_with(&fixture().keys.shard, epoch, tweak, &|_, proof| proof).0
    }

    /// The same with the full assignment, under any proving key; `last` may change the proof that
    /// comes out.
    pub fn prove_with(
        &self,
        key: &StagedProvingKey,
        epoch: &EpochBinding,
        tweak: Tweak<'_>,
        last: &dyn Fn(&[Fr], StagedProof) -> StagedProof,
    ) -> (ShardRecord, Vec<Fr>) {
        let keys = &fixture().keys;
        let stage = CommittedStage::new(key, &Arkworks, &self.committed);
        let (statement, d) = (&self.statement, stage.d());
        let challenges = shard_challenges(&keys.verifying, epoch, self.index, statement, &d).unwrap();
        let mut assignment = keys.shard_circuit.assignment(&self.committed, &challenges).unwrap();
        tweak(&mut assignment, &challenges);
        let proof = prove(key, &keys.shard_circuit.circuit, &Arkworks, &assignment, stage);
        let proof = last(&assignment, proof);
        let polynomial = joined(&self.vectors, self.mask, challenges.gamma);
        let opening = keys.reference.open(&Arkworks, &polynomial, challenges.rho);
        let linked = LinkedProof { proof, evaluation: assignment[5], opening };
        (ShardRecord { statement: self.statement.clone(), linked }, assignment)
    }

    /// A record of the fixture's epoch with its assignment.
    pub fn record(&self, tweak: Tweak<'_>) -> (ShardRecord, Vec<Fr>) {
        let fixture = fixture();
        self.prove_with(&fixture.keys.shard, &fixture.epoch(), tweak, &|_, proof| proof)
    }
}

/// The fixture's public attestation with another record in one place, signed. Where C_T changes,
/// coverage is proven again, so that its challenges are right.
pub fn with_shard(index: usize, record: ShardRecord) -> Attestation {
    let mut attestation = fixture().public.clone();
    let same_totals = attestation.shards[index].statement.totals == record.statement.totals;
    if !same_totals {
        let mut coverage = EvilCoverage::public();
        coverage.shards[index] = record;
        return coverage.attestation(evil_coverage::HONEST);
    }
    attestation.shards[index] = record;
    signed(attestation)
}

/// Signs with the entity's own key.
pub fn signed(mut attestation: Attestation) -> Attestation {
    solventry_prover::seal::sign(&mut attestation, &fixture().entity_key);
    attestation
}

/// The circuit refuses the assignment, and the first row that fails belongs to `claim`.
pub fn broken_claim(circuit: &Circuit, assignment: &[Fr], claim: &str) -> Outcome {
    match circuit.check(assignment) {
        Ok(()) => Err("the circuit is satisfied".into()),
        Err(row) if row.claim == claim => Ok(()),
        Err(row) => Err(format!("expected a row of {claim}, got {row}")),
    }
}

/// Coefficients of `Σ γ^i · (I_i + Z_H·r_i) + γ^k · (m_0 + m_1·X)`.
pub fn joined(vectors: &[(Vec<Fr>, Fr)], mask: [Fr; 2], gamma: Fr) -> Vec<Fr> {
    let mut power = Fr::one();
    let mut sum = vec![Fr::zero(); vectors[0].0.len() + 1];
    for (values, blinding) in vectors {
        let polynomial = blinded_polynomial(values, *blinding);
        sum.iter_mut().zip(polynomial).for_each(|(sum, c)| *sum += power * c);
        power *= gamma;
    }
    sum[0] += power * mask[0];
    sum[1] += power * mask[1];
    sum
}

/// Little-endian digits of 256.
pub fn digits(limbs: &[Fr]) -> Fr {
    limbs.iter().rev().fold(Fr::zero(), |sum, limb| sum * Fr::from(256u64) + limb)
}

/// The reference string of the fixture.
pub fn reference() -> &'static ReferenceString {
    &fixture().keys.reference
}
