//! The one instance column: names and order of the public inputs.

use ff::PrimeField;
use halo2_proofs::pasta::Fp;

use crate::{
    commitment::{lane_element, limbs},
    statement::PolicyStatement,
};

/// Version of the circuit, the first public input.
pub const CIRCUIT_VERSION: u64 = 1;
/// Number of public inputs.
pub const PUBLIC_INPUTS: usize = 28;

/// The public inputs in their order: field elements outside, assigned cells inside the circuit.
/// Pairs are the high and the low 128 bits of a digest.
#[derive(Clone)]
pub struct PublicInputs<T> {
    /// [`CIRCUIT_VERSION`].
    pub version: T,
    /// Salted root of the policy.
    pub policy_root: T,
    /// What humans approved.
    pub payment_id: [T; 2],
    /// Vault.
    pub vault: [T; 2],
    /// Asset.
    pub asset: [T; 2],
    /// Destination.
    pub destination: [T; 2],
    /// Charged amount, below 2^96.
    pub amount: T,
    /// Network fee, below 2^64.
    pub fee: T,
    /// 0 normal, 1 rebalance.
    pub lane: T,
    /// 1 for an own destination, or 0.
    pub own_destination: T,
    /// Sums charged before in each window, below 2^96.
    pub spent: [T; 4],
    /// Payments in 24 h before, below 2^32.
    pub count: T,
    /// Seconds since the last payment, below 2^64.
    pub since_last: T,
    /// Valid approvals, below 2^16.
    pub approvals: T,
    /// Approver set.
    pub approver_set: [T; 2],
    /// Account of the margin oracle.
    pub oracle_account: [T; 2],
    /// Margin ratio, below 2^32.
    pub margin_ratio_bps: T,
    /// First second of the validity, below 2^64.
    pub valid_from: T,
    /// Last second of the validity, below 2^64.
    pub valid_until: T,
}

impl<T> PublicInputs<T> {
    /// Takes the inputs one by one, in the order of the instance column.
    pub fn try_build<E>(mut next: impl FnMut() -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            version: next()?,
            policy_root: next()?,
            payment_id: [next()?, next()?],
            vault: [next()?, next()?],
            asset: [next()?, next()?],
            destination: [next()?, next()?],
            amount: next()?,
            fee: next()?,
            lane: next()?,
            own_destination: next()?,
            spent: [next()?, next()?, next()?, next()?],
            count: next()?,
            since_last: next()?,
            approvals: next()?,
            approver_set: [next()?, next()?],
            oracle_account: [next()?, next()?],
            margin_ratio_bps: next()?,
            valid_from: next()?,
            valid_until: next()?,
        })
    }

    /// The inputs in the order of the instance column.
    pub fn into_array(self) -> [T; PUBLIC_INPUTS] {
        let ([id_high, id_low], [vault_high, vault_low]) = (self.payment_id, self.vault);
        let ([asset_high, asset_low], [to_high, to_low]) = (self.asset, self.destination);
        let ([set_high, set_low], [oracle_high, oracle_low]) = (self.approver_set, self.oracle_account);
        let [hour, day, week, month] = self.spent;
        [
            self.version,
            self.policy_root,
            id_high,
            id_low,
            vault_high,
            vault_low,
            asset_high,
            asset_low,
            to_high,
            to_low,
            self.amount,
            self.fee,
            self.lane,
            self.own_destination,
            hour,
            day,
            week,
            month,
            self.count,
            self.since_last,
            self.approvals,
            set_high,
            set_low,
            oracle_high,
            oracle_low,
            self.margin_ratio_bps,
            self.valid_from,
            self.valid_until,
        ]
    }
}

impl PolicyStatement {
    /// The public inputs, or none if the bytes of the policy root are not canonical.
    ///
    /// The only way from a statement to field elements: the ranges that the circuit's comparisons
    /// rest on are those of the statement's types.
    pub fn public_inputs(&self) -> Option<PublicInputs<Fp>> {
        let policy_root = Option::from(Fp::from_repr(self.policy_root))?;
        Some(PublicInputs {
            version: Fp::from(CIRCUIT_VERSION),
            policy_root,
            payment_id: limbs(&self.payment_id.0),
            vault: limbs(&self.vault.0),
            asset: limbs(&self.asset.0),
            destination: limbs(&self.destination.0),
            amount: Fp::from_u128(self.amount.units()),
            fee: Fp::from(self.fee),
            lane: lane_element(self.lane),
            own_destination: Fp::from(u64::from(self.own_destination)),
            spent: self.spent.map(|sum| Fp::from_u128(sum.units())),
            count: Fp::from(u64::from(self.count)),
            since_last: Fp::from(self.since_last),
            approvals: Fp::from(u64::from(self.approvals)),
            approver_set: limbs(&self.approver_set.0),
            oracle_account: limbs(&self.oracle_account.0),
            margin_ratio_bps: Fp::from(u64::from(self.margin_ratio_bps)),
            valid_from: Fp::from(self.validity.from),
            valid_until: Fp::from(self.validity.until),
        })
    }
}
