//! Validity: whether a record may follow a state, and what it does then.
//!
//! A pure function of state, header and record: the same call answers at submission, vote, sync
//! and execution, so what was checked at the vote holds at execution. Nothing here reads a clock.

mod cancel;
mod change;
mod epoch;
mod payment;
mod settle;

use solventry_protocol::{Approval, Entry, Header, Record, decision::is_signed};
use solventry_types::Digest;

use super::{
    execute::Effects,
    refusal::Refusal,
    rules::{Memo, Rules, TICK},
    state::State,
};

pub(super) use payment::is_of_proposer;

/// Whether the proofs of a record are to be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proofs {
    /// They are.
    Verify,
    /// This node verified them on this very state before it stored its verdict.
    Judged,
}

/// What a check needs beside the record.
pub struct Check<'a> {
    /// State before the record.
    pub state: &'a State,
    /// What never changes.
    pub rules: &'a Rules,
    /// What was verified before.
    pub memo: &'a mut Memo,
    /// Whether proofs are verified.
    pub proofs: Proofs,
}

impl Check<'_> {
    /// Judges an encoded entry: its header, its record.
    pub fn entry(&mut self, header: &Header, record: &Record) -> Result<Effects, Refusal> {
        if header.previous != self.state.head {
            return Err(Refusal::Previous { expected: self.state.head, got: header.previous });
        }
        if header.record != record.digest() {
            return Err(Refusal::OtherRecord);
        }
        self.record(header.time, record)
    }

    /// Judges a record at a journal time.
    pub fn record(&mut self, time: u64, record: &Record) -> Result<Effects, Refusal> {
        if time <= self.state.time {
            return Err(Refusal::Time { last: self.state.time, got: time });
        }
        match record {
            Record::Tick => self.tick(time),
            Record::Change(change) => self.change(time, change),
            Record::Observers(change) => self.observers(time, change),
            Record::Disable(disable) => self.disable(time, disable),
            Record::Activate(activate) => self.activate(time, activate),
            Record::Payment(evidence) => self.payment(time, evidence),
            Record::Cancel(cancel) => self.cancel(time, cancel),
            Record::Settle(settle) => self.settle(time, settle),
        }
    }

    fn tick(&self, time: u64) -> Result<Effects, Refusal> {
        let expected = self.state.time.saturating_add(TICK);
        if time < expected {
            return Err(Refusal::Tick { expected, got: time });
        }
        Ok(Effects::Tick)
    }
}

/// Parses an entry.
pub fn decode(value: &[u8]) -> Result<(Entry, Record), Refusal> {
    Ok(Entry::decode(value)?)
}

/// Checks signatures of registered keys over a message, each key once; returns the keys.
fn signers(
    approvals: &[Approval],
    message: Digest,
    is_registered: impl Fn(&[u8; 32]) -> bool,
) -> Result<Vec<&[u8; 32]>, Refusal> {
    if !approvals.is_sorted_by(|a, b| a.approver < b.approver) {
        return Err(Refusal::RepeatedSigner);
    }
    for (approval, number) in approvals.iter().zip(1..) {
        if !is_registered(&approval.approver) {
            return Err(Refusal::UnknownSigner { number });
        }
        if !is_signed(&approval.approver, message, &approval.signature) {
            return Err(Refusal::Signature { number });
        }
    }
    Ok(approvals.iter().map(|approval| &approval.approver).collect())
}

/// Refuses fewer than `expected`.
fn require_quorum(who: &'static str, expected: usize, got: usize) -> Result<(), Refusal> {
    if got < expected { Err(Refusal::Quorum { who, expected, got }) } else { Ok(()) }
}

/// Refuses a number out of turn.
fn require_sequence(what: &'static str, expected: u64, got: u64) -> Result<(), Refusal> {
    if expected == got { Ok(()) } else { Err(Refusal::Sequence { what, expected, got }) }
}
