//! Which values go to consensus, under which round, and how many of one node.
//!
//! Malachite keeps two values per round, whoever sent them and whatever the journal says of them,
//! and refuses every further proposal of that round. So a round takes values from its proposer
//! alone. Nodes that are locked on a value send it again; it goes under the round of the lock, where
//! it was proposed, and takes no place from another. Malachite finds it there by its id.

use std::collections::{BTreeMap, BTreeSet};

use arc_malachitebft_core_consensus::MAX_FUTURE_ROUND_LOOKAHEAD;
use arc_malachitebft_core_types::ValidatorSet as _;
use solventry_types::Digest;

use super::context::{Height, ValidatorSet};

/// Values without a lock that a proposer may have judged in one round.
const MAX_VALUES: usize = 2;

/// What one height took so far.
#[derive(Default)]
pub struct Admission {
    /// Values without a lock, by publisher, with their round.
    fresh: BTreeMap<usize, BTreeSet<(u32, Digest)>>,
    /// Values with a lock.
    locked: BTreeSet<(u32, Digest)>,
}

/// A value that a node published.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Number of the node in the group.
    pub publisher: usize,
    /// Height.
    pub height: Height,
    /// Round that the publisher names.
    pub round: u32,
    /// Id of the value.
    pub value: Digest,
}

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// It is judged, and goes to consensus under this round.
    Offer(u32),
    /// It waits: it may get a lock, or its round may come nearer.
    Later,
    /// Consensus has it.
    Known,
}

impl Admission {
    /// What to do with a value of the current height, in round `now`, with the round of its lock.
    pub fn admit(&mut self, set: &ValidatorSet, now: u32, lock: Option<u32>, claim: &Claim) -> Admitted {
        let last = now.saturating_add(MAX_FUTURE_ROUND_LOOKAHEAD);
        let proposes =
            claim.round <= last && set.proposer_number(claim.height, claim.round) == claim.publisher;
        let round = match (proposes, lock) {
            (true, _) => claim.round,
            (false, Some(lock)) => lock,
            (false, None) => return Admitted::Later,
        };
        let offer = (round, claim.value);
        if lock.is_some() {
            return if self.locked.insert(offer) { Admitted::Offer(round) } else { Admitted::Known };
        }
        let fresh = self.fresh.entry(claim.publisher).or_default();
        if fresh.contains(&offer) {
            return Admitted::Known;
        }
        let of_round = fresh.iter().filter(|(of, _)| *of == round).count();
        if of_round >= MAX_VALUES || fresh.len() >= budget(last, set.count()) {
            return Admitted::Later;
        }
        fresh.insert(offer);
        Admitted::Offer(round)
    }
}

/// Values of one publisher until round `last`: one per turn, of which there are at most one more
/// than full circles, and one to spare.
fn budget(last: u32, nodes: usize) -> usize {
    usize::try_from(last).unwrap_or(usize::MAX).checked_div(nodes).unwrap_or(0).saturating_add(2)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    /// Of height 4 node 0 proposes in rounds 0, 4, 8.
    const HEIGHT: Height = Height(4);

    fn set() -> ValidatorSet {
        let identity = |number| SigningKey::from_bytes(&[number; 32]).verifying_key().to_bytes();
        ValidatorSet::new(&[1, 2, 3, 4].map(identity)).unwrap()
    }

    fn claim(publisher: usize, round: u32, value: u8) -> Claim {
        Claim { publisher, height: HEIGHT, round, value: Digest([value; 32]) }
    }

    #[test]
    fn a_round_takes_values_of_its_proposer_alone() {
        let (mut admission, set) = (Admission::default(), set());
        for round in 0..=10 {
            for publisher in 0..4 {
                let expected =
                    if publisher == round as usize % 4 { Admitted::Offer(round) } else { Admitted::Later };
                let value = 10 * round as u8 + publisher as u8;
                assert_eq!(admission.admit(&set, 0, None, &claim(publisher, round, value)), expected);
            }
        }
        assert_eq!(admission.admit(&set, 0, None, &claim(3, 11, 200)), Admitted::Later, "too far ahead");
        assert_eq!(admission.admit(&set, 1, None, &claim(3, 11, 200)), Admitted::Offer(11));
    }

    #[test]
    fn a_locked_value_of_another_goes_where_it_was_proposed() {
        let (mut admission, set) = (Admission::default(), set());
        for publisher in 1..4 {
            let expected = if publisher == 1 { Admitted::Offer(2) } else { Admitted::Known };
            assert_eq!(admission.admit(&set, 12, Some(2), &claim(publisher, 12, 9)), expected);
        }
        assert_eq!(admission.admit(&set, 12, Some(2), &claim(0, 12, 9)), Admitted::Offer(12));
        assert_eq!(admission.admit(&set, 12, Some(2), &claim(3, u32::MAX, 9)), Admitted::Known);
    }

    #[test]
    fn a_proposer_has_a_budget_per_height_that_grows_with_its_turns() {
        let (mut admission, set) = (Admission::default(), set());
        let mut taken = |now, rounds: std::ops::RangeInclusive<u32>, value: u8| {
            let claims = rounds.flat_map(|round| (0..4_u8).map(move |tag| claim(0, round, value + tag)));
            claims
                .filter(|claim| admission.admit(&set, now, None, claim) == Admitted::Offer(claim.round))
                .count()
        };
        assert_eq!(taken(0, 0..=10, 0), 4, "three turns and one to spare");
        assert_eq!(taken(0, 0..=10, 0), 0, "and none of them twice");
        assert_eq!(taken(40, 0..=50, 100), 10);
    }

    #[test]
    fn an_honest_proposer_never_runs_out() {
        for nodes in [4, 7, 31] {
            let identities: Vec<_> = (1..=nodes)
                .map(|number| SigningKey::from_bytes(&[number; 32]).verifying_key().to_bytes())
                .collect();
            let set = ValidatorSet::new(&identities).unwrap();
            for publisher in 0..usize::from(nodes) {
                let mut admission = Admission::default();
                for round in (0..200).filter(|round| set.proposer_number(HEIGHT, *round) == publisher) {
                    let now = round.saturating_sub(MAX_FUTURE_ROUND_LOOKAHEAD);
                    let claim = claim(publisher, round, round as u8);
                    assert_eq!(admission.admit(&set, now, None, &claim), Admitted::Offer(round));
                }
            }
        }
    }
}
