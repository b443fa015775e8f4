//! A new `policy.toml`: every key, explained, allowing nothing until somebody raises a limit.

use solventry_types::{Asset, Locator, Place, VaultConfiguration};
use zeroize::Zeroizing;

use crate::{
    document::{
        quoted,
        words::{Unit, time_text},
    },
    ledger::locator_text,
};

/// One year in seconds.
const YEAR: u64 = 31_536_000;

/// Text of a new policy for a vault, with a fresh salt, that begins at `from` (Unix seconds).
/// Without assets it is about the chain's own coin.
pub fn template(
    vault: &VaultConfiguration,
    assets: &[Asset],
    salt: &[u8; 32],
    from: u64,
) -> Zeroizing<String> {
    let chain = vault.accounts.chain();
    let coin = Unit::coin(chain);
    let own = Asset {
        symbol: coin.symbol.to_owned(),
        decimals: coin.decimals,
        min_coverage_bps: 10_000,
        places: vec![Place { chain, locator: Locator::Native, decimals: coin.decimals }],
    };
    let assets = if assets.is_empty() { std::slice::from_ref(&own) } else { assets };
    let salt = Zeroizing::new(hex::encode(salt));
    let mut text = Zeroizing::new(format!(
        "# What may leave vault {}. Keep this file secret: whoever reads it knows every limit.\n\
         #\n\
         # Everything is refused unless a rule allows it, and any limit that is not kept refuses.\n\
         # Every limit must be written; one that shall not bind says \"unlimited\".\n\
         # Approvers and oracle come from vault.toml. After every change, here or there, run\n\
         # `solventry policy root --write`.\n\n\
         # Hides the rules behind the policy's root. Never use it for another policy.\n\
         salt = \"{}\"\n\
         # Payments may be valid from the first of these times up to the second.\n\
         not_before = {}\nnot_after = {}\n\
         # Longest validity of one payment.\nmax_validity = \"2 hours\"\n\n\
         # Symbol, decimals and places must be those of the epoch's asset table (assets.csv).\n",
        quoted(&vault.name),
        *salt,
        time_text(from),
        time_text(from.saturating_add(YEAR)),
    ));
    for asset in assets {
        let places: Vec<String> = asset.places.iter().map(|place| quoted(&place_text(place))).collect();
        text.push_str(&format!(
            "[[asset]]\nsymbol = {}\ndecimals = {}\nplaces = [{}]\n\n",
            quoted(&asset.symbol),
            asset.decimals,
            places.join(", ")
        ));
    }
    text.push_str(&format!(
        "# Who may be paid. Rules speak of destinations by name.\n\
         # [[destination]]\n# name = \"exchange\"\n# chain = \"{chain}\"\n# address = \"...\"\n\n\
         # One rule for an asset in a lane. These allow nothing: raise their limits, list destinations.\n"
    ));
    for asset in assets {
        text.push_str(&rule(&asset.symbol, coin.symbol, vault.approvers.len().min(1)));
    }
    text.push_str(REBALANCE);
    text
}

fn rule(symbol: &str, coin: &str, approvals: usize) -> String {
    let asset = quoted(symbol);
    format!(
        "[[rule]]\nasset = {asset}\nlane = \"normal\"\n\
         # What one payment may charge, fee included where it is paid in the same coin.\n\
         per_payment = \"0 {symbol}\"\n\
         # Sums, the payment included, over 1 hour, 24 hours, 7 days and 30 days.\n\
         per_hour = \"0 {symbol}\"\nper_day = \"0 {symbol}\"\nper_week = \"0 {symbol}\"\n\
         per_month = \"0 {symbol}\"\n\
         # Payments in 24 hours, and the least time between two.\n\
         payments_per_day = 0\ncooldown = \"5 minutes\"\n\
         # Network fee of one payment.\nmax_fee = \"0 {coin}\"\n\
         # Approvals that every payment needs, and up to three tiers of larger amounts that need more.\n\
         approvals = {approvals}\n# tiers = [{{ above = \"1 {symbol}\", approvals = 2 }}]\n\
         destinations = []\n\n"
    )
}

const REBALANCE: &str = "\
# A rule with lane = \"rebalance\" pays own destinations only (siblings in vault.toml), and only while
# the margin ratio is outside this band, ends included:
# margin_band = [\"80 %\", \"120 %\"]
";

/// A place as [`crate::ledger::parse_place`] reads it.
fn place_text(place: &Place) -> String {
    format!("{}/{}/{}", place.chain, locator_text(place.chain, &place.locator), place.decimals)
}
