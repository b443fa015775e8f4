//! Bitcoin transactions that are refused, each an honest one with one change.

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, TxIn, TxOut, Txid,
    absolute::LockTime,
    hashes::Hash,
    psbt::{Input, Output, PsbtSighashType},
    transaction::Version,
};
use solventry_chains::{DecodeError, address::parse_address, decode};
use solventry_types::Chain;

use crate::vectors::bitcoin;

/// One input; output 0 pays, output 1 is change.
pub fn honest() -> Psbt {
    Psbt::deserialize(&bitcoin().transfer("one input, change").0.bytes).unwrap()
}

pub fn is_accepted(psbt: &Psbt) -> bool {
    decode(&psbt.serialize(), &bitcoin().accounts).is_ok()
}

/// The error, whose words must hold `message`.
pub fn refuse_bytes(bytes: &[u8], message: &str) -> DecodeError {
    let error = decode(bytes, &bitcoin().accounts).unwrap_err();
    assert!(error.to_string().contains(message), "{error}\nshould say: {message}");
    error
}

pub fn refuse(change: impl FnOnce(&mut Psbt), expected: &DecodeError, message: &str) {
    let mut psbt = honest();
    assert!(is_accepted(&psbt));
    change(&mut psbt);
    assert_eq!(&refuse_bytes(&psbt.serialize(), message), expected);
}

fn script(address: &str) -> ScriptBuf {
    ScriptBuf::from_bytes(parse_address(Chain::Bitcoin, address).unwrap())
}

/// The example of BIP-350: nobody's key here.
fn foreign() -> ScriptBuf {
    script("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")
}

fn sat(value: u64) -> Amount {
    Amount::from_sat(value)
}

fn add_output(psbt: &mut Psbt, script_pubkey: ScriptBuf, value: u64) {
    psbt.unsigned_tx.output.push(TxOut { value: sat(value), script_pubkey });
    psbt.outputs.push(Output::default());
}

fn add_input(psbt: &mut Psbt, previous_output: OutPoint) {
    let own = psbt.inputs[0].witness_utxo.clone();
    psbt.unsigned_tx.input.push(TxIn { previous_output, ..TxIn::default() });
    psbt.inputs.push(Input { witness_utxo: own, ..Input::default() });
}

#[test]
fn destinations() {
    let second = "output 2 pays a second external destination";
    refuse(|p| add_output(p, foreign(), 1), &DecodeError::SecondDestination(2), second);
    // The same address twice is two external outputs too.
    refuse(
        |p| add_output(p, p.unsigned_tx.output[0].script_pubkey.clone(), 1),
        &DecodeError::SecondDestination(2),
        second,
    );
    refuse(
        |p| p.unsigned_tx.output[1].script_pubkey = foreign(),
        &DecodeError::SecondDestination(1),
        "is it change to a script that the vault does not list?",
    );
    // A data output behind the destination is a second external output; alone it is no address.
    let data = ScriptBuf::new_op_return([7; 4]);
    refuse(|p| add_output(p, data.clone(), 0), &DecodeError::SecondDestination(2), second);
    let own = honest().unsigned_tx.output[1].script_pubkey.clone();
    refuse(
        |p| p.unsigned_tx.output[0].script_pubkey = own,
        &DecodeError::NoDestination,
        "all that is paid goes back to the vault",
    );
    refuse(
        |p| {
            p.unsigned_tx.output.clear();
            p.outputs.clear();
        },
        &DecodeError::NoDestination,
        "expected exactly one external destination",
    );
    refuse(
        |p| p.unsigned_tx.output[0].value = Amount::ZERO,
        &DecodeError::NothingPaid,
        "the destination receives nothing",
    );
}

#[test]
fn scripts_that_are_no_address() {
    let key = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    for hex in [
        "6a0407070707",                                   // data
        "",                                               // anyone can spend
        "51",                                             // OP_1
        "51024e73",                                       // pay to anchor
        &format!("2102{key}ac"),                          // pay to public key
        &format!("512102{key}51ae"),                      // bare multisig
        &format!("5220{key}"),                            // witness version 2
        &format!("5121{key}00"),                          // version 1, 33 bytes
        "0015751e76e8199196d454941c45d1b3a323f1433bd600", // version 0, 21 bytes
        &format!("5120{key}00"),                          // taproot and a byte
        &format!("4c5120{key}"),                          // taproot, pushed otherwise
    ] {
        let script_pubkey = ScriptBuf::from_hex(hex).unwrap();
        refuse(
            |p| p.unsigned_tx.output[0].script_pubkey = script_pubkey,
            &DecodeError::NotAnAddress(0),
            "output 0 is not to a standard address; expected a p2pkh, p2sh, p2wpkh, p2wsh or p2tr script",
        );
    }
}

