//! From a ledger to an attestation: the private half of the proof system.
//!
//! [`ledger::Ledger`] → [`placement::Placement`] (slots in random order) → [`shards`] (one proof
//! per shard) → [`seal`] (reserves, coverage proof, entity signature) → attestation bytes. Every
//! proof is verified before it is handed out. [`headroom`] proves single transactions against a
//! sealed epoch.

pub mod grouped;
pub mod headroom;
pub mod inclusion;
pub mod kernel;
pub mod keys;
pub mod kzg;
pub mod ledger;
pub mod placement;
pub mod reserves;
pub mod seal;
pub mod secrets;
pub mod setup;
pub mod shards;
pub mod staged;
pub mod stock;
