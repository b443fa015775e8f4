//! Whole flows through the binaries, as a newcomer types them.

mod attested;
mod binaries;
mod epochs;
mod headroom;
mod public;
mod signers;
mod signing;
