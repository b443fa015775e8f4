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

/// The taproot signature hash types that sign the whole transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SighashType {
    /// `SIGHASH_DEFAULT`: the witness is the 64-byte signature.
    Default,
    /// `SIGHASH_ALL`: the witness is the signature and the byte 0x01.
    All,
}

/// What must be signed for one input, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signable {
    /// Taproot key path (BIP-341), signed with BIP-340.
    Taproot {
        /// Output key of the script that the input spends.
        key: [u8; 32],
        /// Signature hash, which depends on the type.
        sighash: [u8; 32],
        /// Its type.
        kind: SighashType,
    },
    /// Ed25519 (RFC 8032).
    Ed25519 {
        /// The vault's authority.
        key: [u8; 32],
        /// The whole message.
        message: Vec<u8>,
    },
}

impl Signable {
    /// The key of the account that the input draws on.
    pub const fn key(&self) -> &[u8; 32] {
        match self {
            Self::Taproot { key, .. } | Self::Ed25519 { key, .. } => key,
        }
    }

    /// The bytes that are signed: signature hash or message.
    pub fn message(&self) -> &[u8] {
        match self {
            Self::Taproot { sighash, .. } => sighash,
            Self::Ed25519 { message, .. } => message,
        }
    }

    fn is_signed(&self, signature: &[u8; 64]) -> bool {
        match self {
            Self::Taproot { key, sighash, .. } => crate::bitcoin::is_signed(key, sighash, signature),
            Self::Ed25519 { key, message } => crate::solana::is_signed(key, message, signature),
        }
    }
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
    pub(crate) fee_payer: Option<[u8; 32]>,
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

    /// What leaves the vault, in chain units of the same asset: on Bitcoin inputs − own outputs, fee included; on
    /// Solana the amount, since the fee payer is not a vault's account.
    pub const fn charged(&self) -> u64 {
        self.charged
    }

    /// The outside account that pays the fee; `None` where the inputs pay it.
    pub fn fee_payer(&self) -> Option<&[u8]> {
        self.fee_payer.as_ref().map(<[u8; 32]>::as_slice)
    }

    /// Network fee in units of the chain's own coin, whoever pays it.
    pub const fn fee(&self) -> u64 {
        self.fee
    }

    /// What must be signed and by whom: one per Bitcoin input in order, one on Solana (the fee
    /// payer's signature is its own affair).
    pub fn signables(&self) -> &[Signable] {
        &self.signables
    }

    /// The bytes that are signed: a 32-byte signature hash per Bitcoin input, the message on Solana.
    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        self.signables.iter().map(Signable::message)
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
            let (transaction, payment) = (self.locator.clone(), payment.locator.clone());
            return Err(Mismatch::Asset { chain: self.chain, transaction, payment });
        }
        if payment.destination != self.destination {
            let (transaction, payment) = (self.destination.clone(), payment.destination.clone());
            return Err(Mismatch::Destination { chain: self.chain, transaction, payment });
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
        let mut pairs = self.signables.iter().zip(signatures);
        match pairs.position(|(signable, signature)| !signable.is_signed(signature)) {
            Some(input) => Err(SignatureError::Invalid { input }),
            None => Ok(()),
        }
    }
}

/// Digest of a raw transaction.
pub(crate) fn transaction_digest(chain: Chain, bytes: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/transaction/v1").integer(chain.code().into()).field(bytes).finish()
}
