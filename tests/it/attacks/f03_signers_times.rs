//! F3 at the nodes: clocks that are off, nodes that are late, families whose members could happen
//! at different times.

use solventry_protocol::{Record, record::Outcome as Spending};
use solventry_signer::{
    application::CLOCK_TOLERANCE,
    journal::{Journal, Sight, Verdict},
};

use crate::support::{
    orders::{Order, VALIDITY},
    outcome::{Outcome, attacks},
    signers::{Nodes, payment, reason, say, settle},
};

attacks![
    fresh_proposal_off_the_clock,
    late_node_syncs_past_validity,
    decided_payment_past_its_validity,
    payment_out_of_its_validity,
    members_that_share_only_the_anchor,
];

/// Source: 02-signing, Height: 31 s are too many for a fresh proposal, and none for a certified
/// one: a node whose clock is off follows the others.
fn fresh_proposal_off_the_clock() -> Outcome {
    let mut nodes = Nodes::ready();
    let record = payment(&Order::new(1, &[1]).evidence());
    let time = nodes.time() + 100;
    let entry = nodes.entry(time, &record);
    let (height, value) = (nodes.apps[0].next_height(), entry.encode());
    let clocks = [time, time + CLOCK_TOLERANCE, time - CLOCK_TOLERANCE - 1, time + CLOCK_TOLERANCE + 1];
    for (number, clock) in clocks.into_iter().enumerate() {
        let app = &mut nodes.apps[number];
        let expected = if number < 2 { Verdict::Valid } else { Verdict::Invalid };
        let got = app.judge(height, &value, Sight::Fresh, clock).map_err(|error| say(&error))?;
        if got != expected {
            return Err(format!("node {number}: a clock {clock} at {time}: {got:?}"));
        }
        let told = nodes.last(number).is_some_and(|last| last.reason.contains("from this node's clock"));
        if told != (number >= 2) {
            return Err(format!("node {number}: logged {:?}", nodes.last(number)));
        }
    }
    // The third hears it again with a proof of lock; the fourth sees the certificate only.
    let known = nodes.apps[2].judge(height, &value, Sight::Known, clocks[2]).map_err(|error| say(&error))?;
    if known != Verdict::Valid {
        return Err("refused with a proof of lock".into());
    }
    nodes.commit(&nodes.certify(&entry, &[0, 1, 2]))
}

/// Source: gate step 9: a late node executes what was decided in time, and does not sign it.
fn late_node_syncs_past_validity() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let entries = [(nodes.time() + 1, payment(&order.evidence())), (VALIDITY.until + 1, Record::Tick)];
    let mut late = nodes.apps.pop().ok_or("no fourth node")?;
    for (time, record) in &entries {
        nodes.decide_at(*time, record)?;
    }
    for height in 4..=5 {
        let decided = nodes.apps[0].decided(height).map_err(|error| say(&error))?.ok_or("not decided")?;
        let now = VALIDITY.until + 1_000;
        let verdict = late.judge(height, &decided.value, Sight::Known, now).map_err(|error| say(&error))?;
        if verdict != Verdict::Valid {
            return Err(format!("height {height} is refused by a late node"));
        }
        late.commit(decided).map_err(|error| say(&error))?;
    }
    nodes.apps.push(late);
    nodes.digest()?;
    nodes.no_share(&order, VALIDITY.until, &reason("Validity {", 6))
}

/// Source: gate step 9: by the own clock, then by journal time; charged and locked it stays.
fn decided_payment_past_its_validity() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    nodes.decide(&payment(&order.evidence()))?;
    let until = VALIDITY.until;
    nodes.no_share(&order, until + 1, &reason("Validity {", 6))?;
    let mut shares = Vec::new();
    for app in &mut nodes.apps {
        shares.push(app.authorize(order.id(), order.transaction(), until).map_err(|refusal| say(&refusal))?);
    }
    nodes.decide_at(until + 1, &Record::Tick)?;
    nodes.no_share(&order, until, &reason("Validity {", 6))?;
    for (number, share) in shares.iter().enumerate() {
        let refusal = nodes.apps[number].mark(share, &[[1; 32]], solventry_types::Digest([2; 32])).err();
        let refusal = refusal.ok_or("ACCEPTED past its validity")?;
        crate::support::signers::expect(number, refusal, &reason("Validity {", 6))?;
        let state = nodes.apps[number].state();
        if (state.locks.len(), state.families[&order.id()].charged) != (1, 401_000) {
            return Err("what was decided is not charged and locked any more".into());
        }
    }
    Ok(())
}

/// Source: gate step 6; to the second.
fn payment_out_of_its_validity() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let record = payment(&order.evidence());
    nodes.refuse(VALIDITY.until + 1, &record, &reason("Validity {", 6))?;
    nodes.decide_at(VALIDITY.until, &record)
}

/// Source: 02-signing, Replace: members that do not conflict pairwise but for the anchor. Every
/// outpoint of each stays locked, only the last is signed, and the charge is one.
fn members_that_share_only_the_anchor() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1, 2]));
    let good = order.evidence();
    nodes.decide(&payment(&good))?;
    let rival = Order::new(2, &[9]);
    let rivals = rival.evidence();
    let mut members = vec![order.clone()];
    for inputs in [[1, 3], [1, 4]] {
        let (member, evidence) = order.moved(&good, &inputs);
        nodes.decide(&payment(&evidence))?;
        members.push(member);
    }
    let (_, strange) = order.moved(&good, &[2, 1]);
    nodes.refuse(nodes.time() + 1, &payment(&strange), &reason("Anchor(", 4))?;
    let (last, earlier) = members.split_last().ok_or("no members")?;
    for member in earlier {
        nodes.no_share(member, nodes.time(), &reason("NotLast(", 9))?;
    }
    let now = nodes.time();
    for app in &mut nodes.apps {
        app.authorize(last.id(), last.transaction(), now).map_err(|refusal| say(&refusal))?;
    }
    let time = nodes.time() + 60;
    for input in 1..=4 {
        let (_, evidence) = rival.moved(&rivals, &[8, input]);
        nodes.refuse(time, &payment(&evidence), &reason("Locked(", 4))?;
    }
    let family = &nodes.apps[0].state().families[&order.id()];
    if (family.members.len(), family.charged, nodes.apps[0].state().locks.len()) != (3, 401_000, 4) {
        return Err(format!("expected 3 members, one charge and 4 locks, got {family:?}"));
    }
    nodes.decide(&Record::Settle(settle(order.id(), Spending::Confirmed, 820_001)))?;
    nodes.no_share(last, nodes.time(), &reason("Settled(", 4))?;
    nodes.decide_at(time, &payment(&rival.moved(&rivals, &[8, 3]).1))
}
