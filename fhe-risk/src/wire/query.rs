//! A query, as bytes and parsed.

use std::io::Write;

use super::{
    Digest, EncryptedList, Kind, Sender, WireError,
    stream::{Input, Output},
};
use crate::{
    engine::WIDE,
    plan::{MAX_COLLATERAL, MAX_LEGS, Question},
};

/// A query as it came: *parsed*.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    /// Venue that it is for.
    pub venue: Digest,
    /// Arrays that it is about.
    pub arrays: Digest,
    /// Sender.
    pub sender: Sender,
    /// Legs.
    pub positions: EncryptedList,
    /// Collateral assets; empty if the arrays have none.
    pub collateral: EncryptedList,
}

impl Query {
    /// Of its file.
    pub const KIND: Kind = Kind { magic: *b"SOLVFMQ\n", version: 1, what: "margin query" };
    /// Longest query, in bytes.
    pub const MAX_BYTES: usize = Kind::HEADER + 8 * (MAX_LEGS + MAX_COLLATERAL) * WIDE + 2 * Self::BESIDE;
    /// Bytes beside the ciphertexts, generously, for each list.
    const BESIDE: usize = EncryptedList::MAX_PROOF + 512;

    /// Writes it.
    ///
    /// # Errors
    ///
    /// Of the writer.
    pub fn write_to(&self, writer: impl Write) -> Result<Digest, WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.bytes(&self.venue.0)?;
        output.bytes(&self.arrays.0)?;
        output.bytes(&self.sender.account)?;
        output.bytes(&self.sender.portfolio.0)?;
        output.bytes(&self.sender.nonce.to_le_bytes())?;
        output.bytes(&[question_byte(self.sender.question)])?;
        self.positions.write(&mut output)?;
        self.collateral.write(&mut output)?;
        output.finish()
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a vector does not fail.
        let _ = self.write_to(&mut bytes);
        bytes
    }

    /// Parses bytes; gives the query and the digest of its bytes.
    ///
    /// # Errors
    ///
    /// If they are no query, or too many.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Digest), WireError> {
        let what = Self::KIND.what;
        if bytes.len() > Self::MAX_BYTES {
            return Err(WireError::range(what, 0, Self::MAX_BYTES, bytes.len()));
        }
        let mut input = Input::with_header(bytes, &Self::KIND)?;
        let (venue, arrays) = (input.digest("venue")?, input.digest("arrays")?);
        let sender = Sender {
            account: input.array("account")?,
            portfolio: input.digest("portfolio")?,
            nonce: input.number("nonce")?,
            question: read_question(input.byte("question")?)?,
        };
        let positions = EncryptedList::read(&mut input, MAX_LEGS)?;
        let collateral = EncryptedList::read(&mut input, MAX_COLLATERAL)?;
        let digest = input.finish(what)?;
        Ok((Self { venue, arrays, sender, positions, collateral }, digest))
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        self.write_to(std::io::sink()).unwrap_or(Digest([0; 32]))
    }
}

pub(super) fn question_byte(question: Question) -> u8 {
    match question {
        Question::Call => 0,
        Question::Margin => 1,
    }
}

pub(super) fn read_question(byte: u8) -> Result<Question, WireError> {
    match byte {
        0 => Ok(Question::Call),
        1 => Ok(Question::Margin),
        other => Err(WireError::range("question", 0, 1, other.into())),
    }
}