#[test]
fn inputs() {
    let own = |input: &mut Input, change: fn(&mut TxOut)| change(input.witness_utxo.as_mut().unwrap());
    let message = "input 0 does not spend one of the vault's own scripts";
    refuse(
        |p| own(&mut p.inputs[0], |output| output.script_pubkey = foreign()),
        &DecodeError::ForeignInput(0),
        message,
    );
    refuse(
        |p| own(&mut p.inputs[0], |output| output.script_pubkey = ScriptBuf::new()),
        &DecodeError::ForeignInput(0),
        message,
    );
    refuse(
        |p| {
            add_input(p, OutPoint { txid: Txid::all_zeros(), vout: 7 });
            own(&mut p.inputs[1], |output| output.script_pubkey = foreign());
        },
        &DecodeError::ForeignInput(1),
        "input 1",
    );
    refuse(
        |p| add_input(p, p.unsigned_tx.input[0].previous_output),
        &DecodeError::RepeatedInput(1),
        "input 1 spends an outpoint that an earlier input spends",
    );
    refuse(
        |p| p.inputs[0].witness_utxo = None,
        &DecodeError::MissingUtxo(0),
        "input 0: field witness_utxo is missing; add the output that the input spends",
    );
}

#[test]
fn counts() {
    refuse(
        |p| {
            p.unsigned_tx.input.clear();
            p.inputs.clear();
        },
        &DecodeError::Inputs { limit: 16, got: 0 },
        "expected 1 to 16 inputs, got 0",
    );
    let add_inputs = |p: &mut Psbt, count: u32| {
        (0..count).for_each(|vout| add_input(p, OutPoint { txid: Txid::all_zeros(), vout }));
    };
    refuse(
        |p| add_inputs(p, 16),
        &DecodeError::Inputs { limit: 16, got: 17 },
        "expected 1 to 16 inputs, got 17",
    );
    let add_outputs = |p: &mut Psbt, count: usize| {
        let own = p.unsigned_tx.output[1].script_pubkey.clone();
        (0..count).for_each(|_| add_output(p, own.clone(), 1));
    };
    refuse(
        |p| add_outputs(p, 15),
        &DecodeError::Outputs { limit: 16, got: 17 },
        "expected at most 16 outputs, got 17",
    );
    let mut most = honest();
    add_inputs(&mut most, 15);
    add_outputs(&mut most, 14);
    assert!(is_accepted(&most));
}

#[test]
fn signature_hash_types() {
    let types = (2..=0x0f).chain(0x80..=0x8f).chain([0xff, 0x100, 0x101, 0x0100_0000, u32::MAX]);
    for got in types {
        refuse(
            |p| p.inputs[0].sighash_type = Some(PsbtSighashType::from_u32(got)),
            &DecodeError::SighashType { input: 0, got },
            &format!(
                "input 0: signature hash type {got:#04x} is not allowed; expected DEFAULT (0) or ALL (1)"
            ),
        );
    }
    refuse(
        |p| {
            add_input(p, OutPoint::default());
            p.inputs[1].sighash_type = Some(PsbtSighashType::from_u32(0x81));
        },
        &DecodeError::SighashType { input: 1, got: 0x81 },
        "input 1: signature hash type 0x81",
    );
}

#[test]
fn locks() {
    for lock in [1, 900_000, 499_999_999, 500_000_000, 1_700_000_000, u32::MAX] {
        refuse(
            |p| p.unsigned_tx.lock_time = LockTime::from_consensus(lock),
            &DecodeError::LockTime(lock),
            &format!("lock time {lock} is not allowed; expected 0"),
        );
    }
    for got in [0, 1, 144, 0x40_0001, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc] {
        refuse(
            |p| {
                add_input(p, OutPoint::default());
                p.unsigned_tx.input[1].sequence = Sequence(got);
            },
            &DecodeError::Sequence { input: 1, got },
            &format!("input 1: sequence number {got:#010x} is not allowed; expected 0xffffffff"),
        );
    }
}

#[test]
fn versions() {
    for version in [0, 3, 4, -1, i32::MIN, i32::MAX] {
        refuse(
            |p| p.unsigned_tx.version = Version(version),
            &DecodeError::Version(version),
            &format!("transaction version {version} is not allowed; expected 2"),
        );
    }
}

#[test]
fn amounts() {
    let over = "an amount or sum is above 21 million bitcoin";
    let set = |p: &mut Psbt, value: u64| p.inputs[0].witness_utxo.as_mut().unwrap().value = sat(value);
    refuse(
        |p| set(p, p.unsigned_tx.output.iter().map(|output| output.value.to_sat()).sum::<u64>() - 1),
        &DecodeError::Amounts("outputs exceed inputs"),
        "outputs exceed inputs",
    );
    let max = Amount::MAX_MONEY.to_sat();
    for value in [max + 1, u64::MAX] {
        refuse(|p| set(p, value), &DecodeError::Amounts(over), over);
        refuse(|p| p.unsigned_tx.output[0].value = sat(value), &DecodeError::Amounts(over), over);
        refuse(|p| p.unsigned_tx.output[1].value = sat(value), &DecodeError::Amounts(over), over);
    }
    // Each below the limit, their sum above it, or above 2^64.
    refuse(
        |p| {
            add_input(p, OutPoint::default());
            set(p, max);
        },
        &DecodeError::Amounts(over),
        over,
    );
    refuse(
        |p| {
            set(p, max);
            p.unsigned_tx.output.iter_mut().for_each(|output| output.value = sat(u64::MAX / 2 + 1));
        },
        &DecodeError::Amounts(over),
        over,
    );
}
