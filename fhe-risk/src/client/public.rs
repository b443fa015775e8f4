//! Encryption with the public key, with a proof of range and of noise.

use tfhe::{
    core_crypto::prelude::{
        LweCiphertextCount, LweCompactCiphertextList, LweCompactPublicKey, PlaintextList,
        encrypt_and_prove_lwe_compact_ciphertext_list_with_compact_public_key,
        encrypt_lwe_compact_ciphertext_list_with_compact_public_key, verify_lwe_compact_ciphertext_list,
    },
    zk::{CompactPkeCrs, CompactPkeProof, ZkComputeLoad, ZkMSBZeroPaddingBitCount},
};

use crate::{
    engine::{Lwe, WIDE},
    parameters::{self, INPUT, INPUT_DIMENSION},
    random,
};

/// A public key of inputs: two polynomials of 4096 coefficients.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(LweCompactPublicKey<Vec<u64>>);

impl PublicKey {
    /// Entries.
    pub const LENGTH: usize = 2 * INPUT_DIMENSION;

    pub(crate) fn new(key: LweCompactPublicKey<Vec<u64>>) -> Self {
        Self(key)
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &LweCompactPublicKey<Vec<u64>> {
        &self.0
    }

    /// From its entries; nothing if there are more or fewer than [`Self::LENGTH`].
    pub fn from_entries(entries: Vec<u64>) -> Option<Self> {
        (entries.len() == Self::LENGTH)
            .then(|| Self(LweCompactPublicKey::from_container(entries, parameters::modulus())))
    }

    /// Its entries.
    pub fn entries(&self) -> &[u64] {
        self.0.as_ref()
    }
}

impl PublicKey {
    /// Fresh encryptions of zero, the same for everybody who has the seed.
    ///
    /// Added to inputs before they are used, they make results independent of what a client chose
    /// its noise to be, while engines that were given the same still agree bit by bit.
    pub fn zeros(&self, count: usize, seed: [u8; 16]) -> Vec<Lwe> {
        let mut list = empty(count);
        encrypt_lwe_compact_ciphertext_list_with_compact_public_key(
            &self.0,
            &mut list,
            &PlaintextList::from_container(vec![0u64; count]),
            parameters::input_noise(),
            parameters::input_noise(),
            random::derived(seed).noise_generator_mut(),
        );
        expand(list)
    }
}

pub(super) type CompactList = LweCompactCiphertextList<Vec<u64>>;

pub(super) fn empty(count: usize) -> CompactList {
    LweCompactCiphertextList::new(0, INPUT.to_lwe_size(), LweCiphertextCount(count), parameters::modulus())
}

pub(super) fn expand(list: CompactList) -> Vec<Lwe> {
    let entries = list.expand_into_lwe_ciphertext_list().into_container();
    entries.chunks_exact(WIDE).map(|entries| Lwe(entries.to_vec())).collect()
}

/// A common reference string for proofs of range and noise.
///
/// Whoever makes it knows a trapdoor and can prove what is not true: it is UNTRUSTED unless many
/// hands made it.
pub struct Crs(CompactPkeCrs);

impl Crs {
    /// For lists of at most `count` values of `value_bits` bits, encoded in `bits` bits.
    ///
    /// # Errors
    ///
    /// What tfhe says of impossible sizes.
    pub fn generate(count: usize, bits: u32, value_bits: u32) -> Result<Self, tfhe::Error> {
        let padding = ZkMSBZeroPaddingBitCount(u64::from(bits - value_bits));
        CompactPkeCrs::new(
            INPUT,
            LweCiphertextCount(count),
            parameters::input_noise(),
            parameters::modulus(),
            1u64 << bits,
            padding,
            &mut rand_core::OsRng,
        )
        .map(Self)
    }

    pub(crate) fn inner(&self) -> &CompactPkeCrs {
        &self.0
    }

    pub(crate) fn from_inner(crs: CompactPkeCrs) -> Self {
        Self(crs)
    }
}

/// A list of encrypted values with its proof.
pub struct ProvenList {
    list: CompactList,
    proof: CompactPkeProof,
}

impl ProvenList {
    /// Encrypts values at 2^(64 − `bits`) and proves their range and noise, bound to `metadata`.
    ///
    /// # Errors
    ///
    /// If there are no values or one is of more than `bits` bits, and what tfhe says of sizes that do not
    /// fit the reference string.
    pub fn encrypt(
        key: &PublicKey,
        crs: &Crs,
        bits: u32,
        values: &[u64],
        metadata: &[u8],
    ) -> Result<Self, tfhe::Error> {
        if values.is_empty() || values.iter().any(|value| value >> bits != 0) {
            return Err(format!("expected at least one value, and values of at most {bits} bits").into());
        }
        let mut list = empty(values.len());
        let proof = encrypt_and_prove_lwe_compact_ciphertext_list_with_compact_public_key(
            &key.0,
            &mut list,
            &values,
            1u64 << (64 - bits),
            parameters::input_noise(),
            parameters::input_noise(),
            random::encryption().noise_generator_mut(),
            &crs.0,
            metadata,
            ZkComputeLoad::Proof,
        )?;
        Ok(Self { list, proof })
    }

    /// From entries and proof; nothing if the entries are not those of `count` values.
    pub(crate) fn from_parts(entries: Vec<u64>, count: usize, proof: CompactPkeProof) -> Option<Self> {
        if count == 0 || count > INPUT_DIMENSION || entries.len() != INPUT_DIMENSION + count {
            return None;
        }
        let (size, count) = (INPUT.to_lwe_size(), LweCiphertextCount(count));
        let list = LweCompactCiphertextList::from_container(entries, size, count, parameters::modulus());
        Some(Self { list, proof })
    }

    /// Mask polynomial, then a body for every value.
    pub(crate) fn entries(&self) -> &[u64] {
        self.list.as_ref()
    }

    pub(crate) fn proof(&self) -> &CompactPkeProof {
        &self.proof
    }

    /// The ciphertexts, if the proof holds.
    pub fn verify(self, key: &PublicKey, crs: &Crs, metadata: &[u8]) -> Option<Vec<Lwe>> {
        verify_lwe_compact_ciphertext_list(&self.list, &key.0, &self.proof, &crs.0, metadata)
            .is_valid()
            .then(|| expand(self.list))
    }
}
