//! A node's part in a signing round: commit, then release shares (the gate's steps 9 and 10).

use std::time::Instant;

use ed25519_dalek::{Signer, VerifyingKey};
use solventry_protocol::{
    Response,
    message::{Phase, SignedCommitments, SignedShares, commitments_message, package_digest, shares_message},
};
use solventry_threshold::{commit as make_nonces, sign};
use solventry_types::Digest;

use crate::node::{
    answer::{Caller, said},
    rounds::{Purpose, by_node, nonces_id},
    shared::{Shared, SharedJournal, lock, now},
};

/// Makes nonces for a decided transaction and signs their commitments.
pub(crate) fn commit(
    shared: &Shared,
    journal: &SharedJournal,
    caller: Caller<'_>,
    payment_id: Digest,
    transaction: Digest,
) -> Response {
    if let Some(response) = not_running(shared) {
        return response;
    }
    let Caller::Coordinator(coordinator, _) = caller else { return only_coordinators() };
    let vault = lock(journal).paid_from(payment_id);
    let genesis = lock(journal).status().genesis;
    let authorized = lock(journal).authorize(payment_id, transaction, now());
    let authorized = match authorized {
        Ok(authorized) => authorized,
        Err(refusal) => return caller.refuse(Some(&vault), said(&refusal)),
    };
    let share = match shared.share(authorized.vault()) {
        Ok(Some(share)) => share,
        Ok(None) => return Response::Unavailable("this node has no key share of the vault".into()),
        Err(error) => return Response::Unavailable(error.told()),
    };
    let (nonces, opened) = match make_nonces(&share, authorized.messages().len()) {
        Ok(made) => made,
        Err(error) => return Response::Unavailable(error.to_string()),
    };
    let purpose = Purpose { coordinator: *coordinator, payment_id, transaction };
    lock(&shared.rounds).open(purpose, &opened, nonces, Instant::now());
    let node = u8::try_from(shared.number).unwrap_or(u8::MAX);
    let message = commitments_message(genesis, payment_id, transaction, node, &opened);
    let signature = shared.secrets.identity.sign(&message.0).to_bytes();
    Response::Commitments(SignedCommitments { node, commitments: opened, signature })
}

/// Checks the package, writes the marker, and only then signs: nonces are used by value.
pub(crate) fn release(
    shared: &Shared,
    journal: &SharedJournal,
    caller: Caller<'_>,
    payment_id: Digest,
    transaction: Digest,
    commitments: &[SignedCommitments],
) -> Response {
    if let Some(response) = not_running(shared) {
        return response;
    }
    let Caller::Coordinator(coordinator, _) = caller else { return only_coordinators() };
    let vault = lock(journal).paid_from(payment_id);
    let genesis = lock(journal).status().genesis;
    let refuse = |problem: &str| caller.refuse(Some(&vault), format!("step 10: {problem}"));
    if let Err(problem) = verify_package(shared, genesis, payment_id, transaction, commitments) {
        return refuse(&problem);
    }
    // The journal stays locked from the check to the marker, so that nothing is decided between.
    let mut journal = lock(journal);
    let authorized = match journal.authorize(payment_id, transaction, now()) {
        Ok(authorized) => authorized,
        Err(refusal) => return caller.refuse(Some(&vault), said(&refusal)),
    };
    let Some(own) = commitments.iter().find(|signed| usize::from(signed.node) == shared.number) else {
        return refuse("the package does not hold this node's commitments");
    };
    let share = match shared.share(authorized.vault()) {
        Ok(Some(share)) => share,
        Ok(None) => return Response::Unavailable("this node has no key share of the vault".into()),
        Err(error) => return Response::Unavailable(error.told()),
    };
    let purpose = Purpose { coordinator: *coordinator, payment_id, transaction };
    let taken = lock(&shared.rounds).take(purpose, &own.commitments, Instant::now());
    let Some(nonces) = taken else {
        return refuse("the nonces of these commitments are used, expired or unknown; ask for fresh ones");
    };
    let package = package_digest(payment_id, transaction, commitments);
    if let Err(error) = journal.mark(&authorized, &[nonces_id(&own.commitments).0], package) {
        return refuse(&error.to_string());
    }
    let signed = sign(nonces, &share, authorized.messages(), &by_node(commitments));
    let shares = match signed {
        Ok(shares) => shares,
        Err(error) => return refuse(&error.to_string()),
    };
    let message = shares_message(genesis, authorized.intent(), package, own.node, &shares);
    let signature = shared.secrets.identity.sign(&message.0).to_bytes();
    Response::Shares(SignedShares { node: own.node, shares, signature })
}

/// Exactly t nodes, each with commitments that it signed itself.
fn verify_package(
    shared: &Shared,
    genesis: Digest,
    payment_id: Digest,
    transaction: Digest,
    commitments: &[SignedCommitments],
) -> Result<(), String> {
    let (expected, got) = (shared.group.threshold(), commitments.len());
    if expected != got {
        return Err(format!("expected commitments of {expected} nodes, got {got}"));
    }
    if !commitments.is_sorted_by(|a, b| a.node < b.node) {
        return Err("expected each node once, in order".into());
    }
    for SignedCommitments { node, commitments, signature } in commitments {
        let member = shared.group.nodes.get(usize::from(*node));
        let member = member.ok_or_else(|| format!("there is no node {node}"))?;
        let message = commitments_message(genesis, payment_id, transaction, *node, commitments);
        let key = VerifyingKey::from_bytes(&member.identity).map_err(|_| "an identity is no key")?;
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(&message.0, &signature)
            .map_err(|_| format!("the commitments of node {node} are not signed by it"))?;
    }
    Ok(())
}

fn only_coordinators() -> Response {
    Response::Unavailable("only coordinators ask for signatures".into())
}

fn not_running(shared: &Shared) -> Option<Response> {
    let phase = shared.phase();
    (phase != Phase::Running)
        .then(|| Response::Unavailable(format!("this node is {}; it signs nothing", name(phase))))
}

/// Name of a phase.
pub(crate) const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Blank => "without a journal",
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Quarantined => "quarantined",
        Phase::Halted => "halted",
    }
}
