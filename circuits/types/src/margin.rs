//! The margin attestation: one signed ratio, made by a margin oracle from a decrypted report.

use crate::{
    codec::{CodecError, Magic, Reader, Writer},
    digest::{Digest, InjectiveHasher},
};

/// A venue's margin ratio for one account, signed by the oracle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarginAttestation {
    /// Name of the venue, 1 to 64 bytes of text.
    pub venue: String,
    /// The account at the venue, 1 to 128 bytes of text.
    pub account: String,
    /// Net collateral over requirement, in basis points.
    pub ratio_bps: u32,
    /// Counts up with each attestation of the oracle.
    pub counter: u64,
    /// When it was made, Unix seconds.
    pub time: u64,
    /// Digest of the risk arrays.
    pub risk_arrays: Digest,
    /// Ed25519 key of the oracle.
    pub oracle: [u8; 32],
    /// Ed25519 signature of [`MarginAttestation::message`].
    pub signature: [u8; 64],
}

impl MarginAttestation {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVMAR\n", version: 1, what: "margin attestation" };
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 512;
    /// Longest venue name in bytes.
    pub const MAX_VENUE_BYTES: usize = 64;
    /// Longest account name in bytes.
    pub const MAX_ACCOUNT_BYTES: usize = 128;

    /// What the oracle signs.
    pub fn message(&self) -> Digest {
        let mut writer = Writer::new();
        self.write_unsigned(&mut writer);
        InjectiveHasher::new("solventry/margin-attestation/v1").field(writer.as_bytes()).finish()
    }

    /// Digest of venue and account: what a policy names as its oracle account.
    pub fn account_digest(&self) -> Digest {
        oracle_account_digest(&self.venue, &self.account)
    }

    /// The canonical file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        self.write_unsigned(&mut writer);
        writer.bytes(&self.signature);
        writer.finish()
    }

    /// Parses a file.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let venue = reader.text(Self::MAX_VENUE_BYTES, "venue")?.to_owned();
        let account = reader.text(Self::MAX_ACCOUNT_BYTES, "account")?.to_owned();
        let (ratio_bps, counter) = (reader.u32("margin ratio")?, reader.u64("counter")?);
        let (time, risk_arrays) = (reader.u64("time")?, Digest(reader.array("risk-array digest")?));
        let (oracle, signature) = (reader.array("oracle key")?, reader.array("oracle signature")?);
        if venue.is_empty() || account.is_empty() {
            return Err(reader.invalid("venue and account", "expected at least 1 byte each"));
        }
        reader.finish()?;
        Ok(Self { venue, account, ratio_bps, counter, time, risk_arrays, oracle, signature })
    }

    fn write_unsigned(&self, writer: &mut Writer) {
        writer.var_bytes(self.venue.as_bytes()).var_bytes(self.account.as_bytes());
        writer.u32(self.ratio_bps).u64(self.counter).u64(self.time);
        writer.bytes(&self.risk_arrays.0).bytes(&self.oracle);
    }
}

/// Digest of a venue's account.
pub fn oracle_account_digest(venue: &str, account: &str) -> Digest {
    InjectiveHasher::new("solventry/oracle-account/v1")
        .field(venue.as_bytes())
        .field(account.as_bytes())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_survives_the_round_trip_and_every_field_is_signed() {
        let attestation = MarginAttestation {
            venue: "venue".into(),
            account: "desk 7".into(),
            ratio_bps: 9_000,
            counter: 3,
            time: 4,
            risk_arrays: Digest([5; 32]),
            oracle: [6; 32],
            signature: [7; 64],
        };
        let bytes = attestation.encode();
        assert_eq!(MarginAttestation::decode(&bytes).unwrap(), attestation);
        let message = attestation.message();
        for index in 10..bytes.len() - 64 {
            let mut other = bytes.clone();
            other[index] ^= 1;
            if let Ok(other) = MarginAttestation::decode(&other) {
                assert_ne!(other.message(), message);
            }
        }
    }
}
