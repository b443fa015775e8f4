//! Records that wait for a proposal, and what proposers may have refused.

use std::collections::{BTreeMap, VecDeque};

use solventry_protocol::Record;
use solventry_types::Digest;

use super::refusal::Refusal;

/// A record that waits.
#[derive(Debug)]
pub struct Waiting {
    /// Digest of the record.
    pub digest: Digest,
    /// The record.
    pub record: Record,
    /// Journal time at which it was found valid: it may not be so before.
    pub since: u64,
    bytes: usize,
    coordinator: [u8; 32],
}

/// A record that was valid and no longer is.
#[derive(Debug)]
pub struct Dropped {
    digest: Digest,
    /// The vault that it is about, if it is about one.
    pub vault: Option<String>,
    /// Why.
    pub reason: String,
}

/// Waiting records in order of arrival, and why others were dropped.
#[derive(Debug, Default)]
pub struct Pool {
    waiting: Vec<Waiting>,
    dropped: VecDeque<Dropped>,
}

impl Pool {
    /// Most records of one coordinator.
    pub const MAX_RECORDS: usize = 64;
    /// Most bytes of one coordinator.
    pub const MAX_BYTES: usize = 16 << 20;
    /// Dropped records that are remembered.
    const MAX_DROPPED: usize = 1_024;

    /// Refuses a record when its coordinator has too many waiting.
    pub fn require_room(&self, coordinator: &[u8; 32], bytes: usize) -> Result<(), Refusal> {
        let own = || self.waiting.iter().filter(|waiting| waiting.coordinator == *coordinator);
        let total = own().fold(bytes, |sum, waiting| sum.saturating_add(waiting.bytes));
        if own().count() >= Self::MAX_RECORDS || total > Self::MAX_BYTES {
            return Err(Refusal::PoolFull { records: Self::MAX_RECORDS, bytes: Self::MAX_BYTES });
        }
        Ok(())
    }

    /// Adds a record. It is no longer a dropped one.
    pub fn add(&mut self, record: Record, digest: Digest, bytes: usize, coordinator: [u8; 32], since: u64) {
        self.dropped.retain(|dropped| dropped.digest != digest);
        self.waiting.push(Waiting { digest, record, since, bytes, coordinator });
    }

    /// Whether a record waits.
    pub fn holds(&self, digest: Digest) -> bool {
        self.waiting.iter().any(|waiting| waiting.digest == digest)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Keeps the records that `keep` holds on to.
    pub fn retain(&mut self, keep: impl Fn(Digest) -> bool) {
        self.waiting.retain(|waiting| keep(waiting.digest));
    }

    /// Takes every record out, in the order in which they are proposed: what stops a vault first,
    /// then by arrival.
    pub fn take(&mut self) -> Vec<Waiting> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by_key(|waiting| !matches!(waiting.record, Record::Disable(_)));
        waiting
    }

    /// Puts a record back at the end.
    pub fn put_back(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// Remembers why a record was dropped.
    pub fn drop_for(&mut self, digest: Digest, vault: Option<String>, reason: String) {
        if self.dropped.len() >= Self::MAX_DROPPED {
            self.dropped.pop_front();
        }
        self.dropped.push_back(Dropped { digest, vault, reason });
    }

    /// The record of this digest, if it was dropped.
    pub fn dropped(&self, digest: Digest) -> Option<&Dropped> {
        self.dropped.iter().find(|dropped| dropped.digest == digest)
    }
}

/// Refused payments of each proposer as each coordinator brought them, by the node's own clock. A coordinator
/// can copy what a proposer signed and spoil it: that spends its own budget, nobody else's.
#[derive(Debug, Default)]
pub struct Budget(BTreeMap<Account, VecDeque<u64>>);

/// Coordinator and proposer.
pub type Account = ([u8; 32], [u8; 32]);

impl Budget {
    /// Refusals of one proposer in an hour, through one coordinator: more would let it search for a hidden limit.
    pub const LIMIT: usize = 20;
    const HOUR: u64 = 3_600;

    /// Refuses a proposer whose budget is spent.
    pub fn require(&mut self, account: &Account, now: u64) -> Result<(), Refusal> {
        let Some(times) = self.0.get_mut(account) else { return Ok(()) };
        times.retain(|time| now.saturating_sub(*time) < Self::HOUR);
        if times.len() >= Self::LIMIT { Err(Refusal::Budget { limit: Self::LIMIT }) } else { Ok(()) }
    }

    /// Notes a refusal.
    pub fn spend(&mut self, account: Account, now: u64) {
        self.0.entry(account).or_default().push_back(now);
    }
}
