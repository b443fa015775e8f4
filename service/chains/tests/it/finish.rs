//! Signed transactions as the network takes them.

use bitcoin::{Psbt, Transaction, consensus};
use solventry_chains::{FinishError, SighashType, Signable, SignatureError, finish};

use crate::vectors::{bitcoin, both, solana};

#[test]
fn a_bitcoin_transaction_carries_each_signature_in_its_witness() {
    let vectors = bitcoin();
    for (vector, transfer) in vectors.transfers() {
        let signatures = vector.signatures();
        let finished = finish(&vector.bytes, &transfer, &signatures).unwrap();
        assert_eq!(finished.missing, 0);
        let transaction: Transaction = consensus::deserialize(&finished.bytes).unwrap();
        let unsigned = Psbt::deserialize(&vector.bytes).unwrap().unsigned_tx;
        assert_eq!(transaction.compute_txid(), unsigned.compute_txid(), "{}", vector.name);
        assert_eq!(transaction.input.len(), signatures.len());
        for ((input, signable), signature) in
            transaction.input.iter().zip(transfer.signables()).zip(&signatures)
        {
            let Signable::Taproot { kind, .. } = signable else { panic!("{signable:?}") };
            let expected = match kind {
                SighashType::Default => signature.to_vec(),
                SighashType::All => [&signature[..], &[1]].concat(),
            };
            assert_eq!(input.witness.to_vec(), [expected], "{}", vector.name);
        }
    }
}

#[test]
fn a_solana_transaction_has_a_place_for_every_signer() {
    let vectors = solana();
    for (vector, transfer) in vectors.transfers() {
        let (bytes, signatures) = (&vector.bytes, vector.signatures());
        let finished = finish(bytes, &transfer, &signatures).unwrap();
        let (count, rest) = finished.bytes.split_first().unwrap();
        let (places, message) = rest.split_at(64 * usize::from(*count));
        assert_eq!((*count, finished.missing), (2, 1), "vault and fee payer: {}", vector.name);
        assert_eq!(message, bytes);
        let held: Vec<_> = places.chunks(64).map(|place| place == signatures[0]).collect();
        assert_eq!(held.iter().filter(|own| **own).count(), 1, "{}", vector.name);
        assert!(places.chunks(64).any(|place| place == [0; 64]), "{}", vector.name);
    }
}

#[test]
fn signatures_that_do_not_verify_are_put_nowhere() {
    for vectors in both() {
        for (vector, transfer) in vectors.transfers() {
            let mut signatures = vector.signatures();
            signatures[0][5] ^= 1;
            let refused = finish(&vector.bytes, &transfer, &signatures);
            assert!(matches!(refused, Err(FinishError::Signature(SignatureError::Invalid { input: 0 }))));
            let refused = finish(&vector.bytes, &transfer, &[]);
            assert!(matches!(refused, Err(FinishError::Signature(SignatureError::Count { .. }))));
            let refused = finish(&vector.bytes[1..], &transfer, &vector.signatures());
            assert!(matches!(refused, Err(FinishError::OtherTransaction)));
        }
    }
}
