//! Payments: the gate of 02-signing before a vote, cheapest steps first.

use solventry_chains::Transfer;
use solventry_protocol::{
    JournalClaims, SigningEvidence, decision::is_signed, rebuild, verify::ORACLE_AGE, verify_signing,
};
use solventry_types::{Asset, Digest, Total, VaultConfiguration, payment::Payment, vault::proposal_message};
use solventry_verifier::{Anchors, anchors::Hex};

use super::{Check, Proofs, Refusal, epoch::require_age};
use crate::application::{
    execute::{Decided, Effects, slot},
    state::{Epoch, State},
};

impl Check<'_> {
    /// A payment, or another transaction for one that is decided.
    pub(super) fn payment(&mut self, time: u64, evidence: &SigningEvidence) -> Result<Effects, Refusal> {
        let payment = &evidence.payment;

        // 3. Configuration.
        let vault = self.payer(time, evidence)?;

        // 2. Transaction.
        let transfer = solventry_chains::decode(&evidence.transaction, &vault.accounts)?;
        transfer.matches(payment)?;

        // 4. Conflict keys and family.
        let id = payment.id(self.rules.id);
        self.require_family(id, &transfer)?;
        self.require_unlocked(id, &transfer)?;

        // 6. Times, all by the header.
        let epoch = self.epoch_of(time, evidence)?;
        require_times(time, evidence)?;

        // 7. Sums, then 5. people and 7. proofs.
        let claims = rebuild::claims_of(&evidence.policy_statement, &evidence.headroom_statement);
        self.require_claims(time, id, payment, &transfer, epoch, &claims)?;
        self.require_proofs(evidence, vault.digest())?;
        Ok(Effects::Pay(Box::new(Decided::new(id, payment, &transfer))))
    }

    /// The configuration in force, which must be the one in the evidence.
    fn payer(&self, time: u64, evidence: &SigningEvidence) -> Result<VaultConfiguration, Refusal> {
        let name = &evidence.payment.vault;
        let vault = self.vault(name)?.at(time);
        if vault.disabled {
            return Err(Refusal::Disabled(name.clone()));
        }
        if vault.configuration.policy_root == [0; 32] {
            return Err(Refusal::NoPolicy(name.clone()));
        }
        if *vault.configuration != evidence.vault {
            let (expected, got) = (vault.configuration.digest(), evidence.vault.digest());
            return Err(Refusal::OtherConfiguration { expected, got });
        }
        Ok(vault.configuration.clone())
    }

    /// New, or a further transaction of a payment that is neither settled nor given up.
    fn require_family(&self, id: Digest, transfer: &Transfer) -> Result<(), Refusal> {
        if !self.state.families.contains_key(&id) {
            return Ok(());
        }
        let family = self.unsettled(id)?;
        if family.is_cancelled() {
            return Err(Refusal::Cancelled(id));
        }
        self.require_member(id, family, transfer)
    }

    /// The epoch in force, which must be the one in the evidence, and not old.
    fn epoch_of(&self, time: u64, evidence: &SigningEvidence) -> Result<&Epoch, Refusal> {
        let epoch = self.state.epoch.as_ref().ok_or(Refusal::NoEpoch)?;
        if epoch.digest != evidence.attestation {
            return Err(Refusal::OtherEpoch { expected: epoch.digest, got: evidence.attestation });
        }
        require_age(time, &epoch.context, self.rules.genesis.max_epoch_age)?;
        Ok(epoch)
    }

    /// Claimed sums, count and outflow reach the journal's, claimed age of the last payment does
    /// not exceed it: a proof does not go stale with every payment (02-signing, "Proofs").
    fn require_claims(
        &self,
        time: u64,
        id: Digest,
        payment: &Payment,
        transfer: &Transfer,
        epoch: &Epoch,
        claims: &JournalClaims,
    ) -> Result<(), Refusal> {
        let place = epoch.context.assets.find_place(payment.chain, &payment.locator);
        let Some((_, asset, _)) = place else {
            let name = payment.chain.name().to_owned();
            return Err(
                solventry_protocol::SigningError::from(rebuild::ChargeError::UnknownAsset(name)).into()
            );
        };
        let own = self.state.spent(&payment.vault, asset, time, Some(id));
        const SUMS: [&str; 4] = ["sum of 1 h", "sum of 24 h", "sum of 7 d", "sum of 30 d"];
        for ((what, own), claimed) in SUMS.into_iter().zip(own.sums).zip(claims.spent) {
            at_least(what, own, claimed)?;
        }
        if claims.count < own.count {
            let (own, claimed) = (own.count.into(), claims.count.into());
            return Err(Refusal::Claim { what: "count of 24 h", relation: "at least", own, claimed });
        }
        if claims.since_last > own.since_last {
            let (own, claimed) = (own.since_last.into(), claims.since_last.into());
            let what = "seconds since the last payment";
            return Err(Refusal::Claim { what, relation: "at most", own, claimed });
        }
        let outflow = self.own_outflow(id, payment, transfer, epoch, asset);
        at_least("outflow", outflow, claims.outflow)
    }

    /// Outflow of the asset with this payment in it, at the largest charge of its transactions.
    fn own_outflow(
        &self,
        id: Digest,
        payment: &Payment,
        transfer: &Transfer,
        epoch: &Epoch,
        asset: &Asset,
    ) -> u128 {
        let state: &State = self.state;
        let before = state.families.get(&id).map_or(0, |family| family.charged);
        let charged = transfer.charged().max(before);
        let (slot, Payment { destination, amount, fee_cap, .. }) = (slot(payment), payment);
        let leaves = state.leaves(epoch, &slot, destination, *amount, charged, *fee_cap);
        state.outflow(epoch, asset, Some(id), Some((&slot, leaves)))
    }

    /// Steps 1 to 12 of signing, people and proofs among them, unless they passed before.
    fn require_proofs(&mut self, evidence: &SigningEvidence, vault: Digest) -> Result<(), Refusal> {
        let record = evidence.record_digest();
        if self.proofs == Proofs::Judged || self.memo.is_proven(record) {
            return Ok(());
        }
        let epoch = self.state.epoch.as_ref().and_then(|epoch| epoch.verified.as_ref());
        let attestation = epoch.ok_or(Refusal::NoEpoch)?;
        let anchors = Anchors { vaults: vec![Hex(vault.0)], ..self.rules.genesis.anchors.clone() };
        let verified = verify_signing(&evidence.encode(), attestation, &anchors, &self.rules.policy_key)?;
        if !verified.setup_is_trusted() && !self.rules.genesis.allow_dev_setup {
            return Err(Refusal::DevelopmentSetup);
        }
        self.memo.prove(record);
        Ok(())
    }
}

