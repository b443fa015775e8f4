//! Signing rounds at a node: nonces live in memory only, are used by value, and for a minute.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use solventry_protocol::message::SignedCommitments;
use solventry_threshold::{KeyShare, Nonces, SigningError, commit};
use solventry_types::{Digest, digest::InjectiveHasher};

/// Rounds at once, over all payments; a coordinator that opens more pushes the oldest out.
const MAX_ROUNDS: usize = 256;
/// How long nonces live.
const LIFETIME: Duration = Duration::from_secs(60);

/// Nonces that wait for their package, by their own commitments.
#[derive(Default)]
pub struct Rounds {
    open: HashMap<Digest, Round>,
}

/// One opened round.
struct Round {
    opened: Instant,
    payment_id: Digest,
    transaction: Digest,
    nonces: Nonces,
}

impl Rounds {
    /// Makes nonces for every input of a decided transaction; the commitments.
    pub fn open(
        &mut self,
        share: &KeyShare,
        payment_id: Digest,
        transaction: Digest,
        inputs: usize,
        now: Instant,
    ) -> Result<Vec<Vec<u8>>, SigningError> {
        self.expire(now);
        if self.open.len() >= MAX_ROUNDS {
            let oldest = self.open.iter().min_by_key(|(_, round)| round.opened).map(|(id, _)| *id);
            oldest.map(|id| self.open.remove(&id));
        }
        let (nonces, commitments) = commit(share, inputs)?;
        let id = nonces_id(&commitments);
        self.open.insert(id, Round { opened: now, payment_id, transaction, nonces });
        Ok(commitments)
    }

    /// Takes the nonces of these commitments out, for good: they cannot be used a second time,
    /// whatever becomes of the round.
    pub fn take(
        &mut self,
        commitments: &[Vec<u8>],
        payment_id: Digest,
        transaction: Digest,
        now: Instant,
    ) -> Option<Nonces> {
        self.expire(now);
        let round = self.open.remove(&nonces_id(commitments))?;
        (round.payment_id == payment_id && round.transaction == transaction).then_some(round.nonces)
    }

    /// Forgets every nonce: after a halt, or when the journal starts anew.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    fn expire(&mut self, now: Instant) {
        self.open.retain(|_, round| now.saturating_duration_since(round.opened) < LIFETIME);
    }
}

/// Names nonces by their public commitments: the durable record of their use.
pub fn nonces_id(commitments: &[Vec<u8>]) -> Digest {
    let hasher = InjectiveHasher::new("solventry/nonces/v1");
    commitments.iter().fold(hasher, |hasher, commitment| hasher.field(commitment)).finish()
}

/// Commitments by node, as threshold signing takes them.
pub fn by_node(commitments: &[SignedCommitments]) -> BTreeMap<usize, Vec<Vec<u8>>> {
    commitments.iter().map(|signed| (signed.node.into(), signed.commitments.clone())).collect()
}
