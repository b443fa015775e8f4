//! A payment tried against a policy: which rule kinds refuse it, and by how much. For the policy's
//! owner alone, since reasons show limits.

use std::fmt;

use solventry_policy::{PolicyStatement, Refusal, Rule, rules::WINDOW_NAMES};
use solventry_types::{
    Asset, Chain, Digest, Lane, Total, Validity, VaultConfiguration, amount::TotalOverflow,
    payment::destination_digest,
};

use super::{PolicyFile, UNLIMITED};
use crate::{
    document::words::{Unit, amount_text, duration_text, ratio_text, time_text},
    journal_sums::JournalSums,
};

/// A payment to try.
#[derive(Clone)]
pub struct Trial<'a> {
    /// What is paid.
    pub asset: &'a Asset,
    /// Canonical account of the destination.
    pub destination: &'a [u8],
    /// What the destination receives, in listed units.
    pub amount: Total,
    /// Network fee in units of the chain's own coin.
    pub fee: u64,
    /// Lane.
    pub lane: Lane,
    /// Valid approvals.
    pub approvals: u16,
    /// When it may be decided and signed.
    pub validity: Validity,
    /// What the journal says; `None` for a vault that never paid.
    pub journal: Option<&'a JournalSums>,
    /// Margin ratio of the vault's oracle account, if there is an attestation.
    pub margin_ratio_bps: Option<u32>,
}

/// Outcome of a trial. Secret: reasons show limits.
#[derive(Clone)]
pub struct Verdict {
    /// What signers would see.
    pub statement: PolicyStatement,
    /// Every rule kind that refuses; none if the payment is allowed.
    pub reasons: Vec<Reason>,
}

/// Why a payment is refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason {
    /// The kind of rule, as everybody may know it.
    pub refusal: Refusal,
    /// The limit and what came, for the owner.
    pub detail: Option<String>,
}

impl Verdict {
    /// Whether the payment is allowed.
    pub fn is_allowed(&self) -> bool {
        self.reasons.is_empty()
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verdict({} hidden reasons)", self.reasons.len())
    }
}

impl fmt::Debug for Reason {
    /// The detail holds a limit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason({:?})", self.refusal)
    }
}

/// A fee in chain units as listed units of the chain's coin, rounded up. A fee is charged only
/// where the asset is that coin.
fn listed_fee(fee: u64, asset: &Asset, chain: Chain) -> u128 {
    let coin = |place: &&solventry_types::Place| {
        place.chain == chain && place.locator == solventry_types::Locator::Native
    };
    let Some(place) = asset.places.iter().find(coin) else { return 0 };
    let power = |more: u8, less: u8| 10u128.saturating_pow(more.saturating_sub(less).into());
    let finer = power(place.decimals, asset.decimals);
    u128::from(fee).div_ceil(finer).saturating_mul(power(asset.decimals, place.decimals))
}

impl PolicyFile {
    /// Tries a payment. Bitcoin pays its fee out of the vault, in the same coin: it is charged.
    pub fn try_payment(
        &self,
        vault: &VaultConfiguration,
        trial: &Trial<'_>,
    ) -> Result<Verdict, TotalOverflow> {
        let chain = vault.accounts.chain();
        let charged_fee = match chain {
            Chain::Bitcoin => listed_fee(trial.fee, trial.asset, chain),
            _ => 0,
        };
        let journal = trial.journal;
        let margin = trial.margin_ratio_bps;
        let statement = PolicyStatement {
            policy_root: vault.policy_root,
            payment_id: Digest([0; 32]),
            vault: vault.vault_digest(),
            asset: trial.asset.digest(),
            destination: destination_digest(chain, trial.destination),
            amount: trial.amount.add(Total::from_units(charged_fee)?)?,
            fee: trial.fee,
            lane: trial.lane,
            own_destination: vault.siblings.iter().any(|own| own == trial.destination),
            spent: journal.map_or([Total::ZERO; 4], |journal| journal.spent),
            count: journal.map_or(0, |journal| journal.count),
            since_last: journal.map_or(u64::MAX, |journal| journal.since_last),
            approvals: trial.approvals,
            approver_set: vault.approver_set(),
            oracle_account: match (margin, vault.oracle) {
                (Some(_), Some(oracle)) => oracle.account,
                _ => Digest([0; 32]),
            },
            margin_ratio_bps: margin.unwrap_or(0),
            validity: trial.validity,
        };
        let reasons = self.reasons(&statement);
        Ok(Verdict { statement, reasons })
    }