/// Whether a registered proposer signed a payment: only then does its refusal count as the
/// proposer's own.
pub fn is_of_proposer(state: &State, genesis: Digest, evidence: &SigningEvidence) -> bool {
    let payment = &evidence.payment;
    let vault = state.vaults.get(&payment.vault).map(|vault| vault.at(state.time).configuration);
    vault.is_some_and(|vault| vault.proposers.contains(&payment.proposer))
        && is_signed(&payment.proposer, proposal_message(payment.id(genesis)), &evidence.proposal)
}

fn require_times(time: u64, evidence: &SigningEvidence) -> Result<(), Refusal> {
    let validity = evidence.payment.validity;
    if !validity.contains(time) {
        return Err(Refusal::Validity { time, from: validity.from, until: validity.until });
    }
    if let Some(made) = evidence.margin.as_ref().map(|margin| margin.time) {
        let fresh = made <= time && time.saturating_sub(made) <= ORACLE_AGE;
        if !fresh {
            return Err(Refusal::OracleAge { time, made, limit: ORACLE_AGE });
        }
    }
    Ok(())
}

fn at_least(what: &'static str, own: u128, claimed: Total) -> Result<(), Refusal> {
    let claimed = claimed.units();
    if claimed < own { Err(Refusal::Claim { what, relation: "at least", own, claimed }) } else { Ok(()) }
}
