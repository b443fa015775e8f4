//! The decision: header, value id and commit certificate of the journal.
//!
//! The journal decides one record per height by Byzantine agreement among n = 3f + 1 signer
//! nodes. A certificate of 2f + 1 precommits over one value id is what an auditor needs to know
//! that the record was decided, at which journal time, and after which head: any two quorums
//! share f + 1 nodes, so with at most f faulty no two values of one height have certificates
//! (Buchman, Kwon, Milosevic, "The latest gossip on BFT consensus", 2018).

use ed25519_dalek::{Signature, VerifyingKey};
use solventry_types::{
    Digest,
    codec::{CodecError, Reader, Writer},
    digest::InjectiveHasher,
    vault::VaultConfiguration,
};

/// Header of one height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Value id of the height before.
    pub previous: Digest,
    /// Journal time, Unix seconds, set by the proposer of the height.
    pub time: u64,
    /// Digest of the record.
    pub record: Digest,
}

impl Header {
    /// What the nodes vote on.
    pub fn value_id(&self) -> Digest {
        InjectiveHasher::new("solventry/value/v1")
            .field(&self.previous.0)
            .integer(self.time)
            .field(&self.record.0)
            .finish()
    }
}

/// One node's precommit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precommit {
    /// Place of the node in [`VaultConfiguration::signers`].
    pub signer: u8,
    /// Ed25519 signature of [`precommit_message`].
    pub signature: [u8; 64],
}

/// A header with its commit certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Header.
    pub header: Header,
    /// Height of the journal.
    pub height: u64,
    /// Round in which it was decided.
    pub round: u32,
    /// Precommits in order of signers, one each.
    pub precommits: Vec<Precommit>,
}

/// Why a certificate decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// The header is of another record.
    #[error("its header is of another record: expected {expected}, got {got}")]
    Record {
        /// Digest of the record in the file.
        expected: Digest,
        /// Digest in the header.
        got: Digest,
    },
    /// The vault names no signers.
    #[error("the vault configuration names no signer nodes, so nobody's certificate counts")]
    NoSigners,
    /// A signer that the vault does not have.
    #[error("precommit of signer {got}, but the vault has signers 0 to {last}")]
    UnknownSigner {
        /// Last signer.
        last: usize,
        /// The one given.
        got: u8,
    },
    /// A signer twice.
    #[error("expected each signer once, in order")]
    RepeatedSigner,
    /// A signature does not verify.
    #[error("the precommit of signer {0} is not signed by its key over this height, round and value")]
    Signature(u8),
    /// Fewer precommits than 2f + 1.
    #[error("expected precommits of at least {expected} signers, got {got}")]
    Quorum {
        /// 2f + 1.
        expected: usize,
        /// Distinct valid ones.
        got: usize,
    },
}

impl Decision {
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Checks the certificate of `record` against the vault's signers.
    pub fn verify(&self, record: Digest, vault: &VaultConfiguration) -> Result<(), DecisionError> {
        self.verify_by(record, vault.genesis, &vault.signers)
    }

    /// Checks the certificate of `record` against the identity keys of a journal's nodes.
    pub fn verify_by(
        &self,
        record: Digest,
        genesis: Digest,
        signers: &[[u8; 32]],
    ) -> Result<(), DecisionError> {
        if self.header.record != record {
            return Err(DecisionError::Record { expected: record, got: self.header.record });
        }
        if signers.is_empty() {
            return Err(DecisionError::NoSigners);
        }
        if !self.precommits.is_sorted_by(|a, b| a.signer < b.signer) {
            return Err(DecisionError::RepeatedSigner);
        }
        for precommit in &self.precommits {
            let key = signers.get(usize::from(precommit.signer)).ok_or(DecisionError::UnknownSigner {
                last: signers.len().saturating_sub(1),
                got: precommit.signer,
            })?;
            let message = precommit_message(genesis, self.height, self.round, self.header.value_id(), key);
            if !is_signed(key, message, &precommit.signature) {
                return Err(DecisionError::Signature(precommit.signer));
            }
        }
        let (expected, got) = (quorum(signers.len()), self.precommits.len());
        if got < expected { Err(DecisionError::Quorum { expected, got }) } else { Ok(()) }
    }

    /// The encoding by itself, as messages carry it.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    /// Parses an encoding by itself.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        let decision = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(decision)
    }

    /// Writes the decision (SPEC, "Signing evidence").
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.header.previous.0).u64(self.header.time).bytes(&self.header.record.0);
        writer.u64(self.height).u32(self.round).count(self.precommits.len());
        for precommit in &self.precommits {
            writer.u8(precommit.signer).bytes(&precommit.signature);
        }
    }

    /// Reads a decision; signers must rise, so each is there once.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let header = Header {
            previous: Digest(reader.array("previous head")?),
            time: reader.u64("journal time")?,
            record: Digest(reader.array("record digest")?),
        };
        let (height, round) = (reader.u64("height")?, reader.u32("round")?);
        let count = reader.count(VaultConfiguration::MAX_SIGNERS, 65, "precommits")?;
        let mut precommits: Vec<Precommit> = Vec::with_capacity(count);
        for _ in 0..count {
            let precommit =
                Precommit { signer: reader.u8("signer")?, signature: reader.array("precommit signature")? };
            if precommits.last().is_some_and(|last| last.signer >= precommit.signer) {
                return Err(reader.invalid("precommits", "expected each signer once, in order"));
            }
            precommits.push(precommit);
        }
        Ok(Self { header, height, round, precommits })
    }
}

/// What a node signs to precommit a value.
pub fn precommit_message(
    genesis: Digest,
    height: u64,
    round: u32,
    value: Digest,
    signer: &[u8; 32],
) -> Digest {
    InjectiveHasher::new("solventry/precommit/v1")
        .field(&genesis.0)
        .integer(height)
        .integer(round.into())
        .field(&value.0)
        .field(signer)
        .finish()
}

/// 2f + 1 of n = 3f + 1.
pub const fn quorum(signers: usize) -> usize {
    2 * (signers.saturating_sub(1) / 3) + 1
}

/// Whether `signature` is `key`'s over `message`, by the strict rules (no small-order key).
pub fn is_signed(key: &[u8; 32], message: Digest, signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(&message.0, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
