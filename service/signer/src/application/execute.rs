//! Execution: what a valid record does to the state. Nothing here can fail.

use solventry_chains::{Anchor, Transfer};
use solventry_protocol::{Header, genesis::Quorum, rebuild::native_decimals, record::Outcome};
use solventry_types::{Digest, Payment, VaultConfiguration};

use super::{
    state::{Epoch, Family, Member, Pending, State},
    windows::Slot,
};

/// What a record does.
#[derive(Debug, Clone)]
pub enum Effects {
    /// Moves time only.
    Tick,
    /// Puts a configuration in force at a time.
    Change(Box<VaultConfiguration>, u64),
    /// Puts observers in force at a time.
    Observers(Quorum, u64),
    /// Stops a vault.
    Disable(String),
    /// Puts an epoch in force.
    Activate(Box<Epoch>),
    /// Decides a transaction of a payment.
    Pay(Box<Decided>),
    /// Decides a transaction that gives a payment up.
    Cancel(Digest, Box<Used>),
    /// A payment's anchor is spent.
    Settle(Digest, Outcome, u64),
}

/// What a transaction uses up.
#[derive(Debug, Clone)]
pub struct Used {
    transaction: Digest,
    keys: Vec<Vec<u8>>,
}

/// A decided transaction of a payment.
#[derive(Debug, Clone)]
pub struct Decided {
    /// `payment_id`.
    pub id: Digest,
    payment: Payment,
    anchor: Anchor,
    charged: u64,
    decimals: Option<u8>,
    used: Used,
}

impl Used {
    /// What `transfer` uses up.
    pub fn new(transfer: &Transfer) -> Self {
        Self { transaction: transfer.digest(), keys: transfer.conflict_keys().to_vec() }
    }
}

impl Decided {
    /// The transaction of a payment.
    pub fn new(id: Digest, payment: &Payment, transfer: &Transfer) -> Self {
        Self {
            id,
            payment: payment.clone(),
            anchor: transfer.anchor().clone(),
            charged: transfer.charged(),
            decimals: transfer.decimals().or(native_decimals(transfer.chain())),
            used: Used::new(transfer),
        }
    }
}

/// Vault and asset of a payment.
pub fn slot(payment: &Payment) -> Slot {
    Slot { vault: payment.vault.clone(), chain: payment.chain, locator: payment.locator.clone() }
}

impl State {
    /// Applies a record under its header.
    pub fn apply(&mut self, header: &Header, effects: Effects) {
        self.advance(header.time);
        self.height = self.height.saturating_add(1);
        match effects {
            Effects::Tick => {}
            Effects::Change(configuration, at) => self.change(*configuration, at),
            Effects::Observers(value, at) => {
                self.observer_sequence = self.observer_sequence.saturating_add(1);
                self.pending_observers = Some(Pending { value, at });
            }
            Effects::Disable(vault) => {
                if let Some(vault) = self.vaults.get_mut(&vault) {
                    vault.sequence = vault.sequence.saturating_add(1);
                    vault.disable();
                }
            }
            Effects::Activate(epoch) => self.activate(*epoch),
            Effects::Pay(decided) => self.pay(*decided, header.time),
            Effects::Cancel(id, used) => self.add_member(id, *used, true),
            Effects::Settle(id, outcome, height) => self.settle(id, outcome, height),
        }
        // What takes effect at once does so now.
        self.advance(header.time);
        self.head = header.value_id();
        self.time = header.time;
    }

    /// Changes whose time has come take effect.
    fn advance(&mut self, time: u64) {
        for vault in self.vaults.values_mut() {
            vault.advance(time);
        }
        if let Some(pending) = self.pending_observers.take_if(|pending| pending.at <= time) {
            self.observers = pending.value;
        }
    }

    fn change(&mut self, value: VaultConfiguration, at: u64) {
        if let Some(vault) = self.vaults.get_mut(&value.name) {
            vault.sequence = vault.sequence.saturating_add(1);
            vault.pending = Some(Pending { value, at });
        }
    }

    /// Payments that are settled by the new snapshot count no more.
    fn activate(&mut self, epoch: Epoch) {
        let families = &self.families;
        for ids in self.open.values_mut() {
            ids.retain(|id| families.get(id).is_some_and(|family| Self::counts(family, &epoch.context)));
        }
        self.open.retain(|_, ids| !ids.is_empty());
        self.epoch = Some(epoch);
    }

    fn pay(&mut self, decided: Decided, time: u64) {
        let Decided { id, payment, anchor, charged, decimals, used } = decided;
        let slot = slot(&payment);
        let place = (slot.chain, slot.locator.clone());
        if let Some(decimals) = decimals {
            self.decimals.insert(place.clone(), decimals);
        }
        self.open.entry(place).or_default().insert(id);
        let family = self.families.entry(id).or_insert_with(|| Family {
            slot: slot.clone(),
            destination: payment.destination,
            amount: payment.amount,
            fee_cap: payment.fee_cap,
            validity: payment.validity,
            anchor,
            charged: 0,
            decided: time,
            members: vec![],
            keys: Default::default(),
            settled: None,
        });
        let before = (!family.members.is_empty()).then_some(family.decided);
        family.charged = family.charged.max(charged);
        family.decided = time;
        self.charges.set(&slot, id, before, time, family.charged);
        self.add_member(id, used, false);
    }

    fn add_member(&mut self, id: Digest, used: Used, cancels: bool) {
        let Some(family) = self.families.get_mut(&id) else { return };
        family.members.push(Member { transaction: used.transaction, height: self.height, cancels });
        for key in used.keys {
            self.locks.insert(key.clone(), id);
            family.keys.insert(key);
        }
    }

    /// Frees what the payment used; it counts as outflow until a snapshot has seen it.
    fn settle(&mut self, id: Digest, outcome: Outcome, height: u64) {
        let Some(family) = self.families.get_mut(&id) else { return };
        family.settled = Some((outcome, height));
        for key in &family.keys {
            self.locks.remove(key);
        }
        let seen = self.epoch.as_ref().is_some_and(|epoch| !Self::counts(family, &epoch.context));
        let place = (family.slot.chain, family.slot.locator.clone());
        if seen && let Some(ids) = self.open.get_mut(&place) {
            ids.remove(&id);
        }
    }
}
