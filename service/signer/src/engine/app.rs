//! Answers what Malachite asks the application: where to start, what was decided, when to go on.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::{Arc, Mutex},
};

use arc_malachitebft_app_channel::{
    AppMsg, NetworkMsg, Reply,
    app::{
        engine::host::Next,
        types::{PeerId, sync::RawDecidedValue},
    },
};
use arc_malachitebft_core_consensus::VoteExtensionError;
use arc_malachitebft_core_types::{CommitCertificate, Height as _, HeightParams};
use solventry_types::Digest;
use tokio::{sync::mpsc::Sender, task::spawn_blocking};

use super::{
    admission::Admission,
    context::{Agreement, Height, ValidatorSet},
    evidence::Misbehavior,
    parts::{Complete, Inbox},
    setup::{Clock, EngineError, EngineSetup, OnMisbehavior, Prepared},
    signing::defined,
    values::{MAX_BATCH, decided, raw},
    witness::Witness,
};
use crate::journal::{Journal, JournalError, Sight, Verdict};

/// The application's side of the engine.
pub(super) struct App {
    journal: Arc<Mutex<dyn Journal>>,
    clock: Clock,
    on_misbehavior: OnMisbehavior,
    parameters: HeightParams<Agreement>,
    pub(super) witness: Arc<Witness>,
    pub(super) network: Sender<NetworkMsg<Agreement>>,
    pub(super) set: ValidatorSet,
    pub(super) peers: BTreeMap<PeerId, usize>,
    pub(super) inbox: Inbox,
    /// Where consensus is.
    pub(super) height: Height,
    pub(super) round: u32,
    /// The next height, if another node sent a part of it or of a later one.
    pub(super) ahead: Height,
    /// Verdicts at this height, and with which sight they were made.
    pub(super) judged: BTreeMap<Digest, (Verdict, Sight)>,
    /// Values taken at this height.
    pub(super) admission: Admission,
    /// Entries that cannot be judged yet, one per publisher: of the next height, or of this one and
    /// not their publisher's to send as far as is known.
    pub(super) waiting: BTreeMap<usize, Complete>,
    /// Whether this height is decided: the journal is past it.
    pub(super) decided: bool,
    /// The answer that lets the next height begin.
    held: Option<Reply<Next<Agreement>>>,
}

impl App {
    pub(super) fn new(
        setup: &EngineSetup,
        prepared: Prepared,
        journal: Arc<Mutex<dyn Journal>>,
        witness: Arc<Witness>,
        network: Sender<NetworkMsg<Agreement>>,
    ) -> Self {
        Self {
            journal,
            clock: Arc::clone(&setup.clock),
            on_misbehavior: Arc::clone(&setup.on_misbehavior),
            // Without a target time a height ends when it is decided; vote extensions are disabled.
            parameters: HeightParams::new(prepared.set.clone(), setup.timeouts, None),
            witness,
            network,
            set: prepared.set,
            peers: prepared.peers,
            inbox: Inbox::default(),
            height: Height::default(),
            round: 0,
            ahead: Height::default(),
            judged: BTreeMap::new(),
            admission: Admission::default(),
            waiting: BTreeMap::new(),
            decided: false,
            held: None,
        }
    }

    /// Whether a decided height waits for the next to begin.
    pub(super) const fn is_waiting(&self) -> bool {
        self.held.is_some()
    }

