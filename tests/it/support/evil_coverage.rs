//! A coverage prover that can put any value in any wire, over any shards and evidence.

use ark_bn254::{Fr, G1Affine};
use ark_ff::{UniformRand, Zero};
use rand_core::OsRng;
use solventry_prover::{
    kernel::Arkworks,
    reserves::ReserveOpening,
    seal::coverage_vectors,
    staged::{CommittedStage, prove},
};
use solventry_solvency::{
    coverage::CoverageWitness,
    gadgets::range::{count_multiplicities, limbs_of},
    r1cs::Wires,
};
use solventry_types::{
    Attestation, EpochContext, Total,
    attestation::{CoverageRecord, ShardRecord},
    challenge::CoverageChallenges,
    proof::LinkedProof,
    reserves::ReserveEvidence,
    statement::{CoverageStatement, liabilities_commitment},
};
use solventry_verifier::{
    attestation::claims::CoverageData,
    transcript::{CoverageInputs, coverage_challenges},
};

use super::{
    evil_shard::{joined, signed},
    fixture::fixture,
};

/// A change of the full assignment after the challenges are known.
pub type Tweak<'a> = &'a dyn Fn(&mut [Fr], &CoverageChallenges);

/// No change.
pub const HONEST: Tweak<'static> = &|_, _| {};

/// The last step of an epoch in the hands of an attacker.
#[derive(Clone)]
pub struct EvilCoverage {
    /// Context of the whole attestation.
    pub context: EpochContext,
    /// Evidence in the file.
    pub evidence: ReserveEvidence,
    /// Shards in the file.
    pub shards: Vec<ShardRecord>,
    /// All committed wires (J1).
    pub committed: Vec<Fr>,
    /// Liabilities, attested reserves, and two zero vectors, as committed outside the circuit.
    pub vectors: Vec<(Vec<Fr>, Fr)>,
    /// Mask scalars.
    pub mask: [Fr; 2],
}

impl EvilCoverage {
    /// The fixture's attestation with the public list, word for word, with fresh masks and salts.
    pub fn public() -> Self {
        Self::over(&fixture().context, fixture().public.reserves.clone(), &[])
    }

    /// The fixture's attestation with attested classes.
    pub fn attested() -> Self {
        Self::over(&fixture().context, fixture().attested.reserves.clone(), &fixture().openings)
    }

    /// Honest wires for this context, this evidence and these openings over the fixture's shards.
    pub fn over(context: &EpochContext, evidence: ReserveEvidence, openings: &[ReserveOpening]) -> Self {
        let fixture = fixture();
        let mut reserves = evidence.public_totals(&context.assets).unwrap();
        for opening in openings {
            reserves.iter_mut().zip(&opening.reserves).for_each(|(sum, more)| *sum = sum.add(*more).unwrap());
        }
        let salts = fixture.keys.coverage_circuit.layout().salts.len();
        let witness = CoverageWitness {
            liabilities: fixture.ledger.totals().to_vec(),
            reserves,
            liabilities_blinding: fixture.secret.liabilities_blinding(context.profile, context.shards),
            reserves_blinding: openings.iter().map(|opening| opening.blinding).sum(),
            mask: [Fr::rand(&mut OsRng), Fr::rand(&mut OsRng)],
            salts: (0..salts).map(|_| Fr::rand(&mut OsRng)).collect(),
        };
        let committed = fixture.keys.coverage_circuit.committed_values(&witness, &context.assets).unwrap();
        let mut evil = Self {
            context: context.clone(),
            evidence,
            shards: fixture.public.shards.clone(),
            committed,
            vectors: Vec::new(),
            mask: witness.mask,
        };
        let public = evil.public_scalars();
        evil.vectors = evil.with_data(&public, |data| coverage_vectors(&witness, data));
        let known = evil.public_scalars();
        evil.vectors[1].0[1..].iter_mut().zip(known).for_each(|(sum, known)| *sum -= known);
        for vector in &mut evil.vectors[2..] {
            vector.0.iter_mut().for_each(|value| *value = Fr::zero()); // the verifier adds these itself
        }
        evil
    }

    /// Indices in [`Self::committed`] of some wires of the layout.
    pub fn index(wires: &Wires) -> std::ops::Range<usize> {
        let instance = fixture().keys.coverage_circuit.circuit.instance();
        wires.range().start - instance..wires.range().end - instance
    }

