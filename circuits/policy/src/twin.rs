//! The native twin of the circuit: every rule kind that refuses a payment.

use solventry_types::{Lane, Total};

use crate::{
    rules::{Policy, Rule, WINDOW_NAMES},
    statement::PolicyStatement,
};

/// The kind of a rule that refuses a payment. Holds no limit: limits are secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// C-POL-1.
    #[error("the policy is written for another vault")]
    Vault,
    /// C-POL-1.
    #[error("the approvals were counted in another approver set than the policy's")]
    ApproverSet,
    /// C-POL-2.
    #[error("the payment may begin before the policy does")]
    NotBefore,
    /// C-POL-2.
    #[error("the payment may still be valid after the policy ends")]
    NotAfter,
    /// C-POL-2.
    #[error("the payment is valid for longer than the policy allows")]
    MaxValidity,
    /// C-POL-3.
    #[error("no rule allows this asset in this lane")]
    NoRule,
    /// C-POL-4.
    #[error("the destination is not listed")]
    Destination,
    /// C-POL-5.
    #[error("the charged amount is above the cap of one payment")]
    PerPayment,
    /// C-POL-6, by window.
    #[error("the sum charged in {} would pass its cap", WINDOW_NAMES.get(*.0).copied().unwrap_or("a window"))]
    PerWindow(usize),
    /// C-POL-7.
    #[error("too many payments in 24 hours")]
    Count,
    /// C-POL-8.
    #[error("the cooldown since the last payment is not over")]
    Cooldown,
    /// C-POL-9.
    #[error("the network fee is above its cap")]
    Fee,
    /// C-POL-10.
    #[error("too few approvals")]
    Approvals,
    /// C-POL-11.
    #[error("too few approvals for an amount of this tier")]
    Tier,
    /// C-POL-12.
    #[error("a rebalance may only go to an own destination")]
    OwnDestination,
    /// C-POL-12.
    #[error("the margin ratio is of another account than the policy's")]
    OracleAccount,
    /// C-POL-12.
    #[error("the margin ratio is inside the band: no rebalance is needed")]
    Band,
}

impl Policy {
    /// Every refusal of the payment; empty when it is allowed. Any refusal wins, in no order.
    pub fn decide(&self, statement: &PolicyStatement) -> Vec<Refusal> {
        let validity = statement.validity;
        let length = validity.until.checked_sub(validity.from);
        let mut refusals: Vec<Refusal> = [
            (self.vault != statement.vault, Refusal::Vault),
            (self.approver_set != statement.approver_set, Refusal::ApproverSet),
            (validity.from < self.not_before, Refusal::NotBefore),
            (validity.until > self.not_after, Refusal::NotAfter),
            (length.is_none_or(|length| length > self.max_validity), Refusal::MaxValidity),
        ]
        .into_iter()
        .filter_map(|(refused, kind)| refused.then_some(kind))
        .collect();
        match self.rule_for(statement) {
            None => refusals.push(Refusal::NoRule),
            Some(rule) => refusals.extend(rule.refusals(statement, self)),
        }
        refusals
    }

    /// The one rule of the payment's asset and lane.
    pub fn rule_for(&self, statement: &PolicyStatement) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.asset == statement.asset && rule.lane == statement.lane)
    }
}

impl Rule {
    fn refusals(&self, statement: &PolicyStatement, policy: &Policy) -> impl Iterator<Item = Refusal> {
        let amount = statement.amount.units();
        let above = |cap: Total, sum: Total| sum.units().saturating_add(amount) > cap.units();
        let (low, high) = self.band_bps;
        let ratio = statement.margin_ratio_bps;
        let rebalance = statement.lane == Lane::Rebalance;
        let tier =
            |tier: &crate::rules::Tier| amount > tier.above.units() && statement.approvals < tier.approvals;
        let windows = self.per_window.into_iter().zip(statement.spent).enumerate();
        let windows: Vec<_> =
            windows.map(|(index, (cap, sum))| (above(cap, sum), Refusal::PerWindow(index))).collect();
        [
            (self.destinations.binary_search(&statement.destination).is_err(), Refusal::Destination),
            (amount > self.per_payment.units(), Refusal::PerPayment),
            (statement.count >= self.count, Refusal::Count),
            (statement.since_last < self.cooldown, Refusal::Cooldown),
            (statement.fee > self.fee, Refusal::Fee),
            (statement.approvals < self.approvals, Refusal::Approvals),
            (self.tiers.iter().any(tier), Refusal::Tier),
            (rebalance && !statement.own_destination, Refusal::OwnDestination),
            (rebalance && statement.oracle_account != policy.oracle_account, Refusal::OracleAccount),
            (rebalance && low <= ratio && ratio <= high, Refusal::Band),
        ]
        .into_iter()
        .chain(windows)
        .filter_map(|(refused, kind)| refused.then_some(kind))
    }
}
