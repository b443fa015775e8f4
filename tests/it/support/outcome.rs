//! What a refusal must look like, and how one attack reports.

use std::fmt::{Debug, Display};

use solventry_types::{Attestation, InclusionFile, attestation::ShardRecord};
use solventry_verifier::{
    Anchors,
    attestation::{AttestationError, claims},
    kzg::{OpeningClaim, verify_openings},
    staged::{StagedClaim, verify_batch},
    verify_attestation, verify_inclusion,
};

use super::{
    evil_coverage::{EvilCoverage, HONEST as COVERAGE_HONEST, Tweak as CoverageTweak},
    evil_shard::{EvilShard, Tweak, broken_claim, with_shard},
    fixture::{Fixture, NOW, fixture},
};

/// Ok: refused for the stated reason. Err: accepted, or refused for another reason.
pub type Outcome = Result<(), String>;

/// One attack.
pub struct Attack {
    /// Function name.
    pub name: &'static str,
    /// Tries it.
    pub run: fn() -> Outcome,
}

/// Lists the attacks of a module by function name.
macro_rules! attacks {
    ($($name:ident),* $(,)?) => {
        /// Every attack of this file.
        pub const ALL: &[$crate::support::outcome::Attack] =
            &[$($crate::support::outcome::Attack { name: stringify!($name), run: $name }),*];
    };
}
pub(crate) use attacks;

/// The exact error: its `Debug` form begins with `variant`, its message holds `says`.
pub fn names(error: &(impl Debug + Display), variant: &str, says: &str) -> Outcome {
    let (debug, message) = (format!("{error:?}"), error.to_string());
    if !debug.starts_with(variant) {
        return Err(format!("expected {variant}, got {debug}"));
    }
    if message.contains(says) { Ok(()) } else { Err(format!("expected {says:?} in the message {message:?}")) }
}

/// The attestation is refused by `step` with this error; the bytes go through the file format.
pub fn refused(attestation: &Attestation, step: usize, variant: &str, says: &str) -> Outcome {
    refused_under(&fixture().anchors, attestation, step, variant, says)
}

/// The same under other anchors.
pub fn refused_under(
    anchors: &Anchors,
    attestation: &Attestation,
    step: usize,
    variant: &str,
    says: &str,
) -> Outcome {
    let error = attempt(anchors, &attestation.encode())?;
    if error.step() != step {
        return Err(format!("expected step {step}, got {} ({error:?})", error.step()));
    }
    names(&error, variant, says)
}

/// The error for these bytes, or `Err` if they were accepted.
pub fn attempt(anchors: &Anchors, bytes: &[u8]) -> Result<AttestationError, String> {
    match verify_attestation(bytes, anchors, NOW) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => Ok(error),
    }
}

/// The inclusion file is refused for the fixture's [`Fixture::CUSTOMER`] with this error.
pub fn inclusion_refused(file: &InclusionFile, variant: &str, says: &str) -> Outcome {
    inclusion_bytes_refused(&file.encode(), variant, says)
}

/// The same from bytes.
pub fn inclusion_bytes_refused(bytes: &[u8], variant: &str, says: &str) -> Outcome {
    let fixture = fixture();
    let customer = fixture.account_id(Fixture::CUSTOMER);
    match verify_inclusion(bytes, &fixture.verified, &customer) {
        Ok(included) => Err(format!("ACCEPTED with {} slots", included.slots())),
        Err(error) => names(&error, variant, says),
    }
}

/// A shard is refused for its proof alone: its opening holds. `claim` is the broken claim.
pub fn shard_proof_refused(evil: &EvilShard, tweak: Tweak<'_>, claim: &str) -> Outcome {
    let (record, assignment) = evil.record(tweak);
    broken_claim(&fixture().keys.shard_circuit.circuit, &assignment, claim)?;
    shard_proof_alone_refused(evil.index as usize, record)
}

/// A record is refused for its proof alone: its opening holds.
pub fn shard_proof_alone_refused(index: usize, record: ShardRecord) -> Outcome {
    let (_, opening) = claims_of(index, &record);
    verify_openings(&fixture().keys.verifying.kzg, &[opening]).map_err(|_| "the opening fails too")?;
    let variant = format!("ShardProof {{ shard: {index} }}");
    refused(&with_shard(index, record), 9, &variant, "(C-SHARD)")
}

/// A record is refused for its opening alone: its proof holds.
pub fn shard_opening_refused(index: usize, record: ShardRecord) -> Outcome {
    let (proof, _) = claims_of(index, &record);
    verify_batch(&[proof]).map_err(|_| "the proof fails too")?;
    let variant = format!("ShardOpening {{ shard: {index} }}");
    refused(&with_shard(index, record), 10, &variant, "(C-SHARD-3)")
}

/// What the verifier demands of a record in the fixture's epoch.
pub fn claims_of(index: usize, record: &ShardRecord) -> (StagedClaim<'static>, OpeningClaim) {
    let fixture = fixture();
    claims::shard(&fixture.keys.verifying, &fixture.epoch(), index as u32, record).unwrap()
}

/// Coverage is refused because `claim` is broken.
pub fn coverage_proof_refused(evil: &EvilCoverage, tweak: CoverageTweak<'_>, claim: &str) -> Outcome {
    let (record, assignment) = evil.record(tweak);
    broken_claim(&fixture().keys.coverage_circuit.circuit, &assignment, claim)?;
    refused(&evil.attestation_with(record), 11, "CoverageProof", "(C-COV)")
}

/// Coverage is refused although every row holds: the opening is of something else.
pub fn coverage_opening_refused(evil: &EvilCoverage) -> Outcome {
    refused(&evil.attestation(COVERAGE_HONEST), 12, "CoverageOpening", "(C-COV-1)")
}
