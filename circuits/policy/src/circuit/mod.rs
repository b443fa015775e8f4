//! The policy circuit: one fixed circuit that interprets any policy (`circuits/SPEC.md`, 14).
//!
//! The statement reads top to bottom in [`PolicyCircuit::synthesize`]. Every hidden field is an
//! input of the hashes that end in the policy root. A prover who knows another opening of the
//! root than the one it was made from has a collision; so hidden fields have the ranges of the
//! types in [`crate::rules`], and none is ranged here. Public inputs have the ranges of the types
//! in [`crate::PolicyStatement`]. What is computed from both is ranged where it is made.

mod config;
mod gadgets;
mod gates;
mod hashes;
mod opening;

use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{AssignedCell, Layouter, Value, floor_planner::V1},
    pasta::Fp,
    plonk::{Circuit, ConstraintSystem, Error},
};

pub use config::PolicyConfig;

use crate::{
    commitment::{DESTINATION_TAG, Path, PolicyFields, ROOT_TAG, RULE_TAG, RuleFields},
    instance::{CIRCUIT_VERSION, PublicInputs},
    rules::{DESTINATION_DEPTH, RULE_DEPTH},
};

/// log2 of the number of rows.
pub const K: u32 = 10;

/// A cell and its value.
pub type Cell = AssignedCell<Fp, Fp>;

/// The circuit with the opening of a policy for one payment; by default without values, for keys.
#[derive(Clone, Default)]
pub struct PolicyCircuit {
    rule: RuleFields<Value<Fp>>,
    policy: PolicyFields<Value<Fp>>,
    /// Where the destination stands among those of the rule.
    destination: Value<Path<DESTINATION_DEPTH>>,
    /// Where the rule stands in the policy.
    place: Value<Path<RULE_DEPTH>>,
}

/// Everything that claims are made about.
struct Cells {
    public: PublicInputs<Cell>,
    rule: RuleFields<Cell>,
    policy: PolicyFields<Cell>,
    zero: Cell,
    one: Cell,
}

impl Circuit<Fp> for PolicyCircuit {
    type Config = PolicyConfig;
    type FloorPlanner = V1;

