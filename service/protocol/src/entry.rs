//! Entries: records with their headers.

use solventry_types::{
    Digest,
    codec::{CodecError, Magic, Reader, Writer},
};

use crate::{decision::Header, record::Record};

/// A record with its header: the value that nodes propose and certify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Header.
    pub header: Header,
    /// Encoded record.
    pub record: Vec<u8>,
}

impl Entry {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVENT\n", version: 1, what: "journal entry" };
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = Record::MAX_BYTES + 256;

    /// The entry after `previous`.
    pub fn new(previous: Digest, time: u64, record: &Record) -> Self {
        Self { header: Header { previous, time, record: record.digest() }, record: record.encode() }
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let Header { previous, time, record } = self.header;
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).bytes(&previous.0).u64(time).bytes(&record.0).var_bytes(&self.record);
        writer.finish()
    }

    /// Parses an entry and its record; the header's digest is that of the record.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Record), CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let (previous, time) = (Digest(reader.array("previous head")?), reader.u64("journal time")?);
        let header = Header { previous, time, record: Digest(reader.array("record digest")?) };
        let encoded = reader.var_bytes(Record::MAX_BYTES, "record")?;
        let record = Record::decode(encoded)?;
        if record.digest() != header.record {
            return Err(reader.invalid("record digest", "it is of another record"));
        }
        reader.finish()?;
        Ok((Self { header, record: encoded.to_vec() }, record))
    }
}
