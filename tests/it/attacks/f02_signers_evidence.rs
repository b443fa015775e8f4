//! F2, F4 at the nodes: an evil coordinator submits, and a Byzantine proposer proposes, whatever
//! the evil maker of evidence can make.

use solventry_protocol::SigningEvidence;
use solventry_types::Chain;

use super::{f02_people, f02_proofs, f04_transaction};
use crate::support::{
    evil_signing::{Made, made_by, transfer},
    outcome::{Attack, Outcome, attacks},
    signers::{Nodes, Reason, payment, reason},
    signing::{TIME, desk},
};

attacks![people, proofs, transactions];

/// Payments that a fresh journal sees: proposers have 20 refusals an hour.
const BUDGET: usize = 18;

/// Source: F2: proposers, approvers, oracles and configurations that are not the vault's.
fn people() -> Outcome {
    all(f02_people::ALL, 15)
}

/// Source: F2: forged, replayed, swapped and stale proofs and statements.
fn proofs() -> Outcome {
    all(f02_proofs::ALL, 60)
}

/// Source: F4: transactions that do more than the payment says.
fn transactions() -> Outcome {
    all(f04_transaction::ALL, 25)
}

/// Everything that these attacks make, at least `least` records, is refused by every node.
fn all(attacks: &[Attack], least: usize) -> Outcome {
    let mut made = Vec::new();
    for attack in attacks {
        let of = made_by(attack)?;
        made.extend(of.into_iter().map(|made| (attack.name, made)));
    }
    // What was decided elsewhere is a file, not a record.
    made.retain(|(_, made)| made.evidence.decision.is_none() && made.step > 1);
    if made.len() < least {
        return Err(format!("expected at least {least} records, got {}", made.len()));
    }
    let mut problems = Vec::new();
    for some in made.chunks(BUDGET) {
        let mut nodes = Nodes::ready();
        for (name, made) in some {
            if let Err(problem) = nodes.refuse(TIME, &payment(&made.evidence), &expected(made)) {
                problems.push(format!("{name}: {problem}"));
            }
        }
        // The honest one passes on the same nodes: they refuse nothing without reason.
        nodes.decide_at(TIME, &payment(&desk().honest))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n  ")) }
}

/// How a node refuses what a verifier of files refuses: it knows configuration, epoch and sums
/// itself and asks for them first; the rest it leaves to the same verifier.
fn expected(made: &Made) -> Reason {
    let Made { evidence, step, variant } = made;
    if evidence.payment.vault != "treasury" {
        return reason("UnknownVault(", 3);
    }
    if evidence.vault != desk().honest.vault {
        return reason("OtherConfiguration {", 3);
    }
    if *step == 3 {
        return reason(variant, 2);
    }
    if evidence.payment.chain != Chain::Bitcoin {
        return reason("Mismatch(Chain {", 2);
    }
    if let Some(mismatch) = variant.strip_prefix("Payment(") {
        return reason(&format!("Mismatch({mismatch}"), 2);
    }
    if evidence.attestation != desk().attestation.digest() {
        return reason("OtherEpoch {", 6);
    }
    if is_short(evidence) {
        return reason("Claim { what: \"outflow\"", 7);
    }
    reason(&format!("Evidence {{ source: {variant}"), if *step <= 6 { 5 } else { 7 })
}

/// Claims less outflow than the transaction is charged.
fn is_short(evidence: &SigningEvidence) -> bool {
    evidence.headroom_statement.outflow.units() < u128::from(transfer(evidence).charged())
}
