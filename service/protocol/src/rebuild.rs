//! Public inputs rebuilt from what a signer or auditor holds: transaction, payment,
//! configuration and attestation. Nothing here is read from a statement in a file, but for the
//! sums that only the journal knows.

use solventry_chains::Transfer;
use solventry_policy::PolicyStatement;
use solventry_types::{
    Asset, AssetId, Chain, Digest, EpochContext, MarginAttestation, Payment, Total, VaultConfiguration,
    headroom::HeadroomStatement,
    place::{Locator, Place},
    reserves::ReserveClass,
};
use solventry_verifier::VerifiedAttestation;

/// What the journal knows about a vault's past payments in one asset: claimed by the maker of the
/// proofs, bounded by every signer's own sums, resting on the decision certificate for an auditor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalClaims {
    /// Sums charged in each window before this payment, in listed units.
    pub spent: [Total; 4],
    /// Payments in the last 24 hours.
    pub count: u32,
    /// Seconds since the last payment; `u64::MAX` if there was none.
    pub since_last: u64,
    /// Everything that left since the epoch's snapshot, this payment included, in listed units.
    pub outflow: Total,
}

/// The asset of a payment in the attested table, and what the payment charges of it.
#[derive(Debug, Clone)]
pub struct Charge<'a> {
    /// Number in the epoch's table.
    pub id: AssetId,
    /// The asset.
    pub asset: &'a Asset,
    /// Charged amount in listed units, rounded up.
    pub amount: Total,
    /// Least outflow that this payment alone adds, in listed units, rounded up: the charged
    /// amount; only the fee when it goes to an own account that the epoch's public reserves list.
    pub outflow: Total,
}

/// Why a payment cannot be expressed in the attested asset table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChargeError {
    /// The asset is not in the table.
    #[error(
        "no asset of the attested table lives where this payment is made ({0}); attest an epoch with that place"
    )]
    UnknownAsset(String),
    /// The amount does not fit.
    #[error(
        "asset {symbol}: the charged amount does not fit its listed unit; check the decimals of the attested table"
    )]
    TooLarge {
        /// Symbol.
        symbol: String,
    },
    /// Fees out of reserves.
    #[error(
        "the fee payer is an account of a vault or of the attested public reserves; pay fees from another account"
    )]
    FeePayer,
    /// The table's decimals are not the chain's.
    #[error(
        "asset {symbol}: the attested table says {expected} decimals on {chain}, the transaction says {got}"
    )]
    Decimals {
        /// Symbol.
        symbol: String,
        /// The chain.
        chain: Chain,
        /// Decimals in the table.
        expected: u8,
        /// Decimals of the chain or in the transaction.
        got: u8,
    },
}

/// Finds the payment's asset and computes what it charges; `fee_cap` is the payment's, in the chain's
/// own coin.
pub fn charge<'a>(
    transfer: &Transfer,
    fee_cap: u64,
    vault: &VaultConfiguration,
    attestation: &'a VerifiedAttestation,
) -> Result<Charge<'a>, ChargeError> {
    let attested = attestation.attestation();
    let (id, asset, place) =
        attested.context.assets.find_place(transfer.chain(), transfer.locator()).ok_or_else(|| {
            ChargeError::UnknownAsset(match transfer.locator() {
                Locator::Native => format!("{}/native", transfer.chain()),
                Locator::Contract(_) => format!("a token contract on {}", transfer.chain()),
            })
        })?;
    let got = transfer.decimals().or(native_decimals(transfer.chain()));
    if let Some(got) = got.filter(|got| *got != place.decimals) {
        let (symbol, chain, expected) = (asset.symbol.clone(), transfer.chain(), place.decimals);
        return Err(ChargeError::Decimals { symbol, chain, expected, got });
    }
    let listed = |chain_units: u64| {
        let total = listed_units(chain_units.into(), asset, place);
        total.ok_or_else(|| ChargeError::TooLarge { symbol: asset.symbol.clone() })
    };
    let destination = transfer.destination();
    let in_reserves = |account: &[u8], locator: Option<&Locator>| {
        attested.reserves.classes.iter().any(|class| match class {
            ReserveClass::Public(entries) => entries.iter().any(|entry| {
                entry.chain == transfer.chain()
                    && locator.is_none_or(|locator| entry.locator == *locator)
                    && entry.account == account
            }),
            ReserveClass::Attested { .. } => false,
        })
    };
    if transfer.fee_payer().is_some_and(|payer| is_own(vault, payer) || in_reserves(payer, None)) {
        return Err(ChargeError::FeePayer);
    }
    let stays = is_own(vault, destination) && in_reserves(destination, Some(transfer.locator()));
    let pays_fee = transfer.fee_payer().is_none();
    let leaves = leaving(stays, pays_fee, transfer.amount(), transfer.charged(), fee_cap);
    Ok(Charge { id, asset, amount: listed(transfer.charged())?, outflow: listed(leaves)? })
}

