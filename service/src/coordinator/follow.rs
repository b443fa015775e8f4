//! One payment from its transaction to its signatures.
//!
//! sums → proofs → decision → signing rounds. Every step is on disk before the next begins, so
//! that a payment that was decided is never proven again, whoever was stopped in between.

use solventry_chains::Transfer;
use solventry_protocol::{PaymentRequest, Record, SigningEvidence};
use solventry_types::VaultConfiguration;

use super::{
    Aggregate, Attempts, CoordinatorError, Event, Nodes, Work, agreed_sums,
    decision::{self, Known},
    rounds,
};
use crate::{journal_sums::JournalSums, signing::PaymentRefused};

/// Most proofs of one run: each goes stale only because another payment of the vault came first.
const MOST_PROOFS: usize = 5;

/// One payment to follow.
pub struct Job<'a> {
    /// The vault's configuration in force.
    pub vault: &'a VaultConfiguration,
    /// Payment, proposal, approvals.
    pub request: &'a PaymentRequest,
    /// The transaction, decoded.
    pub transfer: &'a Transfer,
    /// Makes signatures of shares, with the vault's group key.
    pub scheme: &'a dyn Aggregate,
    /// Makes both proofs for sums of past payments.
    pub prove: &'a dyn Fn(&JournalSums) -> Result<SigningEvidence, PaymentRefused>,
}

/// Follows a payment to its end: evidence with decision and signatures.
pub fn follow(
    nodes: Nodes<'_>,
    job: &Job<'_>,
    attempts: &mut Attempts,
    told: &mut dyn FnMut(Event),
) -> Result<SigningEvidence, CoordinatorError> {
    require_same(job, attempts)?;
    let place = match resumed(nodes, job, attempts, told)? {
        Some(place) => place,
        None => decided(nodes, job, attempts, told)?,
    };
    let mut evidence =
        attempts.kept().get(place).cloned().ok_or(CoordinatorError::Stale { proofs: place })?;
    let payment_id = job.request.payment.id(job.vault.genesis);
    let work = Work { genesis: job.vault.genesis, payment_id, transfer: job.transfer };
    let mut lost = None;
    evidence.signatures = rounds::sign(nodes, work, job.scheme, &mut |event| {
        if let Event::Lied(culprit) = &event
            && let Err(error) = attempts.accuse(culprit)
        {
            lost = Some(error);
        }
        told(event);
    })?;
    attempts.update(place, evidence.clone())?;
    lost.map_or(Ok(evidence), Err)
}

/// The attempt of an earlier run that is decided, or becomes so now.
fn resumed(
    nodes: Nodes<'_>,
    job: &Job<'_>,
    attempts: &mut Attempts,
    told: &mut dyn FnMut(Event),
) -> Result<Option<usize>, CoordinatorError> {
    if let Some(place) = attempts.kept().iter().position(|kept| kept.decision.is_some()) {
        told(Event::Resumed { decided: true });
        return Ok(Some(place));
    }
    if attempts.kept().is_empty() {
        return Ok(None);
    }
    told(Event::Resumed { decided: false });
    let mut waits = None;
    for place in (0..attempts.kept().len()).rev() {
        let Some(evidence) = attempts.kept().get(place).cloned() else { continue };
        match decision::fate(nodes, evidence.record_digest(), job.vault) {
            Known::Decided(decision) => {
                told(decision::decided(&decision));
                attempts.update(place, SigningEvidence { decision: Some(decision), ..evidence })?;
                return Ok(Some(place));
            }
            Known::Open { pending, .. } if pending > 0 && waits.is_none() => waits = Some(place),
            _ => {}
        }
    }
    let Some(place) = waits else { return Ok(None) };
    match settle(nodes, job, attempts, place, told) {
        Ok(()) => Ok(Some(place)),
        Err(CoordinatorError::Dropped { .. } | CoordinatorError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Proves with fresh sums and submits, until a record is decided.
fn decided(
    nodes: Nodes<'_>,
    job: &Job<'_>,
    attempts: &mut Attempts,
    told: &mut dyn FnMut(Event),
) -> Result<usize, CoordinatorError> {
    let mut before: Option<JournalSums> = None;
    let mut refused = None;
    for _ in 0..MOST_PROOFS {
        let payment = &job.request.payment;
        let (sums, agreed, answered) = agreed_sums(nodes, &payment.vault, payment.chain, &payment.locator)?;
        if let Some(error) = refused.take() {
            // Refused although nothing was paid meanwhile: fresh sums would not change that.
            if before.is_some_and(|before| same_history(&before, &sums)) {
                return Err(error);
            }
            told(Event::Stale);
        }
        before = Some(sums);
        told(Event::Sums { agreed, answered });
        let evidence = (job.prove)(&sums)?;
        told(Event::Proven { bytes: evidence.encode().len() });
        let place = attempts.add(evidence)?;
        match settle(nodes, job, attempts, place, told) {
            Ok(()) => return Ok(place),
            Err(error @ (CoordinatorError::Dropped { .. } | CoordinatorError::Refused { .. })) => {
                // An attempt before this one may be what was decided.
                if let Some(place) = resumed_quietly(nodes, job, attempts)? {
                    return Ok(place);
                }
                refused = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or(CoordinatorError::Stale { proofs: MOST_PROOFS }))
}

/// Submits the attempt at `place` and keeps its decision.
fn settle(
    nodes: Nodes<'_>,
    job: &Job<'_>,
    attempts: &mut Attempts,
    place: usize,
    told: &mut dyn FnMut(Event),
) -> Result<(), CoordinatorError> {
    let Some(evidence) = attempts.kept().get(place).cloned() else { return Ok(()) };
    let record = Record::Payment(Box::new(evidence.clone()));
    let decision = decision::decide(nodes, &record, job.vault, told)?;
    attempts.update(place, SigningEvidence { decision: Some(decision), ..evidence })
}

/// The attempt that the journal decided after all.
fn resumed_quietly(
    nodes: Nodes<'_>,
    job: &Job<'_>,
    attempts: &mut Attempts,
) -> Result<Option<usize>, CoordinatorError> {
    for place in 0..attempts.kept().len() {
        let Some(evidence) = attempts.kept().get(place).cloned() else { continue };
        if let Known::Decided(decision) = decision::fate(nodes, evidence.record_digest(), job.vault) {
            attempts.update(place, SigningEvidence { decision: Some(decision), ..evidence })?;
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Attempts of another payment or transaction would be signed for this one.
fn require_same(job: &Job<'_>, attempts: &Attempts) -> Result<(), CoordinatorError> {
    for (place, kept) in attempts.kept().iter().enumerate() {
        let transfer = solventry_chains::decode(&kept.transaction, &job.vault.accounts);
        let same_transaction = transfer.is_ok_and(|transfer| transfer.digest() == job.transfer.digest());
        if kept.payment != job.request.payment || kept.vault.genesis != job.vault.genesis || !same_transaction
        {
            return Err(CoordinatorError::OtherAttempt { path: attempts.file(place) });
        }
    }
    Ok(())
}

/// Whether nothing was paid between two answers; time alone makes no proof stale, since sums only
/// fall and the last payment only gets older.
fn same_history(before: &JournalSums, after: &JournalSums) -> bool {
    let rose = |old: u128, new: u128| new > old;
    !before.spent.iter().zip(after.spent).any(|(old, new)| rose(old.units(), new.units()))
        && !rose(before.outflow.units(), after.outflow.units())
        && after.count <= before.count
        && after.since_last >= before.since_last
}
