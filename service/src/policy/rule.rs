//! `[[rule]]`: the limits of one asset in one lane.

use std::collections::BTreeSet;

use solventry_policy::{
    Rule,
    rules::{MAX_RULES, TIERS, Tier},
};
use solventry_types::{Asset, Digest, Lane, Total, VaultConfiguration};

use super::{UNLIMITED, listed::Listed};
use crate::{
    document::{
        Fault, Key, Problems, Section, nearest,
        words::{self, Unit},
    },
    ledger::Echo,
};

const RULE: Key = Key { name: "rule", example: "[{ asset = \"BTC\" }]" };
const ASSET: Key = Key { name: "asset", example: "\"BTC\"" };
const LANE: Key = Key { name: "lane", example: "\"normal\"" };
pub(super) const PER_PAYMENT: Key = Key { name: "per_payment", example: "\"5 BTC\"" };
/// Limits of the windows, shortest first.
pub(super) const PER_WINDOW: [Key; 4] = [
    Key { name: "per_hour", example: "\"5 BTC\"" },
    Key { name: "per_day", example: "\"20 BTC\"" },
    Key { name: "per_week", example: "\"50 BTC\"" },
    Key { name: "per_month", example: "\"100 BTC\"" },
];
pub(super) const COUNT: Key = Key { name: "payments_per_day", example: "20" };
pub(super) const COOLDOWN: Key = Key { name: "cooldown", example: "\"5 minutes\"" };
pub(super) const FEE: Key = Key { name: "max_fee", example: "\"10000 sat\"" };
const APPROVALS: Key = Key { name: "approvals", example: "1" };
const TIERS_KEY: Key = Key { name: "tiers", example: "[{ above = \"1 BTC\", approvals = 2 }]" };
const ABOVE: Key = Key { name: "above", example: "\"1 BTC\"" };
const DESTINATIONS: Key = Key { name: "destinations", example: "[\"exchange\"]" };
const BAND: Key = Key { name: "margin_band", example: "[\"80 %\", \"120 %\"]" };
/// What a limit says that shall not bind.
const NO_LIMIT: &str = "unlimited";

/// Reads every rule.
pub(super) fn rules(
    root: &mut Section<'_>,
    vault: &VaultConfiguration,
    listed: &Listed,
    problems: &mut Problems<'_>,
) -> Option<Vec<Rule>> {
    let sections = root.sections(RULE, "[[rule]]", problems);
    let got = sections.len();
    if !(1..=MAX_RULES).contains(&got) {
        problems.add(&root.span(), None, Fault::Rules { got });
    }
    let mut seen = Vec::new();
    let read = |mut section: Section<'_>| {
        let rule = rule(&mut section, vault, listed, &mut seen, problems);
        section.finish(problems);
        rule
    };
    // Every rule that may be is read, so that all faults are told.
    let rules: Vec<Option<Rule>> = sections.into_iter().take(MAX_RULES).map(read).collect();
    rules.into_iter().collect()
}

fn rule(
    section: &mut Section<'_>,
    vault: &VaultConfiguration,
    listed: &Listed,
    seen: &mut Vec<(Digest, Lane)>,
    problems: &mut Problems<'_>,
) -> Option<Rule> {
    let chain = vault.accounts.chain();
    let asset = asset(section, vault, listed, problems);
    let lane = section.parsed(LANE, problems, parse_lane);
    if let (Some(asset), Some(lane)) = (asset, lane) {
        let pair = (asset.digest(), lane);
        if seen.contains(&pair) {
            let fault = Fault::SecondRule { symbol: asset.symbol.clone(), lane: lane.name() };
            problems.add(&section.span(), None, fault);
        }
        seen.push(pair);
    }
    let per_payment = limit(section, PER_PAYMENT, asset, problems);
    let per_window = PER_WINDOW.map(|key| limit(section, key, asset, problems));
    let count = count(section, problems);
    let cooldown = section.parsed(COOLDOWN, problems, words::parse_duration);
    let fee = section.parsed(FEE, problems, |text| match text {
        NO_LIMIT => Ok(u64::MAX),
        _ => words::parse_fee(text, chain),
    });
    let approvals = approvals(section, vault, problems);
    let tiers = tiers(section, asset, vault, problems);
    let destinations = destinations(section, listed, problems);
    let band_bps = band(section, lane, vault, problems);
    let [hour, day, week, month] = per_window;
    Some(Rule {
        asset: asset?.digest(),
        lane: lane?,
        per_payment: per_payment?,
        per_window: [hour?, day?, week?, month?],
        count: count?,
        cooldown: cooldown?,
        fee: fee?,
        approvals: approvals?,
        tiers: tiers?,
        band_bps: band_bps?,
        destinations,
    })
}

fn asset<'a>(
    section: &mut Section<'_>,
    vault: &VaultConfiguration,
    listed: &'a Listed,
    problems: &mut Problems<'_>,
) -> Option<&'a Asset> {
    let chain = vault.accounts.chain();
    let symbol = section.text(ASSET, problems)?;
    let asset = match listed.asset(symbol.text, problems) {
        Ok(asset) => asset,
        Err(fault) => {
            fault.into_iter().for_each(|fault| problems.add(&symbol.span, Some(ASSET.name), fault));
            return None;
        }
    };
    if !asset.places.iter().any(|place| place.chain == chain) {
        let fault = Fault::NoPlace { chain, symbol: asset.symbol.clone() };
        problems.add(&symbol.span, Some(ASSET.name), fault);
    }
    Some(asset)
}