    /// Every refusal of a statement, with its limit.
    pub fn reasons(&self, statement: &PolicyStatement) -> Vec<Reason> {
        let refusals = self.policy.decide(statement).into_iter();
        refusals.map(|refusal| Reason { refusal, detail: self.detail(refusal, statement) }).collect()
    }

    fn detail(&self, refusal: Refusal, statement: &PolicyStatement) -> Option<String> {
        let (policy, validity) = (&self.policy, statement.validity);
        let rule = self.policy.rule_for(statement);
        Some(match (refusal, rule) {
            (Refusal::NotBefore, _) => format!(
                "the policy begins at {}, the payment at {}",
                time_text(policy.not_before),
                time_text(validity.from)
            ),
            (Refusal::NotAfter, _) => format!(
                "the policy ends at {}, the payment at {}",
                time_text(policy.not_after),
                time_text(validity.until)
            ),
            (Refusal::MaxValidity, _) => format!(
                "at most {}, came {}",
                duration_text(policy.max_validity),
                duration_text(validity.until.saturating_sub(validity.from))
            ),
            (Refusal::NoRule, _) => self.rules_there(statement),
            (_, Some(rule)) => return self.rule_detail(refusal, rule, statement),
            _ => return None,
        })
    }

    fn rules_there(&self, statement: &PolicyStatement) -> String {
        let rules = self.policy.rules.iter().filter(|rule| rule.asset == statement.asset);
        let lanes: Vec<&str> = rules.map(|rule| rule.lane.name()).collect();
        if lanes.is_empty() {
            "the asset has no rule".to_owned()
        } else {
            format!("the asset has a rule in the {} lane", lanes.join(" and the "))
        }
    }

    fn rule_detail(&self, refusal: Refusal, rule: &Rule, statement: &PolicyStatement) -> Option<String> {
        let asset = self.asset_of(rule)?;
        let amount = |total: Total| match total {
            UNLIMITED => "unlimited".to_owned(),
            total => amount_text(total.units(), Unit::from(asset)),
        };
        let charged = statement.amount;
        let coin = |units: u64| amount_text(units.into(), Unit::coin(self.chain));
        Some(match refusal {
            Refusal::Destination => {
                let names: Vec<&str> = self.destinations_of(rule).collect();
                format!(
                    "the rule lists {}",
                    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
                )
            }
            Refusal::PerPayment => format!("at most {}, came {}", amount(rule.per_payment), amount(charged)),
            Refusal::PerWindow(window) => {
                let (cap, spent) = (rule.per_window.get(window)?, statement.spent.get(window)?);
                let name = WINDOW_NAMES.get(window)?;
                format!(
                    "at most {} in {name}, came {} after {}",
                    amount(*cap),
                    amount(charged),
                    amount(*spent)
                )
            }
            Refusal::Count => format!("at most {}, came one after {}", rule.count, statement.count),
            Refusal::Cooldown => format!(
                "{} since the last payment, came one after {}",
                duration_text(rule.cooldown),
                duration_text(statement.since_last)
            ),
            Refusal::Fee => format!("at most {}, came {}", coin(rule.fee), coin(statement.fee)),
            Refusal::Approvals => format!("{} needed, came {}", rule.approvals, statement.approvals),
            Refusal::Tier => {
                let short = |tier: &&solventry_policy::rules::Tier| {
                    charged.units() > tier.above.units() && statement.approvals < tier.approvals
                };
                let tier = rule.tiers.iter().rev().find(short)?;
                format!(
                    "{} needed above {}, came {}",
                    tier.approvals,
                    amount(tier.above),
                    statement.approvals
                )
            }
            Refusal::Band => {
                let (low, high) = rule.band_bps;
                let ratio = ratio_text(statement.margin_ratio_bps);
                format!("{} to {} refuse, came {ratio}", ratio_text(low), ratio_text(high))
            }
            Refusal::OwnDestination => "own destinations are the siblings of vault.toml".to_owned(),
            Refusal::OracleAccount => "it needs a margin attestation of the oracle of vault.toml".to_owned(),
            _ => return None,
        })
    }
}
