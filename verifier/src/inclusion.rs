//! Verification of one account's inclusion (`01-solvency` §6).

use std::collections::BTreeSet;

use ark_bn254::{Fr, G1Projective};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use solventry_types::{
    AccountId, CodecError, Digest, Holding, InclusionFile, Label, Slot,
    inclusion::BlockOpening,
    profile::SLOT_HOLDINGS,
    slot::{SlotError, scalar_of_packed},
};

use crate::{
    VerifiedAttestation,
    kzg::{KzgError, verify_at_points},
    pairing::{NoRandomness, weight},
};

/// Why an inclusion file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// Not the format.
    #[error(transparent)]
    Format(#[from] CodecError),
    /// It belongs to another attestation.
    #[error("the file belongs to attestation {got}, not to {expected}")]
    Attestation {
        /// The verified attestation.
        expected: Digest,
        /// Named in the file.
        got: Digest,
    },
    /// No slots.
    #[error("the file opens no slot: an account has at least one")]
    Empty,
    /// More slots than an account with every asset of the table needs.
    #[error("the file opens {got} slots: an account has at most {limit} in this epoch")]
    TooManySlots {
        /// A third of the number of assets, rounded up.
        limit: usize,
        /// Slots in the file.
        got: usize,
    },
    /// Shard, block or position past the end.
    #[error("opening {opening}: shard, block or position is out of range")]
    Range {
        /// Place in the file, from 1.
        opening: usize,
    },
    /// Openings or positions not strictly increasing.
    #[error("opening {opening}: openings and positions must be strictly increasing (a slot claimed twice?)")]
    Order {
        /// Place in the file, from 1.
        opening: usize,
    },
    /// A slot that no honest ledger packs.
    #[error("opening {opening}: {source}")]
    Slot {
        /// Place in the file, from 1.
        opening: usize,
        /// What is wrong.
        source: SlotError,
    },
    /// An asset id past the table.
    #[error("opening {opening}: a slot names an asset that is not in the attestation's table")]
    UnknownAsset {
        /// Place in the file, from 1.
        opening: usize,
    },
    /// The same asset twice.
    #[error("asset {symbol} occurs twice")]
    RepeatedAsset {
        /// Symbol.
        symbol: String,
    },
    /// The commitments do not open to these slots and this account's label.
    #[error(
        "opening {opening}: the attested blocks do not hold these slots for this account \
         (wrong account id, altered holding, or not included)"
    )]
    NotIncluded {
        /// Place in the file, from 1.
        opening: usize,
    },
    /// No weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What the attested blocks hold for an account. Only [`verify_inclusion`] makes one.
#[derive(Debug)]
pub struct VerifiedInclusion {
    holdings: Vec<Holding>,
    slots: usize,
}

impl VerifiedInclusion {
    /// The account's holdings, as they are counted in the liabilities.
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Number of slots.
    pub fn slots(&self) -> usize {
        self.slots
    }
}

/// Verifies that the attested blocks hold exactly these slots under the label of `account`,
/// which the customer typed; it is never read from the file.
pub fn verify_inclusion(
    bytes: &[u8],
    verified: &VerifiedAttestation,
    account: &AccountId,
) -> Result<VerifiedInclusion, InclusionError> {
    let file = InclusionFile::decode(bytes)?;
    let (expected, got) = (verified.digest(), file.attestation);
    if expected != got {
        return Err(InclusionError::Attestation { expected, got });
    }
    if file.openings.is_empty() {
        return Err(InclusionError::Empty);
    }
    let context = &verified.attestation().context;
    let label = Label::new(&context.entity, context.epoch, account, &file.nonce).scalar();

    refuse_disorder(&file.openings)?;
    let slots = file.openings.iter().map(|opening| opening.slots.len()).sum();
    let limit = context.assets.len().div_ceil(SLOT_HOLDINGS);
    if slots > limit {
        return Err(InclusionError::TooManySlots { limit, got: slots });
    }
    for (opening, number) in file.openings.iter().zip(1..) {
        verify_opening(verified, opening, number, label)?;
    }
    let holdings = unpack(verified, &file.openings)?;
    Ok(VerifiedInclusion { holdings, slots })
}

/// (shard, block, position) strictly increases through the whole file.
fn refuse_disorder(openings: &[BlockOpening]) -> Result<(), InclusionError> {
    let mut last = None;
    for (opening, number) in openings.iter().zip(1..) {
        if opening.slots.is_empty() {
            return Err(InclusionError::Empty);
        }
        for slot in &opening.slots {
            let key = Some((opening.shard, opening.block, slot.position));
            if last >= key {
                return Err(InclusionError::Order { opening: number });
            }
            last = key;
        }
    }
    Ok(())
}

/// `e(C_b + θ·E_b − [I_S(τ)]_1, [1]_2) = e(π_f + θ·π_g, [Z_S(τ)]_2)` for a random θ.
fn verify_opening(
    verified: &VerifiedAttestation,
    opening: &BlockOpening,
    number: usize,
    label: Fr,
) -> Result<(), InclusionError> {
    let range = InclusionError::Range { opening: number };
    let profile = verified.attestation().context.profile;
    let (Ok(shard), Ok(block)) = (usize::try_from(opening.shard), usize::try_from(opening.block)) else {
        return Err(range);
    };
    let record = verified.attestation().shards.get(shard);
    let Some(commitment) = record.and_then(|record| record.statement.blocks.get(block)) else {
        return Err(range);
    };
    let Some(domain) = Radix2EvaluationDomain::<Fr>::new(profile.block_slots) else { return Err(range) };
    let positions = opening.slots.iter().map(|slot| usize::try_from(slot.position).unwrap_or(usize::MAX));
    if positions.clone().any(|position| position >= profile.block_slots) {
        return Err(range);
    }
    let points: Vec<Fr> = positions.map(|position| domain.element(position)).collect();

    let theta = weight()?;
    let values: Vec<Fr> =
        opening.slots.iter().map(|slot| scalar_of_packed(&slot.packed) + theta * label).collect();
    let joined = G1Projective::from(commitment.slots) + commitment.labels * theta;
    let proof = G1Projective::from(opening.slots_proof) + opening.labels_proof * theta;
    match verify_at_points(&verified.keys().kzg, joined, &points, &values, proof) {
        Ok(true) => Ok(()),
        Err(KzgError::NoRandomness(error)) => Err(error.into()),
        Ok(false) | Err(_) => Err(InclusionError::NotIncluded { opening: number }),
    }
}

/// Unpacks all slots; assets must be in the table and occur once.
fn unpack(verified: &VerifiedAttestation, openings: &[BlockOpening]) -> Result<Vec<Holding>, InclusionError> {
    let assets = &verified.attestation().context.assets;
    let (mut holdings, mut seen) = (Vec::new(), BTreeSet::new());
    for (opening, number) in openings.iter().zip(1..) {
        for slot in &opening.slots {
            let slot = Slot::from_bytes(&slot.packed)
                .map_err(|source| InclusionError::Slot { opening: number, source })?;
            for holding in slot.holdings() {
                let asset =
                    assets.asset(holding.asset).ok_or(InclusionError::UnknownAsset { opening: number })?;
                if !seen.insert(holding.asset) {
                    return Err(InclusionError::RepeatedAsset { symbol: asset.symbol.clone() });
                }
                holdings.push(holding);
            }
        }
    }
    holdings.sort_unstable();
    Ok(holdings)
}
