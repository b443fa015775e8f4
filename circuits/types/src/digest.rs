//! SHA-256 over injective encodings.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Digest {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Digest {
    /// First and last 16 bytes, each as a big-endian integer: how a circuit takes a digest.
    pub fn halves(self) -> (u128, u128) {
        self.0.iter().fold((0u128, 0u128), |(high, low), byte| {
            ((high << 8) | (low >> 120), (low << 8) | u128::from(*byte))
        })
    }

    /// The digest with these halves.
    pub fn from_halves(high: u128, low: u128) -> Self {
        let mut bytes = [0; 32];
        for (byte, value) in bytes.iter_mut().zip(high.to_be_bytes().into_iter().chain(low.to_be_bytes())) {
            *byte = value;
        }
        Self(bytes)
    }
}

/// Hashes a domain and a sequence of byte strings, each behind its length (8 bytes, big-endian),
/// so that two different sequences never hash the same bytes.
#[derive(Clone)]
pub struct InjectiveHasher(Sha256);

impl InjectiveHasher {
    /// Starts with a domain label, itself length-prefixed.
    pub fn new(domain: &str) -> Self {
        Self(Sha256::new()).field(domain.as_bytes())
    }

    /// Absorbs one byte string.
    pub fn field(mut self, bytes: &[u8]) -> Self {
        self.0.update(length_prefix(bytes));
        self.0.update(bytes);
        self
    }

    /// Absorbs one integer as an 8-byte big-endian field.
    pub fn integer(self, value: u64) -> Self {
        self.field(&value.to_be_bytes())
    }

    /// The digest of all that was absorbed.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// The length of `bytes` as 8 big-endian bytes.
pub fn length_prefix(bytes: &[u8]) -> [u8; 8] {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    length.to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_boundary_changes_the_digest() {
        let ab_c = InjectiveHasher::new("d").field(b"ab").field(b"c").finish();
        let a_bc = InjectiveHasher::new("d").field(b"a").field(b"bc").finish();
        assert_ne!(ab_c, a_bc);
    }
}
