//! The last look before a share leaves (02-signing, "The gate", steps 9 and 10).

use solventry_chains::Intent;
use solventry_protocol::Record;
use solventry_types::{Chain, Digest};

use super::{
    Application, Refusal, Store,
    refusal::Refusal as Why,
    state::Family,
    store::{StoreError, Table, Write},
    validity,
};
use crate::journal::Journal;

/// A decided transaction for which this node may sign now. Only [`Application::authorize`] makes
/// one, and [`Application::mark`] asks again.
#[derive(Debug)]
pub struct Authorized {
    vault: String,
    chain: Chain,
    messages: Vec<Vec<u8>>,
    intent: Digest,
    payment_id: Digest,
    transaction: Digest,
}

impl Authorized {
    /// Vault whose key signs.
    pub fn vault(&self) -> &str {
        &self.vault
    }

    /// Its chain.
    pub const fn chain(&self) -> Chain {
        self.chain
    }

    /// What is signed, per input.
    pub fn messages(&self) -> &[Vec<u8>] {
        &self.messages
    }

    /// Digest of payment, transaction, messages and conflict keys.
    pub const fn intent(&self) -> Digest {
        self.intent
    }

    /// The payment.
    pub const fn payment_id(&self) -> Digest {
        self.payment_id
    }

    /// Digest of the raw transaction.
    pub const fn transaction(&self) -> Digest {
        self.transaction
    }
}

impl<S: Store> Application<S> {
    /// Step 9. Every entry here was judged valid by this node, or checked in full before it was
    /// executed, so what is left is what may have changed since: by journal time and by the
    /// node's own clock.
    pub fn authorize(
        &mut self,
        payment_id: Digest,
        transaction: Digest,
        now: u64,
    ) -> Result<Authorized, Refusal> {
        let authorized = self.authorized(payment_id, transaction, now);
        if let Err(refusal) = &authorized {
            self.audit.refused(&super::Refused {
                time: now,
                asked: "share",
                kind: "payment",
                payment: Some(payment_id),
                step: refusal.step(),
                reason: refusal.to_string(),
            });
        }
        authorized
    }

    /// Step 10: one durable write of nonces and package, before the share leaves. A nonce is used
    /// once; a package of an intent gets one share. What stands without a share is a dead attempt.
    pub fn mark(
        &mut self,
        authorized: &Authorized,
        nonce_ids: &[[u8; 32]],
        package: Digest,
    ) -> Result<(), Refusal> {
        // The journal may have gone on since.
        self.require_signable(authorized.payment_id, authorized.transaction)?;
        if nonce_ids.is_empty() {
            return Err(Refusal::NoNonce);
        }
        let intent = authorized.intent.0;
        let key = [intent, package.0].concat();
        if self.store.read(Table::Packages, &key)?.is_some() {
            return Err(Refusal::UsedPackage);
        }
        let mut batch = vec![Write::Put(Table::Packages, key, vec![])];
        for (place, nonce) in nonce_ids.iter().enumerate() {
            let repeated = nonce_ids.iter().take(place).any(|other| other == nonce);
            if repeated || self.store.read(Table::Nonces, nonce)?.is_some() {
                return Err(Refusal::UsedNonce);
            }
            batch.push(Write::Put(Table::Nonces, nonce.to_vec(), intent.to_vec()));
        }
        Ok(self.store.write(&batch)?)
    }

    fn authorized(&self, payment_id: Digest, transaction: Digest, now: u64) -> Result<Authorized, Refusal> {
        let (family, height, cancels) = self.require_signable(payment_id, transaction)?;
        if !cancels {
            require_valid(family, now)?;
        }
        let vault = self.state.vaults.get(&family.slot.vault);
        let vault = vault.ok_or_else(|| Refusal::UnknownVault(family.slot.vault.clone()))?;
        let accounts = &vault.at(self.state.time).configuration.accounts;
        let record = self.record_of(height)?;
        let transfer = match &record {
            Record::Payment(evidence) => solventry_chains::decode(&evidence.transaction, accounts)?,
            Record::Cancel(cancel) => solventry_chains::decode_cancel(&cancel.transaction, accounts)?,
            other => return Err(damaged(height, other.kind())),
        };
        if transfer.digest() != transaction {
            return Err(damaged(height, "another transaction"));
        }
        let intent = Intent::new(payment_id, &transfer);
        Ok(Authorized {
            vault: family.slot.vault.clone(),
            chain: family.slot.chain,
            intent: intent.digest(),
            messages: intent.messages,
            payment_id,
            transaction,
        })
    }

    /// What journal and node say, the own clock aside: the family, the height of its last
    /// transaction, and whether that gives the payment up.
    fn require_signable(&self, id: Digest, transaction: Digest) -> Result<(&Family, u64, bool), Why> {
        self.require_running()?;
        let family = self.state.families.get(&id).ok_or(Refusal::UnknownPayment(id))?;
        if family.settled.is_some() {
            return Err(Refusal::Settled(id));
        }
        let last = family.last().filter(|member| member.transaction == transaction);
        let last = last.ok_or(Refusal::NotLast(transaction))?;
        let vault = self.state.vaults.get(&family.slot.vault);
        if vault.is_none_or(|vault| vault.at(self.state.time).disabled) {
            return Err(Refusal::Disabled(family.slot.vault.clone()));
        }
        // A payment is never signed past its validity. What gives it up may be: that is the way
        // to free what the payment locks.
        if !last.cancels {
            require_valid(family, self.state.time)?;
        }
        Ok((family, last.height, last.cancels))
    }

    fn record_of(&self, height: u64) -> Result<Record, Refusal> {
        let decided = self.decided(height).map_err(|error| StoreError(error.to_string()))?;
        let decided = decided.ok_or_else(|| damaged(height, "no entry"))?;
        Ok(validity::decode(&decided.value)?.1)
    }
}

fn require_valid(family: &Family, time: u64) -> Result<(), Refusal> {
    let validity = family.validity;
    if validity.contains(time) {
        return Ok(());
    }
    Err(Refusal::Validity { time, from: validity.from, until: validity.until })
}

fn damaged(height: u64, got: &str) -> Refusal {
    StoreError(format!("height {height}: expected the payment's transaction, got {got}")).into()
}
