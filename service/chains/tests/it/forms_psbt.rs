//! PSBTs that are refused for what stands beside the transaction, or for how they are encoded.

use bitcoin::{
    ScriptBuf, Witness,
    bip32::{DerivationPath, Fingerprint, Xpub},
    hashes::{Hash, hash160, ripemd160, sha256, sha256d},
    psbt::{Input, Output, raw},
    secp256k1::{Message, Secp256k1, SecretKey, XOnlyPublicKey},
    taproot::{LeafVersion, TapLeafHash, TapNodeHash, TaprootBuilder},
};
use solventry_chains::DecodeError;

use crate::forms_bitcoin::{honest, refuse, refuse_bytes};

fn unknown(type_value: u8) -> raw::Key {
    raw::Key { type_value, key: vec![1] }
}

fn proprietary() -> raw::ProprietaryKey {
    raw::ProprietaryKey { prefix: b"x".to_vec(), subtype: 0, key: vec![] }
}

fn field(place: &str, field: &'static str, advice: &'static str) -> DecodeError {
    DecodeError::Field { place: place.into(), field, advice }
}

fn refuse_input_field(name: &'static str, advice: &'static str, change: impl FnOnce(&mut Input)) {
    let message = format!("input 0: field {name} is not allowed; {advice}");
    refuse(|p| change(&mut p.inputs[0]), &field("input 0", name, advice), &message);
}

#[test]
fn script_path_fields() {
    let advice = "only the key path of taproot is spent";
    let key = XOnlyPublicKey::from_slice(&[0x02; 32]).unwrap();
    let leaf = ScriptBuf::from_bytes(vec![0x51]);
    let spend = TaprootBuilder::with_huffman_tree([(1, leaf.clone())])
        .unwrap()
        .finalize(&Secp256k1::verification_only(), key)
        .unwrap();
    let control = spend.control_block(&(leaf.clone(), LeafVersion::TapScript)).unwrap();
    refuse_input_field("tap_scripts", advice, |i| {
        i.tap_scripts.insert(control, (leaf, LeafVersion::TapScript));
    });
    let signature = bitcoin::taproot::Signature::from_slice(&[1; 64]).unwrap();
    refuse_input_field("tap_script_sigs", advice, |i| {
        i.tap_script_sigs.insert((key, TapLeafHash::all_zeros()), signature);
    });
    refuse_input_field("tap_merkle_root", advice, |i| i.tap_merkle_root = Some(TapNodeHash::all_zeros()));
}

#[test]
fn signed_or_finalised() {
    let advice = "submit the transaction unsigned";
    let secret = SecretKey::from_slice(&[1; 32]).unwrap();
    let secp = Secp256k1::new();
    let message = Message::from_digest([1; 32]);
    let ecdsa = bitcoin::ecdsa::Signature::sighash_all(secp.sign_ecdsa(&message, &secret));
    let public = bitcoin::PublicKey::new(secret.public_key(&secp));
    refuse_input_field("tap_key_sig", advice, |i| {
        i.tap_key_sig = Some(bitcoin::taproot::Signature::from_slice(&[1; 64]).unwrap());
    });
    refuse_input_field("partial_sigs", advice, |i| {
        i.partial_sigs.insert(public, ecdsa);
    });
    refuse_input_field("final_script_sig", advice, |i| i.final_script_sig = Some(ScriptBuf::new()));
    refuse_input_field("final_script_witness", advice, |i| {
        i.final_script_witness = Some(Witness::from_slice(&[[1; 64]]));
    });
}

#[test]
fn annex() {
    let witness = Witness::from_slice(&[vec![1; 64], vec![0x50, 1]]);
    refuse(
        |p| p.inputs[0].final_script_witness = Some(witness),
        &DecodeError::Annex(0),
        "input 0 has an annex; expected a plain taproot key-path spend",
    );
}

#[test]
fn fields_of_other_kinds_of_input() {
    let advice = "remove it; a taproot key-path spend needs witness_utxo alone";
    let transaction = honest().unsigned_tx;
    refuse_input_field("non_witness_utxo", advice, |i| i.non_witness_utxo = Some(transaction));
    refuse_input_field("redeem_script", advice, |i| i.redeem_script = Some(ScriptBuf::new()));
    refuse_input_field("witness_script", advice, |i| i.witness_script = Some(ScriptBuf::new()));
    refuse_input_field("ripemd160_preimages", advice, |i| {
        i.ripemd160_preimages.insert(ripemd160::Hash::hash(b"x"), b"x".to_vec());
    });
    refuse_input_field("sha256_preimages", advice, |i| {
        i.sha256_preimages.insert(sha256::Hash::hash(b"x"), b"x".to_vec());
    });
    refuse_input_field("hash160_preimages", advice, |i| {
        i.hash160_preimages.insert(hash160::Hash::hash(b"x"), b"x".to_vec());
    });
    refuse_input_field("hash256_preimages", advice, |i| {
        i.hash256_preimages.insert(sha256d::Hash::hash(b"x"), b"x".to_vec());
    });
    refuse_input_field("proprietary", advice, |i| {
        i.proprietary.insert(proprietary(), vec![]);
    });
    // 0x09: commitment of a proof of reserves; 0x1a, 0x1b, 0x1c: MuSig2 (BIP-373).
    for type_value in [0x09, 0x19, 0x1a, 0x1b, 0x1c, 0xf0] {
        refuse_input_field("unknown", advice, |i| {
            i.unknown.insert(unknown(type_value), vec![]);
        });
    }
}

