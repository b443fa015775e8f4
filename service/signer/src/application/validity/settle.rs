//! Settlement of a payment.

use solventry_protocol::record::Settle;

use super::{Check, Refusal, require_quorum, signers};
use crate::application::{execute::Effects, state::Family};

impl Check<'_> {
    /// Signed by the quorum of observers; once per payment.
    pub(super) fn settle(&self, time: u64, settle: &Settle) -> Result<Effects, Refusal> {
        self.unsettled(settle.payment_id)?;
        if settle.block_height == 0 {
            return Err(Refusal::NoBlock);
        }
        let observers = self.state.observers(time);
        let message = settle.message(self.rules.id);
        let signed = signers(&settle.observations, message, |key| observers.keys.contains(key))?;
        require_quorum("observers", observers.least.into(), signed.len())?;
        Ok(Effects::Settle(settle.payment_id, settle.outcome, settle.block_height))
    }

    /// A decided payment that is not settled.
    pub(super) fn unsettled(&self, id: solventry_types::Digest) -> Result<&Family, Refusal> {
        let family = self.state.families.get(&id).ok_or(Refusal::UnknownPayment(id))?;
        if family.settled.is_some() { Err(Refusal::Settled(id)) } else { Ok(family) }
    }
}
