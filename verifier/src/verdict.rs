//! The verdict in words: what is proven, what is not, what stays to be checked by hand.

use serde::Serialize;
use solventry_types::{Chain, place::Locator, reserves::ReserveClass};

use crate::VerifiedAttestation;

/// A verdict for people; every sentence stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What the proofs show.
    pub proven: Vec<String>,
    /// What they do not show.
    pub not_proven: Vec<String>,
    /// What the reader can still do.
    pub by_hand: Vec<String>,
}

impl Verdict {
    /// The verdict on a verified attestation.
    pub fn of(verified: &VerifiedAttestation) -> Self {
        let context = &verified.attestation().context;
        let assets = context.assets.assets();
        let least = assets.iter().map(|asset| asset.min_coverage_bps).min().unwrap_or(0);
        let capacity = u64::from(context.shards).saturating_mul(as_u64(context.profile.shard_slots()));
        let proven = vec![
            format!(
                "In epoch {} of {:?}, the reserves that this file lists or that attestors signed reach at least the \
                 stated coverage of all customer holdings that are counted, in each of {} assets; the lowest stated \
                 coverage is {} %.",
                context.epoch, context.entity, assets.len(), percent(least)
            ),
            "Every holding that is counted is a whole number from 0 to 2^64 - 1 of its listed unit; no debt of \
             one customer and no surplus of one asset makes up for another."
                .into(),
            format!("At most {capacity} slots of three holdings each are counted (the declared capacity)."),
        ];
        Self { proven, not_proven: not_proven(verified), by_hand: by_hand(verified) }
    }
}

fn not_proven(verified: &VerifiedAttestation) -> Vec<String> {
    let mut list = Vec::new();
    if !verified.setup_is_trusted() {
        list.push(
            "UNTRUSTED SETUP: the proving keys were made for development by one party. Whoever made them can \
             forge every statement above."
                .into(),
        );
    }
    for class in verified.classes() {
        list.push(format!(
            "Reserves, {}: control {}, amounts {} ({}).",
            class.title(),
            class.control,
            class.amounts,
            class.support()
        ));
    }
    list.extend([
        "That every customer is counted: only customers who check their own inclusion show that.".into(),
        "That no other attestation of this epoch was shown to others (equivocation is unchecked: no log \
         checkpoint was given)."
            .into(),
        "That reserves were not borrowed for the day, counted in two classes, or held under keys that can move \
         without a headroom proof."
            .into(),
        "That the amounts in the ledger are what the entity owes off the ledger, or that its time is true.".into(),
    ]);
    list
}

fn by_hand(verified: &VerifiedAttestation) -> Vec<String> {
    let attestation = verified.attestation();
    let context = &attestation.context;
    let mut list =
        vec![format!("Compare the attestation's digest with the one others see: {}", verified.digest())];
    list.push(format!(
        "If the entity published a digest of its liabilities before it gathered reserves, compare: {}",
        verified.liabilities_digest()
    ));
    for chain in Chain::ALL {
        let entries = attestation.reserves.classes.iter().flat_map(|class| match class {
            ReserveClass::Public(entries) => entries.as_slice(),
            ReserveClass::Attested { .. } => &[],
        });
        let count = entries.filter(|entry| entry.chain == chain).count();
        if count == 0 {
            continue;
        }
        let block = context.snapshot_blocks.iter().find(|block| block.chain == chain);
        list.push(match block {
            Some(block) => format!(
                "Compare the {count} public amounts on {chain} (listed with --list) with the chain at block {} ({}).",
                block.height,
                hex::encode(block.hash)
            ),
            None => format!(
                "Compare the {count} public amounts on {chain} (listed with --list) with the chain; no snapshot block is stated, so \
                 ask the entity for one."
            ),
        });
    }
    let contracts = context.assets.assets().iter().flat_map(|asset| &asset.places);
    if contracts.clone().any(|place| place.locator != Locator::Native) {
        list.push(
            "Check that the contracts in the asset table are the tokens that their symbols suggest.".into(),
        );
    }
    list.push("Check that the asset table lists every asset that the entity owes.".into());
    list
}

/// Basis points as percent with two places, no trailing zeros.
fn percent(bps: u32) -> String {
    solventry_types::amount::decimal(bps.into(), 2)
}

fn as_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
