//! One proven shard on disk: the record, and the slots and labels that inclusion proofs need.

use sha2::{Digest as _, Sha256};
use solventry_prover::shards::ProvenShard;
use solventry_types::{
    CodecError, Label, Profile, Slot,
    attestation::ShardRecord,
    codec::{Magic, Reader, Writer},
    proof::LinkedProof,
    statement::ShardStatement,
};

/// Magic bytes and version.
const MAGIC: Magic = Magic { bytes: *b"SOLVSHD\n", version: 1, what: "shard" };
const CHECKSUM_BYTES: usize = 32;

/// A shard as it was stored. Holds secrets.
pub struct StoredShard {
    /// Index of the shard.
    pub index: u32,
    /// Statement and proof.
    pub record: ShardRecord,
    /// Slots in block order.
    pub slots: Vec<Slot>,
    /// Labels in block order.
    pub labels: Vec<Label>,
}

/// Largest file for a profile.
pub fn max_bytes(profile: Profile) -> usize {
    1024 + ShardStatement::bytes(profile) + profile.shard_slots() * (Slot::BYTES + 31)
}

/// Encodes a shard; a checksum ends the file.
pub fn encode(shard: &ProvenShard) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.header(&MAGIC).u32(shard.data.index);
    shard.record.statement.write(&mut writer);
    shard.record.linked.write(&mut writer);
    shard.data.labels.iter().for_each(|label| {
        writer.bytes(&label.0);
    });
    shard.data.slots.iter().for_each(|slot| {
        writer.bytes(&slot.to_bytes());
    });
    let checksum = Sha256::digest(writer.as_bytes());
    writer.bytes(&checksum);
    writer.finish()
}

/// Decodes a shard of `profile`.
pub fn decode(bytes: &[u8], profile: Profile) -> Result<StoredShard, CodecError> {
    let mut reader = Reader::new(bytes, max_bytes(profile))?;
    reader.header(&MAGIC)?;
    let content = bytes.len().saturating_sub(CHECKSUM_BYTES);
    if Sha256::digest(&bytes[..content])[..] != bytes[content..] {
        return Err(
            reader.invalid("shard file", "its checksum differs; remove the file to prove the shard again")
        );
    }
    let index = reader.u32("index")?;
    let statement = ShardStatement::read(&mut reader, profile)?;
    let record = ShardRecord { statement, linked: LinkedProof::read(&mut reader)? };
    let (mut slots, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..profile.shard_slots() {
        labels.push(Label(reader.array("label")?));
    }
    for _ in 0..profile.shard_slots() {
        let slot =
            Slot::from_bytes(&reader.array("slot")?).map_err(|_| reader.invalid("slot", "not a slot"))?;
        slots.push(slot);
    }
    reader.bytes(CHECKSUM_BYTES, "checksum")?;
    reader.finish()?;
    Ok(StoredShard { index, record, slots, labels })
}
