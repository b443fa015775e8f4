//! Verification of an attestation, as a numbered list of steps.

use std::collections::BTreeSet;

use ark_bn254::{Fr, G1Affine};
use solventry_types::{
    Attestation, Digest, Total,
    reserves::AttestedEpoch,
    statement::{liabilities_commitment, liabilities_digest},
};

use crate::{
    Anchors, VerifyingKeys,
    keys::{Provenance, digest_of},
    kzg::{KzgError, OpeningClaim, verify_openings},
    reserves::VerifiedClass,
    staged::{StagedClaim, StagedError, verify_batch},
    transcript::EpochBinding,
};

pub mod claims;
mod error;

pub use error::AttestationError;

/// Snapshots may be this far ahead of the verifier's clock, in seconds.
pub const CLOCK_TOLERANCE: u64 = 2 * 60 * 60;

/// Names of the steps, in order.
pub const STEPS: [&str; 12] = [
    "file is canonical and complete",
    "entity is the one in the anchors, and its signature holds",
    "verifying keys are pinned in the anchors and pass the key lint",
    "epoch and snapshot are as new as the anchors ask, and not in the future",
    "every asset demands at least the coverage of the anchors",
    "no block, totals or mask commitment occurs twice",
    "reserve evidence is well formed and, where attested, signed by the quorum",
    "challenges are derived from all that is committed",
    "shard proofs: amounts in range, totals right (C-SHARD-1, C-SHARD-2)",
    "shard openings: the proofs are about the committed blocks (C-SHARD-3)",
    "coverage proof: reserves cover every asset (C-COV-2, C-COV-3)",
    "coverage opening: the proof is about these totals and reserves (C-COV-1)",
];

/// An attestation whose every step passed. Only [`verify_attestation`] makes one.
#[derive(Debug)]
pub struct VerifiedAttestation {
    attestation: Attestation,
    keys: VerifyingKeys,
    digest: Digest,
    liabilities: Digest,
    classes: Vec<VerifiedClass>,
}

impl VerifiedAttestation {
    /// The file's content.
    pub fn attestation(&self) -> &Attestation {
        &self.attestation
    }

    /// Digest of the file.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Digest of the liabilities commitments; compare it with the one that was published before
    /// reserves were gathered.
    pub fn liabilities_digest(&self) -> Digest {
        self.liabilities
    }

    /// The reserve classes and who vouches for them.
    pub fn classes(&self) -> &[VerifiedClass] {
        &self.classes
    }

    /// Whether the setup behind the keys can be trusted: only after a verified ceremony.
    pub fn setup_is_trusted(&self) -> bool {
        match self.keys.provenance {
            Provenance::InsecureDev => false,
        }
    }

    pub(crate) fn keys(&self) -> &VerifyingKeys {
        &self.keys
    }
}

/// Verifies the bytes of an attestation file against the verifier's anchors.
///
/// `now` is the verifier's time in Unix seconds. Valid does not mean trusted: see
/// [`VerifiedAttestation::setup_is_trusted`] and [`crate::verdict::Verdict`].
pub fn verify_attestation(
    bytes: &[u8],
    anchors: &Anchors,
    now: u64,
) -> Result<VerifiedAttestation, AttestationError> {
    // 1. File.
    let attestation = Attestation::decode(bytes)?;

    // 2. Entity.
    verify_entity(&attestation, anchors)?;

    // 3. Keys.
    let got = digest_of(&attestation.verifying_keys);
    if !anchors.pins(got) {
        return Err(AttestationError::KeysNotPinned { got });
    }
    let keys = VerifyingKeys::decode(&attestation.verifying_keys)?;
    let context = &attestation.context;
    if keys.profile != context.profile {
        return Err(AttestationError::Profile { keys: keys.profile.name, file: context.profile.name });
    }

    // 4. Epoch.
    if context.epoch < anchors.least_epoch {
        return Err(AttestationError::Epoch { expected: anchors.least_epoch, got: context.epoch });
    }
    if context.snapshot_time > now.saturating_add(CLOCK_TOLERANCE) {
        return Err(AttestationError::Future { now, got: context.snapshot_time });
    }

    let age = now.saturating_sub(context.snapshot_time);
    if let Some(limit) = anchors.max_age_seconds.filter(|limit| age > *limit) {
        return Err(AttestationError::TooOld { limit, age });
    }

    // 5. Asset table.
    let expected = anchors.least_coverage_bps;
    if let Some(asset) = context.assets.assets().iter().find(|asset| asset.min_coverage_bps < expected) {
        let (symbol, got) = (asset.symbol.clone(), asset.min_coverage_bps);
        return Err(AttestationError::Coverage { symbol, expected, got });
    }

    // 6. Distinct commitments.
    refuse_repeated(&attestation)?;

    // 7. Reserve evidence.
    let epoch = EpochBinding { keys: got, context: context.digest(), shards: context.shards };
    let liabilities = liabilities_digest(epoch.context, attestation.statements());
    let attested =
        AttestedEpoch { context: epoch.context, liabilities, reserve_bases: keys.kzg.reserve_bases };
    let (public, classes) =
        crate::reserves::verify(&attestation.reserves, &context.assets, &attested, anchors)?;

    // 8. to 12. Challenges, proofs, openings.
    verify_proofs(&attestation, &keys, &epoch, &public)?;

    let digest = attestation.digest();
    Ok(VerifiedAttestation { attestation, keys, digest, liabilities, classes })
}