/// What leaves the attested reserves, in chain units: all that is charged, or the fee alone where the amount
/// stays with the custodian. The same transaction may be given up at any fee within the cap without new proofs
/// (SPEC, "Cancel needs no proofs"), so where the vault pays fees it is the cap that counts.
pub fn leaving(stays: bool, pays_fee: bool, amount: u64, charged: u64, fee_cap: u64) -> u64 {
    let fee = charged.saturating_sub(amount);
    match (stays, pays_fee) {
        (false, _) => charged,
        (true, false) => fee,
        (true, true) => fee.max(fee_cap.min(charged)),
    }
}

/// Units of a place in units of the asset as listed, rounded up; `None` if no total holds them.
pub fn listed_units(chain_units: u128, asset: &Asset, place: &Place) -> Option<Total> {
    let scale = 10_u128.pow(place.decimals.saturating_sub(asset.decimals).into());
    let raise = 10_u128.pow(asset.decimals.saturating_sub(place.decimals).into());
    let units = chain_units.div_ceil(scale).checked_mul(raise)?;
    Total::from_units(units).ok()
}

/// Decimals that a chain gives its own coin.
pub const fn native_decimals(chain: Chain) -> Option<u8> {
    match chain {
        Chain::Bitcoin => Some(8),
        Chain::Solana => Some(9),
        _ => None,
    }
}

/// Whether the destination belongs to another vault of the journal.
pub fn is_own(vault: &VaultConfiguration, destination: &[u8]) -> bool {
    vault.siblings.iter().any(|own| own == destination)
}

/// The public inputs of the policy proof. Its fee is the payment's cap, not the transaction's fee: a
/// replacement or a cancellation may pay that much, and the latter asks no rule again.
pub fn policy_statement(
    vault: &VaultConfiguration,
    payment: &Payment,
    charge: &Charge<'_>,
    margin: Option<&MarginAttestation>,
    approvals: u16,
    claims: &JournalClaims,
) -> PolicyStatement {
    PolicyStatement {
        policy_root: vault.policy_root,
        payment_id: payment.id(vault.genesis),
        vault: vault.vault_digest(),
        asset: charge.asset.digest(),
        destination: payment.destination_digest(),
        amount: charge.amount,
        fee: payment.fee_cap,
        lane: payment.lane,
        own_destination: is_own(vault, &payment.destination),
        spent: claims.spent,
        count: claims.count,
        since_last: claims.since_last,
        approvals,
        approver_set: vault.approver_set(),
        oracle_account: margin.map_or(Digest([0; 32]), MarginAttestation::account_digest),
        margin_ratio_bps: margin.map_or(0, |margin| margin.ratio_bps),
        validity: payment.validity,
    }
}

/// The public inputs of the headroom proof.
pub fn headroom_statement(
    attestation: &VerifiedAttestation,
    charge: &Charge<'_>,
    claims: &JournalClaims,
) -> HeadroomStatement {
    let attested = attestation.attestation();
    let context: &EpochContext = &attested.context;
    HeadroomStatement {
        context: context.digest(),
        headroom_root: attested.coverage.statement.headroom_root,
        asset: charge.id,
        outflow: claims.outflow,
    }
}

/// The sums that a pair of statements claims.
pub fn claims_of(policy: &PolicyStatement, headroom: &HeadroomStatement) -> JournalClaims {
    JournalClaims {
        spent: policy.spent,
        count: policy.count,
        since_last: policy.since_last,
        outflow: headroom.outflow,
    }
}

/// Name of the first public input, journal claims aside, in which two policy statements differ.
pub fn policy_difference(expected: &PolicyStatement, got: &PolicyStatement) -> Option<&'static str> {
    let PolicyStatement {
        policy_root,
        payment_id,
        vault,
        asset,
        destination,
        amount,
        fee,
        lane,
        own_destination,
        spent: _,
        count: _,
        since_last: _,
        approvals,
        approver_set,
        oracle_account,
        margin_ratio_bps,
        validity,
    } = expected;
    [
        (*policy_root == got.policy_root, "policy root"),
        (*payment_id == got.payment_id, "payment id"),
        (*vault == got.vault, "vault digest"),
        (*asset == got.asset, "asset digest"),
        (*destination == got.destination, "destination digest"),
        (*amount == got.amount, "charged amount"),
        (*fee == got.fee, "fee"),
        (*lane == got.lane, "lane"),
        (*own_destination == got.own_destination, "own-destination flag"),
        (*approvals == got.approvals, "number of approvals"),
        (*approver_set == got.approver_set, "approver set"),
        (*oracle_account == got.oracle_account, "oracle account"),
        (*margin_ratio_bps == got.margin_ratio_bps, "margin ratio"),
        (*validity == got.validity, "validity"),
    ]
    .into_iter()
    .find_map(|(equal, name)| (!equal).then_some(name))
}

/// Name of the first public input, the claimed outflow aside, in which two statements differ.
pub fn headroom_difference(expected: &HeadroomStatement, got: &HeadroomStatement) -> Option<&'static str> {
    [
        (expected.context == got.context, "epoch context"),
        (expected.headroom_root == got.headroom_root, "headroom root"),
        (expected.asset == got.asset, "asset id"),
    ]
    .into_iter()
    .find_map(|(equal, name)| (!equal).then_some(name))
}
