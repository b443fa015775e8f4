//! The last step of an epoch: coverage proof, entity signature, attestation.

use ark_bn254::{Fr, G1Affine};
use ark_ff::{UniformRand, Zero};
use ed25519_dalek::{Signer, SigningKey};
use rand_core::OsRng;
use solventry_solvency::coverage::{CoverageWitness, Shortfall, public_vectors, surpluses};
use solventry_types::{
    AssetTable, Attestation, Digest, EpochContext, Total,
    amount::TotalOverflow,
    attestation::{CoverageRecord, ShardRecord},
    proof::LinkedProof,
    reserves::{ReserveClass, ReserveError, ReserveEvidence},
    statement::{CoverageStatement, liabilities_commitment, liabilities_digest},
};
use solventry_verifier::{
    Anchors, VerifiedAttestation,
    anchors::{Attestors, FORMAT, Hex},
    attestation::{AttestationError, claims::CoverageData},
    keys::digest_of,
    transcript::{CoverageInputs, EpochBinding, PoleError, coverage_challenges},
    verify_attestation,
};

use crate::{
    kernel::Kernel,
    keys::ProvingKeys,
    reserves::ReserveOpening,
    secrets::EpochSecret,
    shards::{joined_polynomial, retry},
    staged::{CommittedStage, prove},
};

/// What the seal needs.
pub struct SealInput<'a> {
    /// Keys and circuits.
    pub keys: &'a ProvingKeys,
    /// Entity, epoch, assets, capacity.
    pub context: &'a EpochContext,
    /// All shards in order.
    pub shards: Vec<ShardRecord>,
    /// Liabilities per asset of the table.
    pub liabilities: &'a [Total],
    /// Blinding of the shards.
    pub secret: &'a EpochSecret,
    /// Public list and attested classes.
    pub evidence: ReserveEvidence,
    /// Openings of the attested classes, in the order of the evidence.
    pub openings: &'a [ReserveOpening],
    /// The entity's key.
    pub entity_key: &'a SigningKey,
}

