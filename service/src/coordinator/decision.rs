//! Submitting a record and waiting for the journal's decision.

use std::{collections::BTreeMap, time::Duration};

use solventry_protocol::{Decision, Record, Request, Response, message::Fate};
use solventry_types::{
    Digest, VaultConfiguration,
    codec::{CodecError, Reader},
};

use super::{CoordinatorError, Event, Nodes, Said, complaint};

/// Largest encoded decision in bytes.
const MAX_DECISION_BYTES: usize = 4096;
/// How long nodes that do not know a record are left alone before it is sent to them again.
const RESEND: Duration = Duration::from_secs(5);

/// Submits a record to every node; the number that accepted it. Refused if more than f nodes
/// refuse: one of them is honest. Nodes that start are asked again while there is patience.
pub fn submit(nodes: Nodes<'_>, record: &Record) -> Result<usize, CoordinatorError> {
    let begun = nodes.ask.elapsed();
    loop {
        let Sent { accepted, refusals, others, is_early } = send(nodes, record);
        let (faulty, count) = (nodes.group().faulty(), nodes.count());
        if refusals.len() > faulty && accepted < nodes.group().threshold() {
            return Err(CoordinatorError::Refused { what: record.kind(), nodes: count, refusals });
        }
        // f + 1 acceptances hold an honest one, which proposes it when its turn comes.
        if accepted > faulty {
            return Ok(accepted);
        }
        if is_early && nodes.ask.elapsed().saturating_sub(begun) < nodes.patience.decision {
            nodes.ask.pause(nodes.patience.poll);
            continue;
        }
        let others = [others, refusals].concat();
        let (what, needed) = ("accept the record", faulty.saturating_add(1));
        return Err(CoordinatorError::TooFew { what, nodes: count, needed, got: accepted, others });
    }
}

/// What nodes said to a record.
struct Sent {
    accepted: usize,
    refusals: Vec<Said>,
    others: Vec<Said>,
    /// Whether any of them only starts.
    is_early: bool,
}

fn send(nodes: Nodes<'_>, record: &Record) -> Sent {
    let digest = record.digest();
    let mut sent = Sent { accepted: 0, refusals: vec![], others: vec![], is_early: false };
    for (node, answer) in nodes.all(&Request::Submit(record.encode()), nodes.patience.answer) {
        match answer {
            Ok(Response::Accepted(got)) if got == digest => sent.accepted = sent.accepted.saturating_add(1),
            Ok(Response::Accepted(_)) => sent.others.push(nodes.said(node, "it accepted another record")),
            Ok(Response::Refused(refusal)) => {
                let reason = refusal.detail.unwrap_or_else(|| "refused, without a reason".to_owned());
                sent.refusals.push(nodes.said(node, reason));
            }
            other => {
                sent.is_early |= matches!(other, Ok(Response::Unavailable(_)));
                sent.others.push(nodes.said(node, complaint(&other)));
            }
        }
    }
    sent.refusals.sort_by_key(|said| said.node);
    sent
}

/// What became of a record.
#[derive(Debug)]
pub enum Known {
    /// Decided, by a verified certificate.
    Decided(Decision),
    /// More than f nodes dropped it, so that an honest one did.
    Dropped(Vec<Said>),
    /// Not decided; what each node said, and how many do not know the record.
    Open {
        /// Answers in words.
        said: Vec<Said>,
        /// Nodes that do not know it.
        unknown: Vec<usize>,
        /// Nodes at which it waits.
        pending: usize,
    },
}

