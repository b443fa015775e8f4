//! What the journal knows about a vault's past payments, as the nodes tell it.

use solventry_protocol::{Request, Response, message::Sums};
use solventry_types::{Chain, Total, place::Locator};

use super::{CoordinatorError, Nodes, complaint};
use crate::journal_sums::JournalSums;

/// Sums to prove with, and how many nodes agree on them among how many that answered.
///
/// f + 1 equal answers hold one of an honest node. Failing that (nodes are at different heights),
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
    let votes = |sums: &Sums| told.iter().filter(|other| *other == sums).count();
    let least = nodes.group().faulty().saturating_add(1);
    let agreed = told.iter().filter(|sums| votes(sums) >= least).max_by_key(|sums| sums.time);
    let (sums, agreed) = match agreed {
        Some(sums) => (*sums, votes(sums)),
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
