//! What every step adds, by tfhe's own formulas (`core_crypto::commons::noise_formulas`, from the
//! lattice estimator's 132 bits); the tests of the engine measure each of them.

use tfhe::core_crypto::{
    commons::noise_formulas::{
        centered_mean_shifted_modulus_switch::centered_binary_shifted_modulus_switch_additive_variance,
        lwe_keyswitch::keyswitch_additive_variance_132_bits_security_tuniform,
        lwe_packing_keyswitch::packing_keyswitch_additive_variance_132_bits_security_tuniform,
        lwe_programmable_bootstrap::pbs_variance_132_bits_security_tuniform_fft_mul,
    },
    prelude::{DecompositionBaseLog, DecompositionLevelCount, LweDimension, Variance},
};

use super::bound::PLACE;
use crate::parameters::{
    BOOTSTRAP_BASE, BOOTSTRAP_LEVELS, COMPUTE, GLWE, INPUT, KEYSWITCH_BASE_LOG, KEYSWITCH_LEVELS,
    PACKING_BASE_LOG, PHASE_LOG, POLYNOMIAL, RING,
};

/// Variances of the single steps, in squares of places.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// Modulus switch.
    pub switch: f64,
    /// Keyswitch from the input key.
    pub from_input: f64,
    /// Keyswitch from the large key.
    pub from_large: f64,
    /// Result of a bootstrap.
    pub result: f64,
    /// Packing keyswitch from the input key, in the constant coefficient.
    pub pack_input: f64,
    /// Packing keyswitch from the large key.
    pub pack_large: f64,
}

impl Steps {
    /// By tfhe's formulas.
    pub fn by_formula() -> Self {
        let modulus = 2f64.powi(64);
        let places = |variance: Variance| variance.0 * (modulus / PLACE).powi(2);
        let keyswitch = |dimension| {
            places(keyswitch_additive_variance_132_bits_security_tuniform(
                dimension,
                COMPUTE.lwe_dimension,
                DecompositionBaseLog(KEYSWITCH_BASE_LOG as usize),
                DecompositionLevelCount(KEYSWITCH_LEVELS),
                modulus,
                modulus,
            ))
        };
        let packing = |dimension| {
            places(packing_keyswitch_additive_variance_132_bits_security_tuniform(
                dimension,
                GLWE,
                RING,
                DecompositionBaseLog(PACKING_BASE_LOG as usize),
                DecompositionLevelCount(1),
                1.0,
                modulus,
            ))
        };
        let large = LweDimension(POLYNOMIAL);
        Self {
            switch: places(centered_binary_shifted_modulus_switch_additive_variance(
                COMPUTE.lwe_dimension,
                modulus,
                2f64.powi(PHASE_LOG as i32),
            )),
            from_input: keyswitch(INPUT),
            from_large: keyswitch(large),
            result: places(pbs_variance_132_bits_security_tuniform_fft_mul(
                COMPUTE.lwe_dimension,
                GLWE,
                RING,
                BOOTSTRAP_BASE,
                BOOTSTRAP_LEVELS,
                53.0,
                modulus,
            )),
            pack_input: packing(INPUT),
            pack_large: packing(large),
        }
    }
}