#[test]
fn global_and_output_fields() {
    let global = |name| field("psbt", name, "remove it");
    let xpub = "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ";
    let xpub: Xpub = xpub.parse().unwrap();
    let origin = (Fingerprint::default(), DerivationPath::from(vec![]));
    refuse(
        |p| {
            p.xpub.insert(xpub, origin);
        },
        &global("xpub"),
        "psbt: field xpub is not allowed; remove it",
    );
    refuse(
        |p| {
            p.proprietary.insert(proprietary(), vec![]);
        },
        &global("proprietary"),
        "psbt: field proprietary",
    );
    refuse(
        |p| {
            p.unknown.insert(unknown(0x0f), vec![]);
        },
        &global("unknown"),
        "psbt: field unknown",
    );
    let tree = TaprootBuilder::with_huffman_tree([(1, ScriptBuf::new())]).unwrap();
    let tree = bitcoin::taproot::TapTree::try_from(tree).unwrap();
    let refuse_output = |name: &'static str, change: &dyn Fn(&mut Output)| {
        let message = format!("output 1: field {name} is not allowed; remove it");
        refuse(|p| change(&mut p.outputs[1]), &field("output 1", name, "remove it"), &message);
    };
    refuse_output("redeem_script", &|o| o.redeem_script = Some(ScriptBuf::new()));
    refuse_output("witness_script", &|o| o.witness_script = Some(ScriptBuf::new()));
    refuse_output("tap_tree", &|o| o.tap_tree = Some(tree.clone()));
    refuse_output("proprietary", &|o| drop(o.proprietary.insert(proprietary(), vec![])));
    refuse_output("unknown", &|o| drop(o.unknown.insert(unknown(0x0f), vec![])));
}

#[test]
fn other_encodings() {
    let kind = "a PSBT (version 0)";
    let bytes = honest().serialize();
    let canonical = DecodeError::NotCanonical(kind);
    let says = "encoding it again gives other bytes";
    for tail in [&[0][..], &[0, 0], b"psbt\xff"] {
        assert_eq!(refuse_bytes(&[&bytes, tail].concat(), says), canonical);
    }
    // The input's two pairs, witness_utxo and sighash_type, the other way round.
    let mut psbt = honest();
    psbt.inputs[0].sighash_type = Some(bitcoin::psbt::PsbtSighashType::from_u32(1));
    let bytes = psbt.serialize();
    let start = 8 + usize::from(bytes[7]) + 1;
    let first = pair_length(&bytes[start..]);
    let second = pair_length(&bytes[start + first..]);
    let mut swapped = bytes.clone();
    swapped[start..start + first + second].rotate_left(first);
    assert_eq!(refuse_bytes(&swapped, says), canonical);
    // An explicit version 0, which a canonical file leaves out.
    let mut explicit = bytes.clone();
    explicit.splice(start - 1..start - 1, [1, 0xfb, 4, 0, 0, 0, 0]);
    assert_eq!(refuse_bytes(&explicit, says), canonical);
    // The same pair twice.
    let mut twice = bytes.clone();
    let pair = bytes[start..start + first].to_vec();
    twice.splice(start..start, pair);
    malformed(&twice, "duplicate key");
    // A length on three bytes where one does.
    let mut long = bytes.clone();
    long.splice(7..8, [0xfd, bytes[7], 0]);
    malformed(&long, "non-minimal");
}

/// Bytes of a pair whose lengths are below 253.
fn pair_length(bytes: &[u8]) -> usize {
    let key = 1 + usize::from(bytes[0]);
    key + 1 + usize::from(bytes[key])
}

fn malformed(bytes: &[u8], problem: &str) {
    let error = refuse_bytes(bytes, "expected a PSBT (version 0), the bytes do not parse as one");
    assert!(matches!(error, DecodeError::Malformed { .. }), "{error}");
    assert!(error.to_string().contains(problem), "{error}");
    assert!(error.to_string().len() < 500);
}

#[test]
fn what_is_no_psbt_of_version_0() {
    malformed(b"", "");
    malformed(b"psbt\xff", "");
    malformed(b"70736274ff", "magic");
    let bytes = honest().serialize();
    malformed(&bytes[..bytes.len() - 1], "");
    let unsigned = honest().unsigned_tx;
    malformed(&bitcoin::consensus::serialize(&unsigned), "magic");
    // PSBT version 2 (BIP-370): no unsigned transaction, version 2.
    let version_2 = [
        &b"psbt\xff"[..],
        &[1, 0x02, 4, 2, 0, 0, 0],
        &[1, 0x04, 1, 1],
        &[1, 0x05, 1, 1],
        &[1, 0xfb, 4, 2, 0, 0, 0],
        &[0, 0, 0],
    ];
    malformed(&version_2.concat(), "PSBT versions greater than 0 are not supported");
    // A transaction inside that carries a script signature.
    let mut signed = honest();
    signed.unsigned_tx.input[0].script_sig = ScriptBuf::from_bytes(vec![1, 1]);
    malformed(&signed.serialize(), "script sigs");
}

/// A parser that quotes what it does not know quotes 200 characters of it, not all.
#[test]
fn messages_stay_short() {
    // A global key of the type that holds the transaction, 32 KiB long.
    let mut bytes = b"psbt\xff\xfd\x00\x80\x00".to_vec();
    bytes.resize(8 + 0x8000, 7);
    bytes.extend([1, 1]);
    malformed(&bytes, "invalid key");
}

#[test]
fn size() {
    let limit = 1 << 16;
    let expected = DecodeError::TooLarge { limit, got: limit + 1 };
    assert_eq!(refuse_bytes(&vec![0; limit + 1], "expected at most 65536 bytes, got 65537"), expected);
    assert!(matches!(refuse_bytes(&vec![0; limit], ""), DecodeError::Malformed { .. }));
}
