//! Customer accounts: identifier, nonce, label.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::PrimeField;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use unicode_normalization::is_nfc;
use zeroize::Zeroize;

use crate::digest::{Digest, InjectiveHasher, length_prefix};

/// What a customer knows without being told by the entity: login, e-mail, legal id.
/// UTF-8 in normal form NFC, 1 to 256 bytes, no control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// Why text is not an account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountIdError {
    /// No bytes.
    #[error("the account id is empty")]
    Empty,
    /// Over 256 bytes.
    #[error("the account id has {0} bytes, at most 256 are allowed")]
    TooLong(usize),
    /// Not in normal form.
    #[error("the account id is not in Unicode normal form NFC; normalize it (e.g. é as one code point)")]
    NotNfc,
    /// NUL, newline and the like.
    #[error("the account id holds a control, invisible or direction-changing character")]
    Control,
    /// White space at an end is invisible to whoever types the id.
    #[error("the account id begins or ends with white space")]
    Padded,
}

impl AccountId {
    /// Longest identifier in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Checks and wraps an identifier.
    pub fn new(text: &str) -> Result<Self, AccountIdError> {
        if text.is_empty() {
            return Err(AccountIdError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(AccountIdError::TooLong(text.len()));
        }
        if text.chars().any(|character| character.is_control() || is_invisible(character)) {
            return Err(AccountIdError::Control);
        }
        if text.trim() != text {
            return Err(AccountIdError::Padded);
        }
        if !is_nfc(text) {
            return Err(AccountIdError::NotNfc);
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as text. It is personal data: keep it out of logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccountId {
    /// Identifiers are personal data: not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountId(hidden)")
    }
}

/// Characters that show nothing or reorder what is shown: two ids that look alike must not differ
/// by them (Unicode TR 36, and the format characters of general category Cf).
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The entity's long-lived secret from which account nonces are derived.
pub struct MasterSecret([u8; 32]);

impl MasterSecret {
    /// Wraps 32 bytes of operating-system randomness.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret bytes, to store them.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Tells one master secret from another without showing it.
    pub fn fingerprint(&self) -> Digest {
        InjectiveHasher::new("solventry/master-fingerprint/v1").field(&self.0).finish()
    }

    /// `HMAC-SHA-256(master secret, encoding of entity, epoch, account id)`.
    pub fn account_nonce(&self, entity: &str, epoch: u64, account: &AccountId) -> AccountNonce {
        // HMAC takes keys of every length; the branch is never taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return AccountNonce([0; 32]) };
        for field in
            [b"solventry/nonce/v1", entity.as_bytes(), &epoch.to_be_bytes(), account.as_str().as_bytes()]
        {
            mac.update(&length_prefix(field));
            mac.update(field);
        }
        AccountNonce(mac.finalize().into_bytes().into())
    }
}

impl Drop for MasterSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecret(hidden)")
    }
}

/// Blinds one account's label in one epoch; given to the customer.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNonce(pub [u8; 32]);

impl fmt::Debug for AccountNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountNonce(hidden)")
    }
}

/// Ties a slot to its owner: 31 bytes, so that it is a canonical scalar. Zero marks padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub [u8; 31]);

impl Label {
    /// Label of an unused slot.
    pub const PADDING: Self = Self([0; 31]);

    /// First 31 bytes of SHA-256 over the injective encoding of entity, epoch, account id and
    /// nonce (`01-solvency` §1; SPEC, "Labels").
    pub fn new(entity: &str, epoch: u64, account: &AccountId, nonce: &AccountNonce) -> Self {
        let digest = InjectiveHasher::new("solventry/label/v1")
            .field(entity.as_bytes())
            .integer(epoch)
            .field(account.as_str().as_bytes())
            .field(&nonce.0)
            .finish();
        let mut label = [0; 31];
        label.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
        Self(label)
    }

    /// The label as a scalar, big-endian.
    #[allow(clippy::disallowed_methods)] // 248 bits: below the order, nothing is reduced
    pub fn scalar(&self) -> Fr {
        Fr::from_be_bytes_mod_order(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Label(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_look_alike_are_refused_or_equal() {
        assert_eq!(AccountId::new("e\u{301}va"), Err(AccountIdError::NotNfc));
        assert_eq!(AccountId::new("eva "), Err(AccountIdError::Padded));
        assert_eq!(AccountId::new("e\0va"), Err(AccountIdError::Control));
        assert_eq!(AccountId::new("eva\u{200b}"), Err(AccountIdError::Control));
        assert_eq!(AccountId::new("\u{202e}ave"), Err(AccountIdError::Control));
        assert_eq!(AccountId::new(""), Err(AccountIdError::Empty));
        assert_eq!(AccountId::new(&"x".repeat(257)), Err(AccountIdError::TooLong(257)));
        assert!(AccountId::new("éva@example.org").is_ok());
    }

    #[test]
    fn labels_depend_on_every_field() {
        let (eva, ada) = (AccountId::new("eva").unwrap(), AccountId::new("ada").unwrap());
        let nonce = MasterSecret::from_bytes([1; 32]).account_nonce("E", 1, &eva);
        let label = Label::new("E", 1, &eva, &nonce);
        let others = [
            Label::new("F", 1, &eva, &nonce),
            Label::new("E", 2, &eva, &nonce),
            Label::new("E", 1, &ada, &nonce),
            Label::new("E", 1, &eva, &MasterSecret::from_bytes([2; 32]).account_nonce("E", 1, &eva)),
        ];
        assert!(others.iter().all(|other| *other != label));
    }
}
