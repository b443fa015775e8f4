//! The reference string of proofs, as a file that says where it comes from.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use tfhe::{
    safe_serialization::{safe_deserialize_conformant, safe_serialize},
    zk::CompactPkeCrsConformanceParams,
};

use super::{
    Digest, Kind, WireError,
    stream::{Input, Output},
};
use crate::{
    client::Crs,
    parameters::{INPUT_DIMENSION, INPUT_NOISE_LOG},
    plan::{MAX_LEGS, Market},
};

/// Who made a reference string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// One party, for development: it can prove what is not true. UNTRUSTED.
    Development,
}

impl Provenance {
    /// Whether no single party can have kept the trapdoor.
    pub const fn is_trusted(self) -> bool {
        match self {
            Self::Development => false,
        }
    }
}

impl Crs {
    /// Of its file.
    pub const KIND: Kind = Kind { magic: *b"SOLVFCR\n", version: 1, what: "margin reference string" };
    /// Largest file, in bytes.
    pub const MAX_BYTES: u64 = 64 << 20;

    /// Writes the file; gives its digest.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, provenance: Provenance, writer: impl Write) -> Result<Digest, WireError> {
        let what = Self::KIND.what;
        let mut body = Vec::new();
        safe_serialize(self.inner(), &mut body, Self::MAX_BYTES)
            .map_err(|error| WireError::Invalid { what, problem: error.to_string() })?;
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.bytes(&[match provenance {
            Provenance::Development => 0,
        }])?;
        output.count(body.len())?;
        output.bytes(&body)?;
        output.finish()
    }

    /// Reads the file of a market, for lists of at most `list_limit` values.
    ///
    /// # Errors
    ///
    /// If it is anything but such a file, or of another market.
    pub fn read_from(
        reader: impl Read,
        market: Market,
        list_limit: usize,
    ) -> Result<(Self, Provenance, Digest), WireError> {
        let what = Self::KIND.what;
        let mut input = Input::with_header(reader, &Self::KIND)?;
        let provenance = match input.byte("provenance")? {
            0 => Provenance::Development,
            other => return Err(WireError::range("provenance", 0, 0, other.into())),
        };
        let length = input.count("length of the reference string", 1, Self::MAX_BYTES as usize)?;
        let entries: Vec<u8> = input.bytes_in_parts(length, what)?;
        let digest = input.finish(what)?;
        let mut rest = entries.as_slice();
        let crs = safe_deserialize_conformant(&mut rest, Self::MAX_BYTES, &conformance(market, list_limit)?)
            .map_err(|problem| WireError::Invalid { what, problem })?;
        match rest.len() {
            0 => Ok((Self::from_inner(crs), provenance, digest)),
            _ => Err(WireError::Invalid { what, problem: "bytes follow its end".into() }),
        }
    }
}

fn conformance(market: Market, list_limit: usize) -> Result<CompactPkeCrsConformanceParams, WireError> {
    if !(1..=MAX_LEGS).contains(&list_limit) {
        return Err(WireError::range("values of a list", 1, MAX_LEGS, list_limit));
    }
    Ok(CompactPkeCrsConformanceParams::new(
        INPUT_DIMENSION,
        list_limit,
        1 << INPUT_NOISE_LOG,
        0,
        1 << market.bits,
        u64::from(market.bits.saturating_sub(market.value_bits)),
    ))
}
