//! From a ledger to an attestation: the private half of the proof system.

pub mod ledger;
