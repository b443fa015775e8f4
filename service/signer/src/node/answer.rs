//! Requests, and who may make them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use solventry_link::Handler;
use solventry_protocol::{
    Genesis, Request, Response,
    message::{KeyGeneration, NodeStatus, Phase, Refusal as Told},
};
use solventry_types::Digest;

use crate::{
    application::Refusal,
    node::{
        share_round::{commit, release},
        shared::{Shared, SharedJournal, lock, now},
    },
};

/// Refusals leave at multiples of this time after their request, so that how long one took does
/// not tell which step refused.
const REFUSAL_TIME: Duration = Duration::from_millis(250);

/// The node's door: answers requests of peers and coordinators.
pub struct Door(pub Arc<Shared>);

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// A node, by its identity.
    Peer([u8; 32]),
    /// A coordinator, with its link key and the vaults that it owns.
    Coordinator(&'a [u8; 32], &'a [String]),
}

impl Caller<'_> {
    /// Whether it may know why a payment of this vault is refused; what concerns no vault, every
    /// coordinator may know.
    pub(crate) fn may_know(self, vault: Option<&str>) -> bool {
        match (self, vault) {
            (Self::Peer(_), _) => false,
            (Self::Coordinator(..), None) => true,
            (Self::Coordinator(_, owns), Some(vault)) => owns.iter().any(|own| own == vault),
        }
    }

    /// A refusal as this caller sees it.
    pub(crate) fn refuse(self, vault: Option<&str>, detail: String) -> Response {
        Response::Refused(Told { detail: self.may_know(vault).then_some(detail) })
    }
}

impl Handler for Door {
    fn accepts(&self, peer: &[u8; 32]) -> bool {
        let Shared { group, .. } = &*self.0;
        group.nodes.iter().any(|node| node.link == *peer)
            || group.coordinators.iter().any(|coordinator| coordinator.link == *peer)
    }

    async fn answer(&self, peer: [u8; 32], request: Vec<u8>) -> Vec<u8> {
        let (begun, shared) = (Instant::now(), self.0.clone());
        let answered = tokio::task::spawn_blocking(move || answer(&shared, &peer, &request)).await;
        let response = answered.unwrap_or_else(|_| Response::Unavailable("the request failed here".into()));
        if matches!(response, Response::Refused(_)) {
            let periods = begun.elapsed().as_nanos() / REFUSAL_TIME.as_nanos() + 1;
            let until = REFUSAL_TIME.saturating_mul(u32::try_from(periods).unwrap_or(u32::MAX));
            tokio::time::sleep_until((begun + until).into()).await;
        }
        response.encode()
    }
}

/// Answers one request.
fn answer(shared: &Shared, link: &[u8; 32], request: &[u8]) -> Response {
    let Some(caller) = caller(shared, link) else { return Response::Unavailable("unknown caller".into()) };
    let request = match Request::decode(request) {
        Ok(request) => request,
        Err(error) => return Response::Unavailable(format!("request: {error}")),
    };
    match (request, caller) {
        (Request::Status, _) => Response::Status(status(shared, caller)),
        (Request::Entry(height), Caller::Peer(_)) => with_journal(shared, |journal| entry(journal, height)),
        (_, Caller::Peer(_)) => Response::Unavailable("peers ask for status and entries only".into()),
        (Request::KeyGeneration(step), _) => generate(shared, &step),
        (Request::Genesis(bytes), _) => begin(shared, &bytes),
        (request, _) => with_journal(shared, |journal| on_journal(shared, journal, caller, request)),
    }
}

/// Requests that need a journal.
fn on_journal(shared: &Shared, journal: &SharedJournal, caller: Caller<'_>, request: Request) -> Response {
    match request {
        Request::Submit(bytes) => submit(shared, journal, caller, &bytes),
        Request::Decision(record) => match lock(journal).fate(record, |vault| caller.may_know(vault)) {
            Ok(fate) => Response::Fate(fate),
            Err(error) => Response::Unavailable(error.to_string()),
        },
        Request::Vault(name) if caller.may_know(Some(&name)) => {
            lock(journal).vault_status(&name).map_or_else(
                || caller.refuse(None, format!("no vault {name:?} in this journal")),
                Response::Vault,
            )
        }
        Request::Sums { vault, chain, locator } if caller.may_know(Some(&vault)) => {
            let sums = lock(journal).sums(&vault, chain, &locator, now());
            let unlisted = || "no such vault, or no epoch in force lists this asset; activate one".to_owned();
            sums.map_or_else(|| caller.refuse(Some(&vault), unlisted()), Response::Sums)
        }
        Request::Vault(name) | Request::Sums { vault: name, .. } => caller.refuse(Some(&name), String::new()),
        Request::Commit { payment_id, transaction } => {
            commit(shared, journal, caller, payment_id, transaction)
        }
        Request::Share { payment_id, transaction, commitments } => {
            release(shared, journal, caller, payment_id, transaction, &commitments)
        }
        Request::Entry(_) => Response::Unavailable("entries are for the group's nodes".into()),
        Request::Status | Request::KeyGeneration(_) | Request::Genesis(_) => {
            Response::Unavailable("this request is answered without a journal".into())
        }
    }
}

