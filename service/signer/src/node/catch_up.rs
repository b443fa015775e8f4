//! Start and restore: before it votes, a node hears its peers and learns what they have decided.
//!
//! A disk that was put back is older than what the node has said since. Peers show it: by entries
//! with certificates, which the node executes, and by its own votes, which they kept with their
//! signatures, so that no peer can claim one that was never given. As long as the height of such a
//! vote is not decided the node is quarantined: it learns, and votes for nothing, so that it cannot
//! contradict a vote that it no longer knows (02-signing, "Start and restore").

use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use solventry_link::{Link, connect};
use solventry_protocol::{
    Decision, Entry, Request, Response,
    message::{MAX_MESSAGE_BYTES, NodeStatus, Phase},
};
use solventry_types::Digest;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::{
    engine::said::Said,
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
    // The gate refuses too, whatever the phase says.
    lock(journal).set_quarantined(true);
    loop {
        let genesis = lock(journal).status().genesis;
        let mut heard = hear(shared, genesis).await;
        if heard.len() >= needed {
            heard = followed(shared, journal, heard).await?;
        }
        if heard.len() < needed {
            info!(heard = heard.len(), needed, "waiting for peers");
            sleep(PAUSE).await;
            continue;
        }
        let identity = shared.secrets.identity.verifying_key();
        let next = lock(journal).next_height();
        let known = lock(journal).status().voted;
        barrier = barrier.max(quarantine(&heard, genesis, &identity, known));
        if barrier < next {
            lock(journal).set_quarantined(false);
            return Ok(());
        }
        warn!(height = barrier, "this disk is older than what this node has said: quarantined");
        shared.enter(Phase::Quarantined);
        sleep(PAUSE).await;
    }
}

/// The height up to which this node may not vote: the highest of its own votes that peers show and
/// its disk, which knows `voted`, does not. What it did not sign counts for nothing.
fn quarantine(heard: &[(usize, NodeStatus)], genesis: Digest, identity: &VerifyingKey, voted: u64) -> u64 {
    let shown = heard.iter().filter_map(|(_, status)| Said::verified(genesis, identity, &status.voted));
    shown.map(|said| said.height).filter(|height| *height > voted).max().unwrap_or(0)
}

/// Statuses of all peers that answer and keep the same journal.
async fn hear(shared: &Shared, genesis: Digest) -> Vec<(usize, NodeStatus)> {
    let mut heard = vec![];
    for number in (0..shared.group.nodes.len()).filter(|number| *number != shared.number) {
        let Some(mut link) = open(shared, number).await else { continue };
        if let Some(Response::Status(status)) = ask(&mut link, &Request::Status).await
            && status.genesis == genesis
        {
            heard.push((number, status));
        }
    }
    heard
}

/// Those peers whose decided entries this node has all executed. One that claims more than it shows
/// is as good as silent: honest ones show everything, and enough of them are asked for.
async fn followed(
    shared: &Shared,
    journal: &SharedJournal,
    heard: Vec<(usize, NodeStatus)>,
) -> Result<Vec<(usize, NodeStatus)>, JournalError> {
    let mut kept = vec![];
    for (peer, status) in heard {
        follow(shared, journal, peer, status.height).await?;
        if lock(journal).next_height() > status.height {
            kept.push((peer, status));
        }
    }
    Ok(kept)
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
    use arc_malachitebft_core_types::{NilOrVal, Round, VoteType};
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::engine::{Address, Height, Keys, Vote};

    const GENESIS: Digest = Digest([5; 32]);

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    /// A peer that shows a vote of height `voted`, signed by a key.
    fn peer(voted: u64, signer: &SigningKey) -> (usize, NodeStatus) {
        let vote = Vote {
            kind: VoteType::Prevote,
            height: Height(voted),
            round: Round::new(0),
            value: NilOrVal::Nil,
            address: Address(key(1).verifying_key().to_bytes()),
        };
        let signature = Keys::new(GENESIS, signer.clone()).vote(&vote).unwrap();
        let zero = Digest([0; 32]);
        let status = NodeStatus {
            node: 1,
            phase: Phase::Running,
            genesis: GENESIS,
            height: 0,
            head: zero,
            time: 0,
            voted: Said::of(&vote, signature).bytes,
            attestation: zero,
        };
        (1, status)
    }

    #[test]
    fn an_own_vote_that_the_disk_does_not_know_quarantines() {
        let own = key(1);
        let identity = own.verifying_key();
        let barrier = |heard: &[_], voted| quarantine(heard, GENESIS, &identity, voted);
        assert_eq!(barrier(&[peer(5, &own), peer(3, &own)], 4), 5);
        assert_eq!(barrier(&[peer(5, &own)], 5), 0, "the disk knows it");
        assert_eq!(barrier(&[peer(9, &own)], 4), 9, "whatever the peer has decided");
        assert_eq!(barrier(&[peer(5, &key(2))], 4), 0, "a peer's invention");
        let (number, mut silent) = peer(5, &own);
        silent.voted.clear();
        assert_eq!(barrier(&[(number, silent)], 4), 0);
    }
}
