//! Bounded, canonical binary reading and writing.
//!
//! Integers are big-endian. Curve points are arkworks' compressed form; a point or scalar that
//! does not re-encode to the very bytes it was read from is refused, as are points outside the
//! prime-order subgroup and the identity. Nothing is allocated before its length was checked
//! against the bytes that are really there.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};

/// Bytes of a compressed G1 point.
pub const G1_BYTES: usize = 32;
/// Bytes of a compressed G2 point.
pub const G2_BYTES: usize = 64;
/// Bytes of a scalar.
pub const FR_BYTES: usize = 32;

/// Why bytes are not a file of ours. Offsets count from the beginning of the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The input ends early.
    #[error("{what} at byte {offset}: expected {expected} more bytes, got {got} (file truncated?)")]
    Truncated {
        /// Field being read.
        what: &'static str,
        /// Where.
        offset: usize,
        /// Bytes needed.
        expected: usize,
        /// Bytes left.
        got: usize,
    },
    /// Bytes after the end.
    #[error("expected the end of the file at byte {offset}, got {extra} more bytes")]
    TrailingBytes {
        /// Where the file should have ended.
        offset: usize,
        /// How many bytes follow.
        extra: usize,
    },
    /// A count or length over its bound.
    #[error("{what} at byte {offset}: expected at most {limit}, got {got}")]
    TooMany {
        /// Field being read.
        what: &'static str,
        /// Where.
        offset: usize,
        /// The bound.
        limit: u64,
        /// The value.
        got: u64,
    },
    /// Not the first bytes of a file of this kind.
    #[error("expected a file of kind {expected}, but its first bytes differ (is it another file?)")]
    WrongKind {
        /// The kind that was expected.
        expected: &'static str,
    },
    /// A format version that this program does not know.
    #[error(
        "unsupported {what} version {got}: this program reads version {expected}; use a program that reads the file's"
    )]
    UnsupportedVersion {
        /// Kind of file.
        what: &'static str,
        /// Known version.
        expected: u16,
        /// The file's version.
        got: u16,
    },
    /// A value that parses but is not allowed.
    #[error("{what} at byte {offset}: {problem}")]
    Invalid {
        /// Field being read.
        what: &'static str,
        /// Where.
        offset: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The whole input is too large to be read.
    #[error("file of {got} bytes is over the limit of {limit} bytes")]
    TooLarge {
        /// Limit in bytes.
        limit: u64,
        /// Size in bytes.
        got: u64,
    },
}

