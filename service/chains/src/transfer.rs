//! What a transaction does.

use solventry_types::{Chain, Digest, Locator, Payment, digest::InjectiveHasher};

use crate::error::{Mismatch, SignatureError};

/// What every replacement of a payment must spend: whoever proves it spent has settled them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// The first outpoint: transaction id and output number, as they stand in the transaction.
    Outpoint([u8; 36]),
    /// A durable nonce account and the nonce that the transaction uses up.
    Nonce {
        /// The account.
        account: [u8; 32],
        /// Its value.
        value: [u8; 32],
    },
}

/// What must be signed for one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signable {
    /// Taproot key path: 32-byte output key and signature hash (BIP-341).
    Taproot { key: [u8; 32], sighash: [u8; 32] },
    /// Ed25519: key and message.
    Ed25519 { key: [u8; 32], message: Vec<u8> },
}

/// A decoded transaction of a known form. Only [`crate::decode`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub(crate) chain: Chain,
    pub(crate) locator: Locator,
    pub(crate) decimals: Option<u8>,
    pub(crate) destination: Vec<u8>,
    pub(crate) amount: u64,
    pub(crate) charged: u64,
    pub(crate) fee: u64,
    pub(crate) signables: Vec<Signable>,
    pub(crate) conflict_keys: Vec<Vec<u8>>,
    pub(crate) anchor: Anchor,
    pub(crate) digest: Digest,
}

impl Transfer {
    /// The chain.
    pub const fn chain(&self) -> Chain {
        self.chain
    }

    /// The chain's own coin, or the token's mint.
    pub const fn locator(&self) -> &Locator {
        &self.locator
    }

    /// Decimals that the transaction itself states (SPL TransferChecked).
    pub const fn decimals(&self) -> Option<u8> {
        self.decimals
    }

    /// The one external destination: output script, or 32 bytes.
    pub fn destination(&self) -> &[u8] {
        &self.destination
    }

    /// What the destination receives, in chain units.
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// What leaves the vault, in chain units: on Bitcoin inputs − own outputs, fee included; on
    /// Solana the amount, since the fee payer is not a vault's account.
    pub const fn charged(&self) -> u64 {
        self.charged
    }

    /// Network fee in units of the chain's own coin, whoever pays it.
    pub const fn fee(&self) -> u64 {
        self.fee
    }

    /// What is signed: a 32-byte signature hash per Bitcoin input, the message on Solana.
    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        self.signables.iter().map(|signable| match signable {
            Signable::Taproot { sighash, .. } => sighash.as_slice(),
            Signable::Ed25519 { message, .. } => message.as_slice(),
        })
    }

    /// Everything that another transaction must not use as well: outpoints, nonce accounts.
    pub fn conflict_keys(&self) -> &[Vec<u8>] {
        &self.conflict_keys
    }

    /// The anchor of the payment's family of replacements.
    pub const fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// Digest of the raw transaction, chain included.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether the payment says what the transaction does.
    pub fn matches(&self, payment: &Payment) -> Result<(), Mismatch> {
        if payment.chain != self.chain {
            return Err(Mismatch::Chain { transaction: self.chain, payment: payment.chain });
        }
        if payment.locator != self.locator {
            return Err(Mismatch::Asset);
        }
        if payment.destination != self.destination {
            return Err(Mismatch::Destination);
        }
        if payment.amount != self.amount {
            return Err(Mismatch::Amount { transaction: self.amount, payment: payment.amount });
        }
        if self.fee > payment.fee_cap {
            return Err(Mismatch::Fee { fee: self.fee, cap: payment.fee_cap });
        }
        Ok(())
    }

    /// Checks finished signatures, one per input in order, each under the key of that input's own
    /// account: BIP-340 on Bitcoin, strict RFC 8032 on Solana.
    pub fn verify_signatures(&self, signatures: &[[u8; 64]]) -> Result<(), SignatureError> {
        let (expected, got) = (self.signables.len(), signatures.len());
        if expected != got {
            return Err(SignatureError::Count { expected, got });
        }
        for (index, (signable, signature)) in self.signables.iter().zip(signatures).enumerate() {
            let valid = match signable {
                Signable::Taproot { key, sighash } => crate::bitcoin::is_signed(key, sighash, signature),
                Signable::Ed25519 { key, message } => crate::solana::is_signed(key, message, signature),
            };
            if !valid {
                return Err(SignatureError::Invalid { input: index });
            }
        }
        Ok(())
    }
}

/// Digest of a raw transaction.
pub(crate) fn transaction_digest(chain: Chain, bytes: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/transaction/v1").integer(chain.code().into()).field(bytes).finish()
}