    /// Answers one message. An answer that nobody waits for any more is no error.
    pub(super) async fn handle(&mut self, message: AppMsg<Agreement>) -> Result<(), EngineError> {
        match message {
            // Malachite blocks its application side until this is answered, so it cannot wait for
            // a record: parts and sync requests would not come through. A height that begins too
            // early costs empty rounds until a record, or a tick, is due.
            AppMsg::ConsensusReady { reply } => {
                let height = self.with(|journal| Ok(journal.next_height())).await?;
                let _ = reply.send((Height(height), self.parameters.clone()));
            }
            AppMsg::StartedRound { height, round, reply_value, .. } => {
                self.enter(height, defined(round));
                let _ = reply_value.send(self.recall().await?);
            }
            AppMsg::GetValue { height, round, reply, .. } => {
                self.propose(height, defined(round), reply).await?;
            }
            AppMsg::RestreamProposal { height, round, value_id, .. } => {
                self.restream(height, defined(round), value_id).await?;
            }
            AppMsg::ReceivedProposalPart { from, published_by, part, reply } => {
                let value = self.receive(published_by.unwrap_or(from), part).await?;
                let _ = reply.send(value);
                self.pace().await?;
            }
            AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply } => {
                let outcome = self.judge_synced(height, round, proposer, value_bytes).await?;
                let _ = reply.send(outcome);
            }
            AppMsg::Decided { certificate, reply, .. } => {
                self.commit(&certificate).await?;
                self.decided = true;
                let _ = reply.send(());
            }
            AppMsg::Finalized { evidence, reply, .. } => {
                for misbehavior in Misbehavior::collect(evidence) {
                    (self.on_misbehavior)(&misbehavior);
                }
                self.held = Some(reply);
                self.pace().await?;
            }
            AppMsg::GetDecidedValues { range, reply } => {
                let _ = reply.send(self.decided(range).await?);
            }
            AppMsg::GetHistoryMinHeight { reply } => {
                let _ = reply.send(Height::INITIAL);
            }
            // Vote extensions are disabled: neither is asked.
            AppMsg::ExtendVote { reply, .. } => {
                let _ = reply.send(None);
            }
            AppMsg::VerifyVoteExtensions { extensions, reply, .. } => {
                let refuse = |(address, ())| (address, Err(VoteExtensionError::InvalidVoteExtension));
                let _ = reply.send(extensions.into_iter().map(refuse).collect());
            }
        }
        Ok(())
    }

    /// Lets the next height begin if the journal wants it, or another node is there already.
    pub(super) async fn pace(&mut self) -> Result<(), EngineError> {
        if self.held.is_none() {
            return Ok(());
        }
        let now = self.now();
        let (next, wanted) =
            self.with(move |journal| Ok((journal.next_height(), journal.wants_height(now)))).await?;
        if (wanted || self.ahead >= Height(next))
            && let Some(reply) = self.held.take()
        {
            let _ = reply.send(Next::Start(Height(next), self.parameters.clone()));
        }
        Ok(())
    }

    fn enter(&mut self, height: Height, round: u32) {
        if height != self.height {
            self.height = height;
            self.decided = false;
            self.judged.clear();
            self.admission = Admission::default();
            self.inbox.forget_below(height);
            self.waiting.retain(|_, complete| complete.height >= height);
        }
        self.round = round;
        self.witness.enter(height.0, round);
    }

    async fn commit(&mut self, certificate: &CommitCertificate<Agreement>) -> Result<(), EngineError> {
        let (height, id) = (certificate.height.0, certificate.value_id);
        let value = self.with(move |journal| Ok(journal.value(height, id))).await?;
        let value = value.ok_or(EngineError::MissingValue { height, id })?;
        let decided = decided(certificate, value, &self.set);
        self.with(move |journal| journal.commit(decided)).await
    }

    /// Decided values for a late node, as many as there are in a row.
    async fn decided(
        &self,
        range: RangeInclusive<Height>,
    ) -> Result<Vec<RawDecidedValue<Agreement>>, EngineError> {
        let heights = (range.start().0..=range.end().0).take(MAX_BATCH);
        self.with(move |journal| {
            let mut values = Vec::new();
            for height in heights {
                match journal.decided(height)?.and_then(raw) {
                    Some(value) => values.push(value),
                    None => break,
                }
            }
            Ok(values)
        })
        .await
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Calls the journal on a thread that may block: it verifies proofs and writes to the disk.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut dyn Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let journal = Arc::clone(&self.journal);
        let called = spawn_blocking(move || {
            let mut journal = journal.lock().map_err(|_| EngineError::JournalPanic)?;
            Ok(call(&mut *journal)?)
        });
        called.await.map_err(|_| EngineError::JournalPanic)?
    }
}

#[cfg(test)]
#[path = "app_fixture.rs"]
mod fixture;
#[cfg(test)]
#[path = "app_tests.rs"]
mod tests;
