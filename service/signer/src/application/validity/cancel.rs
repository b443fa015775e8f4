//! Giving a payment up.

use solventry_chains::Transfer;
use solventry_protocol::record::{Cancel, cancel_message};
use solventry_types::Digest;

use super::{Check, Refusal, require_quorum, signers};
use crate::application::{
    execute::{Effects, Used},
    state::Family,
};

impl Check<'_> {
    /// No proofs: funds stay with the vault but for a fee within the cap that was approved, and
    /// the family's charge does not rise. One proposer or approver must want it, or whoever
    /// submits records could stop every payment.
    pub(super) fn cancel(&self, time: u64, cancel: &Cancel) -> Result<Effects, Refusal> {
        let id = cancel.payment_id;
        let family = self.unsettled(id)?;
        let vault = self.vault(&family.slot.vault)?.at(time);
        if vault.disabled {
            return Err(Refusal::Disabled(family.slot.vault.clone()));
        }
        let transfer = solventry_chains::decode_cancel(&cancel.transaction, &vault.configuration.accounts)?;
        self.require_member(id, family, &transfer)?;
        self.require_unlocked(id, &transfer)?;
        let limit = family.fee_cap.min(match transfer.fee_payer() {
            Some(_) => u64::MAX,
            None => family.charged,
        });
        if transfer.fee() > limit {
            return Err(Refusal::CancelFee { limit, got: transfer.fee() });
        }
        let people = vault.configuration;
        let message = cancel_message(self.rules.id, id, transfer.digest());
        let known = |key: &[u8; 32]| people.proposers.contains(key) || people.approvers.contains(key);
        let signed = signers(&cancel.approvals, message, known)?;
        require_quorum("proposers or approvers of the vault", 1, signed.len())?;
        Ok(Effects::Cancel(id, Box::new(Used::new(&transfer))))
    }

    /// A further transaction of a decided payment spends its anchor and is not one of its own.
    pub(super) fn require_member(
        &self,
        id: Digest,
        family: &Family,
        transfer: &Transfer,
    ) -> Result<(), Refusal> {
        if *transfer.anchor() != family.anchor {
            return Err(Refusal::Anchor(id));
        }
        if family.members.iter().any(|member| member.transaction == transfer.digest()) {
            return Err(Refusal::SameTransaction(id));
        }
        Ok(())
    }

    /// Nothing that the transaction uses is in use by another payment.
    pub(super) fn require_unlocked(&self, id: Digest, transfer: &Transfer) -> Result<(), Refusal> {
        let holders = transfer.conflict_keys().iter().filter_map(|key| self.state.locks.get(key));
        match holders.copied().find(|holder| *holder != id) {
            Some(holder) => Err(Refusal::Locked(holder)),
            None => Ok(()),
        }
    }
}
