//! Values before they are decided: proposed, received in parts, judged, sent again.

use arc_malachitebft_app_channel::{
    NetworkMsg, Reply,
    app::{
        engine::host::SyncedValueOutcome,
        streaming::StreamMessage,
        types::{LocallyProposedValue, PeerId, ProposedValue},
    },
};
use arc_malachitebft_core_types::{Height as _, Round, Validator as _, Validity};
use bytes::Bytes;
use solventry_types::Digest;
use tokio::time::{Duration, Instant, sleep};

use super::{
    admission::{Admitted, Claim},
    app::App,
    context::{Address, Agreement, Height, Part, Value},
    parts::{Complete, cut},
    setup::EngineError,
    values::value_id,
};
use crate::journal::{Decided, JournalError, Sight, Verdict};

/// How long a proposer that has no record waits for one: it may be on its way to all nodes.
const PATIENCE: Duration = Duration::from_millis(500);

impl App {
    /// Proposes what the journal wants decided. With nothing to propose it does not answer; the
    /// round ends without a value.
    pub(super) async fn propose(
        &mut self,
        height: Height,
        round: u32,
        reply: Reply<LocallyProposedValue<Agreement>>,
    ) -> Result<(), EngineError> {
        let patience = Instant::now() + PATIENCE;
        loop {
            let now = self.now();
            if self.with(move |journal| Ok(journal.wants_height(now))).await? {
                break;
            }
            if Instant::now() >= patience {
                return Ok(());
            }
            sleep(PATIENCE / 10).await;
        }
        let now = self.now();
        let bytes = self.with(move |journal| journal.propose(height.0, round, now)).await?;
        let id = value_id(&bytes).ok_or(EngineError::Proposal { height: height.0 })?;
        if self.judge(height, id, bytes.clone()).await? == Verdict::Valid {
            let _ = reply.send(LocallyProposedValue::new(height, Round::new(round), Value(id)));
            self.publish(height, round, id, &bytes).await?;
        } else {
            tracing::warn!(%height, round, value = %id, "the journal refuses its own proposal");
        }
        Ok(())
    }

    /// Sends a value again that this node proposes anew or is locked on.
    pub(super) async fn restream(
        &mut self,
        height: Height,
        round: u32,
        id: Digest,
    ) -> Result<(), EngineError> {
        match self.with(move |journal| Ok(journal.value(height.0, id))).await? {
            Some(bytes) => self.publish(height, round, id, &bytes).await,
            None => Ok(()),
        }
    }

    /// Takes a part of a value; gives the value, judged, if that was the last part.
    pub(super) async fn receive(
        &mut self,
        publisher: PeerId,
        message: StreamMessage<Part>,
    ) -> Result<Option<ProposedValue<Agreement>>, EngineError> {
        let sequence = message.sequence;
        let (Some(publisher), Some(part)) =
            (self.peers.get(&publisher).copied(), message.content.into_data())
        else {
            return Ok(None);
        };
        // Not more than the next height: one far ahead must not start every height to come.
        self.ahead = self.ahead.max(part.height.min(self.height.increment()));
        let current = part.height == self.height && !self.decided;
        let next = part.height == self.height.increment();
        if u64::from(part.index) != sequence || !(current || next) {
            return Ok(None);
        }
        let Some(complete) = self.inbox.accept(publisher, part) else { return Ok(None) };
        if next {
            // It waits, unvalidated, until its height begins.
            self.waiting.insert(publisher, complete);
            return Ok(None);
        }
        self.offer(publisher, complete).await
    }

    /// Values of this height that waited, and those refused before it was known that they had a lock.
    pub(super) async fn recall(&mut self) -> Result<Vec<ProposedValue<Agreement>>, EngineError> {
        let height = self.height;
        let mut values = Vec::new();
        let waiting: Vec<_> = self.waiting.extract_if(.., |_, complete| complete.height == height).collect();
        for (publisher, complete) in waiting {
            values.extend(self.offer(publisher, complete).await?);
        }
        let refused = self.judged.iter().filter(|(_, verdict)| **verdict == (Verdict::Invalid, Sight::Fresh));
        let locked = refused.filter_map(|(id, _)| Some((*id, self.witness.lock_round(height.0, *id)?)));
        for (value, round) in locked.collect::<Vec<_>>() {
            if let Some(bytes) = self.with(move |journal| Ok(journal.value(height.0, value))).await? {
                values.extend(self.judge_complete(Complete { height, round, value, bytes }).await?);
            }
        }
        Ok(values)
    }

