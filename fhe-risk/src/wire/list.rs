//! An encrypted list: ciphertexts, proof where there is one, signature.

use std::io::{Read, Write};

use tfhe::{
    conformance::ParameterSetConformant,
    safe_serialization::{safe_deserialize_conformant, safe_serialize},
    zk::{
        CompactPkeProof, CompactPkeProofConformanceParams, CompactPkeZkScheme, ZkComputeLoad,
        ZkPkeV2SupportedHashConfig,
    },
};

use super::{
    Digest, WireError, require_random,
    stream::{Input, Output},
};
use crate::{
    client::{Crs, ProvenList, PublicKey, encrypt},
    engine::{Lwe, WIDE},
    keys::SecretKey,
    parameters::INPUT_DIMENSION,
    plan::{InputKind, Market},
};

/// A list as it came; nothing is known of its values.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedList {
    kind: InputKind,
    count: usize,
    entries: Vec<u64>,
    proof: Vec<u8>,
    /// Of the sender, under [`super::Context::message`].
    pub signature: [u8; 64],
}

impl EncryptedList {
    /// Longest proof, in bytes.
    pub const MAX_PROOF: usize = 16 << 10;

    /// Encrypts with the secret key. In place of a proof there is a tag under that key, over the
    /// metadata: ciphertexts are linear, and whoever combines those of others has no tag for them.
    pub fn secret(key: &SecretKey, market: Market, values: &[u64], metadata: &[u8]) -> Self {
        let lists = encrypt(key, market.bits, values);
        let entries = lists.into_iter().flat_map(|lwe| lwe.0).collect();
        let count = values.len();
        let mut list =
            Self { kind: InputKind::Secret, count, entries, proof: Vec::new(), signature: [0; 64] };
        if count > 0 {
            list.proof = key.tag(metadata, &list.digests().0).to_vec();
        }
        list
    }

    /// Whether the holder of the secret key encrypted it for this metadata; lists that have a proof, or
    /// nothing in them, need no tag.
    pub(super) fn is_own(&self, key: &SecretKey, metadata: &[u8]) -> bool {
        self.kind == InputKind::Public
            || self.count == 0
            || key.has_tagged(metadata, &self.digests().0, &self.proof)
    }

    /// Encrypts with the public key and proves range and noise, bound to the metadata.
    ///
    /// # Errors
    ///
    /// If tfhe refuses: the values do not fit, or the reference string is of another market.
    pub fn public(
        key: &PublicKey,
        crs: &Crs,
        market: Market,
        values: &[u64],
        metadata: &[u8],
    ) -> Result<Self, WireError> {
        let mut list = Self {
            kind: InputKind::Public,
            count: values.len(),
            entries: Vec::new(),
            proof: Vec::new(),
            signature: [0; 64],
        };
        if values.is_empty() {
            return Ok(list);
        }
        let invalid = |problem: String| WireError::Invalid { what: "encryption with proof", problem };
        let proven = ProvenList::encrypt(key, crs, market.bits, values, metadata)
            .map_err(|error| invalid(error.to_string()))?;
        safe_serialize(proven.proof(), &mut list.proof, Self::MAX_PROOF as u64)
            .map_err(|error| invalid(error.to_string()))?;
        list.entries = proven.entries().to_vec();
        Ok(list)
    }

    /// How it was encrypted.
    pub fn kind(&self) -> InputKind {
        self.kind
    }

    /// Number of values.
    pub fn count(&self) -> usize {
        self.count
    }

    /// SHA-256 of the entries, and of the proof.
    pub fn digests(&self) -> (Digest, Digest) {
        let entries: Vec<u8> = self.entries.iter().flat_map(|entry| entry.to_le_bytes()).collect();
        (Digest::of(&entries), Digest::of(&self.proof))
    }

