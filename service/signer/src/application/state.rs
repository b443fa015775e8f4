//! The state of the journal: a function of genesis and the decided entries, of nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use solventry_chains::Anchor;
use solventry_protocol::{Genesis, genesis::Quorum, rebuild, record::Outcome};
use solventry_types::{
    Asset, Attestation, Chain, Digest, EpochContext, Locator, Validity, VaultConfiguration,
    reserves::ReserveClass,
};
use solventry_verifier::VerifiedAttestation;

use super::windows::{Charges, Slot, Spent, listed};

/// A vault.
#[derive(Debug, Clone)]
pub struct Vault {
    configuration: VaultConfiguration,
    disabled: bool,
    /// Number that its next change or disabling must have.
    pub sequence: u64,
    /// A decided change that waits for its time.
    pub pending: Option<Pending<VaultConfiguration>>,
}

/// A decided change that waits.
#[derive(Debug, Clone)]
pub struct Pending<T> {
    /// What is in force then.
    pub value: T,
    /// Journal time from which it is in force.
    pub at: u64,
}

/// What is in force about a vault at one time.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    /// Configuration.
    pub configuration: &'a VaultConfiguration,
    /// Whether nothing may leave.
    pub disabled: bool,
}

/// What the journal uses of the attestation in force.
#[derive(Debug, Clone)]
pub struct Epoch {
    /// Digest of the attestation.
    pub digest: Digest,
    /// Its context: number, snapshot, table.
    pub context: EpochContext,
    /// Accounts of the public reserves.
    listed: BTreeSet<(Chain, Locator, Vec<u8>)>,
    /// The attestation, verified; missing only while entries are read back from the disk.
    pub verified: Option<Arc<VerifiedAttestation>>,
}

/// One decided transaction of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Digest of the raw transaction.
    pub transaction: Digest,
    /// Height at which it was decided.
    pub height: u64,
    /// Whether it gives the payment up.
    pub cancels: bool,
}

/// A decided payment with all its transactions, at most one of which can happen: all spend the
/// same anchor.
#[derive(Debug, Clone)]
pub struct Family {
    /// Vault and asset.
    pub slot: Slot,
    /// Canonical account of the destination.
    pub destination: Vec<u8>,
    /// What the destination receives, in chain units.
    pub amount: u64,
    /// Most network fee.
    pub fee_cap: u64,
    /// When it may be signed.
    pub validity: Validity,
    /// What every member spends.
    pub anchor: Anchor,
    /// Most that a member charges, in chain units.
    pub charged: u64,
    /// When the last payment among the members was decided, in journal time.
    pub decided: u64,
    /// In order of decision.
    pub members: Vec<Member>,
    /// Conflict keys of all members.
    pub keys: BTreeSet<Vec<u8>>,
    /// How and in which block the anchor was spent.
    pub settled: Option<(Outcome, u64)>,
}

/// The state.
#[derive(Debug, Clone)]
pub struct State {
    /// Last decided height; 0 is genesis.
    pub height: u64,
    /// Value id of that height.
    pub head: Digest,
    /// Journal time.
    pub time: u64,
    /// Vaults by name.
    pub vaults: BTreeMap<String, Vault>,
    pub(super) observers: Quorum,
    /// Number that the next change of observers must have.
    pub observer_sequence: u64,
    /// A decided change of observers that waits for its time.
    pub pending_observers: Option<Pending<Quorum>>,
    /// The epoch in force.
    pub epoch: Option<Epoch>,
    /// Decided payments.
    pub families: BTreeMap<Digest, Family>,
    /// Outpoints and nonce accounts in use, with the payment that uses them.
    pub locks: BTreeMap<Vec<u8>, Digest>,
    /// What was charged.
    pub charges: Charges,
    /// Payments that count as outflow, by place.
    pub(super) open: BTreeMap<(Chain, Locator), BTreeSet<Digest>>,
    /// Decimals of every place that was ever paid from.
    pub decimals: BTreeMap<(Chain, Locator), u8>,
}

impl State {
    /// The state before the first record.
    pub fn new(genesis: &Genesis) -> Self {
        let vault = |configuration: &VaultConfiguration| Vault {
            configuration: genesis.configuration(configuration),
            disabled: false,
            sequence: 0,
            pending: None,
        };
        Self {
            height: 0,
            head: genesis.digest(),
            time: genesis.time,
            vaults: genesis.vaults.iter().map(|own| (own.name.clone(), vault(own))).collect(),
            observers: genesis.observers.clone(),
            observer_sequence: 0,
            pending_observers: None,
            epoch: None,
            families: BTreeMap::new(),
            locks: BTreeMap::new(),
            charges: Charges::default(),
            open: BTreeMap::new(),
            decimals: BTreeMap::new(),
        }
    }

    /// Observers in force at `time`.
    pub fn observers(&self, time: u64) -> &Quorum {
        match &self.pending_observers {
            Some(pending) if pending.at <= time => &pending.value,
            _ => &self.observers,
        }
    }

