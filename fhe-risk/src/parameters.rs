//! The one parameter set, pinned by name and by value.
//!
//! | key | dimension | noise | source |
//! |---|---|---|---|
//! | input | LWE n = 4096, binary | TUniform(3) | below |
//! | compute, large | GLWE k = 1, N = 2048, binary | TUniform(17) | `V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128` |
//! | compute, small | LWE n = 918, binary | TUniform(45) | the same |
//!
//! The compute keys are tfhe's, at 132 bits by its own estimate (`secure_noise`, lattice-estimator
//! of 2024). The versioned name is meant: the unversioned one is an alias that moves. The input key
//! is not one of tfhe's sets: its table of least noise puts TUniform(3) at 132 bits from n ≈ 2 600,
//! so n = 4096 has a wide reserve, but no run of the estimator is recorded for it. What is computed
//! under it is stamped EXPERIMENTAL.

use sha2::{Digest, Sha256};
use tfhe::{
    core_crypto::prelude::{
        CiphertextModulus, DecompositionBaseLog, DecompositionLevelCount, GlweDimension, LweDimension,
        PolynomialSize, TUniform,
    },
    shortint::{
        ClassicPBSParameters,
        parameters::{DynamicDistribution, v1_4::V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128},
    },
};

/// The compute parameters under their versioned name.
pub const COMPUTE: ClassicPBSParameters = V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128;

/// Dimension of the input key.
pub const INPUT_DIMENSION: usize = 4096;
/// Bound of the input noise: uniform on −2^3 to 2^3, ends half as likely.
pub const INPUT_NOISE_LOG: u32 = 3;
/// Dimension of the small compute key.
pub const SMALL_DIMENSION: usize = 918;
/// Coefficients of a polynomial, and dimension of the large compute key.
pub const POLYNOMIAL: usize = 2048;
/// Digits of the keyswitch, in bits.
pub const KEYSWITCH_BASE_LOG: u32 = 3;
/// Digits of the keyswitch, in number.
pub const KEYSWITCH_LEVELS: usize = 6;
/// Bits of the one digit of the packing keyswitch.
pub const PACKING_BASE_LOG: u32 = 24;
/// Bits of a phase that a bootstrap sees: 2·[`POLYNOMIAL`] places.
pub const PHASE_LOG: u32 = 12;
/// Weight of the input key is this far from half at most (five standard deviations); keys beyond
/// are not used, since the plan bounds the noise of hostile inputs by the weight.
pub const MAX_INPUT_WEIGHT: usize = INPUT_DIMENSION / 2 + 160;

/// Native 64 bits, everywhere.
pub fn modulus() -> CiphertextModulus<u64> {
    CiphertextModulus::new_native()
}

/// Noise of inputs.
pub fn input_noise() -> TUniform<u64> {
    TUniform::new(INPUT_NOISE_LOG)
}

/// Noise of the large compute key.
pub fn large_noise() -> TUniform<u64> {
    uniform(COMPUTE.glwe_noise_distribution)
}

/// Noise of the small compute key.
pub fn small_noise() -> TUniform<u64> {
    uniform(COMPUTE.lwe_noise_distribution)
}

fn uniform(distribution: DynamicDistribution<u64>) -> TUniform<u64> {
    match distribution {
        DynamicDistribution::TUniform(uniform) => uniform,
        DynamicDistribution::Gaussian(_) => unreachable!("the pinned set has uniform noise: see the test"),
    }
}

/// Dimension of the input key, as tfhe has it.
pub const INPUT: LweDimension = LweDimension(INPUT_DIMENSION);
/// Polynomial size, as tfhe has it.
pub const RING: PolynomialSize = PolynomialSize(POLYNOMIAL);
/// One mask polynomial.
pub const GLWE: GlweDimension = GlweDimension(1);
/// Digits of the bootstrap.
pub const BOOTSTRAP_BASE: DecompositionBaseLog = COMPUTE.pbs_base_log;
/// Number of them.
pub const BOOTSTRAP_LEVELS: DecompositionLevelCount = COMPUTE.pbs_level;

/// SHA-256 over every number above: in every file, so that keys and inputs of another set are
/// refused whatever they are called.
pub fn digest() -> [u8; 32] {
    let numbers = [
        INPUT_DIMENSION as u64,
        u64::from(INPUT_NOISE_LOG),
        COMPUTE.lwe_dimension.0 as u64,
        COMPUTE.glwe_dimension.0 as u64,
        COMPUTE.polynomial_size.0 as u64,
        u64::from(small_noise().bound_log2()),
        u64::from(large_noise().bound_log2()),
        COMPUTE.pbs_base_log.0 as u64,
        COMPUTE.pbs_level.0 as u64,
        u64::from(KEYSWITCH_BASE_LOG),
        KEYSWITCH_LEVELS as u64,
        u64::from(PACKING_BASE_LOG),
        u64::from(PHASE_LOG),
        MAX_INPUT_WEIGHT as u64,
    ];
    let hash = Sha256::new().chain_update(b"solventry/fhe-risk/parameters/v1");
    numbers.iter().fold(hash, |hash, number| hash.chain_update(number.to_be_bytes())).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_the_pinned_one() {
        assert_eq!((COMPUTE.lwe_dimension.0, COMPUTE.polynomial_size.0), (SMALL_DIMENSION, POLYNOMIAL));
        assert_eq!((COMPUTE.glwe_dimension, COMPUTE.pbs_level.0, COMPUTE.pbs_base_log.0), (GLWE, 1, 23));
        assert_eq!((small_noise().bound_log2(), large_noise().bound_log2()), (45, 17));
        assert_eq!(2 * POLYNOMIAL, 1 << PHASE_LOG);
        assert_eq!(hex::encode(digest()), "faeb9ce4aa257d06810fcec7ad349969a5d8ec9982d024b231a893f2be3adb66");
    }
}
