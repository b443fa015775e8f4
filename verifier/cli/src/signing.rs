//! Reports on signing evidence, for people and for programs.

use serde_json::{Value, json};
use solventry_chains::{Anchor, address::account_text};
use solventry_protocol::{STEPS, SigningEvidence, VerifiedSigning, verify::Missing};
use solventry_types::{Asset, Chain, Place, amount::decimal, place::Locator};
use solventry_verifier::VerifiedAttestation;

use crate::{outcome::Outcome, places, report};

/// Names of the windows of journal time.
const WINDOWS: [&str; 4] = ["1 hour", "24 hours", "7 days", "30 days"];

/// Every step, the payment, what is claimed, what is missing, and the verdict.
pub fn text(verified: &VerifiedSigning, attestation: &VerifiedAttestation, outcome: Outcome) -> String {
    let evidence = verified.evidence();
    let facts = Facts::of(verified, attestation);
    let mut text = format!(
        "{}: signing evidence of vault {:?}{}\n\nChecked:\n",
        outcome.headline(),
        evidence.vault.name,
        if evidence.decision.is_none() { ", UNDECIDED" } else { "" }
    );
    for (name, number) in STEPS.iter().zip(1..) {
        let word = if is_absent(evidence, number) { "absent" } else { "ok    " };
        text.push_str(&format!("  {word}  {number:2}. {name}\n"));
    }
    let section = |title: &str, lines: Vec<String>| {
        let lines: String = lines.iter().map(|line| format!("  - {line}\n")).collect();
        format!("\n{title}:\n{lines}")
    };
    text.push_str(&section("Payment", facts.payment));
    text.push_str(&section(
        "Claimed; the proofs hold for these figures, the decision certificate vouches for them",
        facts.claimed,
    ));
    text.push_str(&section("Missing", missing(verified)));
    text.push_str(&section("Proven", proven()));
    text.push_str(&section("Not proven", not_proven(verified)));
    text
}

/// The same for programs.
pub fn json(verified: &VerifiedSigning, attestation: &VerifiedAttestation, outcome: Outcome) -> String {
    let evidence = verified.evidence();
    let (payment, claims, transfer) = (&evidence.payment, verified.claims(), verified.transfer());
    let asset = asset_of(verified, attestation);
    let listed = |units: u128| asset.map_or(Value::Null, |asset| json!(decimal(units, asset.decimals)));
    let mut value = json!({
        "outcome": outcome.headline(),
        "exit_code": outcome.code(),
        "valid": true,
        "trusted_setup": verified.setup_is_trusted(),
        "decided": evidence.decision.is_some(),
        "signed": !evidence.signatures.is_empty(),
        "vault": evidence.vault.name,
        "vault_configuration": evidence.vault.digest().to_string(),
        "payment_id": verified.payment_id().to_string(),
        "chain": payment.chain.name(),
        "asset": asset.map(|asset| asset.symbol.clone()),
        "destination": account_text(payment.chain, &payment.destination),
        "amount_chain_units": payment.amount.to_string(),
        "fee_chain_units": transfer.fee().to_string(),
        "charged": listed(verified.charged().units()),
        "lane": payment.lane.name(),
        "valid_from": payment.validity.from,
        "valid_until": payment.validity.until,
        "approvals": evidence.approvals.iter().map(|approval| hex::encode(approval.approver)).collect::<Vec<_>>(),
        "transaction_digest": transfer.digest().to_string(),
        "record_digest": evidence.record_digest().to_string(),
        "attestation_digest": attestation.digest().to_string(),
        "claimed": {
            "spent": WINDOWS.iter().zip(claims.spent).map(|(name, sum)| json!({"window": name, "sum": listed(sum.units())})).collect::<Vec<_>>(),
            "payments_in_24_hours": claims.count,
            "seconds_since_last_payment": (claims.since_last != u64::MAX).then_some(claims.since_last),
            "outflow": listed(claims.outflow.units()),
        },
        "missing": missing(verified),
        "proven": proven(),
        "not_proven": not_proven(verified),
    });
    value["steps"] = STEPS
        .iter()
        .zip(1..)
        .map(|(name, number)| {
            let passed = (!is_absent(evidence, number)).then_some(true);
            json!({"step": number, "name": name, "passed": passed})
        })
        .collect();
    if let Some(decision) = &evidence.decision {
        value["decision"] = json!({
            "height": decision.height,
            "round": decision.round,
            "journal_time": decision.header.time,
            "value_id": decision.header.value_id().to_string(),
            "precommits": decision.precommits.len(),
        });
    }
    format!("{value:#}\n")
}

/// Whether a step had nothing to check: no decision, no signatures.
fn is_absent(evidence: &SigningEvidence, step: usize) -> bool {
    (step == 13 && evidence.decision.is_none()) || (step == 14 && evidence.signatures.is_empty())
}

struct Facts {
    payment: Vec<String>,
    claimed: Vec<String>,
}

