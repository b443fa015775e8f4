//! One honest epoch on the small profile: keys, ledger, shards, two attestations, inclusion.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_poly::EvaluationDomain;
use ed25519_dalek::SigningKey;
use solventry_prover::{
    inclusion::{BlockData, open_block},
    kernel::Arkworks,
    keys::ProvingKeys,
    kzg::{blinded_polynomial, open_at_points},
    ledger::Ledger,
    reserves::ReserveOpening,
    secrets::EpochSecret,
    shards::ProvenShard,
};
use solventry_solvency::gadgets::evaluation::domain;
use solventry_types::{
    AccountId, Amount, Attestation, Chain, Digest, EpochContext, InclusionFile, Label, MasterSecret, Profile,
    Slot, SnapshotBlock, Total,
    inclusion::{BlockOpening, OpenedSlot},
    reserves::{AttestorSignature, ReserveClass, ReserveEvidence},
    statement::liabilities_digest,
};
use solventry_verifier::{
    Anchors, VerifiedAttestation,
    anchors::{Attestors, FORMAT, Hex},
    transcript::EpochBinding,
    verify_attestation,
};

use super::{
    books::{entries, ledger},
    epoch::{prove_shards, seal_epoch},
};

/// Snapshot time and the verifier's clock.
pub const NOW: u64 = 1_700_000_000;
/// Shards of the epoch.
pub const SHARDS: u32 = 3;
const ACCOUNTS: usize = 300;

/// Everything an operator has after one epoch.
pub struct Fixture {
    pub keys: ProvingKeys,
    pub ledger: Ledger,
    pub context: EpochContext,
    pub secret: EpochSecret,
    pub master: MasterSecret,
    pub shards: Vec<ProvenShard>,
    pub entity_key: SigningKey,
    /// Sorted by public key.
    pub attestors: Vec<SigningKey>,
    /// Openings of the two attested classes, "cold storage" and "custody".
    pub openings: Vec<ReserveOpening>,
    /// Reserves by a public list alone.
    pub public: Attestation,
    /// Reserves by two attested classes and a short public list.
    pub attested: Attestation,
    /// `public`, verified.
    pub verified: VerifiedAttestation,
    pub anchors: Anchors,
}

/// The epoch, made once per test run.
pub fn fixture() -> &'static Fixture {
    static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| Fixture::new(7));
    &FIXTURE
}

impl Fixture {
    /// The account whose inclusion is attacked: ten holdings, four slots.
    pub const CUSTOMER: usize = 21;
    /// Another account with slots of its own.
    pub const OTHER: usize = 32;

    /// An honest epoch with this number.
    pub fn new(epoch: u64) -> Self {
        let keys = ProvingKeys::insecure_setup(Profile::SMALL);
        let ledger = ledger(ACCOUNTS);
        let context = EpochContext {
            entity: "Example".into(),
            epoch,
            snapshot_time: NOW,
            snapshot_blocks: vec![SnapshotBlock { chain: Chain::Bitcoin, height: 820_000, hash: [7; 32] }],
            profile: Profile::SMALL,
            shards: SHARDS,
            assets: ledger.assets().clone(),
        };
        let secret = EpochSecret::new([9; 32], Digest([1; 32]));
        let master = MasterSecret::from_bytes([5; 32]);
        let shards = prove_shards(&keys, &ledger, &context, &secret, &master);

        let entity_key = SigningKey::from_bytes(&[8; 32]);
        let mut attestors: Vec<_> = (1..=3).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect();
        attestors.sort_by_key(|key| key.verifying_key().to_bytes());
        let half = |total: &Total| Total::from_units(total.units() / 2 + 9).unwrap();
        let halves: Vec<Total> = ledger.totals().iter().map(half).collect();
        let records = shards.iter().map(|shard| &shard.record.statement);
        let digest = liabilities_digest(context.digest(), records);
        let opening = |name| ReserveOpening::new(&keys, context.clone(), digest, name, halves.clone());
        let openings = vec![opening("cold storage"), opening("custody")];

        let everything: Vec<Total> = ledger
            .totals()
            .iter()
            .map(|total| total.add_amount(Amount::from_units(4_321)).unwrap())
            .collect();
        let list = ReserveEvidence { classes: vec![ReserveClass::Public(entries(&everything))] };
        let mut mixed = ReserveEvidence {
            classes: openings.iter().map(|opening| attested_class(opening, &attestors[..2])).collect(),
        };
        mixed.classes.push(ReserveClass::Public(entries(&[Total::from_units(50).unwrap()])));
        let seal_with = |evidence, openings: &[ReserveOpening]| {
            seal_epoch(&keys, &ledger, &context, &secret, &shards, (evidence, openings), &entity_key)
        };
        let (public, attested) = (seal_with(list, &[]), seal_with(mixed, &openings));
        let anchors = Anchors {
            format: FORMAT.into(),
            entity: Some("Example".into()),
            entity_key: Hex(entity_key.verifying_key().to_bytes()),
            verifying_keys: vec![Hex(keys.digest.0)],
            headroom_keys: vec![],
            vaults: vec![],
            attestors: Attestors {
                keys: attestors.iter().map(|key| Hex(key.verifying_key().to_bytes())).collect(),
                quorum: 2,
                classes: None,
            },
            least_coverage_bps: 10_000,
            max_age_seconds: None,
            least_epoch: epoch,
        };
        let verified = verify_attestation(&public.encode(), &anchors, NOW).unwrap();
        verify_attestation(&attested.encode(), &anchors, NOW).unwrap();
        Self {
            keys,
            ledger,
            context,
            secret,
            master,
            shards,
            entity_key,
            attestors,
            openings,
            public,
            attested,
            verified,
            anchors,
        }
    }

