//! The hidden fields of a rule and of a policy, and the order in which they are hashed.
//!
//! Both structs are generic: field elements here, assigned cells in the circuit. So the order of
//! the inputs is written once.

use ff::PrimeField;
use halo2_proofs::pasta::Fp;

use super::limbs;
use crate::rules::{Policy, Rule, TIERS};

/// Hidden fields of a tier.
#[derive(Clone, Copy, Default)]
pub struct TierFields<T> {
    /// Amounts strictly above this one.
    pub above: T,
    /// Approvals needed.
    pub approvals: T,
}

/// Hidden fields of a rule, but for what the statement says too.
#[derive(Clone, Copy, Default)]
pub struct RuleFields<T> {
    /// Cap of one payment.
    pub per_payment: T,
    /// Caps of the windows.
    pub per_window: [T; 4],
    /// Most payments in 24 h.
    pub count: T,
    /// Least seconds since the last payment.
    pub cooldown: T,
    /// Most network fee.
    pub fee: T,
    /// Approvals that every payment needs.
    pub approvals: T,
    /// Tiers.
    pub tiers: [TierFields<T>; TIERS],
    /// Ends of the band, inclusive.
    pub band: [T; 2],
}

/// Hidden fields of a policy, but for what the statement says too.
#[derive(Clone, Copy, Default)]
pub struct PolicyFields<T> {
    /// Account of the margin oracle.
    pub oracle_account: [T; 2],
    /// First second.
    pub not_before: T,
    /// Last second.
    pub not_after: T,
    /// Longest validity.
    pub max_validity: T,
    /// Salt.
    pub salt: [T; 2],
}

impl RuleFields<Fp> {
    /// Fields of a rule.
    pub fn of(rule: &Rule) -> Self {
        let tier = |tier: crate::rules::Tier| TierFields {
            above: Fp::from_u128(tier.above.units()),
            approvals: Fp::from(u64::from(tier.approvals)),
        };
        let (low, high) = rule.band_bps;
        Self {
            per_payment: Fp::from_u128(rule.per_payment.units()),
            per_window: rule.per_window.map(|cap| Fp::from_u128(cap.units())),
            count: Fp::from(u64::from(rule.count)),
            cooldown: Fp::from(rule.cooldown),
            fee: Fp::from(rule.fee),
            approvals: Fp::from(u64::from(rule.approvals)),
            tiers: rule.tiers.map(tier),
            band: [low, high].map(|end| Fp::from(u64::from(end))),
        }
    }
}

impl PolicyFields<Fp> {
    /// Fields of a policy.
    pub fn of(policy: &Policy) -> Self {
        Self {
            oracle_account: limbs(&policy.oracle_account.0),
            not_before: Fp::from(policy.not_before),
            not_after: Fp::from(policy.not_after),
            max_validity: Fp::from(policy.max_validity),
            salt: policy.salt.limbs(),
        }
    }
}

impl<T> RuleFields<T> {
    /// Every field through `f`, in the order of the inputs.
    pub fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<RuleFields<U>, E> {
        let [hour, day, week, month] = self.per_window;
        let [first, second, third] = self.tiers;
        let [band_low, band_high] = self.band;
        Ok(RuleFields {
            per_payment: f(self.per_payment)?,
            per_window: [f(hour)?, f(day)?, f(week)?, f(month)?],
            count: f(self.count)?,
            cooldown: f(self.cooldown)?,
            fee: f(self.fee)?,
            approvals: f(self.approvals)?,
            tiers: [first.try_map(&mut f)?, second.try_map(&mut f)?, third.try_map(&mut f)?],
            band: [f(band_low)?, f(band_high)?],
        })
    }
}

impl<T> TierFields<T> {
    fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<TierFields<U>, E> {
        Ok(TierFields { above: f(self.above)?, approvals: f(self.approvals)? })
    }
}

impl<T> PolicyFields<T> {
    /// Every field through `f`, in the order of the inputs.
    pub fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<PolicyFields<U>, E> {
        let ([oracle_high, oracle_low], [salt_high, salt_low]) = (self.oracle_account, self.salt);
        Ok(PolicyFields {
            oracle_account: [f(oracle_high)?, f(oracle_low)?],
            not_before: f(self.not_before)?,
            not_after: f(self.not_after)?,
            max_validity: f(self.max_validity)?,
            salt: [f(salt_high)?, f(salt_low)?],
        })
    }
}

impl<T: Clone> RuleFields<T> {
    /// Inputs of the rule's leaf.
    pub fn inputs(&self, tag: T, asset: [T; 2], lane: T, destinations_root: T) -> [T; 22] {
        let [high, low] = asset;
        let [hour, day, week, month] = self.per_window.clone();
        let [first, second, third] = self.tiers.clone();
        let [band_low, band_high] = self.band.clone();
        [
            tag,
            high,
            low,
            lane,
            self.per_payment.clone(),
            hour,
            day,
            week,
            month,
            self.count.clone(),
            self.cooldown.clone(),
            self.fee.clone(),
            self.approvals.clone(),
            first.above,
            first.approvals,
            second.above,
            second.approvals,
            third.above,
            third.approvals,
            band_low,
            band_high,
            destinations_root,
        ]
    }
}

impl<T: Clone> PolicyFields<T> {
    /// Inputs of the root.
    pub fn inputs(&self, tag: T, vault: [T; 2], approver_set: [T; 2], rules_root: T) -> [T; 13] {
        let [vault_high, vault_low] = vault;
        let [set_high, set_low] = approver_set;
        let [oracle_high, oracle_low] = self.oracle_account.clone();
        let [salt_high, salt_low] = self.salt.clone();
        [
            tag,
            vault_high,
            vault_low,
            set_high,
            set_low,
            oracle_high,
            oracle_low,
            self.not_before.clone(),
            self.not_after.clone(),
            self.max_validity.clone(),
            rules_root,
            salt_high,
            salt_low,
        ]
    }
}
