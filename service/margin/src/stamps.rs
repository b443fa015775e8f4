//! What must stand wherever a result is shown.

use solventry_fhe_risk::wire::Venue;

/// Parameters without a recorded estimate.
pub const EXPERIMENTAL: &str =
    "EXPERIMENTAL: no run of the lattice estimator is recorded for the parameters of the input key";
/// A reference string made by one party.
pub const UNTRUSTED: &str = "UNTRUSTED CRS: one party made the reference string of the range proofs and can prove what \
     is not true";
/// Positions that nobody else confirms.
pub const SELF_DECLARED: &str =
    "SELF-DECLARED: no custodian or broker has confirmed that the positions are the account's";
/// One holder of the key.
pub const ONE_KEY: &str = "ONE KEY: the decryption authority holds the venue's whole secret key";

/// All stamps of a result at a venue.
pub fn of(venue: &Venue) -> Vec<&'static str> {
    let untrusted = venue.is_untrusted().then_some(UNTRUSTED);
    [EXPERIMENTAL].into_iter().chain(untrusted).chain([SELF_DECLARED, ONE_KEY]).collect()
}
