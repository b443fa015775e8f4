//! Which account goes into which slot: a fresh random placement per epoch.
//!
//! All slots of an account stand in one block. Accounts spread over the whole declared capacity,
//! so block numbers say nothing about how full the epoch is.

use ark_std::rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use solventry_types::{
    AccountId, EpochContext, Label, MasterSecret, Profile, Slot,
    profile::{MAX_SHARDS, SLOT_HOLDINGS},
};

use crate::{ledger::Ledger, secrets::EpochSecret};

/// Marks an unused slot.
const UNUSED: u32 = u32::MAX;

/// Where every slot of every account stands.
pub struct Placement {
    profile: Profile,
    owners: Vec<Owner>,
}

/// Which part of which account a slot holds.
#[derive(Clone, Copy)]
struct Owner {
    account: u32,
    part: u16,
}

/// The slots and labels of one shard, in block order.
pub struct ShardData {
    /// Index of the shard.
    pub index: u32,
    /// Packed holdings.
    pub slots: Vec<Slot>,
    /// Owners' labels; padding for unused slots.
    pub labels: Vec<Label>,
}

/// The ledger does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapacityError {
    /// More slots than the declared capacity.
    #[error(
        "the ledger needs {slots} slots, the declared capacity of {shards} shards holds {capacity}; \
         declare at least {advice} slots"
    )]
    TooSmall {
        /// Slots of all accounts.
        slots: usize,
        /// Declared shards.
        shards: u32,
        /// Slots in them.
        capacity: usize,
        /// A capacity that would do.
        advice: usize,
    },
    /// More accounts or slots than an epoch can hold.
    #[error(
        "ledger or declared capacity: {slots} slots; one epoch of profile {profile} holds at most {limit}"
    )]
    TooLarge {
        /// Slots of all accounts.
        slots: usize,
        /// Profile.
        profile: &'static str,
        /// Largest number of slots.
        limit: usize,
    },
}

/// Slots that an account of `holdings` holdings takes: at least one.
pub fn slots_of(holdings: usize) -> usize {
    holdings.div_ceil(SLOT_HOLDINGS).max(1)
}

/// Slots of all accounts.
pub fn ledger_slots(ledger: &Ledger) -> usize {
    ledger.accounts().map(|account| slots_of(account.holdings.len())).sum()
}

/// Shards for at least `slots` slots, rounded up to four significant bits so that small growth
/// does not show in the capacity.
pub fn capacity_shards(slots: usize, profile: Profile) -> Result<u32, CapacityError> {
    let shards = slots.div_ceil(profile.shard_slots()).max(1);
    let step = 1usize << shards.ilog2().saturating_sub(3);
    let rounded = shards.next_multiple_of(step);
    let limit = MAX_SHARDS as usize;
    if rounded > limit {
        let limit = limit * profile.shard_slots();
        return Err(CapacityError::TooLarge { slots, profile: profile.name, limit });
    }
    Ok(rounded as u32)
}

impl Placement {
    /// Places all accounts at random into `shards` shards.
    pub fn new(
        ledger: &Ledger,
        profile: Profile,
        shards: u32,
        secret: &EpochSecret,
    ) -> Result<Self, CapacityError> {
        let slots = ledger_slots(ledger);
        let capacity = shards as usize * profile.shard_slots();
        let advice = (slots + slots / 16).next_multiple_of(profile.shard_slots());
        let too_small = CapacityError::TooSmall { slots, shards, capacity, advice };
        if ledger.len() >= UNUSED as usize || slots > capacity {
            return Err(too_small);
        }
        let mut rng = secret.placement_rng();
        let mut accounts: Vec<u32> = (0..ledger.len() as u32).collect();
        accounts.shuffle(&mut rng);
        // The largest first, so that the single slots fill the gaps.
        let parts = |account: u32| slots_of(ledger.account(account as usize).holdings.len());
        accounts.sort_by_key(|account| std::cmp::Reverse(parts(*account)));

        let n = profile.block_slots;
        let mut owners = vec![Owner { account: UNUSED, part: 0 }; capacity];
        let mut filled = vec![0usize; capacity / n];
        for account in accounts {
            let parts = parts(account);
            let block = random_block(&filled, n - parts, &mut rng).ok_or_else(|| too_small.clone())?;
            let start = block * n + filled[block];
            for (part, owner) in owners[start..start + parts].iter_mut().enumerate() {
                *owner = Owner { account, part: part as u16 };
            }
            filled[block] += parts;
        }
        owners.chunks_mut(n).for_each(|block| block.shuffle(&mut rng));
        Ok(Self { profile, owners })
    }

    /// The content of one shard.
    pub fn shard(
        &self,
        ledger: &Ledger,
        context: &EpochContext,
        master: &MasterSecret,
        index: u32,
    ) -> ShardData {
        let size = self.profile.shard_slots();
        let owners = &self.owners[index as usize * size..][..size];
        let (slots, labels) = owners
            .iter()
            .map(|owner| {
                if owner.account == UNUSED {
                    return (Slot::default(), Label::PADDING);
                }
                let account = ledger.account(owner.account as usize);
                let parts = account.holdings.chunks(SLOT_HOLDINGS);
                let slot = parts.skip(owner.part.into()).map(Slot::new).next().unwrap_or_default();
                let id = AccountId::new(account.id).expect("the ledger holds valid ids only");
                let nonce = master.account_nonce(&context.entity, context.epoch, &id);
                (slot, Label::new(&context.entity, context.epoch, &id, &nonce))
            })
            .unzip();
        ShardData { index, slots, labels }
    }
}

/// A random block with at most `most` slots filled: uniform while there are many such blocks,
/// else the next one from a random start.
fn random_block(filled: &[usize], most: usize, rng: &mut ChaCha20Rng) -> Option<usize> {
    for _ in 0..64 {
        let block = rng.gen_range(0..filled.len());
        if filled[block] <= most {
            return Some(block);
        }
    }
    let start = rng.gen_range(0..filled.len());
    (0..filled.len()).map(|step| (start + step) % filled.len()).find(|block| filled[*block] <= most)
}

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;
