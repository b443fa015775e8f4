//! Who generates which key.

use ed25519_dalek::{Signature, VerifyingKey};
use solventry_types::{Digest, digest::InjectiveHasher, payment::is_vault_name};

use super::GenerationError;
use crate::suite::{Suite, is_group};

/// One node of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Ed25519 identity: signs the messages.
    pub identity: [u8; 32],
    /// X25519 static key of its links: shares are sealed to it.
    pub link: [u8; 32],
}

/// What all nodes must agree on before they begin. Every message is bound to all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Scheme of the key.
    pub suite: Suite,
    /// Fresh name of the run. A node never begins two runs with the same name: its two messages
    /// of step 1 would look like an attack.
    pub session: [u8; 32],
    /// Vault that gets the key.
    pub vault: String,
    /// Nodes in the order of their numbers.
    pub members: Vec<Member>,
    /// t = 2f + 1 of n = 3f + 1.
    pub threshold: u16,
}

impl Setup {
    /// Checks shape and distinctness.
    pub fn validate(&self) -> Result<(), GenerationError> {
        let distinct = |of: fn(&Member) -> &[u8; 32]| {
            let earlier = |place| self.members.iter().take(place);
            self.members.iter().enumerate().all(|(i, m)| earlier(i).all(|other| of(other) != of(m)))
        };
        if !is_group(self.threshold.into(), self.members.len()) {
            return Err(GenerationError::Setup(
                "expected 3f + 1 members (4 to 31) and a threshold of 2f + 1",
            ));
        }
        if !is_vault_name(&self.vault) {
            return Err(GenerationError::Setup("expected a vault name of 1 to 64 bytes of plain text"));
        }
        if !distinct(|member| &member.identity) || !distinct(|member| &member.link) {
            return Err(GenerationError::Setup("expected members with distinct identity and link keys"));
        }
        Ok(())
    }

    /// Digest of every field.
    pub fn digest(&self) -> Digest {
        let hasher = InjectiveHasher::new("solventry/key-generation/v1")
            .integer(self.suite.code().into())
            .field(&self.session)
            .field(self.vault.as_bytes())
            .integer(self.threshold.into());
        self.members
            .iter()
            .fold(hasher, |hasher, member| hasher.field(&member.identity).field(&member.link))
            .finish()
    }

    /// Whether node `number` signed `message`, by the strict rules.
    pub(super) fn is_signed(&self, number: usize, message: Digest, signature: &[u8; 64]) -> bool {
        self.members
            .get(number)
            .and_then(|member| VerifyingKey::from_bytes(&member.identity).ok())
            .is_some_and(|key| key.verify_strict(&message.0, &Signature::from_bytes(signature)).is_ok())
    }
}
