//! The effects of one node: what the engine does around Malachite's state machine.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use arc_malachitebft_core_consensus::{
    ConsensusMsg, Effect, Input, LivenessMsg, LocallyProposedValue, ProposedValue, Resumable as _, Resume,
    SignedConsensusMsg,
};
use arc_malachitebft_core_types::{
    CommitCertificate, LinearTimeouts, Round, SignedMessage, Timeout, Validator as _, Validity, ValueOrigin,
};
use arc_malachitebft_signing::VerifierExt as _;
use solventry_protocol::Entry;
use solventry_signer::{
    engine::{
        Address, Agreement, Height, Keys, Misbehavior, ValidatorSet, Value,
        admission::{Admission, Admitted, Claim},
        witness::Witness,
    },
    journal::{CommitVote, Decided, Sight, Verdict},
};
use solventry_types::Digest;

use crate::{
    subject::Subject,
    verifier::{Remembering, now},
};

/// What travels between nodes.
#[derive(Clone)]
pub enum Message {
    /// Votes and proposals.
    Consensus(SignedConsensusMsg<Agreement>),
    /// Votes and certificates, again.
    Liveness(LivenessMsg<Agreement>),
    /// A value, which in the engine is cut into parts.
    Value(Height, u32, Vec<u8>),
    /// Decided heights of the sender.
    Status(u64),
    /// Asks for a decided height.
    Ask(u64),
    /// A decided height.
    Answer(Box<Decided>),
}

/// What a node did.
pub enum Out {
    /// To all others.
    Send(Message),
    /// To one instance.
    To(usize, Message),
    /// A timer, with its generation.
    Timer(Timeout, u64, Duration),
    /// A height was decided; the state after it.
    Decided(Decided, Option<Digest>),
    /// Double signing was noticed.
    Caught(Misbehavior),
    /// The journal or the log failed.
    Failed(String),
}

/// All of a node but the state machine.
pub struct Side<J> {
    pub journal: J,
    pub keys: Keys,
    pub witness: Arc<Witness>,
    pub verifier: Remembering,
    pub set: ValidatorSet,
    pub address: Address,
    /// Unix seconds of the node's clock.
    pub now: u64,
    pub out: Vec<Out>,
    /// Inputs that follow the one in progress.
    pub later: VecDeque<Input<Agreement>>,
    pub timers: BTreeMap<String, u64>,
    pub generation: u64,
    /// The log: height, entries, how many are on the disk for certain.
    pub log: (Height, Vec<Input<Agreement>>, usize),
    pub replaying: bool,
    /// A decided height waits for the next.
    pub held: bool,
    pub height: Height,
    pub round: u32,
    /// Values by publisher that cannot be judged yet.
    pub waiting: BTreeMap<usize, (Height, u32, Vec<u8>)>,
    pub admission: Admission,
    pub judged: BTreeMap<Digest, (Verdict, Sight)>,
    /// Effects until the node crashes in the middle of an input.
    pub doom: Option<u32>,
}

impl<J: Subject> Side<J> {
    /// Whether the node crashed in the middle of this input: nothing is said or written any more.
    pub fn is_dead(&self) -> bool {
        self.doom == Some(0)
    }

