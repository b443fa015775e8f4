//! What the journal knows about a vault's past payments, as the nodes tell it.

use solventry_protocol::{Request, Response, message::Sums};
use solventry_types::{Chain, Total, place::Locator};

use super::{CoordinatorError, Nodes, complaint};
use crate::journal_sums::JournalSums;

/// Sums to prove with, and how many nodes agree on them among how many that answered.
///
/// f + 1 equal answers hold one of an honest node; times may differ, since each node tells them by its own
/// clock. Failing that (nodes are at different heights),
/// the most cautious of 2f + 1 answers: no honest node refuses a claim that is not below its own.
/// A liar can then raise the sums, which makes the proof harder and never easier.
pub fn agreed_sums(
    nodes: Nodes<'_>,
    vault: &str,
    chain: Chain,
    locator: &Locator,
) -> Result<(JournalSums, usize, usize), CoordinatorError> {
    let request = Request::Sums { vault: vault.to_owned(), chain, locator: locator.clone() };
    let (mut told, mut others): (Vec<Sums>, Vec<_>) = (vec![], vec![]);
    for (node, answer) in nodes.all(&request, nodes.patience.answer) {
        match answer {
            Ok(Response::Sums(sums)) => told.push(sums),
            other => others.push(nodes.said(node, complaint(&other))),
        }
    }
    let (sums, agreed) = match agreed(&told, nodes.group().faulty()) {
        Some(found) => found,
        None if told.len() >= nodes.group().threshold() => (most_cautious(&told), 0),
        None => {
            let (needed, got) = (nodes.group().threshold(), told.len());
            return Err(CoordinatorError::TooFew {
                what: "tell what was paid before",
                nodes: nodes.count(),
                needed,
                got,
                others,
            });
        }
    };
    let total = |units| Total::from_units(units).map_err(|_| crate::signing::PaymentRefused::Outflow);
    let [hour, day, week, month] = sums.spent;
    let sums = JournalSums {
        time: sums.time,
        spent: [total(hour)?, total(day)?, total(week)?, total(month)?],
        count: sums.count,
        since_last: sums.since_last,
        outflow: total(sums.outflow)?,
    };
    Ok((sums, agreed, told.len()))
}

/// Sums that more than f nodes tell, and how many do. Of their times and ages the one of place f in
/// order: f liars at either end do not move it beyond what an honest node told, if all others answer.
fn agreed(told: &[Sums], faulty: usize) -> Option<(Sums, usize)> {
    let alike = |one: &Sums, other: &Sums| {
        (one.spent, one.count, one.outflow) == (other.spent, other.count, other.outflow)
    };
    let group = |sums: &Sums| told.iter().filter(|other| alike(other, sums)).copied().collect::<Vec<_>>();
    let group = told.iter().map(group).max_by_key(Vec::len).filter(|group| group.len() > faulty)?;
    let middle = |value: fn(&Sums) -> u64| {
        let mut values: Vec<u64> = group.iter().map(value).collect();
        values.sort_unstable();
        values.get(faulty).copied()
    };
    let (time, since_last) = (middle(|sums| sums.time)?, middle(|sums| sums.since_last)?);
    let count = group.len();
    group.into_iter().next().map(|sums| (Sums { time, since_last, ..sums }, count))
}

/// The largest of each sum, the shortest time since the last payment.
fn most_cautious(told: &[Sums]) -> Sums {
    let first = Sums { time: 0, spent: [0; 4], count: 0, since_last: u64::MAX, outflow: 0 };
    told.iter().fold(first, |mut all, one| {
        all.time = all.time.max(one.time);
        all.spent.iter_mut().zip(one.spent).for_each(|(most, sum)| *most = sum.max(*most));
        all.count = all.count.max(one.count);
        all.since_last = all.since_last.min(one.since_last);
        all.outflow = all.outflow.max(one.outflow);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn sums(time: u64, since_last: u64, outflow: u128) -> Sums {
        Sums { time, spent: [5, 6, 7, 8], count: 1, since_last, outflow }
    }

    #[test]
    fn clocks_apart_agree_and_a_liar_steers_nothing() {
        let honest = [sums(100, 40, 9), sums(101, 41, 9), sums(102, 42, 9)];
        for liar in [sums(0, 0, u128::MAX), sums(0, 0, 9), sums(u64::MAX, u64::MAX, 9), sums(1, 1, 0)] {
            for place in 0..4 {
                let mut told = honest.to_vec();
                told.insert(place, liar);
                let (found, votes) = agreed(&told, 1).unwrap();
                assert!(votes >= 3 && found.outflow == 9, "{found:?}");
                assert!(
                    (100..=102).contains(&found.time) && (40..=42).contains(&found.since_last),
                    "{found:?}"
                );
            }
        }
        assert_eq!(agreed(&[sums(1, 1, 1), sums(1, 1, 2)], 1), None);
        assert_eq!(agreed(&[], 1), None);
    }
}
