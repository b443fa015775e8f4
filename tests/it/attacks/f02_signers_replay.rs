//! F2 at the nodes, replay: what was accepted once, again; what was signed for another journal.

use ed25519_dalek::Signer;
use solventry_protocol::{
    PaymentRequest, Record, SigningEvidence,
    message::Fate,
    record::{Cancel, Disable, Outcome as Spending, cancel_message},
};
use solventry_signer::journal::{CommitVote, Decided, Journal, JournalError};
use solventry_types::Digest;

use crate::support::{
    orders::{Order, psbt},
    outcome::{Outcome, attacks, names},
    signers::{
        COORDINATOR, Nodes, Reason, activate, activate_of, change, configured, expect, observers, payment,
        public, reason, say, settle, signed,
    },
    signing::desk,
};

attacks![
    accepted_records_again,
    certificates_again,
    one_more_approval_for_a_decided_payment,
    share_requests_again,
    records_of_another_journal,
    certificate_of_another_journal,
];

/// A cancellation of an order, signed for a journal by its proposer.
fn cancel(order: &Order, genesis: Digest) -> Record {
    let transaction = psbt(order.vault, &order.inputs[..1], &[], 800);
    let accounts = configured(order.vault).accounts;
    let digest = solventry_chains::decode_cancel(&transaction, &accounts).unwrap().digest();
    let approvals = signed(&[&desk().proposer], cancel_message(genesis, order.id(), digest));
    Record::Cancel(Cancel { payment_id: order.id(), transaction, approvals })
}

/// The disabling of a vault, signed for a journal by one approver.
fn disable(vault: &str, genesis: Digest) -> Record {
    let mut disable = Disable { vault: vault.into(), sequence: 1, approvals: vec![] };
    disable.approvals = signed(&[&desk().approvers[0]], disable.message(genesis));
    Record::Disable(disable)
}

/// One record of each kind, in an order in which all are accepted.
fn history(order: &Order) -> Vec<Record> {
    let genesis = desk().genesis.digest();
    vec![
        change("treasury", 0, |_| ()),
        change("cold", 0, |_| ()),
        Record::Activate(activate()),
        payment(&order.evidence()),
        cancel(order, genesis),
        Record::Settle(settle(order.id(), Spending::SpentOtherwise, 820_001)),
        disable("cold", genesis),
    ]
}

/// Why a record of the history is refused at a later height.
fn again(record: &Record, nodes: &Nodes, order: &Order) -> Reason {
    let family = nodes.apps[0].state().families.get(&order.id());
    let settled = family.is_some_and(|family| family.settled.is_some());
    let cancelled = family.is_some_and(|family| family.is_cancelled());
    match record {
        Record::Activate(_) => reason("EpochNumber {", None),
        Record::Payment(_) | Record::Cancel(_) | Record::Settle(_) if settled => reason("Settled(", 4),
        Record::Payment(_) if cancelled => reason("Cancelled(", 4),
        Record::Payment(_) | Record::Cancel(_) => reason("SameTransaction(", 4),
        _ => reason("Sequence {", None),
    }
}

/// Source: F2, replay: every accepted record at every later height. Submitted, it changes nothing;
/// proposed, it is voted down; certified, it stops the node.
fn accepted_records_again() -> Outcome {
    let (mut nodes, order) = (Nodes::blank(), Order::new(1, &[1, 2]));
    let records = history(&order);
    for (height, record) in records.iter().enumerate() {
        nodes.decide(record)?;
        let (before, time) = (nodes.digest()?, nodes.time() + 1);
        for old in &records[..=height] {
            nodes.vote_nil(time, old, &again(old, &nodes, &order))?;
            for app in &mut nodes.apps {
                app.submit(&old.encode(), COORDINATOR, time).map_err(|refusal| say(&refusal))?;
                let decided = matches!(app.fate(old.digest(), |_| true), Ok(Fate::Decided(_)));
                if !decided || app.wants_height(time) {
                    return Err(format!("a decided {} waits again", old.kind()));
                }
            }
        }
        if nodes.digest()? != before {
            return Err("a replay changed the state".into());
        }
    }
    let entry = nodes.entry(nodes.time() + 1, &records[3]);
    let certified = nodes.certify(&entry, &[0, 1, 2]);
    for app in &mut nodes.apps {
        let error = app.commit(certified.clone()).err().ok_or("ACCEPTED with a certificate")?;
        say(&error);
        names(&error, "Halt {", "it is settled")?;
    }
    nodes.no_share(&order, entry.header.time, &reason("Halted", 9))
}

/// Source: F2, replay: a certificate is of one height and one value.
fn certificates_again() -> Outcome {
    let mut nodes = Nodes::ready();
    let before = nodes.digest()?;
    for app in &mut nodes.apps {
        for height in 1..=3 {
            let old = app.decided(height).map_err(|error| say(&error))?.ok_or("nothing decided")?;
            let error = app.commit(old.clone()).err().ok_or("ACCEPTED at its own height")?;
            names(&error, "Height { expected: 4", "expected height 4")?;
            let error = app.commit(Decided { height: 4, ..old }).err().ok_or("ACCEPTED at height 4")?;
            say(&error);
            names(&error, "Certificate { height: 4", "not signed by its key")?;
        }
    }
    if nodes.digest()? == before { Ok(()) } else { Err("a replay changed the state".into()) }
}

