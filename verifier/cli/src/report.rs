//! Reports on what was verified, for people and for programs.

use serde_json::{Value, json};
use solventry_types::amount::decimal;
use solventry_verifier::{VerifiedAttestation, VerifiedInclusion, attestation::STEPS, verdict::Verdict};

use crate::{outcome::Outcome, places};

/// Stamp of development keys.
const UNTRUSTED: &str = "UNTRUSTED SETUP: whoever made the keys can forge this. For development only.";

/// What inclusion means, and what it does not.
const INCLUSION_NOTES: [&str; 4] = [
    "Compare these holdings with what you hold: an asset that is missing here is not counted.",
    "Whoever has this inclusion file can show these holdings to others.",
    "Whoever gave you the file knows that you asked.",
    "No log checkpoint was given: others may have been shown another attestation (equivocation is unchecked).",
];

/// Every step, the facts and the verdict.
pub fn attestation(verified: &VerifiedAttestation, outcome: Outcome, list: bool) -> String {
    let context = &verified.attestation().context;
    let mut text = format!(
        "{}: attestation of {:?}, epoch {}\n\nChecked:\n",
        outcome.headline(),
        context.entity,
        context.epoch
    );
    for (name, number) in STEPS.iter().zip(1..) {
        text.push_str(&format!("  ok      {number:2}. {name}\n"));
    }
    text.push_str(&format!("\nSnapshot: {}", date(context.snapshot_time)));
    for block in &context.snapshot_blocks {
        text.push_str(&format!(", {} block {} {}", block.chain, block.height, hex::encode(block.hash)));
    }
    text.push_str(&format!("\nProfile: {}, {} shards\nAssets:", context.profile, context.shards));
    for asset in context.assets.assets() {
        let percent = decimal(asset.min_coverage_bps.into(), 2);
        text.push_str(&format!(" {} (>= {percent} %)", asset.symbol));
    }
    text.push('\n');
    if list {
        text.push_str("\nPlaces of the assets:\n");
        for asset in context.assets.assets() {
            asset.places.iter().for_each(|place| {
                text.push_str(&format!("  {} {}\n", asset.symbol, places::place(place)));
            });
        }
        let public = places::public_list(&verified.attestation().reserves, &context.assets);
        text.push_str(&format!("\nPublic reserves, as claimed:\n{public}"));
    }
    let verdict = Verdict::of(verified);
    for (title, sentences) in [
        ("Proven", &verdict.proven),
        ("Not proven", &verdict.not_proven),
        ("To be checked by hand", &verdict.by_hand),
    ] {
        text.push_str(&format!("\n{title}:\n"));
        sentences.iter().for_each(|sentence| text.push_str(&format!("  - {sentence}\n")));
    }
    text
}

/// The same for programs.
pub fn attestation_json(verified: &VerifiedAttestation, outcome: Outcome) -> String {
    let mut report = header(verified, outcome);
    let steps =
        STEPS.iter().zip(1..).map(|(name, number)| json!({"step": number, "name": name, "passed": true}));
    let context = &verified.attestation().context;
    let assets = context.assets.assets().iter().map(|asset| {
        json!({
            "symbol": asset.symbol,
            "decimals": asset.decimals,
            "min_coverage_bps": asset.min_coverage_bps,
            "places": asset.places.iter().map(places::place).collect::<Vec<_>>(),
        })
    });
    let classes = verified.classes().iter().map(|class| {
        json!({"class": class.title(), "control": class.control, "amounts": class.amounts, "count": class.count})
    });
    report["steps"] = steps.collect();
    report["assets"] = assets.collect();
    report["reserves"] = classes.collect();
    report["public_reserves"] = places::public_json(&verified.attestation().reserves, &context.assets);
    report["verdict"] = json!(Verdict::of(verified));
    format!("{report:#}\n")
}

/// The account's holdings and what they mean.
pub fn inclusion(verified: &VerifiedAttestation, included: &VerifiedInclusion, outcome: Outcome) -> String {
    let context = &verified.attestation().context;
    let mut text = format!(
        "{}: this account is counted in the liabilities of {:?}, epoch {}, with\n",
        outcome.headline(),
        context.entity,
        context.epoch
    );
    for (symbol, amount) in holdings(verified, included) {
        text.push_str(&format!("  {amount} {symbol}\n"));
    }
    if included.holdings().is_empty() {
        text.push_str("  no holdings\n");
    }
    if !verified.setup_is_trusted() {
        text.push_str(&format!("\n- {UNTRUSTED}"));
    }
    INCLUSION_NOTES.iter().for_each(|note| text.push_str(&format!("\n- {note}")));
    text + "\n"
}

/// The same for programs.
pub fn inclusion_json(
    verified: &VerifiedAttestation,
    included: &VerifiedInclusion,
    outcome: Outcome,
) -> String {
    let mut report = header(verified, outcome);
    report["holdings"] = holdings(verified, included)
        .map(|(symbol, amount)| json!({"asset": symbol, "amount": amount}))
        .collect();
    let untrusted = (!verified.setup_is_trusted()).then_some(UNTRUSTED);
    report["notes"] = untrusted.into_iter().chain(INCLUSION_NOTES).collect();
    format!("{report:#}\n")
}

fn holdings<'a>(
    verified: &'a VerifiedAttestation,
    included: &'a VerifiedInclusion,
) -> impl Iterator<Item = (&'a str, String)> {
    let assets = &verified.attestation().context.assets;
    included.holdings().iter().filter_map(|holding| {
        let asset = assets.asset(holding.asset)?;
        Some((asset.symbol.as_str(), decimal(holding.amount.units().into(), asset.decimals)))
    })
}

fn header(verified: &VerifiedAttestation, outcome: Outcome) -> Value {
    let context = &verified.attestation().context;
    json!({
        "outcome": outcome.headline(),
        "exit_code": outcome.code(),
        "valid": true,
        "trusted_setup": verified.setup_is_trusted(),
        "entity": context.entity,
        "epoch": context.epoch,
        "snapshot_time": context.snapshot_time,
        "snapshot_blocks": context.snapshot_blocks.iter().map(|block| json!({
            "chain": block.chain.name(),
            "height": block.height,
            "hash": hex::encode(block.hash),
        })).collect::<Vec<_>>(),
        "profile": context.profile.name,
        "shards": context.shards,
        "attestation_digest": verified.digest().to_string(),
        "liabilities_digest": verified.liabilities_digest().to_string(),
    })
}

/// RFC 3339 where the time has one.
pub fn date(seconds: u64) -> String {
    let timestamp =
        i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| format!("{seconds} s after 1970"), |timestamp| timestamp.to_string())
}
