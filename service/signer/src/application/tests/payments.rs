//! Payments with real proofs, from submission to share, and what each step of the gate refuses.

use ed25519_dalek::Signer;
use solventry_protocol::{JournalClaims, PaymentRequest, Record, SigningEvidence, message::Fate};
use solventry_types::{Digest, Lane, MarginAttestation};

use super::{
    desk::{MAX_AGE, SNAPSHOT, desk, public, total},
    node::{TestNode, reason, says},
    order::Order,
};
use crate::{
    application::RedbStore,
    journal::{Journal, Sight, Verdict},
};

/// An honest record with proofs, for the state one second on.
fn proven(node: &TestNode, order: &Order) -> SigningEvidence {
    let claims = node.claims(order, node.time() + 1);
    order.record(node.app.state(), claims, true)
}

fn record(evidence: &SigningEvidence) -> Record {
    Record::Payment(Box::new(evidence.clone()))
}

/// The evidence with a change, signed again by proposer and first approver.
fn resigned(evidence: &SigningEvidence, edit: impl FnOnce(&mut SigningEvidence)) -> Record {
    let mut evidence = evidence.clone();
    edit(&mut evidence);
    let genesis = evidence.vault.genesis;
    let mut request = PaymentRequest::propose(evidence.payment.clone(), genesis, &desk().proposer);
    request.approve(genesis, &desk().approvers[0]);
    (evidence.proposal, evidence.approvals) = (request.proposal, request.approvals);
    evidence.policy_statement.payment_id = evidence.payment.id(genesis);
    evidence.policy_statement.validity = evidence.payment.validity;
    record(&evidence)
}

#[test]
fn a_payment_goes_from_submission_to_share() {
    let (mut one, mut two) = (TestNode::ready(), TestNode::ready());
    let order = Order::new(1, &[1, 2]);
    let evidence = proven(&one, &order);
    let now = one.time() + 5;
    let digest = one.app.submit(&record(&evidence).encode(), [9; 32], now).unwrap();
    assert_eq!(digest, evidence.record_digest());
    assert_eq!(one.app.fate(digest, |_| true).unwrap(), Fate::Pending);
    assert!(one.app.wants_height(now));
    let value = one.app.propose(4, 0, now).unwrap();
    assert_eq!(two.app.judge(4, &value, Sight::Fresh, now + 20).unwrap(), Verdict::Valid);
    let (entry, _) = solventry_protocol::Entry::decode(&value).unwrap();
    let decided = desk().certify(4, &entry);
    for node in [&mut one, &mut two] {
        node.app.commit(decided.clone()).unwrap();
        let authorized = node.app.authorize(order.id(), order.transaction(), now).unwrap();
        assert_eq!(authorized.messages().len(), 2);
    }
    assert_eq!(one.app.state().digest(), two.app.state().digest());
    assert!(!one.app.wants_height(now + 1));
    let Fate::Decided(bytes) = one.app.fate(digest, |_| true).unwrap() else { panic!("not decided") };
    let decision = solventry_protocol::Decision::decode(&bytes).unwrap();
    decision.verify(digest, &evidence.vault).unwrap();
    assert_eq!(two.restarted().app.state().digest(), one.app.state().digest());
}

#[test]
fn a_certified_payment_that_was_never_judged_here_is_checked_in_full() {
    let mut node = TestNode::ready();
    let order = Order::new(1, &[1]);
    let good = proven(&node, &order);
    node.decide(&record(&good)).unwrap();
    node.decide_at(node.time() + 100, &Record::Tick).unwrap();
    let mut bad = proven(&node, &Order::new(2, &[2]));
    bad.policy_proof[40] ^= 1;
    says(&reason(node.decide(&record(&bad))), &["signing step 10", "policy proof"]);
    let refusal = node.app.authorize(order.id(), order.transaction(), node.time()).unwrap_err();
    says(&format!("{refusal:?}"), &["Halted"]);
    // It stays halted, and the evidence stays.
    let node = TestNode::on(node.app.into_store());
    assert_eq!(node.app.status().halted.unwrap().0, 6);
    use crate::application::{Store, Table};
    assert!(node.app.store().read(Table::Evidence, &6_u64.to_be_bytes()).unwrap().is_some());
}

