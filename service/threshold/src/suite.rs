//! The signature schemes, and the public key of a group.

use bitcoin::secp256k1::{self, Secp256k1, XOnlyPublicKey, schnorr};
use ed25519_dalek::{Signature, VerifyingKey};
use frost_core::keys::{PublicKeyPackage, VerifyingShare};
use solventry_types::{
    Chain, Digest, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
};

use crate::frost::{Ed25519, Kind, Taproot, canonical, identifier};

/// A signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// BIP-340 over a taproot output key (frost-secp256k1-tr): Bitcoin.
    Taproot,
    /// Ed25519 (frost-ed25519): Solana.
    Ed25519,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 2] = [Self::Taproot, Self::Ed25519];

    /// The suite of a chain, if vaults on it can be signed for.
    pub const fn of(chain: Chain) -> Option<Self> {
        match chain {
            Chain::Bitcoin => Some(Self::Taproot),
            Chain::Solana => Some(Self::Ed25519),
            _ => None,
        }
    }

    /// Code in files and messages.
    pub const fn code(self) -> u8 {
        match self {
            Self::Taproot => 1,
            Self::Ed25519 => 2,
        }
    }

    /// The suite with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.code() == code)
    }
}

/// Whether `threshold` of `nodes` is a group: n = 3f + 1, t = 2f + 1, 4 to 31 nodes.
pub(crate) fn is_group(threshold: usize, nodes: usize) -> bool {
    (4..=VaultConfiguration::MAX_SIGNERS).contains(&nodes)
        && nodes % 3 == 1
        && threshold == 2 * (nodes / 3) + 1
}

/// The public key that t of n nodes sign for.
///
/// Made by [`crate::Run`], [`crate::verify_outcome`] or [`GroupKey::decode`]. Decoding checks the
/// form of the shares' keys, not that they lie on one polynomial: take encodings from the group
/// itself or from a journal that pins them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKey {
    /// Signature scheme.
    pub suite: Suite,
    /// t: how many nodes make a signature.
    pub threshold: u16,
    /// n: how many nodes hold shares.
    pub nodes: u16,
    /// Taproot: x coordinate of the output key (BIP-341), tweaked already. Ed25519: the key.
    pub key: [u8; 32],
    /// Serialized public key package: verifying shares of all nodes.
    package: Vec<u8>,
}

impl GroupKey {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVGKEY", version: 1, what: "group key" };
    /// Largest encoding in bytes: 31 nodes take 2 100.
    pub const MAX_BYTES: usize = 4096;

    /// Digest of the whole key.
    pub fn digest(&self) -> Digest {
        InjectiveHasher::new("solventry/group-key/v1").field(&self.encode()).finish()
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).u8(self.suite.code()).u16(self.threshold).u16(self.nodes);
        writer.bytes(&self.key).var_bytes(&self.package);
        writer.finish()
    }

    /// Parses a group key; its fields are recomputed from the package and compared.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let suite = Suite::from_code(reader.u8("suite")?)
            .ok_or_else(|| reader.invalid("suite", "expected 1 (taproot) or 2 (Ed25519)"))?;
        let claimed = Self {
            suite,
            threshold: reader.u16("threshold")?,
            nodes: reader.u16("number of nodes")?,
            key: reader.array("key")?,
            package: reader.var_bytes(Self::MAX_BYTES, "public key package")?.to_vec(),
        };
        let computed = match suite {
            Suite::Taproot => Self::recompute::<Taproot>(&claimed.package),
            Suite::Ed25519 => Self::recompute::<Ed25519>(&claimed.package),
        };
        if computed.as_ref() != Some(&claimed) {
            return Err(reader.invalid("group key", "it is not the key of a group and its package"));
        }
        reader.finish()?;
        Ok(claimed)
    }

    /// Whether `signature` is valid under this key by the rules of the chain: BIP-340 as
    /// libsecp256k1 checks it, or Ed25519 by the strict rules.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        match self.suite {
            Suite::Taproot => verifies_taproot(&self.key, message, signature),
            Suite::Ed25519 => VerifyingKey::from_bytes(&self.key)
                .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()),
        }
    }

    /// The group key of a package; none if it is not of a group's shape.
    pub(crate) fn of<C: Kind>(package: &PublicKeyPackage<C>) -> Option<Self> {
        let (threshold, nodes) = (package.min_signers()?, package.verifying_shares().len());
        let numbered =
            package.verifying_shares().keys().enumerate().all(|(i, id)| identifier(i) == Some(*id));
        if !numbered || !is_group(threshold.into(), nodes) {
            return None;
        }
        // 33 bytes compressed or 32 bytes: the x coordinate, or the key, is what ends them.
        let key = *package.verifying_key().serialize().ok()?.last_chunk()?;
        let nodes = u16::try_from(nodes).ok()?;
        Some(Self { suite: C::SUITE, threshold, nodes, key, package: package.serialize().ok()? })
    }

    /// The package, if the suite is `C`.
    pub(crate) fn package<C: Kind>(&self) -> Option<PublicKeyPackage<C>> {
        let package = decode_package::<C>(&self.package)?;
        (Self::of(&package).as_ref() == Some(self)).then_some(package)
    }

    /// Number of nodes.
    pub(crate) fn count(&self) -> usize {
        self.nodes.into()
    }

    fn recompute<C: Kind>(package: &[u8]) -> Option<Self> {
        Self::of(&decode_package::<C>(package)?)
    }
}

/// The verifying share of a node.
pub(crate) fn verifying_share<C: Kind>(
    package: &PublicKeyPackage<C>,
    number: usize,
) -> Option<VerifyingShare<C>> {
    package.verifying_shares().get(&identifier(number)?).copied()
}

fn decode_package<C: Kind>(bytes: &[u8]) -> Option<PublicKeyPackage<C>> {
    canonical(bytes, GroupKey::MAX_BYTES, PublicKeyPackage::deserialize, PublicKeyPackage::serialize)
}

fn verifies_taproot(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (Ok(key), Ok(signature), Ok(message)) = (
        XOnlyPublicKey::from_slice(key),
        schnorr::Signature::from_slice(signature),
        secp256k1::Message::from_digest_slice(message),
    ) else {
        return false;
    };
    Secp256k1::verification_only().verify_schnorr(&signature, &message, &key).is_ok()
}

#[cfg(test)]
#[path = "suite_tests.rs"]
mod tests;