/// The lane with this name.
pub(super) fn parse_lane(text: &str) -> Result<Lane, Fault> {
    Lane::from_name(text).ok_or_else(|| Fault::Choice {
        expected: "normal or rebalance".to_owned(),
        got: Echo::new(text),
        hint: nearest(text, Lane::ALL.map(Lane::name)).map(str::to_owned),
    })
}

/// An amount, or no limit. Without its asset the amount is not looked at.
fn limit(
    section: &mut Section<'_>,
    key: Key,
    asset: Option<&Asset>,
    problems: &mut Problems<'_>,
) -> Option<Total> {
    let written = section.text(key, problems)?;
    let amount = match written.text {
        NO_LIMIT => Ok(UNLIMITED),
        text => words::parse_amount(text, Unit::from(asset?)),
    };
    problems.take(&written.span, key.name, amount)
}

fn count(section: &mut Section<'_>, problems: &mut Problems<'_>) -> Option<u32> {
    if section.says(COUNT, NO_LIMIT) {
        return Some(u32::MAX);
    }
    section.whole(COUNT, u32::MAX.into(), problems).and_then(|(count, _)| u32::try_from(count).ok())
}

fn approvals(
    section: &mut Section<'_>,
    vault: &VaultConfiguration,
    problems: &mut Problems<'_>,
) -> Option<u16> {
    let (got, span) = section.whole(APPROVALS, u16::MAX.into(), problems)?;
    let approvers = vault.approvers.len();
    if usize::try_from(got).is_ok_and(|got| got > approvers) {
        problems.add(&span, Some(APPROVALS.name), Fault::Approvals { approvers, got });
    }
    u16::try_from(got).ok()
}

fn tiers(
    section: &mut Section<'_>,
    asset: Option<&Asset>,
    vault: &VaultConfiguration,
    problems: &mut Problems<'_>,
) -> Option<[Tier; TIERS]> {
    let mut tiers = [Tier::unused(); TIERS];
    let sections = section.sections(TIERS_KEY, "a tier", problems);
    let got = sections.len();
    if got > TIERS {
        problems.add(&section.span_of(TIERS_KEY), Some(TIERS_KEY.name), Fault::Tiers { got });
    }
    let mut last: Option<Tier> = None;
    for (mut section, slot) in sections.into_iter().zip(&mut tiers) {
        let above = section.text(ABOVE, problems);
        let approvals = approvals(&mut section, vault, problems);
        let span = section.span();
        section.finish(problems);
        let (Some(above), Some(approvals), Some(asset)) = (above, approvals, asset) else { continue };
        let amount = words::parse_amount(above.text, Unit::from(asset));
        let Some(above) = problems.take(&above.span, ABOVE.name, amount) else { continue };
        let tier = Tier { above, approvals };
        if last.is_some_and(|last| above <= last.above || approvals < last.approvals) {
            problems.add(&span, Some(TIERS_KEY.name), Fault::FallingTier);
        }
        (*slot, last) = (tier, Some(tier));
    }
    Some(tiers)
}

fn destinations(section: &mut Section<'_>, listed: &Listed, problems: &mut Problems<'_>) -> Vec<Digest> {
    let mut digests = BTreeSet::new();
    for name in section.texts(DESTINATIONS, problems) {
        match listed.destination(name.text, problems) {
            Ok(destination) if !digests.insert(destination.digest) => {
                let fault = Fault::Repeated { what: "destination", got: Echo::new(name.text) };
                problems.add(&name.span, Some(DESTINATIONS.name), fault);
            }
            Ok(_) => {}
            Err(fault) => {
                fault.into_iter().for_each(|fault| problems.add(&name.span, Some(DESTINATIONS.name), fault));
            }
        }
    }
    digests.into_iter().collect()
}

/// The band of a rebalance; a normal rule has none.
fn band(
    section: &mut Section<'_>,
    lane: Option<Lane>,
    vault: &VaultConfiguration,
    problems: &mut Problems<'_>,
) -> Option<(u32, u32)> {
    let there = section.has(BAND);
    match lane? {
        Lane::Normal if there => {
            problems.add(&section.span_of(BAND), Some(BAND.name), Fault::BandOfNormal);
            None
        }
        Lane::Normal => Some((0, 0)),
        Lane::Rebalance => {
            if vault.oracle.is_none() {
                problems.add(&section.span_of(LANE), Some(LANE.name), Fault::NoOracle);
            }
            let ends = section.texts(BAND, problems);
            let ends: Vec<Option<u32>> = ends
                .iter()
                .map(|end| problems.take(&end.span, BAND.name, words::parse_ratio(end.text)))
                .collect();
            let span = section.span_of(BAND);
            match ends[..] {
                [Some(low), Some(high)] if low <= high => Some((low, high)),
                [Some(_), Some(_)] => {
                    problems.add(&span, Some(BAND.name), Fault::Band);
                    None
                }
                [_, _] => None,
                _ if there => {
                    problems.add(&span, Some(BAND.name), Fault::Count { least: 2, most: 2, got: ends.len() });
                    None
                }
                _ => None,
            }
        }
    }
}
