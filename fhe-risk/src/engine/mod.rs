//! The margin engine: evaluates on ciphertexts, holds no secret.

mod accumulator;
mod counted;
mod kernel;
mod lwe;
mod places;
mod transform;

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use tfhe::core_crypto::{
    fft_impl::fft64::crypto::bootstrap::{FourierLweBootstrapKeyOwned, batch_blind_rotate_assign_scratch},
    prelude::{
        CiphertextCount, ComputationBuffers, Fft, GlweCiphertextList, LweBootstrapKey,
        par_convert_standard_lwe_bootstrap_key_to_fourier,
    },
};

pub use self::{
    accumulator::Glwe,
    counted::Counted,
    kernel::ROW,
    lwe::{COMPUTED, Lwe, WIDE},
};
use self::{
    accumulator::{accumulator, extract},
    kernel::{PACKED, TILE, keyswitch, pack_tile, packing_digit},
    places::Places,
};
use crate::{
    circuit::{Machine, Phase, Rotation},
    keys::EvaluationKey,
    parameters::{
        self, BOOTSTRAP_BASE, BOOTSTRAP_LEVELS, GLWE, KEYSWITCH_LEVELS, POLYNOMIAL, RING, SMALL_DIMENSION,
    },
};

/// Most bootstraps that share one pass over the keys.
const BATCH: usize = 8;

/// A loaded evaluation key.
pub struct Engine {
    from_input: Vec<u32>,
    from_large: Vec<u32>,
    pack_input: Vec<u64>,
    pack_large: Vec<u64>,
    bootstrap: FourierLweBootstrapKeyOwned,
    fft: Fft,
    bootstraps: AtomicU64,
}

impl Engine {
    /// Takes a key; its bootstrap part goes to the Fourier domain.
    pub fn new(key: EvaluationKey) -> Self {
        // Before anything else asks tfhe for a transform.
        let fft = transform::pinned();
        let EvaluationKey { from_input, from_large, pack_input, pack_large, bootstrap } = key;
        let standard = LweBootstrapKey::from_container(
            bootstrap,
            GLWE.to_glwe_size(),
            RING,
            BOOTSTRAP_BASE,
            BOOTSTRAP_LEVELS,
            parameters::modulus(),
        );
        let mut bootstrap = FourierLweBootstrapKeyOwned::new(
            standard.input_lwe_dimension(),
            GLWE.to_glwe_size(),
            RING,
            BOOTSTRAP_BASE,
            BOOTSTRAP_LEVELS,
        );
        par_convert_standard_lwe_bootstrap_key_to_fourier(&standard, &mut bootstrap);
        let bootstraps = AtomicU64::new(0);
        Self { from_input, from_large, pack_input, pack_large, bootstrap, fft, bootstraps }
    }

    /// Whether more than 16 scenarios can be evaluated.
    pub fn is_large(&self) -> bool {
        !self.pack_large.is_empty()
    }

    /// Bootstraps since the key was loaded.
    pub fn bootstraps(&self) -> u64 {
        self.bootstraps.load(Ordering::Relaxed)
    }

    /// Phases under the small key, in 32 bits.
    fn switched(&self, rotations: &[Rotation<Self>]) -> Vec<u32> {
        let mut sums = vec![0; rotations.len() * ROW];
        for (rotation, sum) in rotations.iter().zip(sums.chunks_exact_mut(ROW)) {
            let phase = &rotation.phase;
            let bodies = [phase.wide.as_ref(), phase.computed.as_ref()].into_iter().flatten().map(Lwe::body);
            let body = bodies.fold(phase.constant, u64::wrapping_add);
            sum[SMALL_DIMENSION] = (body.wrapping_add(1 << 31) >> 32) as u32;
        }
        switch_some(&self.from_input, rotations, |phase| phase.wide.as_ref(), &mut sums);
        switch_some(&self.from_large, rotations, |phase| phase.computed.as_ref(), &mut sums);
        sums
    }

    /// Where each table is read, keyswitched and rounded to whole places.
    fn places(&self, rotations: &[Rotation<Self>]) -> Vec<Places> {
        self.switched(rotations).chunks_exact(ROW).map(Places::new).collect()
    }