    /// What the epoch's transcripts absorb first.
    pub fn epoch(&self) -> EpochBinding {
        self.epoch_of(&self.context)
    }

    /// The same for another context.
    pub fn epoch_of(&self, context: &EpochContext) -> EpochBinding {
        EpochBinding { keys: self.keys.digest, context: context.digest(), shards: context.shards }
    }

    /// The id of an account.
    pub fn account_id(&self, index: usize) -> AccountId {
        AccountId::new(self.ledger.account(index).id).unwrap()
    }

    /// The label of an account.
    pub fn label(&self, index: usize) -> Label {
        let (entity, epoch, id) = (&self.context.entity, self.context.epoch, self.account_id(index));
        Label::new(entity, epoch, &id, &self.master.account_nonce(entity, epoch, &id))
    }

    /// An honest inclusion file for `public`.
    pub fn inclusion(&self, index: usize) -> InclusionFile {
        let nonce =
            self.master.account_nonce(&self.context.entity, self.context.epoch, &self.account_id(index));
        let openings = self.openings_of(&self.label(index));
        InclusionFile { attestation: self.public.digest(), nonce, openings }
    }

    /// Opens these positions of one block, whoever owns them.
    pub fn open(&self, shard: u32, block: usize, positions: &[usize]) -> BlockOpening {
        let n = Profile::SMALL.block_slots;
        let (data, blinding) =
            (&self.shards[shard as usize].data, self.secret.blinding(Profile::SMALL, shard));
        let points: Vec<Fr> = positions.iter().map(|position| domain(n).element(*position)).collect();
        let prove = |values: Vec<Fr>, blinding| {
            let polynomial = blinded_polynomial(&values, blinding);
            open_at_points(&Arkworks, &self.keys.reference.powers, &polynomial, &points)
        };
        let slots = &data.slots[block * n..][..n];
        let opened = |p: &usize| OpenedSlot { position: *p as u32, packed: slots[*p].to_bytes() };
        BlockOpening {
            shard,
            block: block as u32,
            slots: positions.iter().map(opened).collect(),
            slots_proof: prove(slots.iter().map(Slot::scalar).collect(), blinding.blocks[block]),
            labels_proof: prove(
                data.labels[block * n..][..n].iter().map(Label::scalar).collect(),
                blinding.labels[block],
            ),
        }
    }

    /// Opens all slots that bear `label`.
    pub fn openings_of(&self, label: &Label) -> Vec<BlockOpening> {
        let n = Profile::SMALL.block_slots;
        let mut openings = Vec::new();
        for shard in &self.shards {
            let blinding = self.secret.blinding(Profile::SMALL, shard.data.index);
            for block in 0..Profile::SMALL.shard_blocks {
                let data = BlockData {
                    shard: shard.data.index,
                    block: block as u32,
                    slots: &shard.data.slots[block * n..][..n],
                    labels: &shard.data.labels[block * n..][..n],
                    slots_blinding: blinding.blocks[block],
                    labels_blinding: blinding.labels[block],
                };
                openings.extend(open_block(&Arkworks, &self.keys.reference.powers, &data, label));
            }
        }
        openings
    }
}

/// A class with signatures of these attestors, in order of their keys.
pub fn attested_class(opening: &ReserveOpening, attestors: &[SigningKey]) -> ReserveClass {
    let signatures: Vec<AttestorSignature> = attestors.iter().map(|key| opening.attest(key)).collect();
    ReserveClass::Attested { name: opening.class.clone(), commitment: opening.commitment(), signatures }
}
