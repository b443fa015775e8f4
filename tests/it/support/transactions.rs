//! Bitcoin transactions of the test vault.

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime,
    hashes::Hash,
    key::{Keypair, TapTweak, TweakedKeypair},
    secp256k1::{Message, Secp256k1},
    transaction::Version,
};
use solventry_chains::Transfer;

/// A taproot key pair from a seed.
pub fn keypair(seed: u8) -> TweakedKeypair {
    let secp = Secp256k1::new();
    Keypair::from_seckey_slice(&secp, &[seed; 32]).unwrap().tap_tweak(&secp, None)
}

/// Its output script.
pub fn script(keypair: &TweakedKeypair) -> Vec<u8> {
    ScriptBuf::new_p2tr_tweaked(keypair.public_parts().0).to_bytes()
}

/// A PSBT out of the test vault: two inputs, one payment, change.
pub fn psbt(destination: &[u8], amount: u64, fee: u64) -> Vec<u8> {
    psbt_of(&[(destination, amount)], fee)
}

/// The same with any outputs; change follows them.
pub fn psbt_of(outputs: &[(&[u8], u64)], fee: u64) -> Vec<u8> {
    let own = ScriptBuf::from_bytes(script(&keypair(1)));
    let input = |vout| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([0xc0; 32]), vout },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let held = 5_000_000_000;
    let paid: u64 = outputs.iter().map(|(_, amount)| amount).sum();
    let output = |script: &[u8], value| TxOut {
        value: Amount::from_sat(value),
        script_pubkey: ScriptBuf::from_bytes(script.to_vec()),
    };
    let mut output: Vec<TxOut> = outputs.iter().map(|(script, value)| output(script, *value)).collect();
    output.push(TxOut { value: Amount::from_sat(2 * held - paid - fee), script_pubkey: own.clone() });
    let transaction = Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![input(0), input(1)],
        output,
    };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    for input in &mut psbt.inputs {
        input.witness_utxo = Some(TxOut { value: Amount::from_sat(held), script_pubkey: own.clone() });
    }
    psbt.serialize()
}

/// Signatures of every input with one key.
pub fn sign(transfer: &Transfer, keypair: &TweakedKeypair) -> Vec<[u8; 64]> {
    let secp = Secp256k1::new();
    transfer
        .messages()
        .map(|sighash| {
            let message = Message::from_digest(sighash.try_into().unwrap());
            secp.sign_schnorr_no_aux_rand(&message, &keypair.to_keypair()).serialize()
        })
        .collect()
}
