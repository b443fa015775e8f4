//! A signed transaction as the network takes it.

use bitcoin::{Psbt, Witness, consensus};
use solventry_types::Chain;

use crate::{
    error::{DecodeError, SignatureError},
    solana,
    transfer::{SighashType, Signable, Transfer, transaction_digest},
};

/// Why a transaction is not finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FinishError {
    /// The raw transaction.
    #[error(transparent)]
    Transaction(#[from] DecodeError),
    /// Other bytes than the transfer's.
    #[error("the transfer was decoded from another transaction")]
    OtherTransaction,
    /// The signatures.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A transaction with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Bytes as the network takes them.
    pub bytes: Vec<u8>,
    /// Signatures that are still missing: on Solana that of the fee payer, whose place is 64 zero
    /// bytes.
    pub missing: usize,
}

/// Puts the vault's signatures, one per input, into the raw transaction that `transfer` was decoded
/// from. Each is checked first.
///
/// Bitcoin: the serialized transaction with its witnesses (BIP-144); a witness is the signature,
/// with the byte 0x01 behind it for `SIGHASH_ALL` (BIP-341). Solana: the wire transaction, with a
/// place for every signer of the message.
pub fn finish(bytes: &[u8], transfer: &Transfer, signatures: &[[u8; 64]]) -> Result<Finished, FinishError> {
    if transaction_digest(transfer.chain(), bytes) != transfer.digest() {
        return Err(FinishError::OtherTransaction);
    }
    transfer.verify_signatures(signatures)?;
    match (transfer.chain(), transfer.signables()) {
        (Chain::Solana, [Signable::Ed25519 { key, .. }]) => {
            let (bytes, missing) = solana::with_signatures(bytes, key, signatures)?;
            Ok(Finished { bytes, missing })
        }
        _ => bitcoin_transaction(bytes, transfer, signatures),
    }
}

fn bitcoin_transaction(
    bytes: &[u8],
    transfer: &Transfer,
    signatures: &[[u8; 64]],
) -> Result<Finished, FinishError> {
    let psbt = Psbt::deserialize(bytes).map_err(|error| DecodeError::Malformed {
        expected: "a PSBT (version 0)",
        problem: crate::error::words(&error),
    })?;
    let mut transaction = psbt.unsigned_tx;
    for ((input, signable), signature) in
        transaction.input.iter_mut().zip(transfer.signables()).zip(signatures)
    {
        let mut item = signature.to_vec();
        if matches!(signable, Signable::Taproot { kind: SighashType::All, .. }) {
            item.push(1);
        }
        input.witness = Witness::from_slice(&[item]);
    }
    Ok(Finished { bytes: consensus::encode::serialize(&transaction), missing: 0 })
}
