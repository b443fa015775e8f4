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
    /// Digests of the shard and of the coverage circuit, hexadecimal; keys for other circuits are
    /// refused.
    pub circuits: [&'static str; 2],
}

/// Holdings packed into one slot.
pub const SLOT_HOLDINGS: usize = 3;
/// Bits of an amount.
pub const AMOUNT_BITS: u32 = 64;
/// Bits of an asset id.
pub const ASSET_BITS: u32 = 16;
/// Most shards in one epoch; keeps sums below 2^96 (asserted below; SPEC, C-SHARD-2).
pub const MAX_SHARDS: u32 = 4096;

// What the soundness argument rests on, for every profile.
#[allow(clippy::indexing_slicing)] // at compile time
const _: () = {
    let mut index = 0;
    while index < Profile::ALL.len() {
        let profile = Profile::ALL[index];
        let holdings = (SLOT_HOLDINGS * profile.shard_slots()) as u128 * MAX_SHARDS as u128;
        assert!(holdings << AMOUNT_BITS < 1 << 96, "sums of amounts stay below 2^96");
        assert!(profile.max_assets < profile.block_slots, "totals stand at ω^1..ω^A_max");
        assert!(profile.max_assets.is_multiple_of(7), "the surplus tree groups assets by seven");
        assert!(profile.max_assets <= 7 * 512, "the surplus tree has 512 leaves");
        assert!(profile.block_slots.is_power_of_two(), "blocks are committed on roots of unity");
        assert!(
            AMOUNT_BITS.is_multiple_of(profile.limb_bits) && ASSET_BITS.is_multiple_of(profile.limb_bits)
        );
        index += 1;
    }
};

impl Profile {
    /// For tests and demos: 8-bit limbs, blocks of 256 slots, 3 blocks a shard, 63 assets.
    pub const SMALL: Self = Self {
        name: "small",
        code: 1,
        limb_bits: 8,
        block_slots: 256,
        shard_blocks: 3,
        max_assets: 63,
        circuits: [
            "3ecfda7242f93c2ca89c64e46c7be81a94d3c5dc371a6c7532b837dd5c24ce1d",
            "3e29db962d5d38cef7cd1404987ae54ab3b074d2cbd9866914e6410f0f26e882",
        ],
    };
    /// For real ledgers: 16-bit limbs, blocks of 4 096 slots, 12 blocks a shard, 1 022 assets.
    pub const STANDARD: Self = Self {
        name: "standard",
        code: 2,
        limb_bits: 16,
        block_slots: 4096,
        shard_blocks: 12,
        max_assets: 1022,
        circuits: [
            "7ac127f319a9928e6f8481ace1e8db82fc2caca18b2d9a0c98b1cdece798deef",
            "16932dc94400e1f690a471d0a3d2bfa9bc525189162846600ace623d28756921",
        ],
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