    /// Whether a payment counts as outflow under an epoch: until its anchor is proven spent at or
    /// before the epoch's snapshot block. Until then it does whatever the outcome, since only the
    /// snapshot says what the reserves hold.
    pub fn counts(family: &Family, context: &EpochContext) -> bool {
        let block = context.snapshot_blocks.iter().find(|block| block.chain == family.slot.chain);
        match (family.settled, block) {
            (Some((_, height)), Some(block)) => height > block.height,
            _ => true,
        }
    }

    /// Payments that count as outflow, one left out.
    pub fn open_families(&self, without: Option<Digest>) -> impl Iterator<Item = &Family> {
        let ids = self.open.values().flatten().filter(move |id| Some(**id) != without);
        ids.filter_map(|id| self.families.get(id))
    }

    /// What left of an asset since the epoch's snapshot or may still leave, in listed units, one
    /// payment left out and `more` chain units at one place added: rounded up once per place.
    pub fn outflow(
        &self,
        epoch: &Epoch,
        asset: &Asset,
        without: Option<Digest>,
        more: Option<(&Slot, u64)>,
    ) -> u128 {
        asset.places.iter().fold(0_u128, |total, place| {
            let ids = self.open.get(&(place.chain, place.locator.clone())).into_iter().flatten();
            let families = ids
                .filter(|id| Some(**id) != without)
                .filter_map(|id| self.families.get(id))
                .filter(|family| Self::counts(family, &epoch.context));
            let units = families.fold(0_u128, |sum, family| {
                let Family { slot, destination, amount, charged, fee_cap, .. } = family;
                sum.saturating_add(self.leaves(epoch, slot, destination, *amount, *charged, *fee_cap).into())
            });
            let more = more.filter(|(slot, _)| slot.chain == place.chain && slot.locator == place.locator);
            let units = units.saturating_add(more.map_or(0, |(_, units)| u128::from(units)));
            total.saturating_add(listed(units, asset, place))
        })
    }

    /// What a payment takes out of the reserves that an epoch counts, in chain units: what its fee
    /// may come to if it goes to an own account that the epoch's public reserves list.
    pub fn leaves(
        &self,
        epoch: &Epoch,
        slot: &Slot,
        destination: &[u8],
        amount: u64,
        charged: u64,
        fee_cap: u64,
    ) -> u64 {
        let vault = self.vaults.get(&slot.vault);
        let is_own = vault.is_some_and(|vault| rebuild::is_own(&vault.configuration, destination));
        let stays = is_own && epoch.lists(slot.chain, &slot.locator, destination);
        rebuild::leaving(stays, slot.chain == Chain::Bitcoin, amount, charged, fee_cap)
    }

    /// Sums of a vault in an asset at `time`, one payment left out.
    pub fn spent(&self, vault: &str, asset: &Asset, time: u64, without: Option<Digest>) -> Spent {
        self.charges.spent(vault, asset, time, without)
    }

    /// Whether a vault is not yet able to pay, at `time`.
    pub fn is_blank(&self, time: u64) -> bool {
        self.vaults.values().all(|vault| vault.at(time).configuration.policy_root == [0; 32])
    }
}

impl Vault {
    /// What is in force at `time`: a change whose time has come takes effect, and enables.
    pub fn at(&self, time: u64) -> InForce<'_> {
        match &self.pending {
            Some(pending) if pending.at <= time => InForce { configuration: &pending.value, disabled: false },
            _ => InForce { configuration: &self.configuration, disabled: self.disabled },
        }
    }

    /// Puts a change in force whose time has come.
    pub(super) fn advance(&mut self, time: u64) {
        if let Some(pending) = self.pending.take_if(|pending| pending.at <= time) {
            self.configuration = pending.value;
            self.disabled = false;
        }
    }

    /// Stops the vault; a change that waits is void.
    pub(super) fn disable(&mut self) {
        self.disabled = true;
        self.pending = None;
    }
}

impl Epoch {
    /// What the journal uses of an attestation.
    pub fn new(attestation: &Attestation, digest: Digest) -> Self {
        let listed = attestation.reserves.classes.iter().flat_map(|class| match class {
            ReserveClass::Public(entries) => entries.as_slice(),
            ReserveClass::Attested { .. } => &[],
        });
        let listed = listed.map(|entry| (entry.chain, entry.locator.clone(), entry.account.clone()));
        Self { digest, context: attestation.context.clone(), listed: listed.collect(), verified: None }
    }

    /// The same of a verified attestation.
    pub fn verified(attestation: Arc<VerifiedAttestation>) -> Self {
        let epoch = Self::new(attestation.attestation(), attestation.digest());
        Self { verified: Some(attestation), ..epoch }
    }

    /// Whether the public reserves list an account for an asset.
    pub fn lists(&self, chain: Chain, locator: &Locator, account: &[u8]) -> bool {
        self.listed.contains(&(chain, locator.clone(), account.to_vec()))
    }
}

impl Family {
    /// The transaction that may be signed: the last one.
    pub fn last(&self) -> Option<&Member> {
        self.members.last()
    }

    /// Whether the payment was given up.
    pub fn is_cancelled(&self) -> bool {
        self.members.iter().any(|member| member.cancels)
    }
}
