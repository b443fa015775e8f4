//! Files of keys.

use std::io::{Read, Write};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    Digest, Kind, WireError, require_random,
    stream::{Input, Output},
};
use crate::{
    client::PublicKey,
    keys::{EvaluationKey, SecretKey},
    parameters::INPUT_DIMENSION,
};

impl SecretKey {
    /// Of its file, which nobody but the owner may read.
    pub const KIND: Kind = Kind { magic: *b"SOLVFSK\n", version: 1, what: "margin secret key" };

    /// Writes the file: the bits, the digest of the public key's file that belongs to them, and a
    /// checksum, without which a flipped bit would decrypt to wrong answers.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, public: &Digest, writer: impl Write) -> Result<(), WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        let bytes = self.to_bytes();
        output.bytes(&bytes)?;
        output.bytes(&public.0)?;
        output.bytes(&checksum(&bytes, public).0)?;
        output.finish().map(drop)
    }

    /// Reads the file; gives the key and the digest of its public key's file.
    ///
    /// # Errors
    ///
    /// If it is anything but such a file.
    pub fn read_from(reader: impl Read) -> Result<(Self, Digest), WireError> {
        let what = Self::KIND.what;
        let mut input = Input::with_header(reader, &Self::KIND)?;
        let bytes = Zeroizing::new(input.bytes(Self::BITS.div_ceil(8), what)?);
        let (public, sum) = (input.digest("public key")?, input.digest("checksum")?);
        input.finish(what)?;
        let invalid = |problem: &str| WireError::Invalid { what, problem: problem.to_owned() };
        if sum != checksum(&bytes, &public) {
            return Err(invalid("its checksum is wrong: the file is damaged, restore it from a backup"));
        }
        let key = Self::from_bytes(&bytes);
        let key =
            key.ok_or_else(|| invalid("not a key that was made here (its weight or its last bits are off)"));
        Ok((key?, public))
    }
}

/// Of a secret key's bits and the digest of its public key; no other hash of these bits leaves a
/// file that only their owner can read.
fn checksum(bytes: &[u8], public: &Digest) -> Digest {
    let hash = Sha256::new().chain_update(b"solventry/margin-secret-key-checksum/v1");
    Digest(hash.chain_update(bytes).chain_update(public.0).finalize().into())
}

impl PublicKey {
    /// Of its file.
    pub const KIND: Kind = Kind { magic: *b"SOLVFPK\n", version: 1, what: "margin public key" };
    /// Bytes of the file.
    pub const FILE_BYTES: u64 = (Kind::HEADER + 8 * Self::LENGTH) as u64;

    /// Writes the file; gives its digest.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, writer: impl Write) -> Result<Digest, WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.words(self.entries())?;
        output.finish()
    }

    /// Reads the file; gives the key and the file's digest.
    ///
    /// # Errors
    ///
    /// If it is anything but such a file.
    pub fn read_from(reader: impl Read) -> Result<(Self, Digest), WireError> {
        let what = Self::KIND.what;
        let mut input = Input::with_header(reader, &Self::KIND)?;
        let entries: Vec<u64> = input.words(Self::LENGTH, what)?;
        let digest = input.finish(what)?;
        let (mask, body) = entries.split_at(INPUT_DIMENSION);
        require_random(what, mask)?;
        require_random(what, body)?;
        let length = || WireError::range(what, Self::LENGTH, Self::LENGTH, entries.len());
        Ok((Self::from_entries(entries.clone()).ok_or_else(length)?, digest))
    }
}

impl EvaluationKey {
    /// Of its file.
    pub const KIND: Kind = Kind { magic: *b"SOLVFEK\n", version: 1, what: "margin evaluation key" };

    /// Bytes of the file, without or with what more than 16 scenarios need.
    pub const fn file_bytes(is_large: bool) -> u64 {
        let [input, large, pack_input, pack_large, bootstrap] = Self::LENGTHS;
        let pack_large = if is_large { pack_large } else { 0 };
        (Kind::HEADER + 1 + 4 * (input + large) + 8 * (pack_input + pack_large + bootstrap)) as u64
    }

    /// Writes the file; gives its digest.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, writer: impl Write) -> Result<Digest, WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.bytes(&[u8::from(!self.pack_large.is_empty())])?;
        output.words(&self.from_input)?;
        output.words(&self.from_large)?;
        output.words(&self.pack_input)?;
        output.words(&self.pack_large)?;
        output.words(&self.bootstrap)?;
        output.finish()
    }

    /// Reads the file as a stream; gives the key and the file's digest.
    ///
    /// # Errors
    ///
    /// If it is anything but such a file.
    pub fn read_from(reader: impl Read) -> Result<(Self, Digest), WireError> {
        let [from_input, from_large, pack_input, pack_large, bootstrap] = Self::LENGTHS;
        let mut input = Input::with_header(reader, &Self::KIND)?;
        let is_large = match input.byte("large part")? {
            0 => false,
            1 => true,
            other => return Err(WireError::range("large part", 0, 1, other.into())),
        };
        let key = Self {
            from_input: input.words(from_input, "keyswitch from inputs")?,
            from_large: input.words(from_large, "keyswitch from results")?,
            pack_input: input.words(pack_input, "packing of inputs")?,
            pack_large: input.words(if is_large { pack_large } else { 0 }, "packing of results")?,
            bootstrap: input.words(bootstrap, "bootstrap")?,
        };
        Ok((key, input.finish(Self::KIND.what)?))
    }
}
