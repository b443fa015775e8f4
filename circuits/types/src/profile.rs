//! Circuit sizes. One profile per epoch: the same block size, domain and asset capacity in
//! every circuit of it.

use std::fmt;

/// The sizes that fix both circuits and the KZG reference string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Name on the command line and in circuit ids.
    pub name: &'static str,
    /// Code of the profile in files.
    pub code: u8,
    /// Width of one limb of the shard circuit, in bits (w).
    pub limb_bits: u32,
    /// Slots per block (n), a power of two; also the size of the KZG evaluation domain.
    pub block_slots: usize,
    /// Blocks per shard (B).
    pub shard_blocks: usize,
    /// Largest number of assets (A_max); asset ids are 1..=A_max.
    pub max_assets: usize,
}

/// Holdings packed into one slot.
pub const SLOT_HOLDINGS: usize = 3;
/// Bits of an amount.
pub const AMOUNT_BITS: u32 = 64;
/// Bits of an asset id.
pub const ASSET_BITS: u32 = 16;
/// Most shards in one epoch; keeps sums below 2^98 (SPEC, C-SHARD-2).
pub const MAX_SHARDS: u32 = 4096;

impl Profile {
    /// For tests and demos: 8-bit limbs, blocks of 256 slots, 3 blocks a shard, 63 assets.
    pub const SMALL: Self =
        Self { name: "small", code: 1, limb_bits: 8, block_slots: 256, shard_blocks: 3, max_assets: 63 };
    /// For real ledgers: 16-bit limbs, blocks of 4 096 slots, 12 blocks a shard, 1 022 assets.
    pub const STANDARD: Self = Self {
        name: "standard",
        code: 2,
        limb_bits: 16,
        block_slots: 4096,
        shard_blocks: 12,
        max_assets: 1022,
    };
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::SMALL, Self::STANDARD];

    /// The profile with this file code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.code == code)
    }

    /// The profile with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }

    /// Slots in one shard (B·n).
    pub const fn shard_slots(self) -> usize {
        self.shard_blocks * self.block_slots
    }

    /// Limbs of one amount.
    pub const fn amount_limbs(self) -> usize {
        (AMOUNT_BITS / self.limb_bits) as usize
    }

    /// Limbs of one asset id.
    pub const fn asset_limbs(self) -> usize {
        (ASSET_BITS / self.limb_bits) as usize
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
