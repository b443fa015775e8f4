//! The evaluation key: what an engine needs, about 330 MB.

use rayon::prelude::*;
use tfhe::core_crypto::prelude::{
    DecompositionBaseLog, DecompositionLevelCount, LweCiphertextCount, LweCiphertextList, LweDimension,
    LweSecretKey, PlaintextList, allocate_and_generate_new_lwe_packing_keyswitch_key,
    encrypt_lwe_ciphertext_list, par_allocate_and_generate_new_lwe_bootstrap_key,
};

use super::SecretKey;
use crate::{
    engine::ROW,
    parameters::{
        self, BOOTSTRAP_BASE, BOOTSTRAP_LEVELS, INPUT_DIMENSION, KEYSWITCH_BASE_LOG, KEYSWITCH_LEVELS,
        PACKING_BASE_LOG, POLYNOMIAL, SMALL_DIMENSION,
    },
    random,
};

/// Encryptions of secret bits under other secret bits, in the standard domain.
#[derive(Clone, PartialEq, Eq)]
pub struct EvaluationKey {
    /// Input to small key: rows of [`ROW`], six for every input bit.
    pub from_input: Vec<u32>,
    /// Large to small key.
    pub from_large: Vec<u32>,
    /// Input key into polynomials: a row of two polynomials for every bit.
    pub pack_input: Vec<u64>,
    /// Large key into polynomials, for more than 16 scenarios; empty if left out.
    pub pack_large: Vec<u64>,
    /// Small bits under the large key.
    pub bootstrap: Vec<u64>,
}

impl EvaluationKey {
    /// Entries of each part, in order: two of 32 bits, three of 64.
    pub const LENGTHS: [usize; 5] = [
        INPUT_DIMENSION * KEYSWITCH_LEVELS * ROW,
        POLYNOMIAL * KEYSWITCH_LEVELS * ROW,
        INPUT_DIMENSION * 2 * POLYNOMIAL,
        POLYNOMIAL * 2 * POLYNOMIAL,
        SMALL_DIMENSION * 4 * POLYNOMIAL,
    ];

    /// Makes the key; `is_large` adds what more than 16 scenarios need.
    pub fn generate(secret: &SecretKey, is_large: bool) -> Self {
        Self {
            from_input: keyswitch(&secret.input(), &secret.small()),
            from_large: keyswitch(&secret.large_lwe(), &secret.small()),
            pack_input: packing(&secret.input(), secret),
            pack_large: if is_large { packing(&secret.large_lwe(), secret) } else { Vec::new() },
            bootstrap: bootstrap(secret),
        }
    }

    /// Size in memory and on disk, in bytes.
    pub fn bytes(&self) -> u64 {
        let narrow = self.from_input.len() + self.from_large.len();
        let wide = self.pack_input.len() + self.pack_large.len() + self.bootstrap.len();
        4 * narrow as u64 + 8 * wide as u64
    }
}

/// Rows of bit·2^(64 − 3·level), rounded to 32 bits.
fn keyswitch(from: &LweSecretKey<&[u64]>, to: &LweSecretKey<&[u64]>) -> Vec<u32> {
    const BITS_AT_ONCE: usize = 64;
    let bits = from.as_view().into_container();
    let mut key = vec![0; bits.len() * KEYSWITCH_LEVELS * ROW];
    let parts = key.par_chunks_mut(BITS_AT_ONCE * KEYSWITCH_LEVELS * ROW).zip(bits.par_chunks(BITS_AT_ONCE));
    parts.for_each(|(rows, bits)| {
        let levels = |bit: &u64| {
            (1..=KEYSWITCH_LEVELS as u32)
                .map(|level| bit << (64 - KEYSWITCH_BASE_LOG * level))
                .collect::<Vec<_>>()
        };
        let messages: Vec<u64> = bits.iter().flat_map(levels).collect();
        let mut list = LweCiphertextList::new(
            0u64,
            LweDimension(SMALL_DIMENSION).to_lwe_size(),
            LweCiphertextCount(messages.len()),
            parameters::modulus(),
        );
        let messages = PlaintextList::from_container(messages);
        encrypt_lwe_ciphertext_list(
            to,
            &mut list,
            &messages,
            parameters::small_noise(),
            &mut random::encryption(),
        );
        let wide = list.into_container();
        for (row, wide) in rows.chunks_exact_mut(ROW).zip(wide.chunks_exact(SMALL_DIMENSION + 1)) {
            for (entry, wide) in row.iter_mut().zip(wide) {
                *entry = (wide.wrapping_add(1 << 31) >> 32) as u32;
            }
        }
    });
    key
}

fn packing(from: &LweSecretKey<&[u64]>, to: &SecretKey) -> Vec<u64> {
    let key = allocate_and_generate_new_lwe_packing_keyswitch_key(
        from,
        &to.large(),
        DecompositionBaseLog(PACKING_BASE_LOG as usize),
        DecompositionLevelCount(1),
        parameters::large_noise(),
        parameters::modulus(),
        &mut random::encryption(),
    );
    key.into_container()
}

fn bootstrap(secret: &SecretKey) -> Vec<u64> {
    let key = par_allocate_and_generate_new_lwe_bootstrap_key(
        &secret.small(),
        &secret.large(),
        BOOTSTRAP_BASE,
        BOOTSTRAP_LEVELS,
        parameters::large_noise(),
        parameters::modulus(),
        &mut random::encryption(),
    );
    key.into_container()
}
