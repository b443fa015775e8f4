//! Values of the height that is decided next: verdicts, which are given once, and own proposals.
//! The memory mirrors the disk, which is written first.

use std::collections::BTreeMap;

use solventry_types::Digest;

use super::store::{Store, StoreError, Table, Write};

/// What was said of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// Valid.
    Valid,
    /// Not valid on the state before this height: nothing can make it so.
    Invalid,
    /// Off the clock when it was first seen as a fresh proposal. It stays refused as one; if it
    /// comes back with a proof of lock, or certified, the clock is not asked.
    Untimely,
}

/// Values of one height.
#[derive(Debug, Default)]
pub struct Undecided {
    height: u64,
    verdicts: BTreeMap<Digest, (Judged, Vec<u8>)>,
    proposals: BTreeMap<u32, Digest>,
}

impl Undecided {
    /// Reads what is known of a height.
    pub fn load(store: &impl Store, height: u64) -> Result<Self, StoreError> {
        let mut undecided = Self { height, ..Self::default() };
        let verdicts = &mut undecided.verdicts;
        store.scan(Table::Verdicts, &mut |key, value| {
            if let Some(id) = suffix_of::<32>(height, key)
                && let Some((tag, value)) = value.split_first()
            {
                let judged = Judged::from_tag(*tag)
                    .ok_or_else(|| StoreError(format!("unknown verdict {tag} at height {height}")))?;
                verdicts.insert(Digest(id), (judged, value.to_vec()));
            }
            Ok(())
        })?;
        let proposals = &mut undecided.proposals;
        store.scan(Table::Proposals, &mut |key, value| {
            if let (Some(round), Ok(id)) = (suffix_of::<4>(height, key), value.try_into()) {
                proposals.insert(u32::from_be_bytes(round), Digest(id));
            }
            Ok(())
        })?;
        Ok(undecided)
    }

    /// What was said of a value.
    pub fn judged(&self, id: Digest) -> Option<Judged> {
        self.verdicts.get(&id).map(|(judged, _)| *judged)
    }

    /// The bytes of a value, whatever was said of it: others may decide it nevertheless.
    pub fn value(&self, id: Digest) -> Option<&[u8]> {
        self.verdicts.get(&id).map(|(_, value)| &**value)
    }

    /// What this node proposed in a round.
    pub fn proposed(&self, round: u32) -> Option<&[u8]> {
        self.proposals.get(&round).and_then(|id| self.value(*id))
    }

    /// Notes a verdict, and the round if it is an own proposal, durably.
    pub fn note(
        &mut self,
        store: &mut impl Store,
        id: Digest,
        (judged, value): (Judged, &[u8]),
        round: Option<u32>,
    ) -> Result<(), StoreError> {
        let stored = [&[judged.tag()], value].concat();
        let mut batch = vec![Write::Put(Table::Verdicts, key(self.height, &id.0), stored)];
        if let Some(round) = round {
            let proposal = key(self.height, &round.to_be_bytes());
            batch.push(Write::Put(Table::Proposals, proposal, id.0.to_vec()));
        }
        store.write(&batch)?;
        self.verdicts.insert(id, (judged, value.to_vec()));
        if let Some(round) = round {
            self.proposals.insert(round, id);
        }
        Ok(())
    }

    /// Writes that forget this height, for the batch that decides it.
    pub fn forget(&self) -> impl Iterator<Item = Write> {
        let verdicts = self.verdicts.keys().map(|id| Write::Remove(Table::Verdicts, key(self.height, &id.0)));
        let rounds = self.proposals.keys().map(|round| round.to_be_bytes());
        verdicts.chain(rounds.map(|round| Write::Remove(Table::Proposals, key(self.height, &round))))
    }

    /// Nothing yet of a height.
    pub fn begin(height: u64) -> Self {
        Self { height, ..Self::default() }
    }
}

impl Judged {
    const fn tag(self) -> u8 {
        match self {
            Self::Valid => 1,
            Self::Invalid => 2,
            Self::Untimely => 3,
        }
    }

    fn from_tag(tag: u8) -> Option<Self> {
        [Self::Valid, Self::Invalid, Self::Untimely].into_iter().find(|judged| judged.tag() == tag)
    }
}

fn key(height: u64, suffix: &[u8]) -> Vec<u8> {
    [&height.to_be_bytes(), suffix].concat()
}

fn suffix_of<const N: usize>(height: u64, key: &[u8]) -> Option<[u8; N]> {
    key.strip_prefix(&height.to_be_bytes())?.try_into().ok()
}