/// Asks every node once. Only a certificate of the vault's own signers counts as a decision.
pub fn fate(nodes: Nodes<'_>, record: Digest, vault: &VaultConfiguration) -> Known {
    let (mut said, mut dropped, mut unknown, mut pending) = (vec![], vec![], vec![], 0usize);
    let mut decided = None;
    for (node, answer) in nodes.all(&Request::Decision(record), nodes.patience.answer) {
        match answer {
            Ok(Response::Fate(Fate::Decided(bytes))) => match certificate(&bytes, record, vault) {
                Ok(decision) => decided = Some(decision),
                Err(problem) => said.push(nodes.said(node, format!("FALSE CERTIFICATE: {problem}"))),
            },
            Ok(Response::Fate(Fate::Dropped(refusal))) => {
                let reason = refusal.detail.unwrap_or_else(|| "dropped, without a reason".to_owned());
                dropped.push(nodes.said(node, reason));
            }
            Ok(Response::Fate(Fate::Unknown)) => unknown.push(node),
            Ok(Response::Fate(Fate::Pending)) => pending = pending.saturating_add(1),
            other => said.push(nodes.said(node, complaint(&other))),
        }
    }
    match decided {
        Some(decision) => Known::Decided(decision),
        None if dropped.len() > nodes.group().faulty() => Known::Dropped(dropped),
        None => {
            said.extend(dropped);
            Known::Open { said, unknown, pending }
        }
    }
}

/// Waits until a submitted record is decided, and returns its verified decision.
pub fn await_decision(
    nodes: Nodes<'_>,
    record: &Record,
    vault: &VaultConfiguration,
) -> Result<Decision, CoordinatorError> {
    let (digest, begun) = (record.digest(), nodes.ask.elapsed());
    let mut sent = begun;
    loop {
        let waited = nodes.ask.elapsed().saturating_sub(begun);
        let said = match fate(nodes, digest, vault) {
            Known::Decided(decision) => return Ok(decision),
            Known::Dropped(nodes) => return Err(CoordinatorError::Dropped { what: record.kind(), nodes }),
            Known::Open { said, unknown, .. } => {
                if !unknown.is_empty() && nodes.ask.elapsed().saturating_sub(sent) >= RESEND {
                    // They were started again, or were silent when it was submitted.
                    sent = nodes.ask.elapsed();
                    let again = Request::Submit(record.encode());
                    let requests = unknown.into_iter().map(|node| (node, again.clone())).collect();
                    nodes.each(requests, nodes.patience.answer);
                }
                said
            }
        };
        if waited >= nodes.patience.decision {
            return Err(undecided(nodes, waited, said));
        }
        nodes.ask.pause(nodes.patience.poll);
    }
}

/// Submits a record unless it is decided already, and waits for the decision.
pub fn decide(
    nodes: Nodes<'_>,
    record: &Record,
    vault: &VaultConfiguration,
    told: &mut dyn FnMut(Event),
) -> Result<Decision, CoordinatorError> {
    if let Known::Decided(decision) = fate(nodes, record.digest(), vault) {
        return Ok(decision);
    }
    let accepted = submit(nodes, record)?;
    told(Event::Submitted { accepted, nodes: nodes.count() });
    let decision = await_decision(nodes, record, vault)?;
    told(decided(&decision));
    Ok(decision)
}

/// Words about a decision.
pub fn decided(decision: &Decision) -> Event {
    let Decision { height, round, precommits, .. } = decision;
    Event::Decided { height: *height, round: *round, precommits: precommits.len() }
}

fn certificate(bytes: &[u8], record: Digest, vault: &VaultConfiguration) -> Result<Decision, String> {
    let read = || -> Result<Decision, CodecError> {
        let mut reader = Reader::new(bytes, MAX_DECISION_BYTES)?;
        let decision = Decision::read(&mut reader)?;
        reader.finish()?;
        Ok(decision)
    };
    let decision = read().map_err(|error| error.to_string())?;
    decision.verify(record, vault).map_err(|error| error.to_string())?;
    Ok(decision)
}

fn undecided(nodes: Nodes<'_>, waited: Duration, said: Vec<Said>) -> CoordinatorError {
    let said = last_words(said);
    CoordinatorError::Undecided {
        seconds: waited.as_secs(),
        count: nodes.count(),
        needed: nodes.group().threshold(),
        waiting: nodes.count().saturating_sub(said.len()),
        nodes: said,
    }
}

/// One line per node.
fn last_words(said: Vec<Said>) -> Vec<Said> {
    said.into_iter().map(|said| (said.node, said)).collect::<BTreeMap<_, _>>().into_values().collect()
}