#[test]
fn proofs_and_people_are_verified() {
    let mut node = TestNode::ready();
    let good = proven(&node, &Order::new(1, &[1]));
    node.accepts(&record(&good));
    let with = |edit: &dyn Fn(&mut SigningEvidence)| {
        let mut evidence = good.clone();
        edit(&mut evidence);
        record(&evidence)
    };
    says(&node.refusal(&with(&|e| e.policy_proof[40] ^= 1)), &["signing step 10"]);
    let other = proven(&node, &Order { amount: 300_000, ..Order::new(1, &[1]) });
    says(&node.refusal(&with(&|e| e.headroom_proof = other.headroom_proof)), &["signing step 12"]);
    says(&node.refusal(&with(&|e| e.proposal[0] ^= 1)), &["signing step 5"]);
    says(&node.refusal(&with(&|e| e.approvals[0].signature[0] ^= 1)), &["signing step 6"]);
    says(&node.refusal(&with(&|e| e.approvals.clear())), &["signing step 9", "number of approvals"]);
    says(&node.refusal(&with(&|e| e.policy_statement.fee += 1)), &["signing step 9", "fee"]);
    says(&node.refusal(&with(&|e| e.headroom_key = vec![0; 8])), &["signing step 12"]);
}

#[test]
fn configuration_transaction_and_epoch_must_be_those_in_force() {
    let mut node = TestNode::ready();
    let good = proven(&node, &Order::new(1, &[1]));
    let with = |edit: &dyn Fn(&mut SigningEvidence)| {
        let mut evidence = good.clone();
        edit(&mut evidence);
        record(&evidence)
    };
    says(&node.refusal(&with(&|e| e.vault.policy_root[0] ^= 1)), &["OtherConfiguration"]);
    says(&node.refusal(&with(&|e| e.vault.proposers[0][0] ^= 1)), &["OtherConfiguration"]);
    says(&node.refusal(&with(&|e| e.payment.vault = "other".into())), &["UnknownVault"]);
    says(&node.refusal(&with(&|e| e.payment.amount += 1)), &["Mismatch", "400001"]);
    says(&node.refusal(&with(&|e| e.transaction.truncate(30))), &["Transaction("]);
    says(&node.refusal(&with(&|e| e.attestation.0[0] ^= 1)), &["OtherEpoch"]);
    let bare = || {
        let mut node = TestNode::new();
        node.decide(&desk().change("cold", 0, |_| {})).unwrap();
        node
    };
    says(&bare().refusal(&record(&good)), &["NoPolicy(\"treasury\")"]);
    let mut node = bare();
    node.decide(&desk().change("treasury", 0, |_| {})).unwrap();
    says(&node.refusal(&record(&good)), &["NoEpoch"]);
}

#[test]
fn times_are_judged_by_the_header() {
    let mut node = TestNode::ready();
    let order = Order::new(1, &[1]);
    let (good, until) = (proven(&node, &order), order.validity.until);
    says(&node.refusal_at(until + 1, &record(&good)), &["Validity"]);
    let decoded = record(&good);
    assert!(node.app.admit(&decoded, until).is_ok());
    let early = resigned(&good, |e| e.payment.validity.from = node.app.state().time + 2);
    says(&node.refusal(&early), &["Validity"]);
    let late = Order {
        validity: solventry_types::Validity { from: SNAPSHOT, until: SNAPSHOT + 2 * MAX_AGE },
        ..order.clone()
    };
    let late = node.unproven(&late);
    says(&node.refusal_at(SNAPSHOT + MAX_AGE + 1, &late), &["EpochAge"]);
    // At the limit only its proofs are missing.
    says(&node.refusal_at(SNAPSHOT + MAX_AGE, &late), &["signing step 10"]);
}

#[test]
fn the_ratio_of_a_rebalance_is_at_most_a_minute_old() {
    let mut node = TestNode::ready();
    let good = proven(&node, &Order::new(1, &[1]));
    let time = node.time() + 1;
    let rebalance = |made| {
        resigned(&good, |e| {
            let mut margin = MarginAttestation {
                oracle: public(&desk().oracle),
                venue: "venue".into(),
                account: "desk 7".into(),
                ratio_bps: 13_000,
                counter: 1,
                risk_arrays: Digest([0; 32]),
                time: made,
                signature: [0; 64],
            };
            margin.signature = desk().oracle.sign(&margin.message().0).to_bytes();
            e.payment.lane = Lane::Rebalance;
            e.policy_statement.lane = Lane::Rebalance;
            e.margin = Some(margin);
        })
    };
    says(&node.refusal(&rebalance(time - 61)), &["OracleAge"]);
    says(&node.refusal(&rebalance(time + 1)), &["OracleAge"]);
    says(&node.refusal(&rebalance(time - 60)), &["signing step 9", "oracle account"]);
}

