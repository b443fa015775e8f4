//! Keyswitches of many ciphertexts at once: a row of the key is read once for all of them.
//!
//! The loops are plain; `pulp`, which tfhe uses too, compiles them for the instruction sets that
//! the processor has. All arithmetic is exact, so every path gives the same bits.

use crate::parameters::{
    KEYSWITCH_BASE_LOG, KEYSWITCH_LEVELS, PACKING_BASE_LOG, POLYNOMIAL, SMALL_DIMENSION,
};

/// Entries of a row of the keyswitch key: mask, body, and zeros up to whole vectors.
pub const ROW: usize = (SMALL_DIMENSION + 1).next_multiple_of(32);

/// Digits of a keyswitch, most significant first.
pub type Digits = [i32; KEYSWITCH_LEVELS];

/// Balanced digits of the highest 18 bits. A tie of 4 and −4 goes by the digit above, at the top by
/// a bit that is dropped: the mean of every digit is zero, so no key has an offset of its own.
#[inline(always)]
pub fn digits(value: u64) -> Digits {
    let kept = KEYSWITCH_BASE_LOG * KEYSWITCH_LEVELS as u32;
    let base = 1i32 << KEYSWITCH_BASE_LOG;
    let above = (value >> (62 - kept) & 1) as i32;
    let rounded = (value.wrapping_add(1 << (63 - kept)) >> (64 - kept)) as i32;
    let mut rest = rounded | above << (kept + KEYSWITCH_BASE_LOG - 1);
    let mut digits = [0; KEYSWITCH_LEVELS];
    for digit in digits.iter_mut().rev() {
        let low = rest & (base - 1);
        rest >>= KEYSWITCH_BASE_LOG;
        let carry = (((low - 1) | rest) & low) >> (KEYSWITCH_BASE_LOG - 1);
        rest += carry;
        *digit = low - (carry << KEYSWITCH_BASE_LOG);
    }
    digits
}

/// The one signed digit of a packing keyswitch.
pub fn packing_digit(value: u64) -> u64 {
    let dropped = 64 - PACKING_BASE_LOG;
    ((value.wrapping_add(1 << (dropped - 1)) as i64) >> dropped) as u64
}

/// Subtracts Σ digit·row from every sum. `key` has [`KEYSWITCH_LEVELS`] rows of [`ROW`] for every
/// entry of the masks; `sums` has [`ROW`] entries a ciphertext.
pub fn keyswitch(key: &[u32], masks: &[&[u64]], sums: &mut [u32]) {
    pulp::Arch::new().dispatch(Keyswitch { key, masks, sums });
}

/// A type and not a closure: the body of a long closure stays outside of what is compiled for the
/// instruction set.
struct Keyswitch<'a> {
    key: &'a [u32],
    masks: &'a [&'a [u64]],
    sums: &'a mut [u32],
}

impl pulp::NullaryFnOnce for Keyswitch<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (place, rows) in self.key.chunks_exact(ROW * KEYSWITCH_LEVELS).enumerate() {
            for (mask, sum) in self.masks.iter().zip(self.sums.chunks_exact_mut(ROW)) {
                subtract_rows(rows, &digits(mask[place]), sum);
            }
        }
    }
}

#[inline(always)]
fn subtract_rows(rows: &[u32], digits: &Digits, sum: &mut [u32]) {
    let [d0, d1, d2, d3, d4, d5] = digits.map(|digit| digit as u32);
    let (a, rest) = rows.split_at(ROW);
    let (b, rest) = rest.split_at(ROW);
    let (c, rest) = rest.split_at(ROW);
    let (d, rest) = rest.split_at(ROW);
    let (e, f) = rest.split_at(ROW);
    for ((((((sum, a), b), c), d), e), f) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d).zip(e).zip(f) {
        let left = a.wrapping_mul(d0).wrapping_add(b.wrapping_mul(d1)).wrapping_add(c.wrapping_mul(d2));
        let right = d.wrapping_mul(d3).wrapping_add(e.wrapping_mul(d4)).wrapping_add(f.wrapping_mul(d5));
        *sum = sum.wrapping_sub(left.wrapping_add(right));
    }
}

/// Columns of a packing key that are worked on together, so that the sums stay in the cache.
pub const TILE: usize = 512;
/// Entries of a row of the packing key: mask and body polynomial.
pub const PACKED: usize = 2 * POLYNOMIAL;

/// Subtracts Σ digit·row from the columns `from`..`from` + [`TILE`] of every sum; `key` has a row
/// of [`PACKED`] entries for every entry of the masks, `digits` the masks' digits by ciphertext.
pub fn pack_tile(key: &[u64], from: usize, digits: &[Vec<u64>], sums: &mut [u64]) {
    pulp::Arch::new().dispatch(PackTile { key, from, digits, sums });
}

struct PackTile<'a> {
    key: &'a [u64],
    from: usize,
    digits: &'a [Vec<u64>],
    sums: &'a mut [u64],
}

impl pulp::NullaryFnOnce for PackTile<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (place, row) in self.key.chunks_exact(PACKED).enumerate() {
            let row = &row[self.from..self.from + TILE];
            for (digits, sum) in self.digits.iter().zip(self.sums.chunks_exact_mut(TILE)) {
                let digit = digits[place];
                for (sum, entry) in sum.iter_mut().zip(row) {
                    *sum = sum.wrapping_sub(entry.wrapping_mul(digit));
                }
            }
        }
    }
}
