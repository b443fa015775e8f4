//! The signing evidence file: all that was known about one payment when it was decided.

use solventry_policy::PolicyStatement;
use solventry_types::{
    Digest, MarginAttestation, Payment, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
    headroom::{HeadroomProof, HeadroomStatement},
};

use crate::{decision::Decision, statement};

/// An approver's signature over a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Ed25519 key of the approver.
    pub approver: [u8; 32],
    /// Ed25519 signature of [`solventry_types::vault::approval_message`].
    pub signature: [u8; 64],
}

/// A parsed signing evidence file: shape and encodings are right, nothing is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningEvidence {
    /// The vault's pinned configuration.
    pub vault: VaultConfiguration,
    /// What humans approved.
    pub payment: Payment,
    /// Raw transaction as it was submitted: PSBT or Solana message.
    pub transaction: Vec<u8>,
    /// Ed25519 signature of the proposer over [`solventry_types::vault::proposal_message`].
    pub proposal: [u8; 64],
    /// Approvals, sorted by key, one each.
    pub approvals: Vec<Approval>,
    /// The margin attestation of a rebalance.
    pub margin: Option<MarginAttestation>,
    /// Digest of the attestation of the epoch in force.
    pub attestation: Digest,
    /// Public inputs of the policy proof.
    pub policy_statement: PolicyStatement,
    /// The policy proof.
    pub policy_proof: Vec<u8>,
    /// Public inputs of the headroom proof.
    pub headroom_statement: HeadroomStatement,
    /// Encoded verifying key of the headroom circuit; anchors pin its digest.
    pub headroom_key: Vec<u8>,
    /// The headroom proof.
    pub headroom_proof: HeadroomProof,
    /// The journal's decision, once there is one.
    pub decision: Option<Decision>,
    /// One signature per input, once they are made.
    pub signatures: Vec<[u8; 64]>,
}

impl SigningEvidence {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVSIG\n", version: 1, what: "signing evidence" };
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 1 << 18;
    /// Largest raw transaction in bytes.
    pub const MAX_TRANSACTION_BYTES: usize = 1 << 16;
    /// Largest policy proof in bytes.
    pub const MAX_POLICY_PROOF_BYTES: usize = 1 << 14;
    /// Largest headroom key in bytes.
    pub const MAX_HEADROOM_KEY_BYTES: usize = 1 << 12;
    /// Most signatures: one per input.
    pub const MAX_SIGNATURES: usize = 16;

    /// The canonical file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = self.encode_record();
        match &self.decision {
            None => writer.u8(0),
            Some(decision) => {
                decision.write(writer.u8(1));
                &mut writer
            }
        };
        writer.count(self.signatures.len());
        for signature in &self.signatures {
            writer.bytes(signature);
        }
        writer.finish()
    }

    /// Digest of the record that the journal decides: everything but decision and signatures.
    pub fn record_digest(&self) -> Digest {
        InjectiveHasher::new("solventry/payment-record/v1").field(self.encode_record().as_bytes()).finish()
    }

    /// Parses a file.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let vault = reader.var_bytes(VaultConfiguration::MAX_BYTES, "vault configuration")?;
        let evidence = Self {
            vault: VaultConfiguration::decode(vault)?,
            payment: Payment::read(&mut reader)?,
            transaction: reader.var_bytes(Self::MAX_TRANSACTION_BYTES, "transaction")?.to_vec(),
            proposal: reader.array("proposal signature")?,
            approvals: read_approvals(&mut reader)?,
            margin: read_margin(&mut reader)?,
            attestation: Digest(reader.array("attestation digest")?),
            policy_statement: statement::read(&mut reader)?,
            policy_proof: reader.var_bytes(Self::MAX_POLICY_PROOF_BYTES, "policy proof")?.to_vec(),
            headroom_statement: HeadroomStatement::read(&mut reader)?,
            headroom_key: reader.var_bytes(Self::MAX_HEADROOM_KEY_BYTES, "headroom key")?.to_vec(),
            headroom_proof: HeadroomProof::read(&mut reader)?,
            decision: read_decision(&mut reader)?,
            signatures: read_signatures(&mut reader)?,
        };
        reader.finish()?;
        Ok(evidence)
    }

    fn encode_record(&self) -> Writer {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).var_bytes(&self.vault.encode());
        self.payment.write(&mut writer);
        writer.var_bytes(&self.transaction).bytes(&self.proposal);
        write_approvals(&mut writer, &self.approvals);
        match &self.margin {
            None => writer.u8(0),
            Some(margin) => writer.u8(1).var_bytes(&margin.encode()),
        };
        writer.bytes(&self.attestation.0);
        statement::write(&mut writer, &self.policy_statement);
        writer.var_bytes(&self.policy_proof);
        self.headroom_statement.write(&mut writer);
        writer.var_bytes(&self.headroom_key);
        self.headroom_proof.write(&mut writer);
        writer
    }
}

/// Writes approvals.
pub(crate) fn write_approvals(writer: &mut Writer, approvals: &[Approval]) {
    writer.count(approvals.len());
    for approval in approvals {
        writer.bytes(&approval.approver).bytes(&approval.signature);
    }
}

/// Reads approvals; keys must rise, so each approver is there once.
pub(crate) fn read_approvals(reader: &mut Reader<'_>) -> Result<Vec<Approval>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_ENTRIES, 96, "approvals")?;
    let mut approvals: Vec<Approval> = Vec::with_capacity(count);
    for _ in 0..count {
        let approval =
            Approval { approver: reader.array("approver key")?, signature: reader.array("approval")? };
        if approvals.last().is_some_and(|last| last.approver >= approval.approver) {
            return Err(reader.invalid("approvals", "expected each approver once, sorted by key"));
        }
        approvals.push(approval);
    }
    Ok(approvals)
}

fn read_margin(reader: &mut Reader<'_>) -> Result<Option<MarginAttestation>, CodecError> {
    Ok(match flag(reader, "margin attestation flag")? {
        false => None,
        true => {
            let bytes = reader.var_bytes(MarginAttestation::MAX_BYTES, "margin attestation")?;
            Some(MarginAttestation::decode(bytes)?)
        }
    })
}

fn read_decision(reader: &mut Reader<'_>) -> Result<Option<Decision>, CodecError> {
    Ok(if flag(reader, "decision flag")? { Some(Decision::read(reader)?) } else { None })
}

fn read_signatures(reader: &mut Reader<'_>) -> Result<Vec<[u8; 64]>, CodecError> {
    let count = reader.count(SigningEvidence::MAX_SIGNATURES, 64, "signatures")?;
    (0..count).map(|_| reader.array("signature")).collect()
}

/// A byte that is 0 or 1.
pub(crate) fn flag(reader: &mut Reader<'_>, what: &'static str) -> Result<bool, CodecError> {
    match reader.u8(what)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.invalid(what, "expected 0 or 1")),
    }
}
