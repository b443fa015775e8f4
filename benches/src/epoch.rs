//! One epoch in memory: placement, shards, seal, verification, inclusion.

use ed25519_dalek::SigningKey;
use solventry_prover::{
    inclusion::{BlockData, open_block},
    kernel::Kernel,
    keys::ProvingKeys,
    ledger::Ledger,
    placement::{Placement, ShardData, capacity_shards, ledger_slots},
    reserves::ReserveOpening,
    seal::{SealInput, seal},
    secrets::{EpochSecret, ShardBlinding},
    shards::{EpochJob, ProveError},
};
use solventry_types::{
    AccountId, Amount, Attestation, Digest, EpochContext, InclusionFile, Label, MasterSecret, Profile, Total,
    attestation::ShardRecord,
    proof::LinkedProof,
    reserves::{ReserveClass, ReserveEvidence},
    statement::{ShardStatement, liabilities_digest},
};

/// Everything that one epoch is made of.
pub struct Epoch<'a> {
    /// Keys of the profile.
    pub keys: &'a ProvingKeys,
    /// Who holds what.
    pub ledger: &'a Ledger,
    /// Entity, assets, capacity.
    pub context: EpochContext,
    /// Blinding.
    pub secret: EpochSecret,
    /// Source of account nonces.
    pub master: MasterSecret,
    /// Where the accounts went.
    pub placement: Placement,
    entity_key: SigningKey,
    attestor: SigningKey,
}

const ENTITY: &str = "Example";
const CLASS: &str = "cold storage";

impl<'a> Epoch<'a> {
    /// Places the ledger with fixed secrets: the same ledger gives the same placement.
    pub fn new(keys: &'a ProvingKeys, ledger: &'a Ledger) -> Self {
        let profile = keys.verifying.profile;
        let shards = capacity_shards(ledger_slots(ledger), profile).expect("the ledger fits an epoch");
        let context = EpochContext {
            entity: ENTITY.into(),
            epoch: 7,
            snapshot_time: 1_700_000_000,
            snapshot_blocks: vec![],
            profile,
            shards,
            assets: ledger.assets().clone(),
        };
        let secret = EpochSecret::new([9; 32], Digest([1; 32]));
        let placement = Placement::new(ledger, profile, shards, &secret).expect("the capacity was chosen");
        Self {
            keys,
            ledger,
            context,
            secret,
            master: MasterSecret::from_bytes([5; 32]),
            placement,
            entity_key: SigningKey::from_bytes(&[8; 32]),
            attestor: SigningKey::from_bytes(&[4; 32]),
        }
    }

    /// What the shards share.
    pub fn job(&self) -> EpochJob<'_> {
        EpochJob {
            keys: self.keys,
            ledger: self.ledger,
            placement: &self.placement,
            context: &self.context,
            secret: &self.secret,
            master: &self.master,
        }
    }

    /// Proves the shards in `pending`, in order.
    pub fn prove(&self, kernel: &impl Kernel, pending: &[u32]) -> Vec<ShardRecord> {
        let mut records = Vec::with_capacity(pending.len());
        let sink = |shard: solventry_prover::shards::ProvenShard| {
            records.push(shard.record);
            Ok(())
        };
        self.job().prove_all::<ProveError>(kernel, pending, sink).expect("an honest shard is proven");
        records
    }

    /// Opening and evidence of one attested class that covers the liabilities.
    pub fn reserves(&self, shards: &[ShardRecord]) -> (ReserveOpening, ReserveEvidence) {
        let statements = shards.iter().map(|record| &record.statement);
        let liabilities = liabilities_digest(self.context.digest(), statements);
        let spare = Amount::from_units(1_000_000);
        let more = |total: &Total| total.add_amount(spare).expect("reserves stay below 2^96");
        let reserves = self.ledger.totals().iter().map(more).collect();
        let opening = ReserveOpening::new(self.keys, self.context.clone(), liabilities, CLASS, reserves);
        let class = ReserveClass::Attested {
            name: CLASS.into(),
            commitment: opening.commitment(),
            signatures: vec![opening.attest(&self.attestor)],
        };
        (opening, ReserveEvidence { classes: vec![class] })
    }

    /// Coverage proof, signature, self-check.
    pub fn seal(&self, kernel: &impl Kernel, shards: Vec<ShardRecord>) -> Attestation {
        let (opening, evidence) = self.reserves(&shards);
        let input = SealInput {
            keys: self.keys,
            context: &self.context,
            shards,
            liabilities: self.ledger.totals(),
            secret: &self.secret,
            evidence,
            openings: std::slice::from_ref(&opening),
            entity_key: &self.entity_key,
        };
        seal(kernel, input).expect("reserves cover the liabilities")
    }

    /// The content of one shard, gathered again.
    pub fn shard(&self, index: u32) -> Shard {
        let data = self.placement.shard(self.ledger, &self.context, &self.master, index);
        let blinding = self.secret.blinding(self.context.profile, index);
        Shard { data, blinding }
    }
}

/// One shard's content with its blinding.
pub struct Shard {
    /// Slots and labels.
    pub data: ShardData,
    /// Blinding scalars.
    pub blinding: ShardBlinding,
}

/// An account found in a shard.
pub struct Customer {
    /// The account id.
    pub id: AccountId,
    block: usize,
}

impl Shard {
    /// The account of `ledger` with the most holdings that stands in this shard.
    pub fn largest_customer(&self, epoch: &Epoch<'_>) -> Customer {
        let mut accounts: Vec<usize> = (0..epoch.ledger.len()).collect();
        accounts.sort_by_key(|index| std::cmp::Reverse(epoch.ledger.account(*index).holdings.len()));
        let found = accounts.into_iter().find_map(|index| {
            let id = AccountId::new(epoch.ledger.account(index).id).expect("the ledger holds valid ids");
            let label = label(epoch, &id);
            let position = self.data.labels.iter().position(|other| *other == label)?;
            Some(Customer { id, block: position / epoch.context.profile.block_slots })
        });
        found.expect("a shard has an account")
    }

    /// The customer's file, from the block in memory.
    pub fn inclusion(
        &self,
        epoch: &Epoch<'_>,
        kernel: &impl Kernel,
        attestation: Digest,
        customer: &Customer,
    ) -> InclusionFile {
        let n = epoch.context.profile.block_slots;
        let block = BlockData {
            shard: self.data.index,
            block: customer.block as u32,
            slots: &self.data.slots[customer.block * n..][..n],
            labels: &self.data.labels[customer.block * n..][..n],
            slots_blinding: self.blinding.blocks[customer.block],
            labels_blinding: self.blinding.labels[customer.block],
        };
        let openings = open_block(kernel, &epoch.keys.reference.powers, &block, &label(epoch, &customer.id));
        InclusionFile { attestation, nonce: nonce(epoch, &customer.id), openings }
    }
}

fn nonce(epoch: &Epoch<'_>, id: &AccountId) -> solventry_types::AccountNonce {
    epoch.master.account_nonce(ENTITY, epoch.context.epoch, id)
}

fn label(epoch: &Epoch<'_>, id: &AccountId) -> Label {
    Label::new(ENTITY, epoch.context.epoch, id, &nonce(epoch, id))
}

/// Bytes that one shard takes in an attestation.
pub const fn record_bytes(profile: Profile) -> usize {
    ShardStatement::bytes(profile) + LinkedProof::BYTES
}
