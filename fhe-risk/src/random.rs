//! Randomness for tfhe, from the operating system alone.

use rand_core::{OsRng, RngCore};
use tfhe::core_crypto::{
    commons::{generators::DeterministicSeeder, math::random::Seed},
    prelude::{DefaultRandomGenerator, EncryptionRandomGenerator, SecretRandomGenerator, Seeder},
};

/// Seeds of 128 bits from the operating system; tfhe's own choice may take the processor's.
pub struct OsSeeder;

impl Seeder for OsSeeder {
    fn seed(&mut self) -> Seed {
        let mut bytes = [0; 16];
        OsRng.fill_bytes(&mut bytes);
        Seed(u128::from_le_bytes(bytes))
    }

    fn is_available() -> bool {
        true
    }
}

/// For masks and noise.
pub fn encryption() -> EncryptionRandomGenerator<DefaultRandomGenerator> {
    EncryptionRandomGenerator::new(OsSeeder.seed(), &mut OsSeeder)
}

/// For secret keys.
pub fn secret() -> SecretRandomGenerator<DefaultRandomGenerator> {
    SecretRandomGenerator::new(OsSeeder.seed())
}

/// The same masks and noise for everybody who has the seed: for re-randomisation only.
pub fn derived(seed: [u8; 16]) -> EncryptionRandomGenerator<DefaultRandomGenerator> {
    let seed = Seed(u128::from_le_bytes(seed));
    EncryptionRandomGenerator::new(seed, &mut DeterministicSeeder::<DefaultRandomGenerator>::new(seed))
}