    pub fn handle(&mut self, effect: Effect<Agreement>) -> Result<Resume<Agreement>, String> {
        self.doom = self.doom.map(|left| left.saturating_sub(1));
        Ok(match effect {
            Effect::CancelAllTimeouts(r) => {
                self.timers.clear();
                r.resume_with(())
            }
            Effect::CancelTimeout(timeout, r) => {
                self.timers.remove(&timeout.to_string());
                r.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, r) => {
                self.generation += 1;
                self.timers.insert(timeout.to_string(), self.generation);
                let duration = LinearTimeouts::default().duration_for(timeout);
                self.put(Out::Timer(timeout, self.generation, duration));
                r.resume_with(())
            }
            Effect::StartRound(height, round, _, _, r) => {
                self.flush();
                self.enter(height, round);
                r.resume_with(())
            }
            Effect::PublishConsensusMsg(message, r) => {
                self.flush();
                self.put(Out::Send(Message::Consensus(message)));
                r.resume_with(())
            }
            Effect::PublishLivenessMsg(message, r) => {
                self.put(Out::Send(Message::Liveness(message)));
                r.resume_with(())
            }
            Effect::RepublishVote(vote, r) => {
                self.put(Out::Send(Message::Liveness(LivenessMsg::Vote(vote))));
                r.resume_with(())
            }
            Effect::RepublishRoundCertificate(certificate, r) => {
                self.put(Out::Send(Message::Liveness(LivenessMsg::SkipRoundCertificate(certificate))));
                r.resume_with(())
            }
            Effect::GetValue(height, round, _, r) => {
                self.propose(height, round.as_u32().unwrap());
                r.resume_with(())
            }
            Effect::RestreamProposal(height, round, _, _, id, r) => {
                if let Some(value) = self.journal.value(height.0, id) {
                    self.put(Out::Send(Message::Value(height, round.as_u32().unwrap(), value)));
                }
                r.resume_with(())
            }
            Effect::Decide(certificate, _, r) => {
                self.flush();
                self.commit(&certificate);
                r.resume_with(())
            }
            Effect::Finalize(_, _, evidence, r) => {
                for misbehavior in Misbehavior::collect(evidence) {
                    self.put(Out::Caught(misbehavior));
                }
                self.held = true;
                r.resume_with(())
            }
            Effect::SignVote(vote, r) => {
                self.journal.note_vote(vote.height.0).map_err(|error| error.to_string())?;
                r.resume_with(SignedMessage::new(vote, self.keys.vote(&vote).unwrap()))
            }
            Effect::SignProposal(proposal, r) => {
                r.resume_with(SignedMessage::new(proposal, self.keys.proposal(&proposal).unwrap()))
            }
            Effect::VerifySignature(message, key, r) => r.resume_with(match &message.message {
                ConsensusMsg::Vote(vote) => self.verifier.vote(vote, &message.signature, &key),
                ConsensusMsg::Proposal(proposal) => {
                    self.verifier.proposal(&SignedMessage::new(*proposal, message.signature), &key)
                }
            }),
            Effect::VerifyCommitCertificate(certificate, set, thresholds, r) => r.resume_with(now(self
                .verifier
                .verify_commit_certificate(&Agreement, &certificate, &set, thresholds))),
            Effect::VerifyExtendedCommitCertificate(certificate, set, thresholds, policy, r) => r
                .resume_with(now(self.verifier.verify_extended_commit_certificate(
                    &Agreement,
                    &certificate,
                    &set,
                    thresholds,
                    policy,
                ))),
            Effect::VerifyPolkaCertificate(certificate, set, thresholds, r) => r.resume_with(now(self
                .verifier
                .verify_polka_certificate(&Agreement, &certificate, &set, thresholds))),
            Effect::VerifyRoundCertificate(certificate, set, thresholds, r) => r.resume_with(now(self
                .verifier
                .verify_round_certificate(&Agreement, &certificate, &set, thresholds))),
            Effect::WalAppend(height, input, r) => {
                if !self.replaying && !self.is_dead() && height == self.log.0 {
                    self.log.1.push(input);
                }
                r.resume_with(())
            }
            Effect::CertVerifiedSyncValue(value, proposer, r) => {
                let (height, round) = (value.certificate.height, value.certificate.round);
                self.judge_synced(height, round, proposer, &value.value_bytes);
                r.resume_with(())
            }
            Effect::CertRejectedSyncValue(_, _, _, r) => r.resume_with(()),
            Effect::ExtendVote(..) | Effect::VerifyVoteExtension(..) => {
                return Err("vote extensions are disabled".into());
            }
        })
    }

    /// A value of another node arrives.
    pub fn receive(&mut self, publisher: usize, height: Height, round: u32, value: Vec<u8>) {
        if height == self.height && !self.held {
            self.offer(publisher, round, value);
        } else if height.0 == self.height.0 + 1 {
            self.waiting.insert(publisher, (height, round, value));
        }
    }

    fn put(&mut self, out: Out) {
        if !self.is_dead() {
            self.out.push(out);
        }
    }

    fn flush(&mut self) {
        if !self.is_dead() {
            self.log.2 = self.log.1.len();
        }
    }

