//! Verification of headroom proofs: what a signer asks for before a payment may leave.

mod file;
mod key;

use ark_bn254::Fr;
use solventry_types::{AssetId, Digest, EpochContext, HeadroomProof, HeadroomStatement, Total};

pub use self::{file::HeadroomFile, key::HeadroomVerifyingKey};
use crate::{
    VerifiedAttestation,
    equation::{self, Claim},
    keys::{KeyLintError, Provenance},
    pairing::NoRandomness,
    staged::StagedError,
};

/// What headroom proofs are checked against: context, root and table of one verified epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedRoot {
    context: Digest,
    headroom_root: Fr,
    assets: usize,
}

/// A headroom proof whose every step passed. Only [`verify_headroom`] and
/// [`verify_headroom_batch`] make one.
#[derive(Debug)]
pub struct VerifiedHeadroom {
    statement: HeadroomStatement,
    provenance: Provenance,
}

/// Why a headroom proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadroomError {
    /// No proof at all.
    #[error("an empty batch of headroom proofs proves nothing")]
    Empty,
    /// A key that nothing must be verified with.
    #[error(transparent)]
    Key(#[from] KeyLintError),
    /// A proof about another epoch.
    #[error("headroom proof {index}: expected context {expected}, got {got}; it is of another epoch")]
    Context {
        /// Place in the batch.
        index: usize,
        /// Context of the attested epoch.
        expected: Digest,
        /// Context of the statement.
        got: Digest,
    },
    /// A proof about other surpluses.
    #[error("headroom proof {index}: its root of surpluses is not the attested one")]
    Root {
        /// Place in the batch.
        index: usize,
    },
    /// An asset past the table.
    #[error(
        "headroom proof {index}: expected an asset from 1 to {assets}, got {got}; the attested table has no more"
    )]
    Asset {
        /// Place in the batch.
        index: usize,
        /// Assets of the table.
        assets: usize,
        /// Asset of the statement.
        got: u16,
    },
    /// The equation does not hold.
    #[error(
        "headroom proof {index} does not hold (C-HEAD): it was made for another statement or key, or was altered"
    )]
    Invalid {
        /// Place in the batch.
        index: usize,
    },
    /// No batch weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl AttestedRoot {
    /// Of an attestation that was verified.
    pub fn new(attestation: &VerifiedAttestation) -> Self {
        let attestation = attestation.attestation();
        Self::recorded(&attestation.context, attestation.coverage.statement.headroom_root)
    }

    /// Of an attestation that was verified earlier and recorded. Whoever calls this vouches for it.
    pub fn recorded(context: &EpochContext, headroom_root: Fr) -> Self {
        Self { context: context.digest(), headroom_root, assets: context.assets.len() }
    }

    /// The statement that this outflow leaves headroom; refuses an asset past the table.
    pub fn statement(&self, asset: AssetId, outflow: Total) -> Result<HeadroomStatement, HeadroomError> {
        let statement =
            HeadroomStatement { context: self.context, headroom_root: self.headroom_root, asset, outflow };
        self.require(0, &statement).map(|()| statement)
    }

    /// Past the table every surplus is 0 (C-COV-2) or has no leaf, so that no outflow but 0 could
    /// be proven; that an asset is one of the table is nevertheless required here.
    fn require(&self, index: usize, statement: &HeadroomStatement) -> Result<(), HeadroomError> {
        let (expected, got) = (self.context, statement.context);
        if expected != got {
            return Err(HeadroomError::Context { index, expected, got });
        }
        if statement.headroom_root != self.headroom_root {
            return Err(HeadroomError::Root { index });
        }
        if statement.asset.index() >= self.assets {
            return Err(HeadroomError::Asset { index, assets: self.assets, got: statement.asset.get() });
        }
        Ok(())
    }
}

impl VerifiedHeadroom {
    /// What holds: the surplus of this asset covers this outflow.
    pub fn statement(&self) -> &HeadroomStatement {
        &self.statement
    }

    /// Whether the setup behind the key can be trusted: only after a verified ceremony.
    pub fn setup_is_trusted(&self) -> bool {
        match self.provenance {
            Provenance::InsecureDev => false,
        }
    }
}

/// Verifies one proof. The caller rebuilt asset and outflow itself, or compares them.
///
/// A proof can be altered into another valid one of the same statement: whoever counts proofs
/// counts statements.
pub fn verify_headroom(
    key: &HeadroomVerifyingKey,
    attested: &AttestedRoot,
    statement: &HeadroomStatement,
    proof: &HeadroomProof,
) -> Result<VerifiedHeadroom, HeadroomError> {
    let verified = verify_headroom_batch(key, attested, &[(*statement, *proof)])?;
    verified.into_iter().next().ok_or(HeadroomError::Empty)
}

/// Verifies many proofs of one epoch in one product of pairings; all or none.
pub fn verify_headroom_batch(
    key: &HeadroomVerifyingKey,
    attested: &AttestedRoot,
    proofs: &[(HeadroomStatement, HeadroomProof)],
) -> Result<Vec<VerifiedHeadroom>, HeadroomError> {
    // 1. Statements: this epoch, this root, an asset of the table.
    for (index, (statement, _)) in proofs.iter().enumerate() {
        attested.require(index, statement)?;
    }
    // 2. Key and equation.
    verify_equations(key, proofs)?;
    let verified = |(statement, _): &(HeadroomStatement, HeadroomProof)| VerifiedHeadroom {
        statement: *statement,
        provenance: key.provenance,
    };
    Ok(proofs.iter().map(verified).collect())
}

/// Whether a proof holds for its statement under a key, whatever epoch the statement is of. Enough
/// for the prover's own check and for converting files, never for letting a payment leave.
pub fn holds_alone(
    key: &HeadroomVerifyingKey,
    statement: &HeadroomStatement,
    proof: &HeadroomProof,
) -> Result<(), HeadroomError> {
    verify_equations(key, &[(*statement, *proof)])
}

fn verify_equations(
    key: &HeadroomVerifyingKey,
    proofs: &[(HeadroomStatement, HeadroomProof)],
) -> Result<(), HeadroomError> {
    key.lint()?;
    let inputs: Vec<[Fr; 5]> = proofs.iter().map(|(statement, _)| statement.inputs()).collect();
    let claims = proofs.iter().zip(&inputs).map(|((_, proof), inputs)| {
        let HeadroomProof { a, b, c } = *proof;
        Claim { key: key.elements(), inputs, stage: None, a, b, c }
    });
    equation::verify(&claims.collect::<Vec<_>>()).map_err(|error| match error {
        StagedError::Empty => HeadroomError::Empty,
        StagedError::NoRandomness(error) => error.into(),
        StagedError::Invalid { index } | StagedError::InputCount { index, .. } => {
            HeadroomError::Invalid { index }
        }
    })
}
