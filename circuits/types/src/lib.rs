//! The vocabulary that every Solventry crate shares.
//!
//! Nothing here proves or verifies. The types carry shape and range: once an [`Amount`], a
//! [`Slot`] or an [`AssetTable`] exists it is well formed. File formats are specified byte by
//! byte in `circuits/SPEC.md`.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod account;
pub mod amount;
pub mod asset;
pub mod attestation;
pub mod challenge;
pub mod codec;
pub mod context;
pub mod digest;
pub mod headroom;
pub mod inclusion;
pub mod margin;
pub mod payment;
pub mod place;
pub mod profile;
pub mod proof;
pub mod reserves;
pub mod slot;
pub mod statement;
pub mod vault;

pub use account::{AccountId, AccountNonce, Label, MasterSecret};
pub use amount::{Amount, Total};
pub use asset::{Asset, AssetId, AssetTable};
pub use attestation::Attestation;
pub use codec::CodecError;
pub use context::{EpochContext, SnapshotBlock};
pub use digest::Digest;
pub use headroom::{HeadroomProof, HeadroomStatement};
pub use inclusion::InclusionFile;
pub use margin::MarginAttestation;
pub use payment::{Lane, Payment, Validity};
pub use place::{Chain, Locator, Place};
pub use profile::Profile;
pub use slot::{Holding, Slot};
pub use vault::{VaultAccounts, VaultConfiguration};
