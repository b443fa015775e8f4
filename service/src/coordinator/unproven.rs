//! Records whose proofs do not hold, to show that signers refuse by themselves.
//!
//! The statements are the true ones of the payment; a proof is an honest one where the owner's
//! rules allow the payment, and otherwise an honest proof of another statement. No proof of the
//! true statement exists then.

use rand_core::OsRng;
use solventry_policy::{Policy, PolicyKeys, PolicyStatement, Refusal};
use solventry_protocol::{
    JournalClaims, SigningEvidence,
    rebuild::{charge, headroom_statement, policy_statement},
};
use solventry_types::{Lane, Total, Validity};

use crate::{
    epoch::headroom::headroom_of,
    journal_sums::JournalSums,
    signing::{PaymentRefused, prove::PaymentInputs},
};

/// A record that no honest signer accepts.
#[derive(Debug)]
pub struct Unproven {
    /// The record.
    pub evidence: SigningEvidence,
    /// Rule kinds of the owner's policy that refuse the payment; none if it allows it.
    pub refusals: Vec<Refusal>,
    /// Whether the reserves would not cover the liabilities after it.
    pub breaks_coverage: bool,
}

/// Makes the record without the owner's own refusals.
pub fn unproven(inputs: PaymentInputs<'_>, journal: &JournalSums) -> Result<Unproven, PaymentRefused> {
    let PaymentInputs { vault, policy, transfer, request, attestation, folder, headroom_keys, .. } = inputs;
    let approvals = request.verify(vault)?;
    let charge = charge(transfer, request.payment.fee_cap, vault, attestation)?;
    let outflow = journal.outflow.add(charge.outflow).map_err(|_| PaymentRefused::Outflow)?;
    let claims =
        JournalClaims { spent: journal.spent, count: journal.count, since_last: journal.since_last, outflow };
    let margin = inputs.margin.as_ref();
    let statement = policy_statement(vault, &request.payment, &charge, margin, approvals, &claims);

    let refusals = policy.decide(&statement);
    let provable = if refusals.is_empty() {
        statement.clone()
    } else {
        allowed(policy, &statement).ok_or_else(|| PaymentRefused::Policy(refusals.clone()))?
    };
    let keys = PolicyKeys::generate().map_err(|error| PaymentRefused::SelfCheck(error.to_string()))?;
    let proof = solventry_policy::prove(&keys, policy, &provable, OsRng)?;

    let honest = headroom_of(folder, attestation, headroom_keys, charge.id, outflow);
    let breaks_coverage = honest.is_err();
    let headroom = match honest {
        Ok(file) => file,
        Err(_) => headroom_of(folder, attestation, headroom_keys, charge.id, Total::ZERO)?,
    };
    let evidence = SigningEvidence {
        vault: vault.clone(),
        payment: request.payment.clone(),
        transaction: inputs.transaction,
        proposal: request.proposal,
        approvals: request.approvals.clone(),
        margin: inputs.margin,
        attestation: attestation.digest(),
        policy_statement: statement,
        policy_proof: proof.as_bytes().to_vec(),
        headroom_statement: headroom_statement(attestation, &charge, &claims),
        headroom_key: headroom.key.encode(),
        headroom_proof: headroom.proof,
        decision: None,
        signatures: vec![],
    };
    Ok(Unproven { evidence, refusals, breaks_coverage })
}

/// Another statement that the policy allows: one unit to a listed destination, with every approval
/// and no history.
fn allowed(policy: &Policy, of: &PolicyStatement) -> Option<PolicyStatement> {
    let until = policy.not_before.checked_add(policy.max_validity)?.min(policy.not_after);
    let validity = Validity { from: policy.not_before, until };
    let statements = policy.rules.iter().flat_map(|rule| {
        rule.destinations.iter().map(move |destination| PolicyStatement {
            vault: policy.vault,
            approver_set: policy.approver_set,
            asset: rule.asset,
            lane: rule.lane,
            destination: *destination,
            amount: Total::from_units(1).unwrap_or(Total::ZERO),
            fee: 0,
            own_destination: rule.lane == Lane::Rebalance,
            spent: [Total::ZERO; 4],
            count: 0,
            since_last: u64::MAX,
            approvals: u16::MAX,
            oracle_account: policy.oracle_account,
            margin_ratio_bps: 0,
            validity,
            ..of.clone()
        })
    });
    statements.into_iter().find(|statement| policy.decide(statement).is_empty())
}

#[cfg(test)]
mod tests {
    use solventry_policy::{
        Rule,
        rules::{Salt, TIERS, Tier},
    };
    use solventry_types::Digest;

    use super::*;

    fn policy() -> Policy {
        let total = |units| Total::from_units(units).unwrap();
        let mut tiers = [Tier::unused(); TIERS];
        tiers[0] = Tier { above: total(0), approvals: 2 };
        let rule = Rule {
            asset: Digest([1; 32]),
            lane: Lane::Normal,
            per_payment: total(10),
            per_window: [total(10); 4],
            count: 1,
            cooldown: 60,
            fee: 0,
            approvals: 1,
            tiers,
            band_bps: (0, 0),
            destinations: vec![Digest([2; 32])],
        };
        Policy {
            vault: Digest([3; 32]),
            approver_set: Digest([4; 32]),
            oracle_account: Digest([0; 32]),
            not_before: 1_000,
            not_after: 2_000,
            max_validity: 100,
            rules: vec![rule],
            salt: Salt([5; 32]),
        }
    }

    /// Refused for its amount, destination, history, approvals and validity.
    fn refused(policy: &Policy) -> PolicyStatement {
        PolicyStatement {
            policy_root: policy.root(),
            payment_id: Digest([6; 32]),
            vault: policy.vault,
            asset: Digest([1; 32]),
            destination: Digest([9; 32]),
            amount: Total::from_units(11).unwrap(),
            fee: 1,
            lane: Lane::Normal,
            own_destination: false,
            spent: [Total::from_units(10).unwrap(); 4],
            count: 7,
            since_last: 0,
            approvals: 0,
            approver_set: policy.approver_set,
            oracle_account: Digest([0; 32]),
            margin_ratio_bps: 0,
            validity: Validity { from: 0, until: 5_000 },
        }
    }

    #[test]
    fn a_refused_payment_has_an_allowed_neighbour_that_is_another_statement() {
        let policy = policy();
        let statement = refused(&policy);
        assert!(policy.decide(&statement).len() > 5);
        let neighbour = allowed(&policy, &statement).unwrap();
        assert_eq!(policy.decide(&neighbour), []);
        assert_ne!(neighbour, statement);
        assert_eq!(
            (neighbour.policy_root, neighbour.payment_id),
            (statement.policy_root, statement.payment_id)
        );

        let mut nothing = policy;
        nothing.rules[0].destinations.clear();
        assert_eq!(allowed(&nothing, &refused(&nothing)), None);
    }
}
