//! What the node tells coordinators and peers.

use solventry_protocol::{
    Decision, Record,
    message::{Fate, Refusal as Told, Sums, VaultStatus},
};
use solventry_types::{Chain, Digest, Locator};

use super::{Application, Store, certificate, rules::CLOCK_TOLERANCE, validity};
use crate::journal::{Journal, JournalError};

/// Where the journal of this node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Digest of the genesis.
    pub genesis: Digest,
    /// Last decided height; 0 is genesis.
    pub height: u64,
    /// Value id of that height.
    pub head: Digest,
    /// Journal time.
    pub time: u64,
    /// Highest height at which this node voted.
    pub voted: u64,
    /// Attestation in force, zeros if there is none.
    pub attestation: Digest,
    /// Where and why the node halted.
    pub halted: Option<(u64, String)>,
    /// Whether it only learns.
    pub quarantined: bool,
}

/// An entry with its decision, both encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// [`solventry_protocol::Entry`].
    pub entry: Vec<u8>,
    /// [`Decision`].
    pub decision: Vec<u8>,
}

impl<S: Store> Application<S> {
    /// Where the journal stands.
    pub fn status(&self) -> Standing {
        Standing {
            genesis: self.rules.id,
            height: self.state.height,
            head: self.state.head,
            time: self.state.time,
            voted: self.voted,
            attestation: self.attestation(),
            halted: self.halted.clone(),
            quarantined: self.quarantined,
        }
    }

    /// The vault that a record is about; for an unknown payment a name that no vault has, so that
    /// nobody is told more.
    pub fn vault_of(&self, record: &Record) -> Option<String> {
        match record {
            Record::Change(change) => Some(change.vault.clone()),
            Record::Disable(disable) => Some(disable.vault.clone()),
            Record::Payment(evidence) => Some(evidence.payment.vault.clone()),
            Record::Cancel(cancel) => Some(self.paid_from(cancel.payment_id)),
            Record::Settle(settle) => Some(self.paid_from(settle.payment_id)),
            Record::Tick | Record::Observers(_) | Record::Activate(_) => None,
        }
    }

    /// The vault of a decided payment; empty, which no vault's name is, for an unknown one.
    pub fn paid_from(&self, payment_id: Digest) -> String {
        self.state.families.get(&payment_id).map_or_else(String::new, |family| family.slot.vault.clone())
    }

    /// What became of a record. The reason of a dropped one goes along if the asker may know about
    /// its vault.
    pub fn fate(
        &self,
        record: Digest,
        may_know: impl Fn(Option<&str>) -> bool,
    ) -> Result<Fate, JournalError> {
        if let Some(height) = self.heights.get(&record) {
            return Ok(self.entry(*height)?.map_or(Fate::Unknown, |entry| Fate::Decided(entry.decision)));
        }
        if self.pool.holds(record) {
            return Ok(Fate::Pending);
        }
        Ok(match self.pool.dropped(record) {
            Some(dropped) => {
                let detail = may_know(dropped.vault.as_deref()).then(|| dropped.reason.clone());
                Fate::Dropped(Told { detail })
            }
            None => Fate::Unknown,
        })
    }

    /// A decided height as evidence files carry it.
    pub fn entry(&self, height: u64) -> Result<Option<Certified>, JournalError> {
        let Some(decided) = self.decided(height)? else { return Ok(None) };
        let damaged = |problem: String| JournalError::Store(format!("height {height}: {problem}"));
        let (entry, _) = validity::decode(&decided.value).map_err(|error| damaged(error.to_string()))?;
        let decision = certificate::decision(&self.rules, &decided, entry.header);
        let decision: Decision = decision.map_err(|error| damaged(error.to_string()))?;
        Ok(Some(Certified { entry: decided.value, decision: decision.encode() }))
    }

    /// A vault as the journal has it.
    pub fn vault_status(&self, name: &str) -> Option<VaultStatus> {
        let vault = self.state.vaults.get(name)?;
        let in_force = vault.at(self.state.time);
        Some(VaultStatus {
            configuration: in_force.configuration.encode(),
            disabled: in_force.disabled,
            sequence: vault.sequence,
            pending: vault.pending.as_ref().map(|pending| pending.at),
            attestation: self.attestation(),
            epoch: self.state.epoch.as_ref().map_or(0, |epoch| epoch.context.epoch),
        })
    }

    /// Sums of a vault in the asset at a place, before its next payment; `None` without an epoch
    /// that lists the place. They are those of the earliest time at which an entry may still be
    /// decided here: claims that reach them now do so later.
    pub fn sums(&self, vault: &str, chain: Chain, locator: &Locator, now: u64) -> Option<Sums> {
        self.state.vaults.get(vault)?;
        let epoch = self.state.epoch.as_ref()?;
        let (_, asset, _) = epoch.context.assets.find_place(chain, locator)?;
        let time = self.state.time.saturating_add(1).max(now.saturating_sub(CLOCK_TOLERANCE));
        let spent = self.state.spent(vault, asset, time, None);
        Some(Sums {
            time,
            spent: spent.sums,
            count: spent.count,
            since_last: spent.since_last,
            outflow: self.state.outflow(epoch, asset, None, None),
        })
    }

    fn attestation(&self) -> Digest {
        self.state.epoch.as_ref().map_or(Digest([0; 32]), |epoch| epoch.digest)
    }
}
