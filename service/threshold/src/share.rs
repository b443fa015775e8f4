//! A node's share of a key.

use std::fmt;

use frost_core::keys::{KeyPackage, SigningShare, VerifyingShare};
use solventry_types::{
    CodecError,
    codec::{Magic, Reader, Writer},
    payment::Payment,
};
use zeroize::Zeroizing;

use crate::{
    frost::{Ed25519, Kind, Taproot, identifier},
    sealed::{self, MAX_CONTENT_BYTES, SealError, ShareContext},
    suite::{GroupKey, Suite, verifying_share},
};

/// A node's share of one vault's key. Wiped when dropped, not copied, not shown.
pub struct KeyShare {
    vault: String,
    number: usize,
    group: GroupKey,
    secret: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyShare(hidden)")
    }
}

impl KeyShare {
    /// Magic bytes and version of the sealed file.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVSHR\n", version: 1, what: "sealed key share" };

    /// The share of node `number`, if its secret is the one that the group key names.
    pub(crate) fn new(
        vault: String,
        number: usize,
        group: GroupKey,
        secret: Zeroizing<[u8; 32]>,
    ) -> Option<Self> {
        let share = Self { vault, number, group, secret };
        let fits = match share.suite() {
            Suite::Taproot => share.package::<Taproot>().is_some(),
            Suite::Ed25519 => share.package::<Ed25519>().is_some(),
        };
        fits.then_some(share)
    }

    /// Signature scheme.
    pub const fn suite(&self) -> Suite {
        self.group.suite
    }

    /// Name of the vault.
    pub fn vault(&self) -> &str {
        &self.vault
    }

    /// Number of the node, from 0.
    pub const fn number(&self) -> usize {
        self.number
    }

    /// The key that it is a share of.
    pub const fn group_key(&self) -> &GroupKey {
        &self.group
    }

    /// Encrypts the share under a passphrase.
    pub fn seal(&self, passphrase: &[u8], context: &ShareContext) -> Result<Vec<u8>, SealError> {
        let number = u16::try_from(self.number).map_err(|_| SealError::Content("a key share"))?;
        let mut writer = Writer::new();
        writer.var_bytes(self.vault.as_bytes()).u16(number).var_bytes(&self.group.encode());
        // Last, so that no growth of the buffer leaves a copy of the secret behind.
        writer.bytes(self.secret.as_slice());
        let content = Zeroizing::new(writer.finish());
        sealed::seal(&Self::MAGIC, &content, passphrase, context)
    }

    /// Decrypts a share and checks that it is one of the group key in it.
    pub fn open(bytes: &[u8], passphrase: &[u8], context: &ShareContext) -> Result<Self, SealError> {
        let content = sealed::open(&Self::MAGIC, MAX_CONTENT_BYTES, bytes, passphrase, context)?;
        let refused = SealError::Content("a key share with its group key");
        let Ok(fields) = Self::decode(&content) else { return Err(refused) };
        let (vault, number, group, secret) = fields;
        Self::new(vault, number, group, secret).ok_or(refused)
    }

    /// The key package, if the suite is `C` and the secret fits.
    pub(crate) fn package<C: Kind>(&self) -> Option<KeyPackage<C>> {
        let public = self.group.package::<C>()?;
        let secret = SigningShare::deserialize(self.secret.as_slice()).ok()?;
        let share = verifying_share(&public, self.number)?;
        if VerifyingShare::from(secret) != share {
            return None;
        }
        let own = identifier(self.number)?;
        Some(KeyPackage::new(own, secret, share, *public.verifying_key(), self.group.threshold))
    }

    #[allow(clippy::type_complexity)] // the fields of a share, used once
    fn decode(content: &[u8]) -> Result<(String, usize, GroupKey, Zeroizing<[u8; 32]>), CodecError> {
        let mut reader = Reader::new(content, MAX_CONTENT_BYTES)?;
        let vault = reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned();
        let number = reader.u16("number of the node")?.into();
        let group = GroupKey::decode(reader.var_bytes(GroupKey::MAX_BYTES, "group key")?)?;
        let secret = Zeroizing::new(reader.array("secret")?);
        reader.finish()?;
        Ok((vault, number, group, secret))
    }
}