/// A journal in which the treasury paid twice, and the order to come.
fn used() -> (TestNode, Order) {
    let mut node = TestNode::ready();
    node.pay(&Order::new(1, &[1])).unwrap();
    node.pay(&Order::new(2, &[2])).unwrap();
    node.decide_at(node.time() + 100, &Record::Tick).unwrap();
    (node, Order::new(3, &[3]))
}

#[test]
fn claims_are_bounds() {
    let (mut node, order) = used();
    let own = node.claims(&order, node.time() + 1);
    assert_eq!((own.spent, own.count, own.since_last), ([total(802_000); 4], 2, 101));
    assert_eq!(own.outflow, total(1_203_000));
    type Edit = fn(&mut JournalClaims, i64);
    fn shift(sum: &mut solventry_types::Total, by: i64) {
        *sum = total(sum.units().checked_add_signed(by.into()).unwrap());
    }
    let edits: [(&str, Edit); 6] = [
        ("sum of 1 h", |claims, by| shift(&mut claims.spent[0], by)),
        ("sum of 24 h", |claims, by| shift(&mut claims.spent[1], by)),
        ("sum of 7 d", |claims, by| shift(&mut claims.spent[2], by)),
        ("sum of 30 d", |claims, by| shift(&mut claims.spent[3], by)),
        ("count of 24 h", |claims, by| claims.count = claims.count.checked_add_signed(by as i32).unwrap()),
        ("outflow", |claims, by| shift(&mut claims.outflow, by)),
    ];
    let claiming =
        |node: &TestNode, claims| Record::Payment(Box::new(order.record(node.app.state(), claims, false)));
    // Claims that reach the journal's get as far as the proofs, which are missing here.
    let passes = &["signing step 10"];
    says(&node.refusal(&claiming(&node, own)), passes);
    for (name, edit) in edits {
        for by in [-1, 1] {
            let mut claims = own;
            edit(&mut claims, by);
            let refusal = node.refusal(&claiming(&node, claims));
            if by < 0 { says(&refusal, &["Claim", name, "at least"]) } else { says(&refusal, passes) }
        }
    }
    let since = |by: i64| JournalClaims { since_last: own.since_last.checked_add_signed(by).unwrap(), ..own };
    says(&node.refusal(&claiming(&node, since(1))), &["seconds since the last payment", "at most"]);
    says(&node.refusal(&claiming(&node, since(-1))), passes);
}

#[test]
fn a_proof_does_not_go_stale_with_the_next_payment() {
    let mut node = TestNode::ready();
    let (first, second) = (Order::new(1, &[1]), Order::new(2, &[2]));
    // Claims with room for one payment between.
    let claims = JournalClaims {
        spent: [500_000, 500_010, 500_020, 500_030].map(total),
        count: 1,
        since_last: 61,
        outflow: total(900_000),
    };
    let evidence = second.record(node.app.state(), claims, true);
    node.pay(&first).unwrap();
    says(&node.refusal(&record(&evidence)), &["seconds since the last payment"]);
    let time = node.time() + 61;
    node.decide_at(time, &record(&evidence)).unwrap();
    assert_eq!(node.app.state().families.len(), 2);
}

#[test]
fn a_replacement_is_bounded_without_its_own_family() {
    let (mut node, order) = used();
    node.pay(&order).unwrap();
    let dearer = Order { fee: 2_000, ..order.clone() };
    let claims = node.claims(&dearer, node.time() + 1);
    assert_eq!((claims.count, claims.spent[0], claims.outflow), (2, total(802_000), total(1_204_000)));
    let evidence = dearer.record(node.app.state(), claims, true);
    node.decide(&record(&evidence)).unwrap();
    assert_eq!(node.app.state().families[&order.id()].charged, 402_000);
}