    /// Entries of a list, by its kind and number of values.
    const fn length(kind: InputKind, count: usize) -> usize {
        match (kind, count) {
            (_, 0) => 0,
            (InputKind::Secret, _) => count * WIDE,
            (InputKind::Public, _) => INPUT_DIMENSION + count,
        }
    }

    pub(super) fn write<W: Write>(&self, output: &mut Output<W>) -> Result<(), WireError> {
        output.bytes(&[u8::from(self.kind == InputKind::Public)])?;
        output.count(self.count)?;
        output.words(&self.entries)?;
        output.count(self.proof.len())?;
        output.bytes(&self.proof)?;
        output.bytes(&self.signature)
    }

    pub(super) fn read<R: Read>(input: &mut Input<R>, most: usize) -> Result<Self, WireError> {
        let kind = match input.byte("kind of list")? {
            0 => InputKind::Secret,
            1 => InputKind::Public,
            other => return Err(WireError::range("kind of list", 0, 1, other.into())),
        };
        let count = input.count("values of a list", 0, most)?;
        let entries = input.words(Self::length(kind, count), "ciphertexts")?;
        let (least, most) = match (kind, count) {
            (_, 0) => (0, 0),
            (InputKind::Public, _) => (1, Self::MAX_PROOF),
            (InputKind::Secret, _) => (SecretKey::TAG, SecretKey::TAG),
        };
        let length = input.count("length of the proof", least, most)?;
        let proof = input.bytes(length, "proof")?;
        Ok(Self { kind, count, entries, proof, signature: input.array("signature")? })
    }

    /// The masks of its ciphertexts; a public list has one for all.
    pub(super) fn masks(&self) -> impl Iterator<Item = &[u64]> {
        let step = if self.kind == InputKind::Secret { WIDE } else { self.entries.len().max(1) };
        self.entries.chunks(step).filter_map(|entries| entries.get(..INPUT_DIMENSION))
    }

    /// Refuses what is no encryption.
    pub(super) fn require_conformant(&self) -> Result<(), WireError> {
        self.masks().try_for_each(|mask| require_random("list", mask))
    }

    /// The ciphertexts, if the proof holds where one is needed.
    pub(super) fn open(
        &self,
        key: &PublicKey,
        crs: Option<&Crs>,
        metadata: &[u8],
    ) -> Result<Option<Vec<Lwe>>, WireError> {
        match (self.kind, crs) {
            (_, _) if self.count == 0 => Ok(Some(Vec::new())),
            (InputKind::Secret, _) => {
                Ok(Some(self.entries.chunks_exact(WIDE).map(|entries| Lwe(entries.to_vec())).collect()))
            }
            (InputKind::Public, None) => Ok(None),
            (InputKind::Public, Some(crs)) => {
                let list = ProvenList::from_parts(self.entries.clone(), self.count, self.proof()?);
                Ok(list.and_then(|list| list.verify(key, crs, metadata)))
            }
        }
    }

    /// The proof in its one encoding, of the one scheme, hash and load that we make.
    fn proof(&self) -> Result<CompactPkeProof, WireError> {
        let what = "proof";
        let invalid = |problem: String| WireError::Invalid { what, problem };
        let parameters = CompactPkeProofConformanceParams::new(CompactPkeZkScheme::V2)
            .forbid_compute_load(ZkComputeLoad::Verify)
            .forbid_hash_config(ZkPkeV2SupportedHashConfig::V0_4_0)
            .forbid_hash_config(ZkPkeV2SupportedHashConfig::V0_7_0);
        let limit = Self::MAX_PROOF as u64;
        let proof: CompactPkeProof =
            safe_deserialize_conformant(self.proof.as_slice(), limit, &parameters).map_err(invalid)?;
        let mut again = Vec::new();
        safe_serialize(&proof, &mut again, limit).map_err(|error| invalid(error.to_string()))?;
        if again != self.proof || !proof.is_conformant(&parameters) {
            return Err(invalid("not the canonical encoding".into()));
        }
        Ok(proof)
    }
}
