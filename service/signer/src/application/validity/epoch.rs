//! Activation of an attested epoch.

use std::sync::Arc;

use solventry_protocol::record::{Activate, epoch_message};
use solventry_types::{Attestation, Chain, Digest, EpochContext};
use solventry_verifier::{VerifiedAttestation, verify_attestation};

use super::{Check, Refusal, require_quorum, signers};
use crate::application::{
    execute::Effects,
    state::{Epoch, State},
};

impl Check<'_> {
    /// Signatures first: curve points are read and proofs verified for observers only.
    pub(super) fn activate(&mut self, time: u64, activate: &Activate) -> Result<Effects, Refusal> {
        let digest = Attestation::file_digest(&activate.attestation);
        let observers = self.state.observers(time);
        let message = epoch_message(self.rules.id, digest);
        let signed = signers(&activate.observations, message, |key| observers.keys.contains(key))?;
        require_quorum("observers", observers.least.into(), signed.len())?;
        let attestation = Attestation::decode(&activate.attestation)?;
        self.require_newer(time, &attestation.context)?;
        self.require_places(&attestation.context)?;
        let verified = self.verified(time, &activate.attestation, digest)?;
        if !verified.setup_is_trusted() && !self.rules.genesis.allow_dev_setup {
            return Err(Refusal::DevelopmentSetup);
        }
        Ok(Effects::Activate(Box::new(Epoch::verified(verified))))
    }

    /// Number, snapshot and blocks only go forward, and the snapshot is not old.
    fn require_newer(&self, time: u64, context: &EpochContext) -> Result<(), Refusal> {
        let last = self.state.epoch.as_ref().map(|epoch| &epoch.context);
        if let Some(last) = last.filter(|last| context.epoch <= last.epoch) {
            return Err(Refusal::EpochNumber { last: last.epoch, got: context.epoch });
        }
        let (after, got) = (last.map_or(0, |last| last.snapshot_time), context.snapshot_time);
        if got <= after || got > time {
            return Err(Refusal::SnapshotTime { after, until: time, got });
        }
        require_age(time, context, self.rules.genesis.max_epoch_age)?;
        for vault in &self.rules.genesis.vaults {
            let chain = vault.accounts.chain();
            if block(context, chain).is_none() {
                return Err(Refusal::SnapshotBlock(chain));
            }
        }
        for old in last.map_or(&[][..], |last| &last.snapshot_blocks) {
            let (chain, last) = (old.chain, old.height);
            match block(context, chain) {
                None => return Err(Refusal::SnapshotBlock(chain)),
                Some(got) if got <= last => return Err(Refusal::SnapshotHeight { chain, last, got }),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The new table has every place with open outflow, and no other decimals for a place that was
    /// ever paid from: either would make sums of the past smaller than they are.
    fn require_places(&self, context: &EpochContext) -> Result<(), Refusal> {
        for family in self.state.open_families(None).filter(|family| State::counts(family, context)) {
            if context.assets.find_place(family.slot.chain, &family.slot.locator).is_none() {
                return Err(Refusal::DroppedPlace(family.slot.chain));
            }
        }
        for ((chain, locator), expected) in &self.state.decimals {
            let place = context.assets.find_place(*chain, locator);
            if let Some((_, _, place)) = place.filter(|(_, _, place)| place.decimals != *expected) {
                let (chain, expected, got) = (*chain, *expected, place.decimals);
                return Err(Refusal::PlaceDecimals { chain, expected, got });
            }
        }
        Ok(())
    }

    fn verified(
        &mut self,
        time: u64,
        bytes: &[u8],
        digest: Digest,
    ) -> Result<Arc<VerifiedAttestation>, Refusal> {
        let anchors = &self.rules.genesis.anchors;
        // Of what the verifier checks, only the anchors' age depends on time; a snapshot in the
        // future is refused above.
        if let Some(limit) = anchors.max_age_seconds
            && let Some(kept) = self.memo.attestation(digest)
        {
            require_age(time, &kept.attestation().context, limit)?;
        }
        if let Some(kept) = self.memo.attestation(digest) {
            return Ok(kept);
        }
        let verified = Arc::new(verify_attestation(bytes, anchors, time)?);
        self.memo.keep(verified.clone());
        Ok(verified)
    }
}

/// Refuses a snapshot older than `limit` seconds.
pub(super) fn require_age(time: u64, context: &EpochContext, limit: u64) -> Result<(), Refusal> {
    let age = time.saturating_sub(context.snapshot_time);
    if age > limit { Err(Refusal::EpochAge { limit, age }) } else { Ok(()) }
}

fn block(context: &EpochContext, chain: Chain) -> Option<u64> {
    context.snapshot_blocks.iter().find(|block| block.chain == chain).map(|block| block.height)
}