    /// Tables turned to their places: the constant coefficients are the results.
    fn rotated(&self, rotations: &[Rotation<Self>], places: &[Places]) -> Vec<u64> {
        let tables: Vec<u64> = rotations.iter().flat_map(|rotation| accumulator(&rotation.table)).collect();
        let mut tables =
            GlweCiphertextList::from_container(tables, GLWE.to_glwe_size(), RING, parameters::modulus());
        let count = CiphertextCount(rotations.len());
        let mut buffers = ComputationBuffers::new();
        let fft = self.fft.as_view();
        let scratch = batch_blind_rotate_assign_scratch::<u64>(GLWE.to_glwe_size(), RING, count, fft);
        buffers.resize(scratch.unaligned_bytes_required());
        let key = self.bootstrap.as_view();
        key.batch_blind_rotate_assign(tables.as_mut_view(), places, fft, buffers.stack());
        tables.into_container()
    }
}

/// Entries of a mask that one task switches.
const PART: usize = 256;

/// Keyswitches those ciphertexts that are there, and adds them to their sums.
///
/// All of them in one pass over the key, which is far larger than any cache; what parts of the key
/// give adds up exactly, in any order.
fn switch_some(
    key: &[u32],
    rotations: &[Rotation<Engine>],
    part: fn(&Phase<Engine>) -> Option<&Lwe>,
    sums: &mut [u32],
) {
    let (places, masks): (Vec<_>, Vec<_>) = rotations
        .iter()
        .enumerate()
        .filter_map(|(place, rotation)| part(&rotation.phase).map(|lwe| (place, lwe.mask())))
        .unzip();
    let switch = |(number, key): (usize, &[u32])| {
        let masks: Vec<&[u64]> = masks.iter().map(|mask| &mask[number * PART..(number + 1) * PART]).collect();
        let mut sums = vec![0; masks.len() * ROW];
        keyswitch(key, &masks, &mut sums);
        sums
    };
    let add = |mut sums: Vec<u32>, other: Vec<u32>| {
        sums.iter_mut().zip(&other).for_each(|(sum, entry)| *sum = sum.wrapping_add(*entry));
        sums
    };
    let parts = key.par_chunks(PART * KEYSWITCH_LEVELS * ROW).enumerate();
    let Some(own) = parts.map(switch).reduce_with(add) else { return };
    for (place, own) in places.iter().zip(own.chunks_exact(ROW)) {
        let sum = &mut sums[place * ROW..(place + 1) * ROW];
        sum.iter_mut().zip(own).for_each(|(sum, entry)| *sum = sum.wrapping_add(*entry));
    }
}

/// Packing keyswitch of each ciphertext into the constant coefficient of its own polynomial.
fn pack(key: &[u64], values: &[Lwe]) -> Vec<Glwe> {
    let digits: Vec<Vec<u64>> = values
        .par_iter()
        .map(|value| value.mask().iter().map(|entry| packing_digit(*entry)).collect())
        .collect();
    let tiles: Vec<Vec<u64>> = (0..PACKED / TILE)
        .into_par_iter()
        .map(|tile| {
            let mut sums = vec![0; values.len() * TILE];
            pack_tile(key, tile * TILE, &digits, &mut sums);
            sums
        })
        .collect();
    let gather = |(place, value): (usize, &Lwe)| {
        let parts = tiles.iter().flat_map(|tile| &tile[place * TILE..(place + 1) * TILE]);
        let mut packed: Vec<u64> = parts.copied().collect();
        packed[POLYNOMIAL] = packed[POLYNOMIAL].wrapping_add(value.body());
        Glwe(packed)
    };
    values.iter().enumerate().map(gather).collect()
}

impl Machine for Engine {
    type Wide = Lwe;
    type Computed = Lwe;
    type Packed = Glwe;

    fn pack_wide(&self, values: &[Lwe]) -> Vec<Glwe> {
        pack(&self.pack_input, values)
    }

    fn pack_computed(&self, values: &[Lwe]) -> Vec<Glwe> {
        pack(&self.pack_large, values)
    }

    fn bootstrap(&self, rotations: &[Rotation<Self>]) -> Vec<Lwe> {
        self.bootstraps.fetch_add(rotations.len() as u64, Ordering::Relaxed);
        let run = |(batch, places): (&[_], &[_])| -> Vec<Lwe> {
            self.rotated(batch, places).chunks_exact(2 * POLYNOMIAL).map(extract).collect()
        };
        let places = self.places(rotations);
        let share = rotations.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
        rotations.par_chunks(share).zip(places.par_chunks(share)).flat_map_iter(run).collect()
    }
}

#[cfg(test)]
mod kernel_tests;
#[cfg(test)]
mod noise_tests;
