//! Records: what the journal decides, one per height.

use solventry_types::{
    Digest, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
    payment::Payment,
    vault::MarginOracle,
};

use crate::{
    evidence::{Approval, SigningEvidence, flag, read_approvals, write_approvals},
    genesis::Quorum,
};

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Moves journal time only.
    Tick,
    /// New configuration of a vault.
    Change(Change),
    /// New observers.
    Observers(ObserverChange),
    /// Stops a vault at once.
    Disable(Disable),
    /// Puts an epoch in force.
    Activate(Activate),
    /// Decides a payment, or another transaction for a decided one: signing evidence without
    /// decision and signatures.
    Payment(Box<SigningEvidence>),
    /// Decides a transaction that gives a decided payment up: it spends the anchor to own accounts.
    Cancel(Cancel),
    /// Proves that a payment's anchor is spent.
    Settle(Settle),
}

/// What may change about a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Vault.
    pub vault: String,
    /// Number of this change or disabling of the vault, from 0.
    pub sequence: u64,
    /// Salted root of the policy.
    pub policy_root: [u8; 32],
    /// Proposers, sorted.
    pub proposers: Vec<[u8; 32]>,
    /// Approvers, sorted.
    pub approvers: Vec<[u8; 32]>,
    /// Oracle.
    pub oracle: Option<MarginOracle>,
    /// Signatures of approvers in force, sorted by key.
    pub approvals: Vec<Approval>,
}

/// New observers, signed by the change quorum of every vault's approvers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObserverChange {
    /// Number of this change, from 0.
    pub sequence: u64,
    /// The new observers.
    pub observers: Quorum,
    /// Signatures of approvers in force, sorted by key; one key may count for several vaults.
    pub approvals: Vec<Approval>,
}

/// Stops a vault: signed by one approver, or by f + 1 nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disable {
    /// Vault.
    pub vault: String,
    /// Number of this change or disabling of the vault, from 0.
    pub sequence: u64,
    /// Signatures, sorted by key.
    pub approvals: Vec<Approval>,
}

/// Puts an attested epoch in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activate {
    /// The attestation file.
    pub attestation: Vec<u8>,
    /// Observers' signatures of [`epoch_message`], sorted by key.
    pub observations: Vec<Approval>,
}

/// Gives a decided payment up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// The payment.
    pub payment_id: Digest,
    /// Raw transaction: spends the payment's anchor, every output to the vault's own accounts.
    pub transaction: Vec<u8>,
    /// Signatures of [`cancel_message`] by proposers or approvers of the vault, at least one,
    /// sorted by key.
    pub approvals: Vec<Approval>,
}

/// How an anchor was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// By a decided transaction of the payment.
    Confirmed,
    /// Otherwise; the payment can never happen.
    SpentOtherwise,
}

/// Proves that a payment's anchor is spent, buried to the pinned depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// The payment.
    pub payment_id: Digest,
    /// How.
    pub outcome: Outcome,
    /// Transaction that spent it: 32 bytes of Bitcoin's id, or digest of Solana's signature.
    pub transaction: [u8; 32],
    /// Height or slot of its block.
    pub block_height: u64,
    /// Hash of its block.
    pub block_hash: [u8; 32],
    /// Observers' signatures of [`Settle::message`], sorted by key.
    pub observations: Vec<Approval>,
}

impl Record {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVREC\n", version: 1, what: "journal record" };
    /// Largest encoding in bytes; bounds the attestations that a journal can activate.
    pub const MAX_BYTES: usize = 4 << 20;

    /// Lower-case name of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::Change(_) => "configuration change",
            Self::Observers(_) => "observer change",
            Self::Disable(_) => "disabling",
            Self::Activate(_) => "epoch activation",
            Self::Payment(_) => "payment",
            Self::Cancel(_) => "cancellation",
            Self::Settle(_) => "settlement",
        }
    }

    /// What the header holds. A payment's is that of its signing evidence, so that a certificate
    /// can be moved into the evidence file.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Payment(evidence) => evidence.record_digest(),
            other => InjectiveHasher::new("solventry/record/v1").field(&other.encode()).finish(),
        }
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        match self {
            Self::Tick => writer.u8(0),
            Self::Change(change) => change.write(writer.u8(1)),
            Self::Observers(change) => change.write(writer.u8(2)),
            Self::Disable(disable) => disable.write(writer.u8(3)),
            Self::Activate(activate) => {
                write_approvals(writer.u8(4).var_bytes(&activate.attestation), &activate.observations);
                &mut writer
            }
            Self::Payment(evidence) => writer.u8(5).var_bytes(&evidence.encode()),
            Self::Cancel(cancel) => {
                writer.u8(6).bytes(&cancel.payment_id.0).var_bytes(&cancel.transaction);
                write_approvals(&mut writer, &cancel.approvals);
                &mut writer
            }
            Self::Settle(settle) => {
                settle.write_body(writer.u8(7));
                write_approvals(&mut writer, &settle.observations);
                &mut writer
            }
        };
        writer.finish()
    }

    /// Parses a record.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let record = match reader.u8("kind of record")? {
            0 => Self::Tick,
            1 => Self::Change(Change::read(&mut reader)?),
            2 => Self::Observers(ObserverChange::read(&mut reader)?),
            3 => Self::Disable(Disable::read(&mut reader)?),
            4 => Self::Activate(Activate {
                attestation: reader.var_bytes(Self::MAX_BYTES, "attestation")?.to_vec(),
                observations: read_approvals(&mut reader)?,
            }),
            5 => Self::Payment(Box::new(read_payment(&mut reader)?)),
            6 => Self::Cancel(Cancel {
                payment_id: Digest(reader.array("payment id")?),
                transaction: reader
                    .var_bytes(SigningEvidence::MAX_TRANSACTION_BYTES, "transaction")?
                    .to_vec(),
                approvals: read_approvals(&mut reader)?,
            }),
            7 => Self::Settle(Settle::read(&mut reader)?),
            _ => return Err(reader.invalid("kind of record", "expected 0 to 7")),
        };
        reader.finish()?;
        Ok(record)
    }
}

