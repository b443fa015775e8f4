//! F2 at the nodes: every component is taken away in turn; what is left refuses, and never signs.

use solventry_protocol::{
    Record,
    record::{Disable, Outcome as Spending},
};
use solventry_signer::journal::{Journal, JournalError};
use solventry_types::Lane;

use crate::support::{
    evil_signing::{margin, reproven, resigned, restated},
    fixture::NOW,
    orders::Order,
    outcome::{Outcome, attacks, names},
    signers::{COORDINATOR, MAX_AGE, Nodes, activate, change, expect, payment, reason, say, settle, signed},
    signing::{TIME, desk, sibling},
    transactions::psbt,
};

attacks![
    without_a_policy,
    without_an_epoch,
    without_a_young_epoch,
    without_approvals,
    without_the_oracle,
    without_the_quorum_of_observers,
    without_an_enabled_vault,
    without_a_decision,
    without_a_certificate,
    while_quarantined,
    after_a_halt,
    after_the_settlement,
];

/// Source: 02-signing: vaults begin without a policy.
fn without_a_policy() -> Outcome {
    let mut nodes = Nodes::blank();
    nodes.decide(&change("cold", 0, |_| ()))?;
    nodes.decide(&Record::Activate(activate()))?;
    nodes.refuse(TIME, &payment(&desk().honest), &reason("NoPolicy(", 3))
}

/// Source: gate step 6.
fn without_an_epoch() -> Outcome {
    let mut nodes = Nodes::blank();
    nodes.decide(&change("treasury", 0, |_| ()))?;
    nodes.refuse(TIME, &payment(&desk().honest), &reason("NoEpoch", 6))
}

/// Source: gate step 6: the pinned age; to the second.
fn without_a_young_epoch() -> Outcome {
    let mut nodes = Nodes::ready();
    let record = payment(&desk().honest);
    nodes.refuse(NOW + MAX_AGE + 1, &record, &reason("EpochAge {", 6))?;
    // One second earlier only the payment's own validity is over.
    nodes.refuse(NOW + MAX_AGE, &record, &reason("Validity {", 6))
}

/// Source: gate step 5, policy tiers.
fn without_approvals() -> Outcome {
    let mut nodes = Nodes::ready();
    let evidence = resigned(|e| e.approvals.clear());
    let counted = reason("Evidence { source: PolicyStatement { field: \"number of approvals\"", 7);
    nodes.refuse(TIME, &payment(&evidence), &counted)?;
    let evidence = restated(|e| e.approvals.clear());
    nodes.refuse(TIME, &payment(&evidence), &reason("Evidence { source: Policy(Proof", 7))
}

/// Source: 02-signing, rebalance lane: an attestation of at most 60 s.
fn without_the_oracle() -> Outcome {
    let mut nodes = Nodes::ready();
    let good = reproven(|e| {
        e.payment.lane = Lane::Rebalance;
        e.payment.destination = sibling();
        e.transaction = psbt(&sibling(), e.payment.amount, 1_000);
        e.margin = Some(margin(7_000));
    });
    let mut evidence = good.clone();
    evidence.margin = None;
    nodes.refuse(TIME, &payment(&evidence), &reason("Evidence { source: MarginMissing", 7))?;
    // The attestation is of 30 s before.
    nodes.refuse(TIME + 31, &payment(&good), &reason("OracleAge {", 6))?;
    nodes.refuse(TIME - 31, &payment(&good), &reason("OracleAge {", 6))?;
    nodes.decide_at(TIME + 30, &payment(&good))
}

/// Source: 02-signing: k of m observers, for epochs and settlements.
fn without_the_quorum_of_observers() -> Outcome {
    let mut nodes = Nodes::blank();
    let mut epoch = activate();
    epoch.observations.truncate(1);
    let quorum = reason("Quorum { who: \"observers\", expected: 2, got: 1 }", None);
    let time = nodes.time() + 1;
    nodes.refuse(time, &Record::Activate(epoch), &quorum)?;
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    nodes.decide(&payment(&order.evidence()))?;
    let mut settled = settle(order.id(), Spending::Confirmed, 820_001);
    settled.observations.truncate(1);
    let time = nodes.time() + 1;
    nodes.refuse(time, &Record::Settle(settled), &quorum)
}

