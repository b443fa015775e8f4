//! Encryption with the secret key: by a venue of what it holds itself.

use tfhe::core_crypto::prelude::{LweCiphertext, Plaintext, encrypt_lwe_ciphertext};

use crate::{
    engine::{Lwe, WIDE},
    keys::SecretKey,
    parameters, random,
};

/// Encrypts values at 2^(64 − `bits`), each with noise of its own.
pub fn encrypt(key: &SecretKey, bits: u32, values: &[u64]) -> Vec<Lwe> {
    let mut generator = random::encryption();
    let mut encrypt = |value: &u64| {
        let mut ciphertext = LweCiphertext::from_container(vec![0; WIDE], parameters::modulus());
        let message = Plaintext(value << (64 - bits));
        encrypt_lwe_ciphertext(
            &key.input(),
            &mut ciphertext,
            message,
            parameters::input_noise(),
            &mut generator,
        );
        Lwe(ciphertext.into_container())
    };
    values.iter().map(&mut encrypt).collect()
}
