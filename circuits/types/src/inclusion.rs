//! The inclusion file: one account's slots and their openings (SPEC, "Inclusion file").

use ark_bn254::G1Affine;

use crate::{
    account::AccountNonce,
    codec::{CodecError, Magic, Reader, Writer},
    digest::Digest,
    slot::Slot,
};

/// One slot of the account within a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OpenedSlot {
    /// Position in the block, from 0.
    pub position: u32,
    /// The packed slot, 30 bytes big-endian.
    pub packed: [u8; Slot::BYTES],
}

/// Up to 32 slots of one block, opened together.
#[derive(Clone, PartialEq, Eq)]
pub struct BlockOpening {
    /// Shard, from 0.
    pub shard: u32,
    /// Block within the shard, from 0.
    pub block: u32,
    /// Positions strictly increasing.
    pub slots: Vec<OpenedSlot>,
    /// π_f: opens C_b on the positions.
    pub slots_proof: G1Affine,
    /// π_g: opens E_b on the positions.
    pub labels_proof: G1Affine,
}

/// A parsed inclusion file. It holds nothing of anyone else, and not the account id.
#[derive(Clone, PartialEq, Eq)]
pub struct InclusionFile {
    /// [`crate::Attestation::digest`] of the attestation it belongs to.
    pub attestation: Digest,
    /// The account's nonce in this epoch.
    pub nonce: AccountNonce,
    /// Openings, strictly increasing by (shard, block, first position).
    pub openings: Vec<BlockOpening>,
}

impl InclusionFile {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVINC\n", version: 1, what: "inclusion" };
    /// Most positions in one opening.
    pub const MAX_POSITIONS: usize = 32;
    /// Most openings: every asset of the largest table, one slot each, with room.
    pub const MAX_OPENINGS: usize = 1024;
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 4 << 20;

    /// The canonical file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).bytes(&self.attestation.0).bytes(&self.nonce.0);
        writer.count(self.openings.len());
        for opening in &self.openings {
            writer.u32(opening.shard).u32(opening.block).count(opening.slots.len());
            for slot in &opening.slots {
                writer.u32(slot.position).bytes(&slot.packed);
            }
            writer.g1(&opening.slots_proof).g1(&opening.labels_proof);
        }
        writer.finish()
    }

    /// Parses a file; order and ranges are the verifier's to check.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let attestation = Digest(reader.array("attestation digest")?);
        let nonce = AccountNonce(reader.array("account nonce")?);
        let count = reader.count(Self::MAX_OPENINGS, 110, "openings")?;
        let openings = (0..count).map(|_| read_opening(&mut reader)).collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self { attestation, nonce, openings })
    }
}

fn read_opening(reader: &mut Reader<'_>) -> Result<BlockOpening, CodecError> {
    let (shard, block) = (reader.u32("shard index")?, reader.u32("block index")?);
    let count = reader.count(InclusionFile::MAX_POSITIONS, 34, "positions")?;
    let mut slots = Vec::with_capacity(count);
    for _ in 0..count {
        slots.push(OpenedSlot { position: reader.u32("position")?, packed: reader.array("slot")? });
    }
    let slots_proof = reader.g1("slots opening")?;
    Ok(BlockOpening { shard, block, slots, slots_proof, labels_proof: reader.g1("labels opening")? })
}