/// Source: 02-signing, Disable: one approver, at once; also between authorization and share.
fn without_an_enabled_vault() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    nodes.decide(&payment(&order.evidence()))?;
    let now = nodes.time();
    let mut shares = Vec::new();
    for app in &mut nodes.apps {
        shares.push(app.authorize(order.id(), order.transaction(), now).map_err(|refusal| say(&refusal))?);
    }
    let mut disable = Disable { vault: "treasury".into(), sequence: 1, approvals: vec![] };
    disable.approvals = signed(&[&desk().approvers[0]], disable.message(desk().genesis.digest()));
    nodes.decide(&Record::Disable(disable))?;
    let disabled = reason("Disabled(", 3);
    nodes.no_share(&order, now, &disabled)?;
    for (number, share) in shares.iter().enumerate() {
        let refusal = nodes.apps[number].mark(share, &[[1; 32]], solventry_types::Digest([2; 32])).err();
        expect(number, refusal.ok_or("ACCEPTED for a disabled vault")?, &disabled)?;
    }
    nodes.refuse(TIME, &payment(&desk().honest), &disabled)
}

/// Source: the gate: valid, submitted and voted for is not decided.
fn without_a_decision() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let record = payment(&order.evidence());
    let time = nodes.time() + 1;
    for app in &mut nodes.apps {
        app.submit(&record.encode(), COORDINATOR, time).map_err(|refusal| say(&refusal))?;
    }
    let entry = nodes.entry(time, &record);
    nodes.judge(&entry, time);
    nodes.no_share(&order, time, &reason("UnknownPayment(", 9))
}

/// Source: F3: t - 1 precommits, or a signer twice, decide nothing.
fn without_a_certificate() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let record = payment(&order.evidence());
    let entry = nodes.entry(nodes.time() + 1, &record);
    let before = nodes.digest()?;
    let cases: [(&[usize], &str); 3] = [
        (&[], "at least 3 signers, got 0"),
        (&[0, 1], "at least 3 signers, got 2"),
        (&[0, 1, 1], "each signer once"),
    ];
    for (signers, says) in cases {
        let decided = nodes.certify(&entry, signers);
        for app in &mut nodes.apps {
            let error = app.commit(decided.clone()).err().ok_or("ACCEPTED without a quorum")?;
            say(&error);
            names(&error, "Certificate {", says)?;
        }
    }
    if nodes.digest()? != before {
        return Err("a refused certificate changed the state".into());
    }
    nodes.no_share(&order, entry.header.time, &reason("UnknownPayment(", 9))?;
    nodes.commit(&nodes.certify(&entry, &[1, 2, 3]))
}

/// Source: 02-signing, start and restore: it learns, and signs nothing.
fn while_quarantined() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let record = payment(&order.evidence());
    nodes.apps.iter_mut().for_each(|app| app.set_quarantined(true));
    let quarantined = reason("Quarantined", 9);
    let time = nodes.time() + 1;
    for (number, app) in nodes.apps.iter_mut().enumerate() {
        let refusal = app.submit(&record.encode(), COORDINATOR, time).err();
        expect(number, refusal.ok_or("ACCEPTED in quarantine")?, &quarantined)?;
    }
    nodes.decide(&record)?;
    nodes.no_share(&order, time, &quarantined)
}

/// Source: gate step 9: a certified record that fails here means more than f faulty nodes.
fn after_a_halt() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let good = order.evidence();
    nodes.decide(&payment(&good))?;
    let time = nodes.time() + 100;
    let mut bad = Order::new(2, &[2]).evidence();
    bad.policy_proof[40] ^= 1;
    let entry = nodes.entry(time, &payment(&bad));
    let decided = nodes.certify(&entry, &[0, 1, 2]);
    let before = nodes.digest()?;
    for (number, app) in nodes.apps.iter_mut().enumerate() {
        let error = app.commit(decided.clone()).err().ok_or("ACCEPTED with a certificate")?;
        say(&error);
        names(&error, "Halt {", "signing step 10")?;
        let refusal = app.submit(&payment(&good).encode(), COORDINATOR, time).err();
        expect(number, refusal.ok_or("ACCEPTED after a halt")?, &reason("Halted", 9))?;
        let tick = app.propose(5, 0, time).err().ok_or("proposes after a halt")?;
        if !matches!(tick, JournalError::Halt { height: 5, .. }) {
            return Err(format!("expected a halt, got {tick:?}"));
        }
    }
    if nodes.digest()? != before {
        return Err("a halt changed the state".into());
    }
    nodes.no_share(&order, nodes.time(), &reason("Halted", 9))
}

/// Source: 02-signing, Settle: a payment that is over is neither signed nor replaced.
fn after_the_settlement() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let good = order.evidence();
    nodes.decide(&payment(&good))?;
    nodes.decide(&Record::Settle(settle(order.id(), Spending::Confirmed, 820_001)))?;
    nodes.no_share(&order, nodes.time(), &reason("Settled(", 4))?;
    let (_, replacement) = order.moved(&good, &[1, 2]);
    nodes.refuse(nodes.time() + 1, &payment(&replacement), &reason("Settled(", 4))
}
