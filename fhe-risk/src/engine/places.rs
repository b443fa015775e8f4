//! The modulus switch: a phase in whole places, 2^12 to the torus.

use tfhe::core_crypto::prelude::{
    CiphertextModulusLog, LweCiphertext, LweDimension, ModulusSwitchedLweCiphertext,
    lwe_ciphertext_centered_binary_modulus_switch,
};

use crate::parameters::{self, PHASE_LOG, SMALL_DIMENSION};

/// A ciphertext under the small key in places: mask, then body.
///
/// tfhe's own type switches an entry whenever it is read, and walks from the first one to find it;
/// a rotation in batches reads them one at a time.
pub struct Places(Vec<usize>);

impl Places {
    /// From phases of 32 bits; what is behind the body is not looked at.
    pub fn new(sum: &[u32]) -> Self {
        let entries = sum[..=SMALL_DIMENSION].iter().map(|entry| u64::from(*entry) << 32).collect();
        let wide = LweCiphertext::<Vec<u64>>::from_container(entries, parameters::modulus());
        let log = CiphertextModulusLog(PHASE_LOG as usize);
        let switched = lwe_ciphertext_centered_binary_modulus_switch::<u64, usize, Vec<u64>>(wide, log);
        Self(switched.mask().chain([switched.body()]).collect())
    }
}

impl ModulusSwitchedLweCiphertext<usize> for Places {
    fn log_modulus(&self) -> CiphertextModulusLog {
        CiphertextModulusLog(PHASE_LOG as usize)
    }

    fn lwe_dimension(&self) -> LweDimension {
        LweDimension(SMALL_DIMENSION)
    }

    fn body(&self) -> usize {
        self.0[SMALL_DIMENSION]
    }

    fn mask(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.0[..SMALL_DIMENSION].iter().copied()
    }
}
