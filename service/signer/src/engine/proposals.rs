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
    app::App,
    context::{Address, Agreement, Height, Part, Value},
    parts::{Complete, cut},
    setup::EngineError,
    values::value_id,
};
use crate::journal::{Decided, Sight, Verdict};

/// How long a proposer that has no record waits for one: it may be on its way to all nodes.
const PATIENCE: Duration = Duration::from_millis(500);
/// Rounds ahead of its own for which a node judges values; Malachite drops votes beyond them.
const MAX_ROUNDS_AHEAD: u32 = 10;
/// New values that a publisher may have judged in one round: its own and one it is locked on.
const MAX_VALUES: usize = 2;

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
        let current = part.height == self.height
            && part.round <= self.round.saturating_add(MAX_ROUNDS_AHEAD)
            && !self.is_waiting();
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
        if !self.judged.contains_key(&complete.value) {
            let count = self.counts.entry((publisher, complete.round)).or_default();
            *count = count.saturating_add(1);
            if *count > MAX_VALUES {
                return Ok(None);
            }
        }
        self.judge_complete(complete).await.map(Some)
    }

    /// Values of this height that arrived before it began, and those refused before it was known
    /// that they had a lock.
    pub(super) async fn recall(&mut self) -> Result<Vec<ProposedValue<Agreement>>, EngineError> {
        let (height, round) = (self.height, self.round);
        let mut values = Vec::new();
        let waiting: Vec<_> = self.waiting.extract_if(.., |_, complete| complete.height == height).collect();
        for (_, complete) in waiting {
            values.push(self.judge_complete(complete).await?);
        }
        let refused = self.judged.iter().filter(|(_, verdict)| **verdict == (Verdict::Invalid, Sight::Fresh));
        let refused = refused.map(|(id, _)| *id);
        let locked: Vec<_> = refused.filter(|id| self.witness.has_lock(height.0, *id)).collect();
        for value in locked {
            if let Some(bytes) = self.with(move |journal| Ok(journal.value(height.0, value))).await? {
                values.push(self.judge_complete(Complete { height, round, value, bytes }).await?);
            }
        }
        Ok(values)
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
        let verdict = self.with(move |journal| journal.judge(height.0, &bytes, Sight::Known, now)).await?;
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

    async fn judge_complete(&mut self, complete: Complete) -> Result<ProposedValue<Agreement>, EngineError> {
        let Complete { height, round, value, bytes } = complete;
        let verdict = self.judge(height, value, bytes).await?;
        Ok(ProposedValue {
            height,
            round: Round::new(round),
            valid_round: Round::Nil,
            proposer: *self.set.proposer(height, round).address(),
            value: Value(value),
            validity: validity(verdict),
        })
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

fn validity(verdict: Verdict) -> Validity {
    Validity::from_bool(verdict == Verdict::Valid)
}
