//! An encrypted result in its one encoding, and what an engine signs of it.

use std::io::Write;

use super::{
    Digest, Kind, WireError,
    digest::Fields,
    query::{question_byte, read_question},
    stream::{Input, Output},
};
use crate::{
    circuit::margin_tops,
    engine::{COMPUTED, Lwe, WIDE},
    plan::{MAX_BITS, Market, Question},
};

/// What an engine gives back; encrypted under the venue's key.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedResult {
    /// Digest of the query.
    pub query: Digest,
    /// Digest of what was computed.
    pub function: Digest,
    /// Question.
    pub question: Question,
    /// The margin, by window from high to low; empty for the call alone.
    pub windows: Vec<Lwe>,
    /// Sign of collateral − margin.
    pub call: Lwe,
    /// Collateral, linear in the inputs; absent for the call alone.
    pub collateral: Option<Lwe>,
}

/// A result under an engine's signature.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedResult {
    /// The result's bytes.
    pub result: Vec<u8>,
    /// Ed25519 key of the engine.
    pub engine: [u8; 32],
    /// Its signature of [`SignedResult::message`].
    pub signature: [u8; 64],
}

impl EncryptedResult {
    /// Of its encoding.
    pub const KIND: Kind = Kind { magic: *b"SOLVFMR\n", version: 1, what: "margin result" };
    /// Longest encoding, in bytes.
    pub const MAX_BYTES: usize =
        Kind::HEADER + 32 + 32 + 1 + 4 + 8 * (COMPUTED * (MAX_BITS as usize + 1) + WIDE);

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a vector does not fail.
        let _ = self.write_to(&mut bytes);
        bytes
    }

    /// SHA-256 of its bytes: what engines must agree on.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    fn write_to(&self, writer: impl Write) -> Result<Digest, WireError> {
        let mut output = Output::with_header(writer, &Self::KIND)?;
        output.bytes(&self.query.0)?;
        output.bytes(&self.function.0)?;
        output.bytes(&[question_byte(self.question)])?;
        output.count(self.windows.len())?;
        for lwe in self.windows.iter().chain([&self.call]).chain(&self.collateral) {
            output.words(&lwe.0)?;
        }
        output.finish()
    }

    /// Parses bytes for a market.
    ///
    /// # Errors
    ///
    /// If they are anything but a result of its sizes.
    pub fn decode(bytes: &[u8], market: Market) -> Result<Self, WireError> {
        let mut input = Input::with_header(bytes, &Self::KIND)?;
        let (query, function) = (input.digest("query")?, input.digest("function")?);
        let question = read_question(input.byte("question")?)?;
        let expected = match question {
            Question::Call => 0,
            Question::Margin => margin_tops(market.bits).len(),
        };
        let count = input.count("windows", expected, expected)?;
        let mut windows = Vec::with_capacity(count);
        for _ in 0..count {
            windows.push(Lwe(input.words(COMPUTED, "margin")?));
        }
        let call = Lwe(input.words(COMPUTED, "call")?);
        let collateral = match question {
            Question::Call => None,
            Question::Margin => Some(Lwe(input.words(WIDE, "collateral")?)),
        };
        input.finish(Self::KIND.what)?;
        Ok(Self { query, function, question, windows, call, collateral })
    }
}

impl SignedResult {
    /// Of its file.
    pub const KIND: Kind = Kind { magic: *b"SOLVFMS\n", version: 1, what: "signed margin result" };
    /// Longest file, in bytes.
    pub const MAX_BYTES: usize = EncryptedResult::MAX_BYTES + Kind::HEADER + 4 + 32 + 64;

    /// What an engine signs.
    pub fn message(result: &[u8]) -> Digest {
        Fields::new("solventry/margin-result/v1").digest(&Digest::of(result)).hash()
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let write = |bytes: &mut Vec<u8>| {
            let mut output = Output::with_header(bytes, &Self::KIND)?;
            output.count(self.result.len())?;
            output.bytes(&self.result)?;
            output.bytes(&self.engine)?;
            output.bytes(&self.signature)
        };
        // Writing to a vector does not fail.
        let _ = write(&mut bytes);
        bytes
    }

    /// Parses a file; the signature is not checked here.
    ///
    /// # Errors
    ///
    /// If it is no such file.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut input = Input::with_header(bytes, &Self::KIND)?;
        let length = input.count("length of the result", 1, EncryptedResult::MAX_BYTES)?;
        let result = input.bytes_in_parts(length, "result")?;
        let (engine, signature) = (input.array("engine key")?, input.array("engine signature")?);
        input.finish(Self::KIND.what)?;
        Ok(Self { result, engine, signature })
    }
}