    fn enter(&mut self, height: Height, round: Round) {
        if height != self.height {
            self.height = height;
            self.judged.clear();
            self.admission = Admission::default();
        }
        self.round = round.as_u32().unwrap();
        self.witness.enter(height.0, self.round);
        let waiting = std::mem::take(&mut self.waiting);
        for (publisher, (of, round, value)) in waiting {
            if of == height {
                self.offer(publisher, round, value);
            } else if of > height {
                self.waiting.insert(publisher, (of, round, value));
            }
        }
        let refused = self.judged.iter().filter(|(_, verdict)| **verdict == (Verdict::Invalid, Sight::Fresh));
        let refused: Vec<_> = refused.map(|(id, _)| *id).collect();
        for id in refused {
            let lock = self.witness.lock_round(height.0, id);
            if let (Some(round), Some(value)) = (lock, self.journal.value(height.0, id)) {
                self.judge_for(round, &value);
            }
        }
    }

    fn propose(&mut self, height: Height, round: u32) {
        if self.is_dead() || !self.journal.wants_height(self.now) {
            return;
        }
        let value = self.journal.propose(height.0, round, self.now).unwrap();
        if let Some((id, Verdict::Valid)) = self.judge(&value) {
            let proposal = LocallyProposedValue::new(height, Round::new(round), Value(id));
            self.later.push_back(Input::Propose(proposal));
            self.put(Out::Send(Message::Value(height, round, value)));
        }
    }

    /// Takes a value by the engine's own rule.
    fn offer(&mut self, publisher: usize, round: u32, value: Vec<u8>) {
        let Ok((entry, _)) = Entry::decode(&value) else { return };
        let (height, id) = (self.height, entry.header.value_id());
        let lock = self.witness.lock_round(height.0, id);
        let claim = Claim { publisher, height, round, value: id };
        match self.admission.admit(&self.set, self.round, lock, &claim) {
            Admitted::Offer(round) => self.judge_for(round, &value),
            Admitted::Later => {
                self.waiting.insert(publisher, (height, round, value));
            }
            Admitted::Known => {}
        }
    }

    fn judge_for(&mut self, round: u32, value: &[u8]) {
        let Some((id, verdict)) = self.judge(value) else { return };
        let proposer = *self.set.proposer(self.height, round).address();
        self.push(self.height, Round::new(round), proposer, id, verdict, ValueOrigin::Consensus);
    }

    fn judge(&mut self, value: &[u8]) -> Option<(Digest, Verdict)> {
        let id = Entry::decode(value).ok()?.0.header.value_id();
        let lock = self.witness.has_lock(self.height.0, id);
        let sight = if lock { Sight::Known } else { Sight::Fresh };
        match self.judged.get(&id) {
            Some((verdict, seen)) if *verdict == Verdict::Valid || *seen == sight => Some((id, *verdict)),
            _ => {
                let verdict = self.journal.judge(self.height.0, value, sight, self.now).unwrap();
                self.judged.insert(id, (verdict, sight));
                Some((id, verdict))
            }
        }
    }

    fn judge_synced(&mut self, height: Height, round: Round, proposer: Address, value: &[u8]) {
        let Ok((entry, _)) = Entry::decode(value) else { return };
        match self.journal.judge(height.0, value, Sight::Known, self.now) {
            Ok(verdict) => {
                self.push(height, round, proposer, entry.header.value_id(), verdict, ValueOrigin::Sync);
            }
            Err(error) => self.put(Out::Failed(error.to_string())),
        }
    }

    fn push(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        id: Digest,
        verdict: Verdict,
        origin: ValueOrigin,
    ) {
        let validity = Validity::from_bool(verdict == Verdict::Valid);
        let (value, valid_round) = (Value(id), Round::Nil);
        let proposed = ProposedValue { height, round, valid_round, proposer, value, validity };
        self.later.push_back(Input::ProposedValue(proposed, origin));
    }

    fn commit(&mut self, certificate: &CommitCertificate<Agreement>) {
        if self.is_dead() {
            return;
        }
        let value = self.journal.value(certificate.height.0, certificate.value_id).expect("a judged value");
        let vote = |commit: &arc_malachitebft_core_types::CommitSignature<Agreement>| CommitVote {
            identity: commit.address.0,
            signature: commit.signature.0,
        };
        let votes = certificate.commit_signatures.iter().map(vote).collect();
        let round = certificate.round.as_u32().unwrap();
        let decided = Decided { height: certificate.height.0, round, value, votes };
        match self.journal.commit(decided.clone()) {
            Ok(()) => self.put(Out::Decided(decided, self.journal.state_digest())),
            Err(error) => self.put(Out::Failed(error.to_string())),
        }
    }
}
