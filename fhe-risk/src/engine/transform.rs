//! The Fourier transform, always the same one.
//!
//! tfhe measures, when a process first needs one, which of its transforms is the fastest; they round
//! differently, so two processes on one machine would give results that differ in their last bits.
//! Engines are compared by the digest of their results: the transform is pinned to the one that tfhe
//! itself can be forced to (`experimental-force_fft_algo_dif4`), mostly the fastest.

use std::sync::Once;

use tfhe::core_crypto::{
    fft_impl::fft64::math::fft::{FftAlgo, Method, Plan, setup_custom_fft_plan},
    prelude::Fft,
};

use crate::parameters::{POLYNOMIAL, RING};

/// Points of the transform.
const POINTS: usize = POLYNOMIAL / 2;

/// The transform of our polynomials.
pub fn pinned() -> Fft {
    static PINNED: Once = Once::new();
    PINNED.call_once(|| {
        setup_custom_fft_plan(Plan::new(
            POINTS,
            Method::UserProvided { base_algo: FftAlgo::Dif4, base_n: POINTS },
        ));
    });
    Fft::new(RING)
}
