//! Signing rounds at a node: nonces live in memory only, are used by value, and for a minute.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use solventry_protocol::message::SignedCommitments;
use solventry_threshold::Nonces;
use solventry_types::{Digest, digest::InjectiveHasher};

/// Rounds of one coordinator at once, over all payments; one that opens more pushes its own oldest
/// out.
const MAX_ROUNDS: usize = 64;
/// How long nonces live.
const LIFETIME: Duration = Duration::from_secs(60);

/// Whose a round is and what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// Link key of the coordinator that opened it.
    pub coordinator: [u8; 32],
    /// Payment.
    pub payment_id: Digest,
    /// Digest of the transaction.
    pub transaction: Digest,
}

/// Nonces that wait for their package, by their own commitments.
pub struct Rounds<N = Nonces> {
    open: HashMap<Digest, (Instant, Purpose, N)>,
}

impl<N> Default for Rounds<N> {
    fn default() -> Self {
        Self { open: HashMap::new() }
    }
}

impl<N> Rounds<N> {
    /// Keeps fresh nonces.
    pub fn open(&mut self, purpose: Purpose, commitments: &[Vec<u8>], nonces: N, now: Instant) {
        self.expire(now);
        let own = || self.open.iter().filter(|(_, (_, open, _))| open.coordinator == purpose.coordinator);
        if own().count() >= MAX_ROUNDS {
            let oldest = own().min_by_key(|(_, (opened, ..))| *opened).map(|(id, _)| *id);
            oldest.map(|id| self.open.remove(&id));
        }
        self.open.insert(nonces_id(commitments), (now, purpose, nonces));
    }

    /// Takes the nonces of these commitments out, for good: they cannot be used a second time,
    /// whatever becomes of the round.
    pub fn take(&mut self, purpose: Purpose, commitments: &[Vec<u8>], now: Instant) -> Option<N> {
        self.expire(now);
        let id = nonces_id(commitments);
        let (_, open, _) = self.open.get(&id)?;
        if open.coordinator != purpose.coordinator {
            return None; // nobody spoils another's round
        }
        let (_, open, nonces) = self.open.remove(&id)?;
        (open == purpose).then_some(nonces)
    }

    /// Forgets every nonce: after a halt, or when the journal starts anew.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    fn expire(&mut self, now: Instant) {
        self.open.retain(|_, (opened, ..)| now.saturating_duration_since(*opened) < LIFETIME);
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn purpose(coordinator: u8, transaction: u8) -> Purpose {
        Purpose {
            coordinator: [coordinator; 32],
            payment_id: Digest([7; 32]),
            transaction: Digest([transaction; 32]),
        }
    }

    #[test]
    fn nonces_are_taken_once_by_whom_and_for_what_they_were_made() {
        let (mut rounds, now) = (Rounds::default(), Instant::now());
        let commitments = |number: u16| vec![number.to_be_bytes().to_vec()];
        rounds.open(purpose(1, 1), &commitments(0), 'a', now);
        assert_eq!(rounds.take(purpose(2, 1), &commitments(0), now), None, "another coordinator");
        assert_eq!(rounds.take(purpose(1, 1), &commitments(0), now), Some('a'), "which spoils nothing");
        assert_eq!(rounds.take(purpose(1, 1), &commitments(0), now), None, "used");
        rounds.open(purpose(1, 1), &commitments(0), 'b', now);
        assert_eq!(rounds.take(purpose(1, 2), &commitments(0), now), None, "another transaction");
        assert_eq!(rounds.take(purpose(1, 1), &commitments(0), now), None, "and they are gone");
        rounds.open(purpose(1, 1), &commitments(0), 'c', now);
        assert_eq!(rounds.take(purpose(1, 1), &commitments(0), now + LIFETIME), None, "expired");
    }

    #[test]
    fn a_coordinator_that_opens_many_pushes_out_its_own() {
        let (mut rounds, now) = (Rounds::default(), Instant::now());
        let commitments = |number: u16| vec![number.to_be_bytes().to_vec()];
        rounds.open(purpose(1, 1), &commitments(0), 0, now);
        for number in 1..=300 {
            rounds.open(
                purpose(2, 1),
                &commitments(number),
                number,
                now + Duration::from_millis(number.into()),
            );
        }
        assert_eq!(rounds.open.len(), MAX_ROUNDS + 1);
        assert_eq!(rounds.take(purpose(2, 1), &commitments(1), now), None);
        assert_eq!(rounds.take(purpose(2, 1), &commitments(300), now), Some(300));
        assert_eq!(rounds.take(purpose(1, 1), &commitments(0), now), Some(0));
    }
}
