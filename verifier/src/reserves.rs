//! Reserve evidence: public sums and attestors' signatures.

use ed25519_dalek::{Signature, VerifyingKey};
use solventry_types::{
    AssetTable, Digest, Total,
    reserves::{
        AttestedEpoch, AttestorSignature, ReserveClass, ReserveError, ReserveEvidence, attested_message,
    },
};

use crate::{Anchors, anchors::Hex};

/// Evidence that must not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Shape, order, places, sums.
    #[error(transparent)]
    Shape(#[from] ReserveError),
    /// A signature does not verify.
    #[error(
        "reserve class {class}: the signature of attestor {attestor} does not verify for this epoch, class, commitment and reserve bases"
    )]
    Signature {
        /// Name of the class.
        class: String,
        /// Key of the attestor, hexadecimal.
        attestor: String,
    },
    /// Not enough attestors of the anchors signed.
    #[error("reserve class {class}: expected signatures of {expected} attestors of the anchors, got {got}")]
    Quorum {
        /// Name of the class.
        class: String,
        /// Quorum of the anchors.
        expected: usize,
        /// Attestors of the anchors that signed.
        got: usize,
    },
    /// The anchors name no attestors at all.
    #[error(
        "reserve class {class} rests on attestors, but the anchors name none; add `attestors` to the anchors"
    )]
    NoAttestors {
        /// Name of the class.
        class: String,
    },
    /// The anchors do not count this class.
    #[error("reserve class {class} is not among `attestors.classes` of the anchors")]
    ClassNotCounted {
        /// Name of the class.
        class: String,
    },
}

/// One class of reserves after verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedClass {
    /// Name of the attested class; none for the public list.
    pub name: Option<String>,
    /// Who vouches for the control of the keys.
    pub control: &'static str,
    /// Who vouches for the amounts.
    pub amounts: &'static str,
    /// Entries of a public list; attestors that signed an attested class.
    pub count: usize,
}

impl VerifiedClass {
    /// The class in words.
    pub fn title(&self) -> String {
        self.name.as_ref().map_or_else(|| "public list".into(), |name| format!("attested class {name:?}"))
    }

    /// How many entries or attestors, in words.
    pub fn support(&self) -> String {
        match self.name {
            None => format!("{} entries", self.count),
            Some(_) => format!("{} attestors of your anchors signed", self.count),
        }
    }
}

/// Checks all classes; returns the public totals in table order and what was found.
pub(crate) fn verify(
    evidence: &ReserveEvidence,
    assets: &AssetTable,
    epoch: &AttestedEpoch,
    anchors: &Anchors,
) -> Result<(Vec<Total>, Vec<VerifiedClass>), EvidenceError> {
    let totals = evidence.public_totals(assets)?;
    let mut classes = Vec::with_capacity(evidence.classes.len());
    for class in &evidence.classes {
        classes.push(match class {
            ReserveClass::Public(entries) => {
                VerifiedClass { name: None, control: "unchecked", amounts: "unchecked", count: entries.len() }
            }
            ReserveClass::Attested { name, commitment, signatures } => {
                let message = attested_message(epoch, name, commitment);
                let count = quorum(name, signatures, message, anchors)?;
                let name = Some(name.clone());
                VerifiedClass {
                    name,
                    control: "checked by attestors",
                    amounts: "checked by attestors",
                    count,
                }
            }
        });
    }
    Ok((totals, classes))
}

/// Every signature in the file must verify; those of the anchors' attestors are counted.
fn quorum(
    class: &str,
    signatures: &[AttestorSignature],
    message: Digest,
    anchors: &Anchors,
) -> Result<usize, EvidenceError> {
    let class = class.to_owned();
    let attestors = &anchors.attestors;
    if attestors.keys.is_empty() {
        return Err(EvidenceError::NoAttestors { class });
    }
    if attestors.classes.as_ref().is_some_and(|counted| !counted.contains(&class)) {
        return Err(EvidenceError::ClassNotCounted { class });
    }
    for signature in signatures {
        if !verifies(&signature.attestor, &message.0, &signature.signature) {
            let attestor = hex::encode(signature.attestor);
            return Err(EvidenceError::Signature { class, attestor });
        }
    }
    let counted = signatures.iter().filter(|signature| attestors.keys.contains(&Hex(signature.attestor)));
    // Anchors made in code may not be validated: nobody's word is never enough.
    let (expected, got) = (attestors.quorum.max(1), counted.count());
    if got < expected { Err(EvidenceError::Quorum { class, expected, got }) } else { Ok(got) }
}

/// Strict Ed25519: canonical encodings, no small-order keys (RFC 8032; Chalkias et al., eprint
/// 2020/1244).
pub fn verifies(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}
