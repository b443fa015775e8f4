//! Policies: rules that allow, everything else is refused.

use std::fmt;

use solventry_types::{Digest, Lane, Total};
use zeroize::Zeroize;

/// Spans of journal time over which sums are kept, in seconds: 1 h, 24 h, 7 d, 30 d.
pub const WINDOWS: [u64; 4] = [3_600, 86_400, 604_800, 2_592_000];
/// Names of the windows.
pub const WINDOW_NAMES: [&str; 4] = ["1h", "24h", "7d", "30d"];
/// Most rules of a policy (2^6).
pub const MAX_RULES: usize = 1 << RULE_DEPTH;
/// Depth of the tree of rules.
pub const RULE_DEPTH: usize = 6;
/// Depth of a rule's tree of destinations.
pub const DESTINATION_DEPTH: usize = 20;
/// Approval tiers of a rule.
pub const TIERS: usize = 3;

/// Approvals needed above an amount.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Amounts strictly above this one, in listed units.
    pub above: Total,
    /// Valid approvals needed.
    pub approvals: u16,
}

impl Tier {
    /// A tier that no amount reaches.
    pub const fn unused() -> Self {
        match Total::from_units((1 << Total::BITS) - 1) {
            Ok(above) => Self { above, approvals: 0 },
            Err(_) => Self { above: Total::ZERO, approvals: u16::MAX },
        }
    }
}

/// The one rule of an asset and lane. A payment must keep every limit in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Rule {
    /// Digest of symbol, decimals and places ([`solventry_types::Asset::digest`]).
    pub asset: Digest,
    /// Lane.
    pub lane: Lane,
    /// Most that one payment may charge, in listed units.
    pub per_payment: Total,
    /// Most that may be charged in each of [`WINDOWS`], this payment included.
    pub per_window: [Total; 4],
    /// Most payments in 24 h, this one included.
    pub count: u32,
    /// Least seconds since the last payment.
    pub cooldown: u64,
    /// Most network fee, in units of the chain's own coin.
    pub fee: u64,
    /// Valid approvals that every payment needs.
    pub approvals: u16,
    /// More approvals above amounts; each tier counts for itself.
    pub tiers: [Tier; TIERS],
    /// Margin ratios from the first to the second, inclusive, forbid a rebalance.
    pub band_bps: (u32, u32),
    /// Digests of the listed destinations, sorted, distinct; at most 2^20.
    pub destinations: Vec<Digest>,
}

/// A vault's policy. Everything in it but the root is hidden from signers.
#[derive(Clone, PartialEq, Eq)]
pub struct Policy {
    /// The vault it is written for ([`solventry_types::VaultConfiguration::vault_digest`]).
    pub vault: Digest,
    /// Whose approvals count.
    pub approver_set: Digest,
    /// Venue and account whose margin ratio opens the rebalance lane; zero if none.
    pub oracle_account: Digest,
    /// First second at which a payment may begin to be valid.
    pub not_before: u64,
    /// Last second at which a payment may still be valid.
    pub not_after: u64,
    /// Longest validity of a payment in seconds.
    pub max_validity: u64,
    /// Rules; no two of one asset and lane.
    pub rules: Vec<Rule>,
    /// Hides the rest behind the root; 256 random bits.
    pub salt: Salt,
}

/// Salt of a policy's root.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl Drop for Salt {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Why a policy is not well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No rules, or too many.
    #[error("rules: expected 1 to {MAX_RULES}, got {0}")]
    Rules(usize),
    /// Two rules of one asset and lane.
    #[error("rule {0}: another rule has the same asset and lane")]
    DuplicateRule(usize),
    /// Destinations of a rule.
    #[error("rule {0}: expected at most 2^20 distinct destinations, sorted")]
    Destinations(usize),
    /// Tiers of a rule.
    #[error("rule {0}: tiers must rise in amount and never fall in approvals")]
    Tiers(usize),
    /// Band of a rule.
    #[error("rule {0}: the band's lower end is above its upper end")]
    Band(usize),
    /// A rebalance rule without an oracle.
    #[error("rule {0}: a rebalance rule needs an oracle account")]
    Oracle(usize),
    /// Validity.
    #[error("validity: the policy ends before it begins")]
    Validity,
}

impl Policy {
    /// Checks every field. Rules are numbered from 1 in errors.
    pub fn validate(&self) -> Result<(), PolicyError> {
        if !(1..=MAX_RULES).contains(&self.rules.len()) {
            return Err(PolicyError::Rules(self.rules.len()));
        }
        if self.not_after < self.not_before {
            return Err(PolicyError::Validity);
        }
        for (rule, number) in self.rules.iter().zip(1..) {
            let same = |other: &&Rule| (other.asset, other.lane) == (rule.asset, rule.lane);
            if self.rules.iter().filter(same).count() > 1 {
                return Err(PolicyError::DuplicateRule(number));
            }
            let destinations = &rule.destinations;
            if destinations.len() > 1 << DESTINATION_DEPTH || !destinations.is_sorted_by(|a, b| a < b) {
                return Err(PolicyError::Destinations(number));
            }
            if !rule.tiers.is_sorted_by(|a, b| {
                *b == Tier::unused() || (a.above < b.above && a.approvals <= b.approvals)
            }) {
                return Err(PolicyError::Tiers(number));
            }
            if rule.lane == Lane::Rebalance && self.oracle_account == Digest([0; 32]) {
                return Err(PolicyError::Oracle(number));
            }
            if rule.band_bps.0 > rule.band_bps.1 {
                return Err(PolicyError::Band(number));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Policy {
    /// Rules are secret: only their number is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({} hidden rules)", self.rules.len())
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rule(hidden)")
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tier(hidden)")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(hidden)")
    }
}
