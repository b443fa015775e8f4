//! Keys of the policy circuit. There is no setup and no file: every node makes the verifying key
//! at its start and compares its digest with the one that this version of the circuit has.

use std::fmt;

use halo2_proofs::{
    pasta::vesta,
    plonk::{Error, ProvingKey, VerifyingKey, keygen_pk, keygen_vk},
    poly::commitment::Params,
};
use sha2::{Digest as _, Sha256};
use solventry_types::Digest;

use crate::circuit::{K, PolicyCircuit};

/// Digest of the verifying key of version 1 of the circuit. Another circuit is another version.
pub const VERIFYING_KEY_DIGEST: Digest = Digest([
    0x6a, 0x16, 0xfb, 0xea, 0x23, 0x52, 0x03, 0x5e, 0x0e, 0xa8, 0x23, 0xf7, 0x58, 0x6f, 0x83, 0x9e, 0x0e,
    0xa5, 0x5c, 0x6b, 0xd8, 0xca, 0x93, 0x6f, 0xf1, 0xce, 0x8a, 0x47, 0x4b, 0x4b, 0xf3, 0x21,
]);

/// What verifies policy proofs.
pub struct PolicyVerifyingKey {
    pub(crate) params: Params<vesta::Affine>,
    pub(crate) key: VerifyingKey<vesta::Affine>,
}

/// What makes policy proofs, and verifies them.
pub struct PolicyKeys {
    pub(crate) verifying: PolicyVerifyingKey,
    pub(crate) proving: ProvingKey<vesta::Affine>,
}

/// Why keys could not be made. Either way this program is not the one that was tested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Key generation failed.
    #[error("policy circuit: no keys: {0}")]
    Keygen(Error),
    /// The circuit is not that of this version.
    #[error("policy circuit: expected verifying key {expected}, got {got}")]
    Digest {
        /// Pinned digest.
        expected: Digest,
        /// Digest of the key that was made.
        got: Digest,
    },
}

impl PolicyVerifyingKey {
    /// Makes the key and compares it with [`VERIFYING_KEY_DIGEST`]. Takes a good part of a second.
    pub fn generate() -> Result<Self, KeyError> {
        let made = Self::unpinned()?;
        match made.digest() {
            VERIFYING_KEY_DIGEST => Ok(made),
            got => Err(KeyError::Digest { expected: VERIFYING_KEY_DIGEST, got }),
        }
    }

    /// SHA-256 of the library's description of everything that a verifier takes from the key:
    /// fields, domain, gates, lookups, columns, commitments to fixed columns and permutation. The
    /// library hashes the same description into every transcript. Commitment bases are hashed to
    /// the curve from fixed strings; they show in the commitments.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(format!("{:?}", self.key.pinned())).into())
    }

    fn unpinned() -> Result<Self, KeyError> {
        let params = Params::new(K);
        let key = keygen_vk(&params, &PolicyCircuit::default()).map_err(KeyError::Keygen)?;
        Ok(Self { params, key })
    }
}

impl PolicyKeys {
    /// Makes both keys; the verifying one is compared with [`VERIFYING_KEY_DIGEST`].
    pub fn generate() -> Result<Self, KeyError> {
        let verifying = PolicyVerifyingKey::generate()?;
        let proving = keygen_pk(&verifying.params, verifying.key.clone(), &PolicyCircuit::default())
            .map_err(KeyError::Keygen)?;
        Ok(Self { verifying, proving })
    }

    /// The verifying key.
    pub const fn verifying(&self) -> &PolicyVerifyingKey {
        &self.verifying
    }
}

impl fmt::Debug for PolicyVerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyVerifyingKey({})", self.digest())
    }
}

impl fmt::Debug for PolicyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyKeys({})", self.verifying.digest())
    }
}
