//! A signed transaction as the network takes it.

use bitcoin::{Psbt, Witness, consensus};
use solventry_types::VaultAccounts;

use crate::{
    decode,
    error::{DecodeError, SignatureError},
    solana,
    transfer::{SighashType, Signable, Transfer},
};

/// Why a transaction is not finished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FinishError {
    /// The raw transaction.
    #[error(transparent)]
    Transaction(#[from] DecodeError),
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

/// Puts the vault's signatures, one per input, into a raw transaction. Each is checked first.
///
/// Bitcoin: the serialized transaction with its witnesses (BIP-144); a witness is the signature,
/// with the byte 0x01 behind it for `SIGHASH_ALL` (BIP-341). Solana: the wire transaction, with a
/// place for every signer of the message.
pub fn finish(
    bytes: &[u8],
    accounts: &VaultAccounts,
    signatures: &[[u8; 64]],
) -> Result<Finished, FinishError> {
    let transfer = decode(bytes, accounts)?;
    transfer.verify_signatures(signatures)?;
    match accounts {
        VaultAccounts::Bitcoin { .. } => bitcoin_transaction(bytes, &transfer, signatures),
        VaultAccounts::Solana { authority, .. } => {
            let (bytes, missing) = solana::with_signatures(bytes, authority, signatures)?;
            Ok(Finished { bytes, missing })
        }
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