    /// Index of L_a (asset from 0).
    pub fn liability(asset: usize) -> usize {
        Self::index(&fixture().keys.coverage_circuit.layout().liabilities).start + asset
    }

    /// Index of c_a.
    pub fn coverage(asset: usize) -> usize {
        Self::index(&fixture().keys.coverage_circuit.layout().coverage).start + asset
    }

    /// Writes the limbs of R_a.
    pub fn set_reserves(&mut self, asset: usize, units: u128) {
        let range = Self::index(&fixture().keys.coverage_circuit.layout().reserves_limbs(asset));
        range.zip(limbs_of(units, 8, 12)).for_each(|(wire, limb)| self.committed[wire] = limb);
    }

    /// Writes the limbs of a surplus.
    pub fn set_surplus(&mut self, asset: usize, units: u128) {
        let range = Self::index(&fixture().keys.coverage_circuit.layout().surplus_limbs(asset));
        range.zip(limbs_of(units, 8, 14)).for_each(|(wire, limb)| self.committed[wire] = limb);
    }

    /// Recounts the multiplicities.
    pub fn recount(&mut self) {
        let layout = fixture().keys.coverage_circuit.layout();
        let counts = count_multiplicities(&self.committed[Self::index(&layout.limbs)], 8);
        self.committed[Self::index(&layout.multiplicities)].copy_from_slice(&counts);
    }

    /// The whole attestation, signed.
    pub fn attestation(&self, tweak: Tweak<'_>) -> Attestation {
        self.attestation_with(self.record(tweak).0)
    }

    /// The whole attestation with this coverage record, signed.
    pub fn attestation_with(&self, coverage: CoverageRecord) -> Attestation {
        signed(Attestation {
            context: self.context.clone(),
            verifying_keys: fixture().keys.verifying.encode(),
            shards: self.shards.clone(),
            reserves: self.evidence.clone(),
            coverage,
            entity_key: [0; 32],
            signature: [0; 64],
        })
    }

    /// Proof and opening with the assignment; nothing is checked.
    pub fn record(&self, tweak: Tweak<'_>) -> (CoverageRecord, Vec<Fr>) {
        let keys = &fixture().keys;
        let (circuit, epoch) = (&keys.coverage_circuit, fixture().epoch_of(&self.context));
        let root = circuit.headroom_root(&self.committed);
        let statement =
            CoverageStatement { mask: keys.reference.commit_mask(self.mask), headroom_root: root };
        let stage = CommittedStage::new(&keys.coverage, &Arkworks, &self.committed);
        let totals: Vec<G1Affine> = self.shards.iter().map(|record| record.statement.totals).collect();
        let attested: Vec<G1Affine> = self.evidence.attested().collect();
        let inputs =
            CoverageInputs { totals: &totals, evidence: self.evidence.digest(), attested: &attested };
        let challenges =
            coverage_challenges(&keys.verifying, &epoch, &inputs, &statement, &stage.d()).unwrap();
        let mut assignment = circuit.assignment(&self.committed, &challenges).unwrap();
        tweak(&mut assignment, &challenges);
        let proof = prove(&keys.coverage, &circuit.circuit, &Arkworks, &assignment, stage);
        let polynomial = joined(&self.vectors, self.mask, challenges.gamma);
        let opening = keys.reference.open(&Arkworks, &polynomial, challenges.rho);
        let linked = LinkedProof { proof, evaluation: assignment[4], opening };
        (CoverageRecord { statement, linked }, assignment)
    }

    fn public_scalars(&self) -> Vec<Fr> {
        let totals: Vec<Total> = self.evidence.public_totals(&self.context.assets).unwrap();
        totals.iter().map(|total| Fr::from(total.units())).collect()
    }

    fn with_data<T>(&self, public: &[Fr], use_it: impl Fn(&CoverageData<'_>) -> T) -> T {
        let totals: Vec<G1Affine> = self.shards.iter().map(|record| record.statement.totals).collect();
        let liabilities = liabilities_commitment(self.shards.iter().map(|record| &record.statement));
        let evidence = &self.evidence;
        use_it(&CoverageData { context: &self.context, evidence, totals: &totals, liabilities, public })
    }
}
