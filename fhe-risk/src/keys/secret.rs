//! The secret key.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};
use tfhe::core_crypto::prelude::{
    GlweSecretKey, LweDimension, LweSecretKey, allocate_and_generate_new_binary_lwe_secret_key,
    allocate_and_generate_new_lwe_compact_public_key,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    client::PublicKey,
    engine::Lwe,
    parameters::{self, INPUT_DIMENSION, MAX_INPUT_WEIGHT, POLYNOMIAL, SMALL_DIMENSION},
    random,
    wire::Digest,
};

/// Three binary keys: of inputs, of results, and the small one between.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey {
    input: Vec<u64>,
    large: Vec<u64>,
    small: Vec<u64>,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl SecretKey {
    /// Bits in all.
    pub const BITS: usize = INPUT_DIMENSION + POLYNOMIAL + SMALL_DIMENSION;

    /// A new key.
    pub fn generate() -> Self {
        let mut generator = random::secret();
        let mut key = |dimension| {
            let key: LweSecretKey<Vec<u64>> =
                allocate_and_generate_new_binary_lwe_secret_key(LweDimension(dimension), &mut generator);
            key.into_container()
        };
        let input = loop {
            let input = key(INPUT_DIMENSION);
            if is_light(&input) {
                break input;
            }
        };
        Self { input, large: key(POLYNOMIAL), small: key(SMALL_DIMENSION) }
    }

    /// Phase of an input.
    pub fn input_phase(&self, ciphertext: &Lwe) -> u64 {
        phase(&self.input, ciphertext)
    }

    /// Phase of a result.
    pub fn result_phase(&self, ciphertext: &Lwe) -> u64 {
        phase(&self.large, ciphertext)
    }

    /// A public key for the same inputs.
    pub fn public_key(&self) -> PublicKey {
        let key = allocate_and_generate_new_lwe_compact_public_key(
            &self.input(),
            parameters::input_noise(),
            parameters::modulus(),
            &mut random::encryption(),
        );
        PublicKey::new(key)
    }

    pub(crate) fn input(&self) -> LweSecretKey<&[u64]> {
        LweSecretKey::from_container(&self.input)
    }

    pub(crate) fn large(&self) -> GlweSecretKey<&[u64]> {
        GlweSecretKey::from_container(&self.large, parameters::RING)
    }

    pub(crate) fn large_lwe(&self) -> LweSecretKey<&[u64]> {
        LweSecretKey::from_container(&self.large)
    }

    pub(crate) fn small(&self) -> LweSecretKey<&[u64]> {
        LweSecretKey::from_container(&self.small)
    }

    /// Bytes of a tag.
    pub const TAG: usize = 32;

    /// HMAC-SHA256 over what a list is bound to and the digest of its entries, under a key derived from
    /// this one.
    pub(crate) fn tag(&self, metadata: &[u8], entries: &Digest) -> [u8; Self::TAG] {
        self.tagger(metadata, entries).finalize().into_bytes().into()
    }

    /// Whether a tag is ours; takes the same time for all of its length.
    pub(crate) fn has_tagged(&self, metadata: &[u8], entries: &Digest, tag: &[u8]) -> bool {
        self.tagger(metadata, entries).verify_slice(tag).is_ok()
    }

    fn tagger(&self, metadata: &[u8], entries: &Digest) -> Hmac<Sha256> {
        let bytes = self.to_bytes();
        let key = Sha256::new().chain_update(b"solventry/margin-list-tag/v1").chain_update(&*bytes);
        let key = zeroize::Zeroizing::new(<[u8; 32]>::from(key.finalize()));
        // Any length of key will do.
        let hmac = Hmac::<Sha256>::new_from_slice(key.as_ref());
        let hmac = hmac.unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        hmac.chain_update((metadata.len() as u64).to_be_bytes())
            .chain_update(metadata)
            .chain_update(entries.0)
    }

    /// The bits, eight to a byte.
    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let bits: Vec<_> = [&self.input, &self.large, &self.small].into_iter().flatten().collect();
        let byte = |bits: &[&u64]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | **bit as u8);
        zeroize::Zeroizing::new(bits.chunks(8).map(byte).collect())
    }

    /// Reads the bits; nothing if the length is wrong or the key is too heavy to be one of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::BITS.div_ceil(8) || bytes.last()? >> (Self::BITS % 8) != 0 {
            return None;
        }
        let mut bits = bytes.iter().flat_map(|byte| (0..8).map(move |place| u64::from(byte >> place & 1)));
        let mut key = |dimension| bits.by_ref().take(dimension).collect::<Vec<_>>();
        let key = Self { input: key(INPUT_DIMENSION), large: key(POLYNOMIAL), small: key(SMALL_DIMENSION) };
        is_light(&key.input).then_some(key)
    }
}

fn is_light(key: &[u64]) -> bool {
    let weight = key.iter().sum::<u64>() as usize;
    (INPUT_DIMENSION - MAX_INPUT_WEIGHT..=MAX_INPUT_WEIGHT).contains(&weight)
}

fn phase(key: &[u64], ciphertext: &Lwe) -> u64 {
    let products = ciphertext.mask().iter().zip(key).map(|(entry, bit)| entry.wrapping_mul(*bit));
    ciphertext.body().wrapping_sub(products.fold(0, u64::wrapping_add))
}
