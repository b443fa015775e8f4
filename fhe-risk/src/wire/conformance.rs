//! Whether a mask can be that of an encryption.

use super::WireError;

/// Most entries of a kind that hardly occurs at random: of 4096, an eighth of one is expected to be
/// small, a sixteenth of one to end in sixteen zeros, none to occur twice.
const MOST: usize = 64;

/// Refuses what needs no key to be read: masks of zeros, small entries, entries without low bits,
/// or entries that repeat.
///
/// # Errors
///
/// Which kind of entry there is too much of.
pub fn require_random(what: &'static str, mask: &[u64]) -> Result<(), WireError> {
    let refused = |count: usize, kind: &str| {
        Err(WireError::NotRandom { what, problem: format!("{count} {kind}"), length: mask.len() })
    };
    let is_small = |entry: &&u64| entry.wrapping_add(1 << 48) < 1 << 49;
    let small = mask.iter().filter(is_small).count();
    if small > MOST {
        return refused(small, "small");
    }
    let coarse = mask.iter().filter(|entry| entry.trailing_zeros() >= 16).count();
    if coarse > MOST {
        return refused(coarse, "coarse");
    }
    let mut sorted = mask.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let repeated = mask.len() - sorted.len();
    if repeated > MOST { refused(repeated, "repeated") } else { Ok(()) }
}
