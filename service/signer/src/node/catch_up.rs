//! Start and restore: before it votes, a node hears its peers and learns what they have decided.
//!
//! A disk that was put back is older than what the node has said since. Peers show it: by entries
//! with certificates, which the node executes, and by the height at which they saw it vote. As
//! long as that height is not decided the node is quarantined: it learns, and votes for nothing,
//! so that it cannot contradict a vote that it no longer knows (02-signing, "Start and restore").

use std::time::Duration;

use solventry_link::{Link, connect};
use solventry_protocol::{
    Decision, Entry, Request, Response,
    message::{MAX_MESSAGE_BYTES, NodeStatus, Phase},
};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::{
    journal::{CommitVote, Decided, Journal, JournalError},
    node::shared::{Shared, SharedJournal, lock},
};

/// How long one peer may take to answer.
const DEADLINE: Duration = Duration::from_secs(3);
/// Pause before peers are asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Hears n − t + f peers and catches up with them; returns when the node may vote.
pub async fn catch_up(shared: &Shared, journal: &SharedJournal) -> Result<(), JournalError> {
    let needed = shared.group.nodes.len() - shared.group.threshold() + shared.group.faulty();
    let mut barrier = 0;
    loop {
        let heard = hear(shared).await;
        if heard.len() < needed {
            info!(heard = heard.len(), needed, "waiting for peers");
            sleep(PAUSE).await;
            continue;
        }
        for (peer, status) in &heard {
            follow(shared, journal, *peer, status.height).await?;
        }
        let next = lock(journal).next_height();
        barrier = barrier.max(quarantine(&heard, next, lock(journal).status().voted));
        if barrier < next {
            return Ok(());
        }
        warn!(height = barrier, "this disk is older than what this node has said: quarantined");
        shared.enter(Phase::Quarantined);
        sleep(PAUSE).await;
    }
}

/// The height up to which this node may not vote. A peer can only have seen it vote at the height
/// that follows what is certified: higher claims are lies and count for nothing.
fn quarantine(heard: &[(usize, NodeStatus)], next: u64, voted: u64) -> u64 {
    let claims = heard.iter().map(|(_, status)| status.voted);
    claims.filter(|claim| *claim > voted && *claim <= next).max().unwrap_or(0)
}

/// Statuses of all peers that answer and follow the same genesis, or none yet.
async fn hear(shared: &Shared) -> Vec<(usize, NodeStatus)> {
    let mut heard = vec![];
    for number in (0..shared.group.nodes.len()).filter(|number| *number != shared.number) {
        let Some(mut link) = open(shared, number).await else { continue };
        if let Some(Response::Status(status)) = ask(&mut link, &Request::Status).await {
            heard.push((number, status));
        }
    }
    heard
}

/// Executes what a peer has decided and this node has not. A peer that shows something that does
/// not verify is left alone; another will show better.
async fn follow(
    shared: &Shared,
    journal: &SharedJournal,
    peer: usize,
    height: u64,
) -> Result<(), JournalError> {
    if height < lock(journal).next_height() {
        return Ok(());
    }
    let Some(mut link) = open(shared, peer).await else { return Ok(()) };
    loop {
        let next = lock(journal).next_height();
        if next > height {
            return Ok(());
        }
        let Some(Response::Entry(Some((entry, decision)))) = ask(&mut link, &Request::Entry(next)).await
        else {
            return Ok(());
        };
        let Some(decided) = verified(shared, journal, next, entry, &decision) else {
            warn!(peer, height = next, "an entry does not verify");
            return Ok(());
        };
        tokio::task::block_in_place(|| lock(journal).commit(decided))?;
        info!(height = next, peer, "caught up");
    }
}

/// An entry whose certificate is good.
fn verified(
    shared: &Shared,
    journal: &SharedJournal,
    height: u64,
    value: Vec<u8>,
    decision: &[u8],
) -> Option<Decided> {
    let (entry, record) = Entry::decode(&value).ok()?;
    let decision = Decision::decode(decision).ok()?;
    let identities = shared.group.identities();
    let genesis = lock(journal).status().genesis;
    if decision.height != height || decision.header != entry.header {
        return None;
    }
    decision.verify_by(record.digest(), genesis, &identities).ok()?;
    let votes = decision.precommits.iter().filter_map(|precommit| {
        let identity = *identities.get(usize::from(precommit.signer))?;
        Some(CommitVote { identity, signature: precommit.signature })
    });
    Some(Decided { height, round: decision.round, value, votes: votes.collect() })
}

async fn open(shared: &Shared, number: usize) -> Option<Link> {
    let node = shared.group.nodes.get(number)?;
    let own = &shared.secrets.link;
    connect(&node.link_address, own, &node.link, MAX_MESSAGE_BYTES, DEADLINE).await.ok()
}

async fn ask(link: &mut Link, request: &Request) -> Option<Response> {
    let answer = link.ask(&request.encode(), DEADLINE).await.ok()?;
    Response::decode(&answer).ok()
}

#[cfg(test)]
mod tests {
    use solventry_types::Digest;

    use super::*;

    fn status(voted: u64) -> (usize, NodeStatus) {
        let zero = Digest([0; 32]);
        let status = NodeStatus {
            node: 1,
            phase: Phase::Running,
            genesis: zero,
            height: 0,
            head: zero,
            time: 0,
            voted,
            attestation: zero,
        };
        (1, status)
    }

    #[test]
    fn a_vote_that_the_disk_does_not_know_quarantines() {
        assert_eq!(quarantine(&[status(5), status(0)], 5, 4), 5);
        assert_eq!(quarantine(&[status(5)], 5, 5), 0, "the disk knows it");
        assert_eq!(quarantine(&[status(4)], 5, 3), 4, "decided since: no barrier is left");
        assert_eq!(quarantine(&[status(9)], 5, 4), 0, "nobody can have seen that");
    }
}
