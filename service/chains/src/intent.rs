//! The intent: one transaction that carries out a payment.

use solventry_types::{Digest, digest::InjectiveHasher};

use crate::transfer::Transfer;

/// What is decided about a payment's transaction: digest, what is signed, what it uses up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The payment.
    pub payment_id: Digest,
    /// Digest of the raw transaction.
    pub transaction: Digest,
    /// What is signed, per input.
    pub messages: Vec<Vec<u8>>,
    /// Outpoints or nonce accounts.
    pub conflict_keys: Vec<Vec<u8>>,
}

impl Intent {
    /// The intent of `transfer` for a payment.
    pub fn new(payment_id: Digest, transfer: &Transfer) -> Self {
        Self {
            payment_id,
            transaction: transfer.digest(),
            messages: transfer.messages().map(<[u8]>::to_vec).collect(),
            conflict_keys: transfer.conflict_keys().to_vec(),
        }
    }

    /// Digest of all of it. Counts stand before the lists, so that no item of one can be taken
    /// for an item of the other.
    pub fn digest(&self) -> Digest {
        let list = |hasher: InjectiveHasher, items: &[Vec<u8>]| {
            let hasher = hasher.integer(u64::try_from(items.len()).unwrap_or(u64::MAX));
            items.iter().fold(hasher, |hasher, item| hasher.field(item))
        };
        let hasher =
            InjectiveHasher::new("solventry/intent/v1").field(&self.payment_id.0).field(&self.transaction.0);
        list(list(hasher, &self.messages), &self.conflict_keys).finish()
    }
}
