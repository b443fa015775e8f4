//! Files of keys.

use std::io::{Read, Write};

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

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, writer: impl Write) -> Result<(), WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.bytes(&self.to_bytes())?;
        output.finish().map(drop)
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it is anything but such a file.
    pub fn read_from(reader: impl Read) -> Result<Self, WireError> {
        let what = Self::KIND.what;
        let mut input = Input::with_header(reader, &Self::KIND)?;
        let bytes = Zeroizing::new(input.bytes(Self::BITS.div_ceil(8), what)?);
        input.finish(what)?;
        let problem = || "not a key that was made here (its weight or its last bits are off)".to_owned();
        Self::from_bytes(&bytes).ok_or_else(|| WireError::Invalid { what, problem: problem() })
    }
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