/// Source: F2, replay: another record of the same payment and transaction.
fn one_more_approval_for_a_decided_payment() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1]));
    let good = order.evidence();
    nodes.decide(&payment(&good))?;
    let mut request = PaymentRequest::propose(good.payment.clone(), good.vault.genesis, &desk().proposer);
    desk().approvers.iter().for_each(|key| request.approve(good.vault.genesis, key));
    let more = SigningEvidence { approvals: request.approvals, ..good };
    nodes.refuse(nodes.time() + 1, &payment(&more), &reason("SameTransaction(", 4))
}

/// Source: gate step 10: a nonce and a package are used once; what was authorized is asked again.
fn share_requests_again() -> Outcome {
    let (mut nodes, order) = (Nodes::ready(), Order::new(1, &[1, 2]));
    let good = order.evidence();
    nodes.decide(&payment(&good))?;
    let now = nodes.time();
    let (one, two) = (Digest([1; 32]), Digest([2; 32]));
    let mut stale = Vec::new();
    for (number, app) in nodes.apps.iter_mut().enumerate() {
        let share = app.authorize(order.id(), order.transaction(), now).map_err(|refusal| say(&refusal))?;
        app.mark(&share, &[[1; 32], [2; 32]], one).map_err(|refusal| say(&refusal))?;
        let requests: [(&[[u8; 32]], Digest, &str); 5] = [
            (&[[1; 32], [2; 32]], one, "UsedPackage"),
            (&[[3; 32], [4; 32]], one, "UsedPackage"),
            (&[[3; 32], [2; 32]], two, "UsedNonce"),
            (&[[5; 32], [5; 32]], two, "UsedNonce"),
            (&[], two, "NoNonce"),
        ];
        for (nonces, package, variant) in requests {
            let refusal = app.mark(&share, nonces, package).err().ok_or("ACCEPTED a second time")?;
            expect(number, refusal, &reason(variant, 10))?;
        }
        stale.push(share);
    }
    let (other, replacement) = order.moved(&good, &[1, 3]);
    nodes.decide(&payment(&replacement))?;
    nodes.no_share(&order, now, &reason("NotLast(", 9))?;
    for (number, share) in stale.iter().enumerate() {
        let refusal = nodes.apps[number].mark(share, &[[6; 32], [7; 32]], two).err();
        expect(number, refusal.ok_or("ACCEPTED after its replacement")?, &reason("NotLast(", 9))?;
        let app = &mut nodes.apps[number];
        app.authorize(other.id(), other.transaction(), now + 1).map_err(|refusal| say(&refusal))?;
    }
    Ok(())
}

/// Source: F2, replay across journals: every kind of record, signed by the right people for
/// another genesis.
fn records_of_another_journal() -> Outcome {
    let (other, order) = (Digest([0x48; 32]), Order::new(1, &[1]));
    let mut nodes = Nodes::blank();
    let Record::Change(mut foreign) = change("treasury", 0, |_| ()) else { unreachable!() };
    foreign.approvals = signed(&[&desk().approvers[0], &desk().approvers[1]], foreign.message(other));
    let unsigned = reason("Signature { number: 1 }", None);
    let time = nodes.time() + 1;
    nodes.refuse(time, &Record::Change(foreign), &unsigned)?;
    let epoch = Record::Activate(activate_of(desk().attestation.attestation(), other));
    nodes.refuse(time, &epoch, &unsigned)?;

    let (mut nodes, good) = (Nodes::ready(), order.evidence());
    let mut request = PaymentRequest::propose(good.payment.clone(), other, &desk().proposer);
    request.approve(other, &desk().approvers[0]);
    let mut foreign = SigningEvidence { proposal: request.proposal, ..good.clone() };
    let time = nodes.time() + 1;
    nodes.refuse(time, &payment(&foreign), &reason("Evidence { source: ProposalSignature", 5))?;
    foreign = SigningEvidence { approvals: request.approvals, ..good.clone() };
    nodes.refuse(time, &payment(&foreign), &reason("Evidence { source: ApprovalSignature", 5))?;
    foreign.vault.genesis = other;
    nodes.refuse(time, &payment(&foreign), &reason("OtherConfiguration {", 3))?;

    nodes.decide(&payment(&good))?;
    let time = nodes.time() + 1;
    nodes.refuse(time, &cancel(&order, other), &unsigned)?;
    nodes.refuse(time, &disable("treasury", other), &unsigned)?;
    let mut foreign = settle(order.id(), Spending::Confirmed, 820_001);
    foreign.observations = signed(&[&observers()[0], &observers()[1]], foreign.message(other));
    nodes.refuse(time, &Record::Settle(foreign), &unsigned)
}

/// Source: F3: precommits of the same nodes in another journal.
fn certificate_of_another_journal() -> Outcome {
    let mut nodes = Nodes::ready();
    let entry = nodes.entry(nodes.time() + 30, &Record::Tick);
    let mut decided = nodes.certify(&entry, &[0, 1, 2]);
    for (vote, key) in decided.votes.iter_mut().zip(&desk().signers) {
        let value = entry.header.value_id();
        let message = solventry_protocol::decision::precommit_message(
            Digest([0x48; 32]),
            decided.height,
            decided.round,
            value,
            &public(key),
        );
        *vote = CommitVote { identity: public(key), signature: key.sign(&message.0).to_bytes() };
    }
    for app in &mut nodes.apps {
        match app.commit(decided.clone()) {
            Err(JournalError::Certificate { reason, .. }) if reason.contains("not signed by its key") => {}
            other => return Err(format!("expected a refused certificate, got {other:?}")),
        }
    }
    Ok(())
}
