//! From key generation over an address to a spend, judged by the chains' own verifiers.
//!
//! The consensus library (`bitcoinconsensus`) is not available to these tests: the signature is
//! checked with libsecp256k1 over the BIP-341 signature hash against the output key, which is
//! all that the key path asks for.

mod common;

use bitcoin::{
    Address, Amount, Network, OutPoint, ScriptBuf, Sequence, TapSighashType, Transaction, TxIn, TxOut, Txid,
    Witness, absolute,
    hashes::Hash,
    key::TweakedPublicKey,
    secp256k1::{Message, Secp256k1, XOnlyPublicKey, schnorr},
    sighash::{Prevouts, SighashCache},
    taproot, transaction,
};
use common::{Group, choices, signatures};
use ed25519_dalek::{Signature, VerifyingKey};
use solventry_threshold::{GroupKey, Suite, verify_outcome};

const SHAPES: [(u16, usize); 2] = [(3, 4), (5, 7)];

fn output_key(key: &GroupKey) -> XOnlyPublicKey {
    XOnlyPublicKey::from_slice(&key.key).unwrap()
}

fn coins(script: &ScriptBuf) -> Vec<TxOut> {
    [50_000, 70_001, 1_000_000]
        .map(|sats| TxOut { value: Amount::from_sat(sats), script_pubkey: script.clone() })
        .to_vec()
}

/// Pays all coins but a fee to another script and back.
fn unsigned(script: &ScriptBuf, coins: usize) -> Transaction {
    let input = |place: usize| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([7; 32]), vout: place as u32 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let other = ScriptBuf::from_bytes([&[0x00, 0x14][..], &[9; 20]].concat());
    Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: (0..coins).map(input).collect(),
        output: vec![
            TxOut { value: Amount::from_sat(100_000), script_pubkey: other },
            TxOut { value: Amount::from_sat(1_015_000), script_pubkey: script.clone() },
        ],
    }
}

fn sighash(transaction: &Transaction, coins: &[TxOut], input: usize) -> Vec<u8> {
    SighashCache::new(transaction)
        .taproot_key_spend_signature_hash(input, &Prevouts::All(coins), TapSighashType::Default)
        .unwrap()
        .to_byte_array()
        .to_vec()
}

/// What a full node checks of a key-path spend (BIP-341): the signature in the witness, under the
/// key in the coin's script, over the signature hash of this transaction.
fn is_spent(transaction: &Transaction, coins: &[TxOut], input: usize) -> bool {
    let witness = &transaction.input[input].witness;
    let signature = schnorr::Signature::from_slice(&witness[0]).unwrap();
    let script = coins[input].script_pubkey.as_bytes();
    assert_eq!((witness.len(), script.len(), &script[..2]), (1, 34, &[0x51, 0x20][..]));
    let key = XOnlyPublicKey::from_slice(&script[2..]).unwrap();
    let message = Message::from_digest_slice(&sighash(transaction, coins, input)).unwrap();
    Secp256k1::verification_only().verify_schnorr(&signature, &message, &key).is_ok()
}

#[test]
fn a_generated_taproot_key_spends_the_coins_of_its_address() {
    for (threshold, nodes) in SHAPES {
        let group = Group::new(Suite::Taproot, threshold, nodes);
        let (shares, outcome) = group.generate();
        let key = verify_outcome(&group.setup, &outcome).unwrap();
        let address = Address::p2tr_tweaked(
            TweakedPublicKey::dangerous_assume_tweaked(output_key(&key)),
            Network::Bitcoin,
        );
        assert!(address.to_string().starts_with("bc1p"));
        let script = address.script_pubkey();
        let coins = coins(&script);
        let mut spend = unsigned(&script, coins.len());
        let messages: Vec<_> = (0..coins.len()).map(|input| sighash(&spend, &coins, input)).collect();
        for signers in choices(threshold.into(), nodes) {
            let made = signatures(&key, &shares, &signers, &messages).unwrap();
            for (input, bytes) in spend.input.iter_mut().zip(&made) {
                let signature = schnorr::Signature::from_slice(bytes).unwrap();
                let sighash_type = TapSighashType::Default;
                input.witness = Witness::p2tr_key_spend(&taproot::Signature { signature, sighash_type });
            }
            assert!((0..coins.len()).all(|input| is_spent(&spend, &coins, input)), "{signers:?}");
        }
        spend.output[1].value += Amount::from_sat(1);
        assert!((0..coins.len()).all(|input| !is_spent(&spend, &coins, input)));
    }
}

#[test]
fn the_generated_key_is_the_output_key_and_not_one_to_tweak_again() {
    let group = Group::new(Suite::Taproot, 3, 4);
    let (shares, outcome) = group.generate();
    let key = verify_outcome(&group.setup, &outcome).unwrap();
    let again = Address::p2tr(&Secp256k1::new(), output_key(&key), None, Network::Bitcoin);
    let message = vec![vec![5; 32]];
    let [signature] = signatures(&key, &shares, &[0, 1, 2], &message).unwrap()[..] else { panic!() };
    let twice = XOnlyPublicKey::from_slice(&again.script_pubkey().as_bytes()[2..]).unwrap();
    let verifies = |key: &XOnlyPublicKey| {
        let signature = schnorr::Signature::from_slice(&signature).unwrap();
        let message = Message::from_digest_slice(&message[0]).unwrap();
        Secp256k1::new().verify_schnorr(&signature, &message, key).is_ok()
    };
    assert!(verifies(&output_key(&key)), "the key is the output key as it is");
    assert!(!verifies(&twice), "a second tweak gives a key that nobody signs for");
}

#[test]
fn a_generated_ed25519_key_signs_by_the_strict_rules() {
    for (threshold, nodes) in SHAPES {
        let group = Group::new(Suite::Ed25519, threshold, nodes);
        let (shares, outcome) = group.generate();
        let key = verify_outcome(&group.setup, &outcome).unwrap();
        let verifying = VerifyingKey::from_bytes(&key.key).unwrap();
        let messages = vec![b"a message of solana".to_vec(), vec![1; 1232], vec![2]];
        for signers in choices(threshold.into(), nodes) {
            let made = signatures(&key, &shares, &signers, &messages).unwrap();
            for (message, bytes) in messages.iter().zip(&made) {
                let signature = Signature::from_bytes(bytes);
                assert!(verifying.verify_strict(message, &signature).is_ok(), "{signers:?}");
                assert!(verifying.verify_strict(b"another message", &signature).is_err());
            }
        }
    }
}

#[test]
fn two_runs_give_two_keys_and_shares_of_one_do_not_sign_for_the_other() {
    for suite in Suite::ALL {
        let group = Group::new(suite, 3, 4);
        let (shares, outcome) = group.generate();
        let other = Group::new(suite, 3, 4);
        let (others, other_outcome) = other.generate();
        let key = verify_outcome(&group.setup, &outcome).unwrap();
        let other_key = verify_outcome(&other.setup, &other_outcome).unwrap();
        assert_ne!(key.key, other_key.key);
        assert!(shares.iter().all(|share| share.group_key() == &key && share.vault() == "treasury"));
        let error = signatures(&key, &others, &[0, 1, 3], &[vec![1; 32]]).unwrap_err();
        assert_eq!(error.culprits(), [0, 1, 3]);
    }
}