    /// Judges a value of this height if it is its publisher's to send; else it waits.
    async fn offer(
        &mut self,
        publisher: usize,
        complete: Complete,
    ) -> Result<Option<ProposedValue<Agreement>>, EngineError> {
        let Complete { height, round, value, .. } = complete;
        let lock = self.witness.lock_round(height.0, value);
        let claim = Claim { publisher, height, round, value };
        match self.admission.admit(&self.set, self.round, lock, &claim) {
            Admitted::Offer(round) => self.judge_complete(Complete { round, ..complete }).await,
            Admitted::Later => {
                self.waiting.insert(publisher, complete);
                Ok(None)
            }
            Admitted::Known => Ok(None),
        }
    }

    /// Judges a value that a peer sent with a verified certificate.
    pub(super) async fn judge_synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        value: Bytes,
    ) -> Result<SyncedValueOutcome<Agreement>, EngineError> {
        let Some(id) = value_id(&value) else { return Ok(SyncedValueOutcome::PeerFault) };
        let (bytes, now) = (value.to_vec(), self.now());
        let verdict = self.with(move |journal| journal.judge(height.0, &bytes, Sight::Known, now)).await;
        let Some(verdict) = unless_late(verdict)? else { return Ok(SyncedValueOutcome::LocalTransientError) };
        self.judged.insert(id, (verdict, Sight::Known));
        if verdict == Verdict::Invalid
            && let Some((round, votes)) = self.witness.certificate(height.0, id)
        {
            // More than f nodes are faulty: the journal refuses, and keeps the certificate.
            let decided = Decided { height: height.0, round, value: value.to_vec(), votes };
            self.with(move |journal| journal.commit(decided)).await?;
            return Err(EngineError::Refused { height: height.0 });
        }
        let (value, validity, valid_round) = (Value(id), validity(verdict), Round::Nil);
        let proposed = ProposedValue { height, round, valid_round, proposer, value, validity };
        Ok(SyncedValueOutcome::Verdict(proposed))
    }

    /// Judges a peer's value; none if the journal has gone on meanwhile.
    async fn judge_complete(
        &mut self,
        complete: Complete,
    ) -> Result<Option<ProposedValue<Agreement>>, EngineError> {
        let Complete { height, round, value, bytes } = complete;
        let verdict = unless_late(self.judge(height, value, bytes).await)?;
        Ok(verdict.map(|verdict| ProposedValue {
            height,
            round: Round::new(round),
            valid_round: Round::Nil,
            proposer: *self.set.proposer(height, round).address(),
            value: Value(value),
            validity: validity(verdict),
        }))
    }

    /// Judges a value of this height. Only a value with a lock that this node has verified is
    /// known: what a proposer says about its proposal is not asked.
    async fn judge(&mut self, height: Height, id: Digest, bytes: Vec<u8>) -> Result<Verdict, EngineError> {
        let sight = if self.witness.has_lock(height.0, id) { Sight::Known } else { Sight::Fresh };
        match self.judged.get(&id) {
            Some((verdict, seen)) if *verdict == Verdict::Valid || *seen == sight => return Ok(*verdict),
            _ => {}
        }
        let now = self.now();
        let verdict = self.with(move |journal| journal.judge(height.0, &bytes, sight, now)).await?;
        self.judged.insert(id, (verdict, sight));
        Ok(verdict)
    }

    async fn publish(&self, height: Height, round: u32, id: Digest, bytes: &[u8]) -> Result<(), EngineError> {
        for message in cut(height, round, id, bytes) {
            let sent = self.network.send(NetworkMsg::PublishProposalPart(message)).await;
            sent.map_err(|_| EngineError::Stopped)?;
        }
        Ok(())
    }
}

/// A peer's value may come when its height is decided: that is nobody's fault.
fn unless_late(verdict: Result<Verdict, EngineError>) -> Result<Option<Verdict>, EngineError> {
    match verdict {
        Err(EngineError::Journal(JournalError::Height { .. })) => Ok(None),
        verdict => verdict.map(Some),
    }
}

fn validity(verdict: Verdict) -> Validity {
    Validity::from_bool(verdict == Verdict::Valid)
}
