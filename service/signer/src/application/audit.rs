//! The node's own log of what it refused. It never enters the journal, and holds no secret: kind,
//! payment id, step and the reason that the vault's owner is told. Of bytes that are no record it
//! holds their number and where reading failed, nothing of their content.

use std::io::Write;

use solventry_protocol::Record;
use solventry_types::{CodecError, Digest};

use super::{Application, Store, refusal::Refusal};

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Unix seconds of the node's clock, or journal time where no clock was asked.
    pub time: u64,
    /// What was asked: `submission`, `vote`, `waiting record`, `share`.
    pub asked: &'static str,
    /// Kind of record.
    pub kind: &'static str,
    /// The payment, where it is about one.
    pub payment: Option<Digest>,
    /// Step of the gate.
    pub step: Option<usize>,
    /// Why.
    pub reason: String,
}

/// Where refusals go. It must not fail the node: an implementation that cannot write says so
/// elsewhere.
pub trait Audit: Send {
    /// Notes a refusal.
    fn refused(&mut self, refused: &Refused);
}

/// One line per refusal, fields parted by tabs, appended to a writer.
#[derive(Debug)]
pub struct AuditLog<W>(W);

impl<W: Write + Send> AuditLog<W> {
    /// A log that appends to `writer`.
    pub const fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: Write + Send> Audit for AuditLog<W> {
    fn refused(&mut self, refused: &Refused) {
        let line = format!("{refused}\n");
        if let Err(error) = self.0.write_all(line.as_bytes()).and_then(|()| self.0.flush()) {
            tracing::error!(%error, "the audit log cannot be written");
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let payment = self.payment.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let step = self.step.map_or_else(|| "-".to_owned(), |step| step.to_string());
        // Names come from outside: nothing in them ends a field or a line.
        let reason = self.reason.replace(|c: char| c.is_control(), " ");
        write!(f, "{}\t{}\t{}\t{payment}\t{step}\t{reason}", self.time, self.asked, self.kind)
    }
}

impl Refused {
    /// A refused record.
    pub fn new(time: u64, asked: &'static str, record: &Record, genesis: Digest, why: &Refusal) -> Self {
        let payment = match record {
            Record::Payment(evidence) => Some(evidence.payment.id(genesis)),
            Record::Cancel(cancel) => Some(cancel.payment_id),
            Record::Settle(settle) => Some(settle.payment_id),
            _ => None,
        };
        Self { time, asked, kind: record.kind(), payment, step: why.step(), reason: why.to_string() }
    }

    /// Bytes that are no record, or no entry.
    pub(super) fn unread(time: u64, asked: &'static str, bytes: &[u8], from: &str, why: &Refusal) -> Self {
        let reason = format!("{} bytes{from}: {why}", bytes.len());
        Self { time, asked, kind: "unreadable", payment: None, step: why.step(), reason }
    }
}

impl<S: Store> Application<S> {
    /// Reads a submitted record; one that cannot be read leaves a line with the link key of who
    /// brought it.
    pub fn read(&mut self, bytes: &[u8], coordinator: &[u8; 32], now: u64) -> Result<Record, CodecError> {
        Record::decode(bytes).inspect_err(|error| {
            let from = format!(" from link key {}", hex::encode(coordinator));
            let refusal = Refusal::Format(error.clone());
            self.audit.refused(&Refused::unread(now, "submission", bytes, &from, &refusal));
        })
    }
}