impl Change {
    /// What approvers sign.
    pub fn message(&self, genesis: Digest) -> Digest {
        let mut writer = Writer::new();
        self.write_body(&mut writer);
        message("solventry/configuration-change/v1", genesis, &writer)
    }

    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        self.write_body(writer);
        write_approvals(writer, &self.approvals);
        writer
    }

    fn write_body(&self, writer: &mut Writer) {
        writer.var_bytes(self.vault.as_bytes()).u64(self.sequence).bytes(&self.policy_root);
        write_keys(writer, &self.proposers);
        write_keys(writer, &self.approvers);
        match &self.oracle {
            None => writer.u8(0),
            Some(oracle) => writer.u8(1).bytes(&oracle.key).bytes(&oracle.account.0),
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            vault: read_vault(reader)?,
            sequence: reader.u64("sequence")?,
            policy_root: reader.array("policy root")?,
            proposers: read_keys(reader, "proposers")?,
            approvers: read_keys(reader, "approvers")?,
            oracle: match flag(reader, "oracle flag")? {
                false => None,
                true => Some(MarginOracle {
                    key: reader.array("oracle key")?,
                    account: Digest(reader.array("oracle account")?),
                }),
            },
            approvals: read_approvals(reader)?,
        })
    }
}

impl ObserverChange {
    /// What approvers sign.
    pub fn message(&self, genesis: Digest) -> Digest {
        let mut writer = Writer::new();
        self.observers.write(writer.u64(self.sequence));
        message("solventry/observer-change/v1", genesis, &writer)
    }

    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        self.observers.write(writer.u64(self.sequence));
        write_approvals(writer, &self.approvals);
        writer
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            sequence: reader.u64("sequence")?,
            observers: Quorum::read(reader)?,
            approvals: read_approvals(reader)?,
        })
    }
}

impl Disable {
    /// What an approver or a node signs.
    pub fn message(&self, genesis: Digest) -> Digest {
        let mut writer = Writer::new();
        writer.var_bytes(self.vault.as_bytes()).u64(self.sequence);
        message("solventry/disable/v1", genesis, &writer)
    }

    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        writer.var_bytes(self.vault.as_bytes()).u64(self.sequence);
        write_approvals(writer, &self.approvals);
        writer
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            vault: read_vault(reader)?,
            sequence: reader.u64("sequence")?,
            approvals: read_approvals(reader)?,
        })
    }
}

impl Settle {
    /// What observers sign: all but their signatures.
    pub fn message(&self, genesis: Digest) -> Digest {
        let mut writer = Writer::new();
        self.write_body(&mut writer);
        message("solventry/settlement/v1", genesis, &writer)
    }

    fn write_body(&self, writer: &mut Writer) {
        let outcome = match self.outcome {
            Outcome::Confirmed => 0,
            Outcome::SpentOtherwise => 1,
        };
        writer.bytes(&self.payment_id.0).u8(outcome).bytes(&self.transaction);
        writer.u64(self.block_height).bytes(&self.block_hash);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            payment_id: Digest(reader.array("payment id")?),
            outcome: match reader.u8("outcome")? {
                0 => Outcome::Confirmed,
                1 => Outcome::SpentOtherwise,
                _ => return Err(reader.invalid("outcome", "expected 0 (confirmed) or 1 (spent otherwise)")),
            },
            transaction: reader.array("transaction")?,
            block_height: reader.u64("block height")?,
            block_hash: reader.array("block hash")?,
            observations: read_approvals(reader)?,
        })
    }
}

/// What observers sign about an epoch: that each snapshot block of the attestation is on its
/// chain, buried to the pinned depth.
pub fn epoch_message(genesis: Digest, attestation: Digest) -> Digest {
    InjectiveHasher::new("solventry/epoch-observation/v1").field(&genesis.0).field(&attestation.0).finish()
}

/// What a proposer or approver signs to give a payment up by one transaction.
pub fn cancel_message(genesis: Digest, payment_id: Digest, transaction: Digest) -> Digest {
    InjectiveHasher::new("solventry/cancellation/v1")
        .field(&genesis.0)
        .field(&payment_id.0)
        .field(&transaction.0)
        .finish()
}

fn message(label: &'static str, genesis: Digest, body: &Writer) -> Digest {
    InjectiveHasher::new(label).field(&genesis.0).field(body.as_bytes()).finish()
}

fn read_payment(reader: &mut Reader<'_>) -> Result<SigningEvidence, CodecError> {
    let bytes = reader.var_bytes(SigningEvidence::MAX_BYTES, "signing evidence")?;
    let evidence = SigningEvidence::decode(bytes)?;
    if evidence.decision.is_some() || !evidence.signatures.is_empty() {
        return Err(reader.invalid("signing evidence", "a record holds no decision and no signatures"));
    }
    Ok(evidence)
}

fn read_vault(reader: &mut Reader<'_>) -> Result<String, CodecError> {
    Ok(reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned())
}

fn write_keys(writer: &mut Writer, keys: &[[u8; 32]]) {
    writer.count(keys.len());
    for key in keys {
        writer.bytes(key);
    }
}

fn read_keys(reader: &mut Reader<'_>, what: &'static str) -> Result<Vec<[u8; 32]>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_ENTRIES, 32, what)?;
    (0..count).map(|_| reader.array(what)).collect()
}
