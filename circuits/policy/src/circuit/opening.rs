//! The circuit's values for one payment.

use std::convert::Infallible;

use halo2_proofs::{circuit::Value, pasta::Fp};

use super::PolicyCircuit;
use crate::{
    commitment::{PolicyFields, RuleFields, Tree},
    rules::{Policy, Rule},
    statement::PolicyStatement,
};

impl PolicyCircuit {
    /// The circuit that opens this policy for this payment. A payment that the policy refuses
    /// gets the values that come nearest, the first rule or destination where none fits; no
    /// values satisfy the circuit then.
    pub fn new(policy: &Policy, statement: &PolicyStatement) -> Self {
        Self::with_root(policy, statement).0
    }

    /// The circuit and the root of the policy. All trees are built once, which takes two hashes
    /// for each destination.
    pub(crate) fn with_root(policy: &Policy, statement: &PolicyStatement) -> (Self, Fp) {
        let fits = |rule: &Rule| rule.asset == statement.asset && rule.lane == statement.lane;
        let place = policy.rules.iter().position(fits).unwrap_or(0);
        let mut rule = RuleFields::default();
        let mut destination = Value::unknown();
        let mut leaves = Vec::with_capacity(policy.rules.len());
        for (index, hidden) in policy.rules.iter().enumerate() {
            let tree = hidden.destination_tree();
            leaves.push(hidden.leaf(tree.root()));
            if index == place {
                let position = hidden.destinations.binary_search(&statement.destination).unwrap_or(0);
                destination = Value::known(tree.path(position));
                let Ok(known) = RuleFields::of(hidden).try_map(known);
                rule = known;
            }
        }
        let Ok(fields) = PolicyFields::of(policy).try_map(known);
        let rules = Tree::new(leaves);
        let circuit = Self { rule, policy: fields, destination, place: Value::known(rules.path(place)) };
        (circuit, policy.root_over(rules.root()))
    }
}

fn known(field: Fp) -> Result<Value<Fp>, Infallible> {
    Ok(Value::known(field))
}