/// An epoch cannot be sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Reserves fall short: this ledger cannot be proven.
    #[error(
        "insolvent: reserves of {symbol} do not reach its minimum coverage of {bps} basis points; no proof can be made"
    )]
    Insolvent {
        /// Symbol of the first asset that is short.
        symbol: String,
        /// Its minimum coverage.
        bps: u32,
    },
    /// Evidence that is not well formed.
    #[error("reserve evidence: {0}")]
    Evidence(#[from] ReserveError),
    /// The openings do not belong to the evidence.
    #[error(
        "the opening of reserve class {class} does not belong to the evidence (class, epoch or commitment differs)"
    )]
    Opening {
        /// Name of the class.
        class: String,
    },
    /// Nobody signed a class.
    #[error("reserve class {class:?}: no attestor signed it yet; import a signature first")]
    Unsigned {
        /// Name of the class.
        class: String,
    },
    /// The entity vouches for itself.
    #[error("reserve class {class:?}: the entity's own key signed as an attestor; no verifier accepts that")]
    OwnSignature {
        /// Name of the class.
        class: String,
    },
    /// Reserves over 2^96 units.
    #[error("the reserves of an asset exceed 2^96 units")]
    Total(#[from] TotalOverflow),
    /// Poles in every attempt.
    #[error("{0} in every attempt; the operating system's randomness is broken")]
    Pole(#[from] PoleError),
    /// The fresh attestation does not verify.
    #[error("the fresh attestation does not verify: {0}")]
    SelfCheck(#[from] Box<AttestationError>),
}

/// Refuses reserves that do not cover every asset; worth asking before hours of proving.
pub fn require_solvent(
    assets: &AssetTable,
    liabilities: &[Total],
    reserves: &[Total],
) -> Result<(), SealError> {
    surpluses(assets, liabilities, reserves).map(drop).map_err(|short| insolvent(assets, short))
}

/// Proves coverage, signs, verifies the whole attestation and returns it.
pub fn seal(kernel: &impl Kernel, input: SealInput<'_>) -> Result<Attestation, SealError> {
    let SealInput { keys, context, shards, liabilities, secret, evidence, openings, entity_key } = input;
    let public = evidence.public_totals(&context.assets)?;
    let reserves = reserves(&evidence, openings, &context.assets)?;
    let liabilities_digest =
        liabilities_digest(context.digest(), shards.iter().map(|record| &record.statement));
    check_openings(&evidence, openings, context, liabilities_digest)?;
    check_attestors(&evidence, entity_key)?;
    let epoch = EpochBinding { keys: keys.digest, context: context.digest(), shards: context.shards };
    let totals: Vec<G1Affine> = shards.iter().map(|record| record.statement.totals).collect();
    let data = CoverageData {
        context,
        evidence: &evidence,
        totals: &totals,
        liabilities: liabilities_commitment(shards.iter().map(|record| &record.statement)),
        public: &public.iter().map(|total| Fr::from(total.units())).collect::<Vec<_>>(),
    };
    let salts = secret.salts(evidence.digest(), keys.coverage_circuit.layout().salts.len());
    let attempt = || {
        let witness = CoverageWitness {
            liabilities: liabilities.to_vec(),
            reserves: reserves.clone(),
            liabilities_blinding: secret.liabilities_blinding(context.profile, context.shards),
            reserves_blinding: openings.iter().map(|opening| opening.blinding).sum(),
            mask: [Fr::rand(&mut OsRng), Fr::rand(&mut OsRng)],
            salts: salts.clone(),
        };
        prove_coverage(keys, kernel, &epoch, &data, &witness)
    };
    let coverage = retry(|| match attempt() {
        Ok(record) => Ok(Ok(record)),
        Err(CoverageError::Pole(pole)) => Err(pole),
        Err(CoverageError::Shortfall(short)) => Ok(Err(short)),
    })?
    .map_err(|short| insolvent(&context.assets, short))?;

    let mut attestation = Attestation {
        context: context.clone(),
        verifying_keys: keys.verifying.encode(),
        shards,
        reserves: evidence,
        coverage,
        entity_key: entity_key.verifying_key().to_bytes(),
        signature: [0; 64],
    };
    sign(&mut attestation, entity_key);
    self_check(&attestation).map_err(Box::new)?;
    Ok(attestation)
}

/// Reserves per asset: the public list and what the openings of attested classes hold.
pub(crate) fn reserves(
    evidence: &ReserveEvidence,
    openings: &[ReserveOpening],
    assets: &AssetTable,
) -> Result<Vec<Total>, SealError> {
    let mut reserves = evidence.public_totals(assets)?;
    for opening in openings {
        for (sum, more) in reserves.iter_mut().zip(&opening.reserves) {
            *sum = sum.add(*more)?;
        }
    }
    Ok(reserves)
}

/// Signs (again) with the entity's key.
pub fn sign(attestation: &mut Attestation, entity_key: &SigningKey) {
    attestation.entity_key = entity_key.verifying_key().to_bytes();
    attestation.signature = entity_key.sign(&attestation.signed_digest().0).to_bytes();
}

/// Why a coverage proof was not made.
#[derive(Debug)]
pub enum CoverageError {
    /// Try again with fresh randomness.
    Pole(PoleError),
    /// An asset is short.
    Shortfall(Shortfall),
}

/// One attempt at the coverage proof. The result is not verified here.
pub fn prove_coverage(
    keys: &ProvingKeys,
    kernel: &impl Kernel,
    epoch: &EpochBinding,
    data: &CoverageData<'_>,
    witness: &CoverageWitness,
) -> Result<CoverageRecord, CoverageError> {
    let circuit = &keys.coverage_circuit;
    let committed =
        circuit.committed_values(witness, &data.context.assets).map_err(CoverageError::Shortfall)?;
    let vectors = coverage_vectors(witness, data);
    prove_committed(keys, kernel, epoch, data, &committed, &vectors, witness.mask)
        .map_err(CoverageError::Pole)
}

/// Proof and opening from committed values and the four vectors; nothing is checked here, so
/// that tests can prove what is not so.
pub fn prove_committed(
    keys: &ProvingKeys,
    kernel: &impl Kernel,
    epoch: &EpochBinding,
    data: &CoverageData<'_>,
    committed: &[Fr],
    vectors: &[(Vec<Fr>, Fr)],
    mask: [Fr; 2],
) -> Result<CoverageRecord, PoleError> {
    let circuit = &keys.coverage_circuit;
    let headroom_root = circuit.headroom_root(committed);
    let statement = CoverageStatement { mask: keys.reference.commit_mask(mask), headroom_root };
    let stage = CommittedStage::new(&keys.coverage, kernel, committed);
    let attested: Vec<G1Affine> = data.evidence.attested().collect();
    let inputs =
        CoverageInputs { totals: data.totals, evidence: data.evidence.digest(), attested: &attested };
    let challenges = coverage_challenges(&keys.verifying, epoch, &inputs, &statement, &stage.d())?;
    let pole = |_| PoleError { circuit: "coverage", challenge: "alpha" };
    let assignment = circuit.assignment(committed, &challenges).map_err(pole)?;
    let proof = prove(&keys.coverage, &circuit.circuit, kernel, &assignment, stage);
    let polynomial = joined_polynomial(vectors, mask, challenges.gamma);
    let opening =
        keys.reference.open(kernel, &known_removed(polynomial, data, challenges.gamma), challenges.rho);
    let evaluation = assignment[circuit.circuit.instance() - 2];
    Ok(CoverageRecord { statement, linked: LinkedProof { proof, evaluation, opening } })
}

/// Liabilities, reserves, minimum coverage, marks past the table: n values each.
pub fn coverage_vectors(witness: &CoverageWitness, data: &CoverageData<'_>) -> Vec<(Vec<Fr>, Fr)> {
    let (n, places) = (data.context.profile.block_slots, data.context.profile.max_assets);
    let place = |values: &[Fr]| {
        let mut vector = vec![Fr::zero(); n];
        vector[1..=values.len()].copy_from_slice(values);
        vector
    };
    let scalars = |totals: &[Total]| totals.iter().map(|total| Fr::from(total.units())).collect::<Vec<_>>();
    let [coverage, past] = public_vectors(&data.context.assets, places);
    vec![
        (place(&scalars(&witness.liabilities)), witness.liabilities_blinding),
        (place(&scalars(&witness.reserves)), witness.reserves_blinding),
        (place(&coverage), Fr::zero()),
        (place(&past), Fr::zero()),
    ]
}

/// The verifier subtracts what it knows from the value; the prover subtracts it from the
/// polynomial: `γ·I_R + γ²·I_c + γ³·I_p` with I_R the public reserves.
fn known_removed(mut polynomial: Vec<Fr>, data: &CoverageData<'_>, gamma: Fr) -> Vec<Fr> {
    let (n, places) = (data.context.profile.block_slots, data.context.profile.max_assets);
    let [coverage, past] = public_vectors(&data.context.assets, places);
    let mut values = vec![Fr::zero(); n];
    let mut power = gamma;
    for vector in [data.public, &coverage, &past] {
        values[1..=vector.len()].iter_mut().zip(vector).for_each(|(sum, value)| *sum += power * value);
        power *= gamma;
    }
    let known = crate::kzg::blinded_polynomial(&values, Fr::zero());
    polynomial.iter_mut().zip(known).for_each(|(coefficient, known)| *coefficient -= known);
    polynomial
}

fn check_openings(
    evidence: &ReserveEvidence,
    openings: &[ReserveOpening],
    context: &EpochContext,
    liabilities: Digest,
) -> Result<(), SealError> {
    let commitments: Vec<G1Affine> = evidence.attested().collect();
    for (index, opening) in openings.iter().enumerate() {
        let same_epoch = opening.context == *context && opening.liabilities == liabilities;
        if !same_epoch || commitments.get(index) != Some(&opening.commitment()) {
            return Err(SealError::Opening { class: opening.class.clone() });
        }
    }
    if openings.len() == commitments.len() {
        Ok(())
    } else {
        Err(SealError::Opening { class: format!("number {}", openings.len() + 1) })
    }
}

/// What every verifier refuses, whatever attestors it trusts.
fn check_attestors(evidence: &ReserveEvidence, entity_key: &SigningKey) -> Result<(), SealError> {
    let own = entity_key.verifying_key().to_bytes();
    for class in &evidence.classes {
        let ReserveClass::Attested { name, signatures, .. } = class else { continue };
        if signatures.is_empty() {
            return Err(SealError::Unsigned { class: name.clone() });
        }
        if signatures.iter().any(|signature| signature.attestor == own) {
            return Err(SealError::OwnSignature { class: name.clone() });
        }
    }
    Ok(())
}

pub(crate) fn insolvent(assets: &AssetTable, short: Shortfall) -> SealError {
    let asset = &assets.assets()[short.asset];
    SealError::Insolvent { symbol: asset.symbol.clone(), bps: asset.min_coverage_bps }
}

/// Anchors that trust whatever the attestation names: its entity, its keys, its attestors. Good
/// for checking one's own work, never for deciding about another's.
pub fn self_anchors(attestation: &Attestation) -> Anchors {
    let mut attestors: Vec<Hex<32>> = Vec::new();
    for class in &attestation.reserves.classes {
        if let ReserveClass::Attested { signatures, .. } = class {
            attestors.extend(signatures.iter().map(|signature| Hex(signature.attestor)));
        }
    }
    attestors.sort_unstable();
    attestors.dedup();
    Anchors {
        format: FORMAT.into(),
        entity: Some(attestation.context.entity.clone()),
        entity_key: Hex(attestation.entity_key),
        verifying_keys: vec![Hex(digest_of(&attestation.verifying_keys).0)],
        headroom_keys: vec![],
        vaults: vec![],
        attestors: Attestors { quorum: usize::from(!attestors.is_empty()), keys: attestors, classes: None },
        least_coverage_bps: 1,
        least_epoch: 0,
        max_age_seconds: None,
    }
}

/// Verifies as an auditor would who trusts this entity, these keys and every attestor named.
pub fn self_check(attestation: &Attestation) -> Result<VerifiedAttestation, AttestationError> {
    let now = attestation.context.snapshot_time;
    verify_attestation(&attestation.encode(), &self_anchors(attestation), now)
}
