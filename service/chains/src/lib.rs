//! Raw transactions, decoded strictly: parse, re-encode, compare every byte; whatever is not
//! known to be harmless is refused.
//!
//! A [`Transfer`] is what a transaction does: one external destination, what it charges the
//! vault, what must be signed. It is computed from the bytes alone, given the vault's own
//! accounts; nothing that a submitter says about the transaction is believed.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod address;
mod bitcoin;
mod error;
mod finish;
mod intent;
mod solana;
mod transfer;

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use solventry_types::VaultAccounts;

pub use error::{DecodeError, Mismatch, SignatureError};
pub use finish::{FinishError, Finished, finish};
pub use intent::Intent;
pub use transfer::{Anchor, SighashType, Signable, Transfer};

/// Decodes a raw transaction of the vault's chain: a PSBT (BIP-174), or a Solana message.
pub fn decode(bytes: &[u8], accounts: &VaultAccounts) -> Result<Transfer, DecodeError> {
    match accounts {
        VaultAccounts::Bitcoin { scripts } => bitcoin::decode(bytes, scripts),
        VaultAccounts::Solana { authority, nonce_accounts, token_accounts } => {
            solana::decode(bytes, &solana::Own { authority, nonce_accounts, token_accounts })
        }
    }
}

/// Decodes a transaction that only uses a payment's anchor up: a PSBT whose outputs are all own, or
/// a Solana message that advances a nonce and does nothing else. It pays nobody: the transfer's
/// destination is empty, its amount 0, and on Bitcoin it charges the fee.
pub fn decode_cancel(bytes: &[u8], accounts: &VaultAccounts) -> Result<Transfer, DecodeError> {
    match accounts {
        VaultAccounts::Bitcoin { scripts } => bitcoin::decode_cancel(bytes, scripts),
        VaultAccounts::Solana { authority, nonce_accounts, token_accounts } => {
            solana::decode_cancel(bytes, &solana::Own { authority, nonce_accounts, token_accounts })
        }
    }
}

/// A transaction file as bytes: standard base64 (padded, white space around it only) is decoded,
/// anything else is taken as it is. No binary transaction is mistaken for text: a PSBT holds the
/// byte 0xff, a Solana message begins with its number of signers or with 0x80.
pub fn from_text_or_binary(file: &[u8]) -> Cow<'_, [u8]> {
    match STANDARD.decode(file.trim_ascii()) {
        Ok(bytes) if !bytes.is_empty() => Cow::Owned(bytes),
        _ => Cow::Borrowed(file),
    }
}