impl Facts {
    fn of(verified: &VerifiedSigning, attestation: &VerifiedAttestation) -> Self {
        let evidence = verified.evidence();
        let (payment, claims, transfer) = (&evidence.payment, verified.claims(), verified.transfer());
        let context = &attestation.attestation().context;
        let place = context.assets.find_place(payment.chain, &payment.locator);
        let amount = |units: u64| match place {
            Some((_, asset, place)) => format!("{} {}", decimal(units.into(), place.decimals), asset.symbol),
            None => units.to_string(),
        };
        let asset = asset_of(verified, attestation);
        let listed = |units: u128| {
            asset
                .map_or_else(|| units.to_string(), |a| format!("{} {}", decimal(units, a.decimals), a.symbol))
        };
        let coin = coin(payment.chain);
        let mut lines = vec![
            format!("payment id {}", verified.payment_id()),
            format!("{} to {}", amount(payment.amount), account_text(payment.chain, &payment.destination)),
            format!("on {}", place.map_or_else(|| payment.chain.to_string(), |(_, _, place)| shown(place))),
            format!(
                "network fee {} {} (cap {} {})",
                decimal(transfer.fee().into(), coin.1),
                coin.0,
                decimal(payment.fee_cap.into(), coin.1),
                coin.0
            ),
            format!("transaction {} ({})", transfer.digest(), anchor(transfer.anchor())),
            format!("charged against limits and headroom: {}", listed(verified.charged().units())),
            format!(
                "{} lane, valid from {} until {}",
                payment.lane.name(),
                report::date(payment.validity.from),
                report::date(payment.validity.until)
            ),
            format!("proposed by {}", hex::encode(payment.proposer)),
        ];
        lines.extend(evidence.approvals.iter().map(|a| format!("approved by {}", hex::encode(a.approver))));
        if let Some(margin) = &evidence.margin {
            let ratio = decimal(margin.ratio_bps.into(), 2);
            lines.push(format!(
                "margin ratio {ratio} % of {:?} at {:?}, {}",
                margin.account,
                margin.venue,
                report::date(margin.time)
            ));
        }
        if let Some(decision) = &evidence.decision {
            lines.push(format!(
                "decided at height {}, journal time {}, by {} signers",
                decision.height,
                report::date(decision.header.time),
                decision.precommits.len()
            ));
        }
        let epoch =
            format!("epoch {} of {:?}, attestation {}", context.epoch, context.entity, attestation.digest());
        lines.push(epoch);
        let mut claimed: Vec<String> = WINDOWS
            .iter()
            .zip(claims.spent)
            .map(|(window, sum)| {
                format!("charged in the last {window} before this payment: {}", listed(sum.units()))
            })
            .collect();
        claimed.push(format!("payments in the last 24 hours before this one: {}", claims.count));
        claimed.push(match claims.since_last {
            u64::MAX => "no earlier payment".into(),
            seconds => format!("seconds since the last payment: at least {seconds}"),
        });
        claimed.push(format!(
            "left since the epoch's snapshot, with this payment: {}",
            listed(claims.outflow.units())
        ));
        Self { payment: lines, claimed }
    }
}

fn asset_of<'a>(verified: &VerifiedSigning, attestation: &'a VerifiedAttestation) -> Option<&'a Asset> {
    attestation.attestation().context.assets.asset(verified.asset())
}

/// Name and decimals of a chain's own coin.
const fn coin(chain: Chain) -> (&'static str, u8) {
    match chain {
        Chain::Bitcoin => ("BTC", 8),
        Chain::Solana => ("SOL", 9),
        _ => ("units", 0),
    }
}

fn shown(place: &Place) -> String {
    match place.locator {
        Locator::Native => place.chain.to_string(),
        Locator::Contract(_) => places::place(place),
    }
}

/// What every replacement of the transaction spends too.
fn anchor(anchor: &Anchor) -> String {
    match anchor {
        Anchor::Outpoint(outpoint) => {
            let (txid, number) = outpoint.split_at(32);
            let txid: Vec<u8> = txid.iter().rev().copied().collect();
            let number = number.try_into().map_or(0, u32::from_le_bytes);
            format!("first input {}:{number}", hex::encode(txid))
        }
        Anchor::Nonce { account, value } => format!(
            "nonce {} of {}",
            account_text(Chain::Solana, value),
            account_text(Chain::Solana, account)
        ),
    }
}

fn missing(verified: &VerifiedSigning) -> Vec<String> {
    let sentence = |missing: Missing| match missing {
        Missing::Decision => {
            "no decision certificate: that the payment was decided, when, by this transaction with these \
             inputs, with a margin ratio of that time, and that the claimed figures are the journal's, \
             nobody vouches for yet (approvals cover destination, amount and fee cap, not inputs)"
        }
        Missing::Signatures => "no signatures: the transaction is not signed in this file",
    };
    let mut missing: Vec<String> =
        verified.missing().into_iter().map(|item| sentence(item).to_owned()).collect();
    if verified.missing() == [Missing::Decision] {
        missing.push(
            "the transaction is signed although nothing here shows a decision: ask the signers why".into(),
        );
    }
    if missing.is_empty() { vec!["nothing".into()] } else { missing }
}

fn proven() -> Vec<String> {
    vec![
        "The transaction pays this one destination this amount; all else goes back to the vault.".into(),
        "A policy hidden behind the pinned root allows it, given the claimed figures.".into(),
        "After the claimed outflow, the reserves of the attestation still reach the stated coverage of this \
         asset's liabilities."
            .into(),
    ]
}

fn not_proven(verified: &VerifiedSigning) -> Vec<String> {
    let mut list = Vec::new();
    if !verified.setup_is_trusted() {
        list.push(
            "UNTRUSTED SETUP: the keys of attestation or headroom proof were made for development by one party, \
             who can forge both."
                .into(),
        );
    }
    if verified.evidence().decision.is_none() {
        list.push("That the claimed sums, count, last payment and outflow are true.".into());
    }
    list.extend([
        "That no quorum of signers colluded: t of them together can sign anything.".to_owned(),
        "That the attestation is the newest of its entity: its own file and the journal say which epoch is in force."
            .to_owned(),
    ]);
    list
}
