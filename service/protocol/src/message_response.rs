//! Encodings of a node's answers.

use solventry_types::{
    Digest, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
};

use crate::{
    decision::Decision,
    entry::Entry,
    evidence::{SigningEvidence, flag},
    message::{
        Fate, MAX_BODY_BYTES, MAX_MESSAGE_BYTES, MAX_VOTE_BYTES, NodeStatus, Phase, Refusal, Response,
        SignedCommitments, SignedShares, Sums, VaultStatus, read_bodies, write_bodies,
    },
};

/// Longest text of a refusal in bytes.
const MAX_TEXT_BYTES: usize = 4096;

impl Response {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVRES\n", version: 1, what: "answer of a node" };

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        match self {
            Self::Status(status) => status.write(writer.u8(0)),
            Self::KeyGeneration(body) => writer.u8(1).var_bytes(body),
            Self::Genesis(digest) => writer.u8(2).bytes(&digest.0),
            Self::Accepted(record) => writer.u8(3).bytes(&record.0),
            Self::Fate(fate) => fate.write(writer.u8(4)),
            Self::Vault(vault) => vault.write(writer.u8(5)),
            Self::Sums(sums) => sums.write(writer.u8(6)),
            Self::Commitments(signed) => {
                signed.write(writer.u8(7));
                &mut writer
            }
            Self::Shares(signed) => {
                write_bodies(writer.u8(8).u8(signed.node), &signed.shares).bytes(&signed.signature)
            }
            Self::Entry(None) => writer.u8(9).u8(0),
            Self::Entry(Some((entry, decision))) => writer.u8(9).u8(1).var_bytes(entry).var_bytes(decision),
            Self::Refused(refusal) => refusal.write(writer.u8(10)),
            Self::Unavailable(text) => writer.u8(11).var_bytes(bounded(text)),
        };
        writer.finish()
    }

    /// Parses an answer.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, MAX_MESSAGE_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let response = match reader.u8("kind of answer")? {
            0 => Self::Status(NodeStatus::read(&mut reader)?),
            1 => Self::KeyGeneration(reader.var_bytes(MAX_BODY_BYTES, "body")?.to_vec()),
            2 => Self::Genesis(Digest(reader.array("genesis digest")?)),
            3 => Self::Accepted(Digest(reader.array("record digest")?)),
            4 => Self::Fate(Fate::read(&mut reader)?),
            5 => Self::Vault(VaultStatus::read(&mut reader)?),
            6 => Self::Sums(Sums::read(&mut reader)?),
            7 => Self::Commitments(SignedCommitments::read(&mut reader)?),
            8 => Self::Shares(SignedShares {
                node: reader.u8("node")?,
                shares: read_bodies(&mut reader, SigningEvidence::MAX_SIGNATURES)?,
                signature: reader.array("shares signature")?,
            }),
            9 => Self::Entry(if flag(&mut reader, "entry flag")? {
                let entry = reader.var_bytes(Entry::MAX_BYTES, "entry")?.to_vec();
                Some((entry, reader.var_bytes(Decision::MAX_BYTES, "decision")?.to_vec()))
            } else {
                None
            }),
            10 => Self::Refused(Refusal::read(&mut reader)?),
            11 => Self::Unavailable(reader.text(MAX_TEXT_BYTES, "reason")?.to_owned()),
            _ => return Err(reader.invalid("kind of answer", "expected 0 to 11")),
        };
        reader.finish()?;
        Ok(response)
    }
}

impl NodeStatus {
    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        let phase = match self.phase {
            Phase::Blank => 0,
            Phase::Starting => 1,
            Phase::Running => 2,
            Phase::Quarantined => 3,
            Phase::Halted => 4,
        };
        writer.u8(self.node).u8(phase).bytes(&self.genesis.0).u64(self.height).bytes(&self.head.0);
        writer.u64(self.time).var_bytes(&self.voted).bytes(&self.attestation.0)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            node: reader.u8("node")?,
            phase: match reader.u8("phase")? {
                0 => Phase::Blank,
                1 => Phase::Starting,
                2 => Phase::Running,
                3 => Phase::Quarantined,
                4 => Phase::Halted,
                _ => return Err(reader.invalid("phase", "expected 0 to 4")),
            },
            genesis: Digest(reader.array("genesis digest")?),
            height: reader.u64("height")?,
            head: Digest(reader.array("head")?),
            time: reader.u64("journal time")?,
            voted: reader.var_bytes(MAX_VOTE_BYTES, "vote")?.to_vec(),
            attestation: Digest(reader.array("attestation digest")?),
        })
    }
}

impl VaultStatus {
    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        writer.var_bytes(&self.configuration).u8(self.disabled.into()).u64(self.sequence);
        match self.pending {
            None => writer.u8(0),
            Some(time) => writer.u8(1).u64(time),
        };
        writer.bytes(&self.attestation.0).u64(self.epoch)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            configuration: reader.var_bytes(VaultConfiguration::MAX_BYTES, "vault configuration")?.to_vec(),
            disabled: flag(reader, "disabled flag")?,
            sequence: reader.u64("sequence")?,
            pending: if flag(reader, "pending flag")? { Some(reader.u64("time")?) } else { None },
            attestation: Digest(reader.array("attestation digest")?),
            epoch: reader.u64("epoch")?,
        })
    }
}

impl Sums {
    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        let writer = self.spent.iter().fold(writer.u64(self.time), |writer, sum| writer.u128(*sum));
        writer.u32(self.count).u64(self.since_last).u128(self.outflow)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let time = reader.u64("journal time")?;
        let mut spent = [0; 4];
        for sum in &mut spent {
            *sum = reader.u128("sum")?;
        }
        let (count, since_last) = (reader.u32("count")?, reader.u64("seconds since the last payment")?);
        Ok(Self { time, spent, count, since_last, outflow: reader.u128("outflow")? })
    }
}

impl Fate {
    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        match self {
            Self::Unknown => writer.u8(0),
            Self::Pending => writer.u8(1),
            Self::Decided(decision) => writer.u8(2).var_bytes(decision),
            Self::Dropped(refusal) => refusal.write(writer.u8(3)),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match reader.u8("fate")? {
            0 => Self::Unknown,
            1 => Self::Pending,
            2 => Self::Decided(reader.var_bytes(Decision::MAX_BYTES, "decision")?.to_vec()),
            3 => Self::Dropped(Refusal::read(reader)?),
            _ => return Err(reader.invalid("fate", "expected 0 to 3")),
        })
    }
}

impl Refusal {
    fn write<'w>(&self, writer: &'w mut Writer) -> &'w mut Writer {
        match &self.detail {
            None => writer.u8(0),
            Some(text) => writer.u8(1).var_bytes(bounded(text)),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let detail = match flag(reader, "detail flag")? {
            false => None,
            true => Some(reader.text(MAX_TEXT_BYTES, "reason")?.to_owned()),
        };
        Ok(Self { detail })
    }
}

/// At most the bytes that a reader takes, cut between characters.
fn bounded(text: &str) -> &[u8] {
    let end = (0..=text.len().min(MAX_TEXT_BYTES)).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default().as_bytes()
}