/// Reads a byte slice from front to back.
pub struct Reader<'a> {
    input: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte; refuses inputs over `limit` bytes.
    pub fn new(input: &'a [u8], limit: usize) -> Result<Self, CodecError> {
        if input.len() > limit {
            return Err(CodecError::TooLarge { limit: as_u64(limit), got: as_u64(input.len()) });
        }
        Ok(Self { input, offset: 0 })
    }

    /// Bytes read so far.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// An error about the field that ends here.
    pub const fn invalid(&self, what: &'static str, problem: &'static str) -> CodecError {
        CodecError::Invalid { what, offset: self.offset, problem }
    }

    /// Reads and checks the eight magic bytes and the version.
    pub fn header(&mut self, magic: &Magic) -> Result<(), CodecError> {
        if self.input.get(..8) != Some(&magic.bytes) {
            return Err(CodecError::WrongKind { expected: magic.what });
        }
        self.offset = 8;
        let version = self.u16("version")?;
        if version != magic.version {
            let (what, expected) = (magic.what, magic.version);
            return Err(CodecError::UnsupportedVersion { what, expected, got: version });
        }
        Ok(())
    }

    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], CodecError> {
        let rest = self.input.get(self.offset..).unwrap_or_default();
        let taken = rest.get(..length).ok_or(CodecError::Truncated {
            what,
            offset: self.offset,
            expected: length,
            got: rest.len(),
        })?;
        self.offset = self.offset.saturating_add(length);
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], CodecError> {
        let bytes = self.bytes(N, what)?;
        bytes.try_into().map_err(|_| self.invalid(what, "wrong length"))
    }

    /// One byte.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, CodecError> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }

    /// Two bytes.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, CodecError> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }

    /// Four bytes.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array(what)?))
    }

    /// Eight bytes.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, CodecError> {
        Ok(u64::from_be_bytes(self.array(what)?))
    }

    /// Sixteen bytes.
    pub fn u128(&mut self, what: &'static str) -> Result<u128, CodecError> {
        Ok(u128::from_be_bytes(self.array(what)?))
    }

    /// A count (4 bytes) of items of at least `item_bytes` bytes each: at most `limit`, and not
    /// more than the rest of the input can hold.
    pub fn count(
        &mut self,
        limit: usize,
        item_bytes: usize,
        what: &'static str,
    ) -> Result<usize, CodecError> {
        let offset = self.offset;
        let got = self.u32(what)?;
        let count = usize::try_from(got).unwrap_or(usize::MAX);
        if count > limit {
            return Err(CodecError::TooMany { what, offset, limit: as_u64(limit), got: got.into() });
        }
        let (expected, left) =
            (count.saturating_mul(item_bytes), self.input.len().saturating_sub(self.offset));
        if expected > left {
            return Err(CodecError::Truncated { what, offset, expected, got: left });
        }
        Ok(count)
    }

    /// Length-prefixed (4 bytes) bytes, at most `limit`.
    pub fn var_bytes(&mut self, limit: usize, what: &'static str) -> Result<&'a [u8], CodecError> {
        let length = self.count(limit, 1, what)?;
        self.bytes(length, what)
    }

    /// Length-prefixed UTF-8, at most `limit` bytes.
    pub fn text(&mut self, limit: usize, what: &'static str) -> Result<&'a str, CodecError> {
        let bytes = self.var_bytes(limit, what)?;
        std::str::from_utf8(bytes).map_err(|_| self.invalid(what, "not UTF-8"))
    }

    /// A canonical scalar below the field's order.
    pub fn scalar(&mut self, what: &'static str) -> Result<Fr, CodecError> {
        self.canonical(FR_BYTES, what)
    }

    /// A canonical, non-identity G1 point.
    pub fn g1(&mut self, what: &'static str) -> Result<G1Affine, CodecError> {
        let point: G1Affine = self.canonical(G1_BYTES, what)?;
        if point.is_zero() { Err(self.invalid(what, "the point is the identity")) } else { Ok(point) }
    }

    /// A canonical, non-identity G2 point of the prime-order subgroup.
    pub fn g2(&mut self, what: &'static str) -> Result<G2Affine, CodecError> {
        let point: G2Affine = self.canonical(G2_BYTES, what)?;
        if point.is_zero() { Err(self.invalid(what, "the point is the identity")) } else { Ok(point) }
    }

    /// Ends: nothing may follow.
    pub fn finish(self) -> Result<(), CodecError> {
        match self.input.len().saturating_sub(self.offset) {
            0 => Ok(()),
            extra => Err(CodecError::TrailingBytes { offset: self.offset, extra }),
        }
    }

    fn canonical<T>(&mut self, length: usize, what: &'static str) -> Result<T, CodecError>
    where
        T: CanonicalDeserialize + CanonicalSerialize,
    {
        let offset = self.offset;
        let bytes = self.bytes(length, what)?;
        let invalid = |problem| CodecError::Invalid { what, offset, problem };
        let value = T::deserialize_compressed(bytes)
            .map_err(|_| invalid("not a canonical element of the field or the prime-order group"))?;
        let mut again = Vec::with_capacity(length);
        value.serialize_compressed(&mut again).map_err(|_| invalid("cannot be encoded again"))?;
        if again == bytes { Ok(value) } else { Err(invalid("not the canonical encoding")) }
    }
}

/// The first bytes of a kind of file.
#[derive(Debug, Clone, Copy)]
pub struct Magic {
    /// Eight bytes.
    pub bytes: [u8; 8],
    /// Version of the format.
    pub version: u16,
    /// The kind in words.
    pub what: &'static str,
}

/// Collects bytes; the counterpart of [`Reader`].
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Magic bytes and version.
    pub fn header(&mut self, magic: &Magic) -> &mut Self {
        self.bytes(&magic.bytes).u16(magic.version)
    }

    /// Raw bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Sixteen bytes.
    pub fn u128(&mut self, value: u128) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A count (4 bytes). Callers hold far fewer than 2^32 items.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Length-prefixed bytes.
    pub fn var_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).bytes(bytes)
    }

    /// A scalar.
    pub fn scalar(&mut self, value: &Fr) -> &mut Self {
        self.element(value)
    }

    /// A G1 point, compressed.
    pub fn g1(&mut self, point: &G1Affine) -> &mut Self {
        self.element(point)
    }

    /// A G2 point, compressed.
    pub fn g2(&mut self, point: &G2Affine) -> &mut Self {
        self.element(point)
    }

    fn element(&mut self, value: &impl CanonicalSerialize) -> &mut Self {
        // Writing to a Vec cannot fail; a failure would leave a file that no reader accepts.
        let _ = value.serialize_compressed(&mut self.0);
        self
    }
}

fn as_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
