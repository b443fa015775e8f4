//! Encryption of legs and collateral.

mod public;
mod secret;

pub use public::{Crs, ProvenList, PublicKey};
pub use secret::encrypt;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
