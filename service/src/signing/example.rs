//! An example transaction: a PSBT out of a vault that spends an output which exists nowhere.

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute::LockTime,
    hashes::Hash, transaction::Version,
};
use solventry_chains::DecodeError;
use solventry_types::{Chain, VaultAccounts, VaultConfiguration};

use crate::store::{StoreError, files};

/// What an example spends, in satoshi: the invented output holds as much again as leaves the
/// vault, so that there is change.
const CHANGE_PARTS: u64 = 2;

/// Why there is no example.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExampleError {
    /// On another chain.
    #[error("vault {vault:?}: expected a vault on {expected}")]
    Chain {
        /// Name of the vault.
        vault: String,
        /// The chain of this kind of example.
        expected: Chain,
    },
    /// Without a nonce account.
    #[error("vault {0:?}: expected a durable nonce account, came none")]
    Nonce(String),
    /// What the signers' own decoder refuses.
    #[error("such a message would be refused: {0}")]
    Decode(#[from] DecodeError),
    /// The amount.
    #[error("expected amount and fee of at most 21 million BTC together")]
    Amount,
    /// The library.
    #[error("cannot make the example: {0}")]
    Psbt(#[from] bitcoin::psbt::Error),
    /// Randomness.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A PSBT that pays `amount` satoshi to the script `to`, with change back to the vault. The output
/// that it spends is invented at random: signers cannot know, and no network takes it.
pub fn example_psbt(
    vault: &VaultConfiguration,
    to: &[u8],
    amount: u64,
    fee: u64,
) -> Result<Vec<u8>, ExampleError> {
    let own = match &vault.accounts {
        VaultAccounts::Bitcoin { scripts } => scripts.first().cloned().unwrap_or_default(),
        VaultAccounts::Solana { .. } => {
            return Err(ExampleError::Chain { vault: vault.name.clone(), expected: Chain::Bitcoin });
        }
    };
    let output = |satoshi, script: &[u8]| TxOut {
        value: Amount::from_sat(satoshi),
        script_pubkey: ScriptBuf::from_bytes(script.to_vec()),
    };
    let leaves = amount.checked_add(fee).filter(|sum| *sum <= Amount::MAX_MONEY.to_sat());
    let leaves = leaves.ok_or(ExampleError::Amount)?;
    let held = leaves.saturating_mul(CHANGE_PARTS);
    let invented = OutPoint { txid: Txid::from_byte_array(*files::random_secret()?), vout: 0 };
    let input = TxIn {
        previous_output: invented,
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let transaction = Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![input],
        output: vec![output(amount, to), output(held.saturating_sub(leaves), &own)],
    };
    let mut psbt = Psbt::from_unsigned_tx(transaction)?;
    if let Some(input) = psbt.inputs.first_mut() {
        input.witness_utxo = Some(output(held, &own));
    }
    Ok(psbt.serialize())
}