#[test]
fn refused_payments_spend_the_proposers_budget_and_go_to_the_audit_log() {
    let mut node = TestNode::ready();
    let good = proven(&node, &Order::new(1, &[1]));
    let bad = |number: u8, signed: bool| {
        let mut evidence = good.clone();
        evidence.policy_proof[0] ^= number + 1;
        if !signed {
            evidence.proposal[0] ^= 1;
        }
        record(&evidence).encode()
    };
    let now = node.time() + 1;
    let submit_by = |node: &mut TestNode, coordinator, bytes: &[u8], now| {
        format!("{:?}", node.app.submit(bytes, coordinator, now))
    };
    let submit = |node: &mut TestNode, bytes: &[u8], now| submit_by(node, [9; 32], bytes, now);
    // A coordinator that spoils what another's proposer has signed spends its own budget alone.
    for number in 20..40 {
        says(&submit_by(&mut node, [8; 32], &bad(number, true), now), &["Evidence"]);
    }
    says(&submit_by(&mut node, [8; 32], &bad(40, true), now), &["Budget { limit: 20 }"]);
    assert_eq!(node.heard.0.lock().unwrap().drain(..).count(), 20);
    // What the proposer did not sign is not held against it.
    for number in 0..30 {
        says(&submit(&mut node, &bad(number, false), now), &["ProposalSignature"]);
    }
    for number in 0..20 {
        says(&submit(&mut node, &bad(number, true), now), &["Evidence"]);
    }
    says(&submit(&mut node, &record(&good).encode(), now), &["Budget { limit: 20 }"]);
    assert!(submit(&mut node, &record(&good).encode(), now + 3_599).contains("Budget"));
    assert_eq!(node.heard.0.lock().unwrap().len(), 50);
    let heard = node.heard.0.lock().unwrap()[49].clone();
    assert_eq!((heard.step, heard.kind, heard.payment), (Some(7), "payment", Some(Order::new(1, &[1]).id())));
    assert!(submit(&mut node, &record(&good).encode(), now + 3_600).contains("Validity"));
}

#[test]
fn the_pool_is_bounded_and_drops_what_a_decision_made_invalid() {
    let mut node = TestNode::ready();
    let (one, rival) = (Order::new(1, &[1]), Order::new(2, &[1]));
    let records = [proven(&node, &one), proven(&node, &rival)].map(|evidence| record(&evidence));
    let now = node.time() + 1;
    let digests = records.each_ref().map(|record| node.app.submit(&record.encode(), [9; 32], now).unwrap());
    let value = node.app.propose(4, 0, now).unwrap();
    let (entry, decided) = solventry_protocol::Entry::decode(&value).unwrap();
    assert_eq!(decided.digest(), digests[0], "the oldest first");
    node.app.commit(desk().certify(4, &entry)).unwrap();
    let Fate::Dropped(told) = node.app.fate(digests[1], |vault| vault.is_some()).unwrap() else {
        panic!("not dropped")
    };
    says(&told.detail.unwrap(), &["it uses an outpoint"]);
    assert_eq!(node.app.fate(Digest([1; 32]), |_| true).unwrap(), Fate::Unknown);
    // 64 records of one coordinator wait at most; another's are its own.
    let change = |number: u8| desk().change("treasury", 1, |change| change.policy_root[0] = number).encode();
    for number in 0..64 {
        node.app.submit(&change(number), [9; 32], now + 1).unwrap();
    }
    let full = node.app.submit(&change(64), [9; 32], now + 1).unwrap_err();
    says(&format!("{full:?}"), &["PoolFull"]);
    node.app.submit(&change(64), [8; 32], now + 1).unwrap();
}

#[test]
fn what_stops_a_vault_is_proposed_first() {
    let mut node = TestNode::ready();
    let now = node.time() + 1;
    node.app.submit(&desk().change("treasury", 1, |_| {}).encode(), [9; 32], now).unwrap();
    let mut disable =
        solventry_protocol::record::Disable { vault: "cold".into(), sequence: 1, approvals: vec![] };
    let message = disable.message(desk().genesis.digest());
    disable.approvals = super::desk::signed(&[&desk().approvers[0]], message);
    node.app.submit(&Record::Disable(disable).encode(), [9; 32], now).unwrap();
    let value = node.app.propose(4, 0, now).unwrap();
    assert_eq!(solventry_protocol::Entry::decode(&value).unwrap().1.kind(), "disabling");
}

#[test]
fn a_journal_does_not_open_on_the_disk_of_another() {
    let node = TestNode::ready();
    let mut other = desk().genesis.clone();
    other.time += 1;
    let audit = Box::new(super::node::Heard::default());
    let store: RedbStore = node.app.into_store();
    let error = crate::application::Application::open(store, other, desk().verifying.clone(), audit);
    says(&error.err().unwrap().to_string(), &["the journal of another genesis"]);
}
