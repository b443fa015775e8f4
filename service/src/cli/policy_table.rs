//! A policy as a table and as JSON; the salt is in neither.

use serde_json::{Value, json};
use solventry::{
    document::words::{Unit, amount_text, duration_text, ratio_text, time_text},
    ledger::account_text,
    policy::{PolicyFile, UNLIMITED},
};
use solventry_policy::{
    Rule,
    rules::{Tier, WINDOW_NAMES},
};
use solventry_types::{Lane, Total, VaultConfiguration};

const NO_LIMIT: &str = "unlimited";

/// Everything but the salt, for people.
pub fn table(policy: &PolicyFile, vault: &VaultConfiguration) -> String {
    let inner = &policy.policy;
    let mut lines = vec![
        format!("policy of vault {:?} on {}", vault.name, policy.chain),
        format!("{:20}{} to {}", "valid", time_text(inner.not_before), time_text(inner.not_after)),
        format!("{:20}at most {}", "one payment valid", duration_text(inner.max_validity)),
    ];
    lines.push("destinations".to_owned());
    lines.extend(addresses(policy).into_iter().map(|(name, address)| format!("  {name:18}{address}")));
    for rule in &inner.rules {
        lines.push(format!("rule {}", policy.name_of(rule)));
        lines.extend(rows(policy, rule).into_iter().map(|(name, value)| format!("  {name:18}{value}")));
    }
    lines.push("every other payment is refused".to_owned());
    lines.join("\n")
}

/// The same as a value.
pub fn as_json(policy: &PolicyFile, vault: &VaultConfiguration) -> Value {
    let inner = &policy.policy;
    let destinations: Vec<Value> = addresses(policy)
        .into_iter()
        .map(|(name, address)| json!({ "name": name, "address": address }))
        .collect();
    let rules: Vec<Value> = inner.rules.iter().map(|rule| rule_json(policy, rule)).collect();
    json!({
        "vault": vault.name,
        "chain": policy.chain.name(),
        "not_before": time_text(inner.not_before),
        "not_after": time_text(inner.not_after),
        "max_validity_seconds": inner.max_validity,
        "assets": policy.assets.iter().map(|asset| &asset.symbol).collect::<Vec<_>>(),
        "destinations": destinations,
        "rules": rules,
    })
}

fn addresses(policy: &PolicyFile) -> Vec<(&str, String)> {
    let address = |account: &[u8]| account_text(policy.chain, account);
    policy.destinations.iter().map(|entry| (entry.name.as_str(), address(&entry.account))).collect()
}

fn amount(policy: &PolicyFile, rule: &Rule, total: Total) -> String {
    match policy.asset_of(rule) {
        Some(asset) if total != UNLIMITED => amount_text(total.units(), Unit::from(asset)),
        _ => NO_LIMIT.to_owned(),
    }
}

fn fee(policy: &PolicyFile, rule: &Rule) -> String {
    match rule.fee {
        u64::MAX => NO_LIMIT.to_owned(),
        fee => amount_text(fee.into(), Unit::coin(policy.chain)),
    }
}

fn rows(policy: &PolicyFile, rule: &Rule) -> Vec<(String, String)> {
    let sums = WINDOW_NAMES.iter().zip(rule.per_window);
    let mut rows = vec![("per payment".to_owned(), amount(policy, rule, rule.per_payment))];
    rows.extend(sums.map(|(name, total)| (format!("per {name}"), amount(policy, rule, total))));
    let count = if rule.count == u32::MAX { NO_LIMIT.to_owned() } else { rule.count.to_string() };
    rows.extend([
        ("payments per 24h".to_owned(), count),
        ("cooldown".to_owned(), duration_text(rule.cooldown)),
        ("network fee".to_owned(), fee(policy, rule)),
        ("approvals".to_owned(), rule.approvals.to_string()),
    ]);
    rows.extend(tiers(rule).map(|tier| {
        let above = amount(policy, rule, tier.above);
        ("approvals".to_owned(), format!("{} above {above}", tier.approvals))
    }));
    if rule.lane == Lane::Rebalance {
        let (low, high) = rule.band_bps;
        let band = format!("margin ratio below {} or above {}", ratio_text(low), ratio_text(high));
        rows.push(("only when".to_owned(), band));
    }
    let names: Vec<&str> = policy.destinations_of(rule).collect();
    rows.push(("to".to_owned(), if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }));
    rows
}

fn rule_json(policy: &PolicyFile, rule: &Rule) -> Value {
    let sums = WINDOW_NAMES.iter().zip(rule.per_window);
    let sums = sums.map(|(name, total)| ((*name).to_owned(), json!(amount(policy, rule, total))));
    let tiers = tiers(rule)
        .map(|tier| json!({ "above": amount(policy, rule, tier.above), "approvals": tier.approvals }));
    json!({
        "asset": policy.name_of(rule).symbol,
        "lane": rule.lane.name(),
        "per_payment": amount(policy, rule, rule.per_payment),
        "per_window": Value::Object(sums.collect()),
        "payments_per_day": (rule.count != u32::MAX).then_some(rule.count),
        "cooldown_seconds": rule.cooldown,
        "max_fee": fee(policy, rule),
        "approvals": rule.approvals,
        "tiers": tiers.collect::<Vec<_>>(),
        "margin_band_bps": (rule.lane == Lane::Rebalance).then_some([rule.band_bps.0, rule.band_bps.1]),
        "destinations": policy.destinations_of(rule).collect::<Vec<_>>(),
    })
}

fn tiers(rule: &Rule) -> impl Iterator<Item = &Tier> {
    rule.tiers.iter().filter(|tier| **tier != Tier::unused())
}
