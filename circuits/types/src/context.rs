//! What an epoch's proofs are about: entity, epoch, snapshot, asset table, capacity.

use crate::{
    account::AccountId,
    asset::{AssetTable, read_chain},
    codec::{CodecError, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    place::Chain,
    profile::{MAX_SHARDS, Profile},
};

/// The block at which one chain's reserves were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotBlock {
    /// The chain; at most one block per chain.
    pub chain: Chain,
    /// Height or slot.
    pub height: u64,
    /// Block hash in the chain's own display order.
    pub hash: [u8; 32],
}

/// Everything that is fixed before the first proof of an epoch and bound into all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochContext {
    /// Name of the entity: 1 to 128 bytes, same rules as an account id.
    pub entity: String,
    /// Epoch number; epochs only go forward.
    pub epoch: u64,
    /// Time of the ledger snapshot, Unix seconds, as declared by the entity.
    pub snapshot_time: u64,
    /// Snapshot block of each chain, in order of chain codes.
    pub snapshot_blocks: Vec<SnapshotBlock>,
    /// Sizes of both circuits.
    pub profile: Profile,
    /// Number of shards: the declared capacity.
    pub shards: u32,
    /// The assets.
    pub assets: AssetTable,
}

/// Why an epoch context is not well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The entity's name.
    #[error(
        "entity name: expected 1 to 128 bytes of NFC text without control characters or outer white space"
    )]
    Entity,
    /// The number of shards.
    #[error("number of shards: expected 1 to {MAX_SHARDS}, got {0}")]
    Shards(u32),
    /// The snapshot blocks.
    #[error("snapshot blocks: expected at most one per chain, in order of chain codes")]
    SnapshotBlocks,
    /// The asset table.
    #[error(transparent)]
    Assets(#[from] crate::asset::AssetTableError),
}

impl EpochContext {
    /// Longest entity name in bytes.
    pub const MAX_ENTITY_BYTES: usize = 128;

    /// Checks every field.
    pub fn validate(&self) -> Result<(), ContextError> {
        if self.entity.len() > Self::MAX_ENTITY_BYTES || AccountId::new(&self.entity).is_err() {
            return Err(ContextError::Entity);
        }
        if !(1..=MAX_SHARDS).contains(&self.shards) {
            return Err(ContextError::Shards(self.shards));
        }
        if !self.snapshot_blocks.is_sorted_by(|a, b| a.chain < b.chain) {
            return Err(ContextError::SnapshotBlocks);
        }
        Ok(self.assets.fits(self.profile)?)
    }

    /// Digest of the canonical encoding; absorbed first by every transcript of the epoch.
    pub fn digest(&self) -> Digest {
        let mut writer = Writer::new();
        self.write(&mut writer);
        InjectiveHasher::new("solventry/epoch-context/v1").field(writer.as_bytes()).finish()
    }

    /// Writes the context (SPEC, "Context").
    pub fn write(&self, writer: &mut Writer) {
        writer.var_bytes(self.entity.as_bytes()).u64(self.epoch).u64(self.snapshot_time);
        writer.count(self.snapshot_blocks.len());
        for block in &self.snapshot_blocks {
            writer.u8(block.chain.code()).u64(block.height).bytes(&block.hash);
        }
        writer.u8(self.profile.code).u32(self.shards);
        self.assets.write(writer);
    }

    /// Reads and validates a context.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let entity = reader.text(Self::MAX_ENTITY_BYTES, "entity name")?.to_owned();
        let (epoch, snapshot_time) = (reader.u64("epoch")?, reader.u64("snapshot time")?);
        let count = reader.count(Chain::ALL.len(), 41, "snapshot blocks")?;
        let snapshot_blocks = (0..count).map(|_| read_block(reader)).collect::<Result<_, _>>()?;
        let code = reader.u8("profile")?;
        let profile = Profile::from_code(code).ok_or_else(|| reader.invalid("profile", "unknown profile"))?;
        let shards = reader.u32("number of shards")?;
        let assets = AssetTable::read(reader)?;
        let context = Self { entity, epoch, snapshot_time, snapshot_blocks, profile, shards, assets };
        context.validate().map_err(|_| reader.invalid("context", "a field is out of range"))?;
        Ok(context)
    }
}

fn read_block(reader: &mut Reader<'_>) -> Result<SnapshotBlock, CodecError> {
    let chain = read_chain(reader)?;
    Ok(SnapshotBlock { chain, height: reader.u64("block height")?, hash: reader.array("block hash")? })
}