fn verify_entity(attestation: &Attestation, anchors: &Anchors) -> Result<(), AttestationError> {
    let got = attestation.context.entity.clone();
    if let Some(expected) = anchors.entity.clone().filter(|expected| *expected != got) {
        return Err(AttestationError::Entity { expected, got });
    }
    if anchors.entity_key.0 != attestation.entity_key {
        return Err(AttestationError::EntityKey);
    }
    let message = attestation.signed_digest();
    if !crate::reserves::verifies(&attestation.entity_key, &message.0, &attestation.signature) {
        return Err(AttestationError::Signature);
    }
    Ok(())
}

/// Honest commitments are blinded afresh, so none occurs twice.
fn refuse_repeated(attestation: &Attestation) -> Result<(), AttestationError> {
    let mut seen = BTreeSet::new();
    for (shard, record) in attestation.shards.iter().enumerate() {
        let statement = &record.statement;
        let blocks = statement.blocks.iter().flat_map(|block| [block.slots, block.labels]);
        for point in blocks.chain([statement.totals, statement.mask]) {
            if !seen.insert(point.x.0.0) {
                return Err(AttestationError::Repeated { shard });
            }
        }
    }
    Ok(())
}

fn verify_proofs(
    attestation: &Attestation,
    keys: &VerifyingKeys,
    epoch: &EpochBinding,
    public: &[Total],
) -> Result<(), AttestationError> {
    let mut proofs: Vec<StagedClaim<'_>> = Vec::with_capacity(attestation.shards.len().saturating_add(1));
    let mut openings: Vec<OpeningClaim> = Vec::with_capacity(proofs.capacity());
    for (shard, (record, index)) in attestation.shards.iter().zip(0u32..).enumerate() {
        let (proof, opening) = claims::shard(keys, epoch, index, record)
            .map_err(|source| AttestationError::ShardPole { shard, source })?;
        proofs.push(proof);
        openings.push(opening);
    }
    let liabilities: G1Affine =
        liabilities_commitment(attestation.shards.iter().map(|record| &record.statement));
    let totals: Vec<G1Affine> = attestation.statements().map(|statement| statement.totals).collect();
    let inputs = claims::CoverageData {
        context: &attestation.context,
        evidence: &attestation.reserves,
        totals: &totals,
        liabilities,
        public: &public.iter().map(|total| Fr::from(total.units())).collect::<Vec<_>>(),
    };
    let (proof, opening) = claims::coverage(keys, epoch, &inputs, &attestation.coverage)
        .map_err(AttestationError::CoveragePole)?;
    proofs.push(proof);
    openings.push(opening);

    // In the order of the steps: what is reported as passed was checked.
    let (Some(coverage_proof), Some(coverage_opening)) = (proofs.pop(), openings.pop()) else {
        return Err(AttestationError::Internal("no proofs"));
    };
    verify_proof_batch(&proofs, |shard| AttestationError::ShardProof { shard })?;
    verify_opening_batch(keys, &openings, |shard| AttestationError::ShardOpening { shard })?;
    verify_proof_batch(&[coverage_proof], |_| AttestationError::CoverageProof)?;
    verify_opening_batch(keys, &[coverage_opening], |_| AttestationError::CoverageOpening)
}

fn verify_proof_batch(
    claims: &[StagedClaim<'_>],
    invalid: impl Fn(usize) -> AttestationError,
) -> Result<(), AttestationError> {
    verify_batch(claims).map_err(|error| match error {
        StagedError::Invalid { index } => invalid(index),
        StagedError::NoRandomness(error) => error.into(),
        _ => AttestationError::Internal("batch of proofs is malformed"),
    })
}

fn verify_opening_batch(
    keys: &VerifyingKeys,
    claims: &[OpeningClaim],
    invalid: impl Fn(usize) -> AttestationError,
) -> Result<(), AttestationError> {
    verify_openings(&keys.kzg, claims).map_err(|error| match error {
        KzgError::Invalid { index } => invalid(index),
        KzgError::NoRandomness(error) => error.into(),
        _ => AttestationError::Internal("batch of openings is malformed"),
    })
}
