//! The journal as an application of agreement: state, validity, execution, disk.
//!
//! The state is a function of genesis and the decided entries. Validity of a record is a function
//! of state, header and record; the node's own clock counts only for fresh proposals, and comes as
//! an argument. The disk is behind [`Store`].

mod audit;
mod authorize;
mod certificate;
mod execute;
mod journal;
mod pool;
mod queries;
mod refusal;
mod replay;
mod rules;
mod state;
mod state_digest;
mod store;
mod undecided;
mod validity;
mod windows;

use std::{collections::BTreeMap, ops::Deref};

use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{Genesis, Record};
use solventry_types::Digest;

pub use audit::{Audit, AuditLog, Refused};
pub use authorize::Authorized;
pub use queries::{Certified, Standing};
pub use refusal::Refusal;
pub use rules::{CLOCK_TOLERANCE, TICK};
pub use state::{Epoch, Family, InForce, Member, Pending, State, Vault};
pub use store::{OpenError, RedbStore, Store, StoreError, Table, Visit, Write};
pub use windows::{Charges, Slot, Spent, WINDOWS};

use self::{
    pool::{Budget, Pool},
    rules::{Memo, Rules},
    undecided::Undecided,
    validity::{Check, Proofs},
};
use crate::journal::JournalError;

/// The journal of one node.
pub struct Application<S> {
    store: S,
    rules: Rules,
    state: State,
    memo: Memo,
    undecided: Undecided,
    pool: Pool,
    budget: Budget,
    audit: Box<dyn Audit>,
    /// Heights of decided records, ticks left out.
    heights: BTreeMap<Digest, u64>,
    voted: u64,
    halted: Option<(u64, String)>,
    quarantined: bool,
}

impl<S: Store> Application<S> {
    /// Opens the journal of `genesis` on a disk, an empty one or its own, and reads back what was
    /// decided. The key of policy proofs may be one that is made when it is first asked for.
    pub fn open(
        mut store: S,
        genesis: Genesis,
        policy_key: impl Deref<Target = PolicyVerifyingKey> + Send + Sync + 'static,
        audit: Box<dyn Audit>,
    ) -> Result<Self, JournalError> {
        genesis.validate().map_err(|error| JournalError::Store(format!("genesis: {error}")))?;
        replay::require_genesis(&mut store, &genesis)?;
        let rules = Rules::new(genesis, Box::new(policy_key));
        let mut memo = Memo::default();
        let history = replay::history(&store, &rules, &mut memo)?;
        let undecided = Undecided::load(&store, history.state.height.saturating_add(1))?;
        let (voted, halted) = (replay::voted(&store)?, replay::halted(&store)?);
        Ok(Self {
            undecided,
            voted,
            halted,
            rules,
            memo,
            audit,
            state: history.state,
            heights: history.heights,
            pool: Pool::default(),
            budget: Budget::default(),
            quarantined: false,
            store,
        })
    }

    /// The state after the last decided height.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Gives the store back.
    pub fn into_store(self) -> S {
        self.store
    }

    /// A quarantined node learns and signs nothing: its disk may be older than what it said. Whoever
    /// drives agreement must not let it vote.
    pub fn set_quarantined(&mut self, quarantined: bool) {
        self.quarantined = quarantined;
    }

    /// Considers a record of a coordinator: checks it in full on the current state and keeps it
    /// until it is decided or no longer valid. Payments that are refused go to the audit log, and
    /// count against their proposer and who brought them.
    pub fn submit(&mut self, bytes: &[u8], coordinator: [u8; 32], now: u64) -> Result<Digest, Refusal> {
        self.require_running()?;
        self.pool.require_room(&coordinator, bytes.len())?;
        let record = self.read(bytes, &coordinator, now)?;
        let digest = record.digest();
        if self.pool.holds(digest) || self.heights.contains_key(&digest) {
            return Ok(digest);
        }
        let account = self.proposer(&record).map(|proposer| (coordinator, proposer));
        if let Some(account) = account {
            self.budget.require(&account, now)?;
        }
        let time = now.max(self.state.time.saturating_add(1));
        match self.admit(&record, time) {
            Ok(()) => {
                self.pool.add(record, digest, bytes.len(), coordinator, time);
                Ok(digest)
            }
            Err(refusal) => {
                if let Some(account) = account {
                    self.budget.spend(account, now);
                }
                self.audit.refused(&Refused::new(now, "submission", &record, self.rules.id, &refusal));
                Err(refusal)
            }
        }
    }

    /// Whether a record may be proposed at `time`.
    fn admit(&mut self, record: &Record, time: u64) -> Result<(), Refusal> {
        if matches!(record, Record::Tick) {
            return Err(Refusal::SubmittedTick);
        }
        self.check(Proofs::Verify).record(time, record).map(|_| ())
    }

    /// Who proposed a payment, if a registered proposer signed it.
    fn proposer(&self, record: &Record) -> Option<[u8; 32]> {
        let Record::Payment(evidence) = record else { return None };
        let signed = validity::is_of_proposer(&self.state, self.rules.id, evidence);
        signed.then_some(evidence.payment.proposer)
    }

    fn check(&mut self, proofs: Proofs) -> Check<'_> {
        Check { state: &self.state, rules: &self.rules, memo: &mut self.memo, proofs }
    }

    /// Drops waiting records that can no longer be decided.
    fn revalidate(&mut self) {
        let heights = &self.heights;
        self.pool.retain(|digest| !heights.contains_key(&digest));
        let next = self.state.time.saturating_add(1);
        for waiting in self.pool.take() {
            let time = next.max(waiting.since);
            match self.admit(&waiting.record, time) {
                Ok(()) => self.pool.put_back(waiting),
                Err(refusal) => self.drop_waiting(&waiting, time, &refusal),
            }
        }
    }

    fn drop_waiting(&mut self, waiting: &pool::Waiting, time: u64, refusal: &Refusal) {
        self.audit.refused(&Refused::new(time, "waiting record", &waiting.record, self.rules.id, refusal));
        let vault = self.vault_of(&waiting.record);
        self.pool.drop_for(waiting.digest, vault, refusal.to_string());
    }

    fn require_running(&self) -> Result<(), Refusal> {
        if self.halted.is_some() {
            return Err(Refusal::Halted);
        }
        if self.quarantined { Err(Refusal::Quarantined) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
