//! The attestation file (SPEC, "Attestation file").

use crate::{
    codec::{CodecError, Magic, Reader, Writer},
    context::EpochContext,
    digest::{Digest, InjectiveHasher},
    proof::LinkedProof,
    reserves::ReserveEvidence,
    statement::{CoverageStatement, ShardStatement},
};

/// One shard: statement and proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRecord {
    /// What is proven.
    pub statement: ShardStatement,
    /// The proof.
    pub linked: LinkedProof,
}

/// The coverage proof with its statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRecord {
    /// What is proven.
    pub statement: CoverageStatement,
    /// The proof.
    pub linked: LinkedProof,
}

/// A parsed attestation: shape and encodings are right, nothing is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Entity, epoch, snapshot, assets, capacity.
    pub context: EpochContext,
    /// Encoded verifying keys; the verifier's anchors pin their digest.
    pub verifying_keys: Vec<u8>,
    /// Shards 0..N-1.
    pub shards: Vec<ShardRecord>,
    /// Reserve evidence.
    pub reserves: ReserveEvidence,
    /// Coverage.
    pub coverage: CoverageRecord,
    /// Ed25519 key of the entity.
    pub entity_key: [u8; 32],
    /// Ed25519 signature of [`Attestation::signed_digest`].
    pub signature: [u8; 64],
}

impl Attestation {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVATT\n", version: 1, what: "attestation" };
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 128 << 20;
    /// Largest encoding of the verifying keys.
    pub const MAX_KEY_BYTES: usize = 1 << 16;

    /// The canonical file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = self.encode_unsigned();
        writer.bytes(&self.signature);
        writer.finish()
    }

    /// Digest that the entity signs: of all bytes before the signature.
    pub fn signed_digest(&self) -> Digest {
        InjectiveHasher::new("solventry/attestation/v1").field(self.encode_unsigned().as_bytes()).finish()
    }

    /// Digest of the whole file; names it in inclusion files and logs.
    pub fn digest(&self) -> Digest {
        Self::file_digest(&self.encode())
    }

    /// The same of a file, which may be no attestation.
    pub fn file_digest(bytes: &[u8]) -> Digest {
        InjectiveHasher::new("solventry/attestation-file/v1").field(bytes).finish()
    }

    /// The statements of all shards, in order.
    pub fn statements(&self) -> impl Iterator<Item = &ShardStatement> {
        self.shards.iter().map(|record| &record.statement)
    }

    /// Parses a file. Shard count, block counts and all lengths are fixed by the context.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let context = EpochContext::read(&mut reader)?;
        let verifying_keys = reader.var_bytes(Self::MAX_KEY_BYTES, "verifying keys")?.to_vec();
        let shard_bytes = ShardStatement::bytes(context.profile).saturating_add(LinkedProof::BYTES);
        let count = reader.count(crate::profile::MAX_SHARDS as usize, shard_bytes, "shards")?;
        if u32::try_from(count) != Ok(context.shards) {
            return Err(reader.invalid("shards", "their count differs from the declared capacity"));
        }
        let mut shards = Vec::with_capacity(count);
        for _ in 0..count {
            let statement = ShardStatement::read(&mut reader, context.profile)?;
            shards.push(ShardRecord { statement, linked: LinkedProof::read(&mut reader)? });
        }
        let reserves = ReserveEvidence::read(&mut reader)?;
        let statement = CoverageStatement::read(&mut reader)?;
        let coverage = CoverageRecord { statement, linked: LinkedProof::read(&mut reader)? };
        let (entity_key, signature) = (reader.array("entity key")?, reader.array("entity signature")?);
        reader.finish()?;
        Ok(Self { context, verifying_keys, shards, reserves, coverage, entity_key, signature })
    }

    fn encode_unsigned(&self) -> Writer {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        self.context.write(&mut writer);
        writer.var_bytes(&self.verifying_keys).count(self.shards.len());
        for shard in &self.shards {
            shard.statement.write(&mut writer);
            shard.linked.write(&mut writer);
        }
        self.reserves.write(&mut writer);
        self.coverage.statement.write(&mut writer);
        self.coverage.linked.write(&mut writer);
        writer.bytes(&self.entity_key);
        writer
    }
}