    fn without_witnesses(&self) -> Self {
        Self::default()
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> PolicyConfig {
        PolicyConfig::configure(meta)
    }

    fn synthesize(&self, config: PolicyConfig, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        let layouter = &mut layouter;
        config.load_table(layouter)?;

        // Public inputs: each is copied into a cell, which the permutation ties to its row. No
        // claim but the commitment to the instance speaks of payment_id. That is enough: the
        // commitment is hashed before the first challenge, so a proof made for one payment_id
        // has other challenges than any proof for another (SPEC 14, "Bound only").
        let public = config.public_inputs(layouter)?;
        let version = config.constant(layouter, Fp::from(CIRCUIT_VERSION))?;
        config.equal(layouter, &public.version, &version)?;

        // Hidden fields: each is an input of a hash below.
        let cells = Cells {
            rule: self.rule.try_map(|field| config.hidden(layouter, field))?,
            policy: self.policy.try_map(|field| config.hidden(layouter, field))?,
            zero: config.constant(layouter, Fp::ZERO)?,
            one: config.constant(layouter, Fp::ONE)?,
            public,
        };

        self.committed(&config, layouter, &cells)?;
        validity(&config, layouter, &cells)?;
        limits(&config, layouter, &cells)?;
        approvals(&config, layouter, &cells)?;
        rebalance(&config, layouter, &cells)
    }
}

impl PolicyCircuit {
    /// C-POL-1, 3, 4: the policy root is over a tree with a rule of this asset and lane, which is
    /// over a tree with this destination; and over this vault and approver set. The leaf of the
    /// destination, the rule and the root take the statement's own cells as inputs, so there is
    /// nothing to compare but the last root.
    fn committed(
        &self,
        config: &PolicyConfig,
        layouter: &mut impl Layouter<Fp>,
        cells: &Cells,
    ) -> Result<(), Error> {
        let Cells { public, rule, policy, .. } = cells;

        // C-POL-4: the destination is in the tree of the rule.
        let [high, low] = public.destination.clone();
        let tag = config.constant(layouter, Fp::from_u128(DESTINATION_TAG))?;
        let leaf = config.hash(&config.destination_hash, layouter, [tag, high, low])?;
        let destinations_root =
            config.merkle_root(&config.destination_hash, layouter, leaf, &self.destination)?;

        // C-POL-3: the rule, of this asset and lane, is in the tree of the policy.
        let tag = config.constant(layouter, Fp::from_u128(RULE_TAG))?;
        let inputs = rule.inputs(tag, public.asset.clone(), public.lane.clone(), destinations_root);
        let leaf = config.hash(&config.policy_hash, layouter, inputs)?;
        let rules_root = config.merkle_root(&config.policy_hash, layouter, leaf, &self.place)?;

        // C-POL-1: the policy is of this vault and approver set, and has this root.
        let tag = config.constant(layouter, Fp::from_u128(ROOT_TAG))?;
        let inputs = policy.inputs(tag, public.vault.clone(), public.approver_set.clone(), rules_root);
        let root = config.hash(&config.policy_hash, layouter, inputs)?;
        config.equal(layouter, &root, &public.policy_root)
    }
}

/// C-POL-2: from ≥ not_before, until ≤ not_after, until − from ∈ [0, max_validity].
fn validity(config: &PolicyConfig, layouter: &mut impl Layouter<Fp>, cells: &Cells) -> Result<(), Error> {
    let Cells { public, policy, zero, .. } = cells;
    let (from, until) = (&public.valid_from, &public.valid_until);
    config.difference(layouter, from, [&policy.not_before, zero], 64)?;
    config.difference(layouter, &policy.not_after, [until, zero], 64)?;
    // Ranged here, so that a negative one is not taken for a large field element below.
    let length = config.difference(layouter, until, [from, zero], 64)?;
    config.difference(layouter, &policy.max_validity, [&length, zero], 64)?;
    Ok(())
}

/// C-POL-5 to 9: caps, windows, count, cooldown, fee.
fn limits(config: &PolicyConfig, layouter: &mut impl Layouter<Fp>, cells: &Cells) -> Result<(), Error> {
    let Cells { public, rule, zero, one, .. } = cells;
    // C-POL-5: amount ≤ per_payment.
    config.difference(layouter, &rule.per_payment, [&public.amount, zero], 96)?;
    // C-POL-6: spent + amount ≤ per_window, in each window.
    for (cap, spent) in rule.per_window.iter().zip(&public.spent) {
        config.difference(layouter, cap, [spent, &public.amount], 96)?;
    }
    // C-POL-7: count + 1 ≤ the rule's count.
    config.difference(layouter, &rule.count, [&public.count, one], 32)?;
    // C-POL-8: since_last ≥ cooldown.
    config.difference(layouter, &public.since_last, [&rule.cooldown, zero], 64)?;
    // C-POL-9: fee ≤ the rule's fee.
    config.difference(layouter, &rule.fee, [&public.fee, zero], 64)?;
    Ok(())
}

/// C-POL-10 and 11: approvals, by tier.
fn approvals(config: &PolicyConfig, layouter: &mut impl Layouter<Fp>, cells: &Cells) -> Result<(), Error> {
    let Cells { public, rule, zero, .. } = cells;
    // C-POL-10: approvals ≥ what every payment needs.
    config.difference(layouter, &public.approvals, [&rule.approvals, zero], 16)?;
    // C-POL-11: for each tier, amount > above implies approvals ≥ what it needs.
    for tier in &rule.tiers {
        let reached = config.is_above(layouter, &public.amount, &tier.above, 96)?;
        config.approved_if(layouter, &reached, &public.approvals, &tier.approvals)?;
    }
    Ok(())
}

/// C-POL-12: in the rebalance lane the destination is an own one, the oracle is the policy's, and
/// the ratio is outside the band. In the normal lane the bits are what they are and bind nothing.
fn rebalance(config: &PolicyConfig, layouter: &mut impl Layouter<Fp>, cells: &Cells) -> Result<(), Error> {
    let Cells { public, rule, policy, .. } = cells;
    let [low, high] = &rule.band;
    let ratio = &public.margin_ratio_bps;
    let below = config.is_above(layouter, low, ratio, 32)?;
    let above = config.is_above(layouter, ratio, high, 32)?;
    config.rebalance_lane(layouter, &public.lane, &public.own_destination, [&below, &above])?;
    for (stated, hidden) in public.oracle_account.iter().zip(&policy.oracle_account) {
        config.rebalance_oracle(layouter, &public.lane, [stated, hidden])?;
    }
    Ok(())
}
