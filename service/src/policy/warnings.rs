//! What is odd about a well-formed policy.

use std::{collections::HashSet, fmt};

use serde::{Serialize, Serializer};
use solventry_policy::Rule;
use solventry_types::{Digest, Lane, Total, VaultConfiguration};

use super::{
    PolicyFile, UNLIMITED,
    rule::{COUNT, FEE, PER_PAYMENT, PER_WINDOW},
};

/// What the author should know and may ignore. Names keys and rules, never limits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Limits of zero: the rule refuses every payment.
    Zero {
        /// The rule.
        rule: RuleName,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// A limit that a smaller one keeps already.
    NeverReached {
        /// The rule.
        rule: RuleName,
        /// The larger limit, for the shorter time.
        key: &'static str,
        /// The smaller one.
        by: &'static str,
    },
    /// No limit on what leaves in a month.
    Unlimited {
        /// The rule.
        rule: RuleName,
    },
    /// A normal rule without approvals and tiers.
    NoApprovals {
        /// The rule.
        rule: RuleName,
    },
    /// Large amounts need no more approvals than small ones.
    NoTier {
        /// The rule.
        rule: RuleName,
    },
    /// A tier that asks for no more than the rule does.
    IdleTier {
        /// The rule.
        rule: RuleName,
    },
    /// A tier above the cap of one payment.
    TierAboveCap {
        /// The rule.
        rule: RuleName,
    },
    /// No destinations: the rule refuses every payment.
    NoDestinations {
        /// The rule.
        rule: RuleName,
    },
    /// A rebalance destination that is no own account: refused always.
    ForeignRebalance {
        /// The rule.
        rule: RuleName,
        /// Name of the destination.
        destination: String,
    },
    /// A destination that no rule lists.
    UnusedDestination {
        /// Its name.
        destination: String,
    },
    /// An asset without a rule.
    UnusedAsset {
        /// Its symbol.
        symbol: String,
    },
    /// A validity of zero seconds.
    NoValidity,
}

/// Asset and lane of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleName {
    /// Symbol.
    pub symbol: String,
    /// Lane.
    pub lane: Lane,
}

impl PolicyFile {
    /// Symbol and lane of a rule.
    pub fn name_of(&self, rule: &Rule) -> RuleName {
        let symbol = self.asset_of(rule).map_or_else(String::new, |asset| asset.symbol.clone());
        RuleName { symbol, lane: rule.lane }
    }

    /// Everything odd, rule by rule.
    pub fn warnings(&self, vault: &VaultConfiguration) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.policy.max_validity == 0 {
            warnings.push(Warning::NoValidity);
        }
        for rule in &self.policy.rules {
            self.rule_warnings(rule, vault, &mut warnings);
        }
        let listed: HashSet<&Digest> = self.policy.rules.iter().flat_map(|rule| &rule.destinations).collect();
        let unlisted = self.destinations.iter().filter(|destination| !listed.contains(&destination.digest));
        warnings.extend(
            unlisted.map(|destination| Warning::UnusedDestination { destination: destination.name.clone() }),
        );
        let ruled = |digest| self.policy.rules.iter().any(|rule| rule.asset == digest);
        let unruled = self.assets.iter().filter(|asset| !ruled(asset.digest()));
        warnings.extend(unruled.map(|asset| Warning::UnusedAsset { symbol: asset.symbol.clone() }));
        warnings
    }

    fn rule_warnings(&self, rule: &Rule, vault: &VaultConfiguration, warnings: &mut Vec<Warning>) {
        let name = || self.name_of(rule);
        let mut limits = vec![(PER_PAYMENT.name, rule.per_payment)];
        limits.extend(PER_WINDOW.iter().map(|key| key.name).zip(rule.per_window));
        let zeros = [(COUNT.name, rule.count == 0), (FEE.name, rule.fee == 0)];
        let zeros = limits.iter().map(|(key, limit)| (*key, *limit == Total::ZERO)).chain(zeros);
        let keys: Vec<&str> = zeros.filter(|(_, zero)| *zero).map(|(key, _)| key).collect();
        if !keys.is_empty() {
            warnings.push(Warning::Zero { rule: name(), keys });
        }
        for (index, (key, limit)) in limits.iter().enumerate() {
            let smaller = limits.iter().skip(index + 1).find(|(_, later)| later < limit);
            if let Some((by, _)) = smaller.filter(|_| *limit != UNLIMITED) {
                warnings.push(Warning::NeverReached { rule: name(), key, by });
            }
        }
        if rule.per_window.iter().all(|limit| *limit == UNLIMITED) {
            warnings.push(Warning::Unlimited { rule: name() });
        }
        self.approval_warnings(rule, warnings);
        if rule.destinations.is_empty() {
            warnings.push(Warning::NoDestinations { rule: name() });
        }
        if rule.lane == Lane::Rebalance {
            let digests: HashSet<&Digest> = rule.destinations.iter().collect();
            let foreign = self.destinations.iter().filter(|destination| {
                digests.contains(&destination.digest) && !vault.siblings.contains(&destination.account)
            });
            warnings.extend(foreign.map(|destination| Warning::ForeignRebalance {
                rule: name(),
                destination: destination.name.clone(),
            }));
        }
    }

    fn approval_warnings(&self, rule: &Rule, warnings: &mut Vec<Warning>) {
        let name = || self.name_of(rule);
        let tiers: Vec<_> =
            rule.tiers.iter().filter(|tier| **tier != solventry_policy::rules::Tier::unused()).collect();
        match (rule.approvals, tiers.is_empty()) {
            (0, true) if rule.lane == Lane::Normal => warnings.push(Warning::NoApprovals { rule: name() }),
            (_, true) if rule.lane == Lane::Normal => warnings.push(Warning::NoTier { rule: name() }),
            _ => {}
        }
        for tier in tiers {
            if tier.approvals <= rule.approvals {
                warnings.push(Warning::IdleTier { rule: name() });
            }
            if tier.above >= rule.per_payment {
                warnings.push(Warning::TierAboveCap { rule: name() });
            }
        }
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.symbol, self.lane.name())
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero { rule, keys } => {
                write!(f, "{rule}: limits of 0, so that every payment is refused: {}", keys.join(", "))
            }
            Self::NeverReached { rule, key, by } => {
                write!(f, "{rule}: {key} is never reached, since {by} is lower; is one of them a mistake?")
            }
            Self::Unlimited { rule } => write!(f, "{rule}: no sum is limited; the vault can be emptied"),
            Self::NoApprovals { rule } => write!(f, "{rule}: no payment needs an approval"),
            Self::NoTier { rule } => {
                write!(f, "{rule}: no tiers; large payments need no more approvals than small ones")
            }
            Self::IdleTier { rule } => {
                write!(f, "{rule}: a tier needs no more approvals than every payment does")
            }
            Self::TierAboveCap { rule } => write!(f, "{rule}: a tier begins where per_payment ends"),
            Self::NoDestinations { rule } => {
                write!(f, "{rule}: no destinations, so that every payment is refused")
            }
            Self::ForeignRebalance { rule, destination } => write!(
                f,
                "{rule}: destination {destination:?} is not among the siblings of vault.toml; a rebalance to it is \
                 refused"
            ),
            Self::UnusedDestination { destination } => {
                write!(f, "destination {destination:?} is listed, but no rule uses it")
            }
            Self::UnusedAsset { symbol } => write!(f, "asset {symbol} has no rule; its payments are refused"),
            Self::NoValidity => {
                write!(f, "max_validity is 0 seconds: payments are valid for one second only")
            }
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