fn caller<'a>(shared: &'a Shared, link: &[u8; 32]) -> Option<Caller<'a>> {
    let peer = shared.group.nodes.iter().find(|node| node.link == *link);
    let coordinator = || shared.group.coordinators.iter().find(|coordinator| coordinator.link == *link);
    peer.map(|node| Caller::Peer(node.identity))
        .or_else(|| coordinator().map(|found| Caller::Coordinator(&found.link, &found.owns)))
}

fn with_journal(shared: &Shared, answer: impl FnOnce(&SharedJournal) -> Response) -> Response {
    match shared.journal() {
        Some(journal) => answer(&journal),
        None if shared.phase() == Phase::Blank => {
            Response::Unavailable("this node has no journal yet; start one with a genesis".into())
        }
        None => Response::Unavailable("this node is starting; ask again in a few seconds".into()),
    }
}

fn status(shared: &Shared, caller: Caller<'_>) -> NodeStatus {
    let node = u8::try_from(shared.number).unwrap_or(u8::MAX);
    let voted = match caller {
        Caller::Peer(identity) => shared.seen.of(&identity),
        Caller::Coordinator(..) => vec![],
    };
    let zero = Digest([0; 32]);
    let blank = NodeStatus {
        node,
        phase: shared.phase(),
        genesis: zero,
        height: 0,
        head: zero,
        time: 0,
        voted,
        attestation: zero,
    };
    match shared.journal() {
        None => blank,
        Some(journal) => {
            let at = lock(&journal).status();
            NodeStatus {
                genesis: at.genesis,
                height: at.height,
                head: at.head,
                time: at.time,
                attestation: at.attestation,
                ..blank
            }
        }
    }
}

fn entry(journal: &SharedJournal, height: u64) -> Response {
    match lock(journal).entry(height) {
        Ok(entry) => Response::Entry(entry.map(|certified| (certified.entry, certified.decision))),
        Err(error) => Response::Unavailable(error.to_string()),
    }
}

fn generate(shared: &Shared, step: &KeyGeneration) -> Response {
    if shared.journal().is_some() {
        return Response::Unavailable(
            "the journal has begun: its vaults and keys are fixed; a new vault needs a new journal".into(),
        );
    }
    match shared.folder.share(&step.vault) {
        Ok(None) => {}
        Ok(Some(_)) => {
            return Response::Unavailable(format!(
                "vault {:?} has a key already; if its key generation did not end at every node, choose another name",
                step.vault
            ));
        }
        Err(error) => return Response::Unavailable(error.told()),
    }
    let (now, generations) = (Instant::now(), &shared.generations);
    let stepped = lock(generations).step(step, &shared.group, shared.number, &shared.secrets, now);
    let done = stepped.and_then(|stepped| {
        if let Some(share) = &stepped.share {
            shared.store_share(&step.vault, share)?;
        }
        Ok(stepped.answer)
    });
    match done {
        Ok(answer) => Response::KeyGeneration(answer),
        Err(problem) => Response::Unavailable(format!("key generation: {problem}")),
    }
}

fn begin(shared: &Shared, bytes: &[u8]) -> Response {
    let unavailable = |problem: String| Response::Unavailable(format!("genesis: {problem}"));
    let own = match shared.folder.genesis() {
        Ok(own) => own,
        Err(error) => return unavailable(error.told()),
    };
    if own.as_ref().is_some_and(|own| own != bytes) {
        return unavailable("this node has another one already".into());
    }
    let genesis = match Genesis::decode(bytes) {
        Ok(genesis) => genesis,
        Err(error) => return unavailable(error.to_string()),
    };
    if own.is_some() {
        return Response::Genesis(genesis.digest());
    }
    let kept = shared.require_shares(&genesis).and_then(|()| shared.folder.store_genesis(bytes));
    if let Err(error) = kept {
        return unavailable(error.told());
    }
    shared.begun.notify_one();
    Response::Genesis(genesis.digest())
}

/// A refusal with the step of the gate.
pub(crate) fn said(refusal: &Refusal) -> String {
    match refusal.step() {
        Some(step) => format!("step {step}: {refusal}"),
        None => refusal.to_string(),
    }
}

fn submit(shared: &Shared, journal: &SharedJournal, caller: Caller<'_>, bytes: &[u8]) -> Response {
    let Caller::Coordinator(link, _) = caller else {
        return Response::Unavailable("only coordinators submit".into());
    };
    if shared.phase() != Phase::Running {
        return Response::Unavailable("this node is not running; ask for its status".into());
    }
    let (vault, submitted) = {
        let mut journal = lock(journal);
        let record = match journal.read(bytes, link, now()) {
            Ok(record) => record,
            Err(error) => return Response::Unavailable(format!("record: {error}")),
        };
        (journal.vault_of(&record), journal.submit(bytes, *link, now()))
    };
    match submitted {
        Ok(digest) => {
            shared.wake.notify_one();
            Response::Accepted(digest)
        }
        Err(refusal) => caller.refuse(vault.as_deref(), said(&refusal)),
    }
}
