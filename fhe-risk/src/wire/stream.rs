//! Reading and writing as a stream, hashed on the way.

use std::io::{ErrorKind, Read, Write};

use sha2::{Digest as _, Sha256};

use super::{Digest, WireError};
use crate::parameters;

/// Bytes that are converted at once.
const BUFFER: usize = 1 << 20;

/// A kind of file.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// First eight bytes.
    pub magic: [u8; 8],
    /// Version of the format.
    pub version: u16,
    /// In words.
    pub what: &'static str,
}

impl Kind {
    /// Bytes of a header: magic, version, digest of the parameters.
    pub const HEADER: usize = 8 + 2 + 32;
}

/// An entry of an array.
pub(super) trait Word: Copy + Default {
    /// Its size.
    const BYTES: usize;
    fn read(bytes: &[u8]) -> Self;
    fn write(self, bytes: &mut Vec<u8>);
}

macro_rules! word {
    ($type:ty) => {
        impl Word for $type {
            const BYTES: usize = size_of::<Self>();

            fn read(bytes: &[u8]) -> Self {
                bytes.iter().rev().fold(0, |word, byte| word << 8 | Self::from(*byte))
            }

            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    };
}

word!(u32);
word!(u64);

/// Reads front to back.
pub(super) struct Input<R> {
    reader: R,
    offset: u64,
    hash: Sha256,
}

impl<R: Read> Input<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, offset: 0, hash: Sha256::new() }
    }

    /// The same from a file of this kind and of our parameters.
    pub fn with_header(reader: R, kind: &Kind) -> Result<Self, WireError> {
        let mut input = Self::new(reader);
        if input.array(kind.what)? != kind.magic {
            return Err(WireError::WrongKind { expected: kind.what });
        }
        let version = u16::from_le_bytes(input.array("version")?);
        if version != kind.version {
            return Err(WireError::Version { what: kind.what, expected: kind.version, got: version });
        }
        let (expected, got) = (Digest(parameters::digest()), input.digest("parameters")?);
        if got != expected {
            return Err(WireError::Parameters { what: kind.what, expected, got });
        }
        Ok(input)
    }

    fn fill(&mut self, bytes: &mut [u8], what: &'static str) -> Result<(), WireError> {
        let (offset, expected) = (self.offset, bytes.len() as u64);
        self.reader.read_exact(bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => WireError::Truncated { what, offset, expected },
            _ => WireError::Io { what, error },
        })?;
        self.offset += expected;
        self.hash.update(&*bytes);
        Ok(())
    }

    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    pub fn byte(&mut self, what: &'static str) -> Result<u8, WireError> {
        Ok(u8::from_le_bytes(self.array(what)?))
    }

    pub fn number(&mut self, what: &'static str) -> Result<u64, WireError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    pub fn digest(&mut self, what: &'static str) -> Result<Digest, WireError> {
        self.array(what).map(Digest)
    }

    /// A count (4 bytes) between bounds.
    pub fn count(&mut self, what: &'static str, least: usize, most: usize) -> Result<usize, WireError> {
        let count = u32::from_le_bytes(self.array(what)?) as usize;
        if (least..=most).contains(&count) {
            Ok(count)
        } else {
            Err(WireError::range(what, least, most, count))
        }
    }

    /// `length` bytes, which the caller has bounded.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<Vec<u8>, WireError> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    /// The same for long ones: room grows with what is really there.
    pub fn bytes_in_parts(&mut self, length: usize, what: &'static str) -> Result<Vec<u8>, WireError> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let next = (length - bytes.len()).min(BUFFER);
            bytes.extend(self.bytes(next, what)?);
        }
        Ok(bytes)
    }

    /// `count` entries, which the caller has bounded.
    pub fn words<T: Word>(&mut self, count: usize, what: &'static str) -> Result<Vec<T>, WireError> {
        let mut words = Vec::new();
        let mut buffer = vec![0; BUFFER.min(count * T::BYTES)];
        while words.len() < count {
            // Room grows with what is really there, up to the size that was declared.
            let next = (count - words.len()).min(BUFFER / T::BYTES);
            if words.capacity() - words.len() < next {
                words.reserve_exact(words.len().max(next).min(count - words.len()));
            }
            let bytes = &mut buffer[..next * T::BYTES];
            self.fill(bytes, what)?;
            words.extend(bytes.chunks_exact(T::BYTES).map(T::read));
        }
        Ok(words)
    }

    /// Nothing may follow; the digest of all that was read.
    pub fn finish(mut self, what: &'static str) -> Result<Digest, WireError> {
        let mut next = [0; 1];
        loop {
            match self.reader.read(&mut next) {
                Ok(0) => return Ok(Digest(self.hash.finalize().into())),
                Ok(_) => return Err(WireError::Trailing { what, offset: self.offset }),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(WireError::Io { what, error }),
            }
        }
    }
}

/// Writes front to back.
pub(super) struct Output<W> {
    writer: W,
    hash: Sha256,
}

impl<W: Write> Output<W> {
    pub fn with_header(writer: W, kind: &Kind) -> Result<Self, WireError> {
        let mut output = Self { writer, hash: Sha256::new() };
        output.bytes(&kind.magic)?;
        output.bytes(&kind.version.to_le_bytes())?;
        output.bytes(&parameters::digest())?;
        Ok(output)
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        self.hash.update(bytes);
        self.writer.write_all(bytes).map_err(|error| WireError::Io { what: "writing", error })
    }

    pub fn count(&mut self, count: usize) -> Result<(), WireError> {
        self.bytes(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes())
    }

    pub fn words<T: Word>(&mut self, words: &[T]) -> Result<(), WireError> {
        let mut buffer = Vec::with_capacity(BUFFER.min(words.len() * T::BYTES));
        for part in words.chunks(BUFFER / T::BYTES) {
            buffer.clear();
            part.iter().for_each(|word| word.write(&mut buffer));
            self.bytes(&buffer)?;
        }
        Ok(())
    }

    /// The digest of all that was written.
    pub fn finish(mut self) -> Result<Digest, WireError> {
        self.writer.flush().map_err(|error| WireError::Io { what: "writing", error })?;
        Ok(Digest(self.hash.finalize().into()))
    }
}
