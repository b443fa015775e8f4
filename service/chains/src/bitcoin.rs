//! Bitcoin: PSBT (BIP-174, BIP-371), taproot key path (BIP-341).
//!
//! BIP-341 signature hashes of type DEFAULT and ALL commit to every input's outpoint, amount and
//! script, to every output, to version and lock time. A PSBT that lies about an input's amount
//! or script therefore gives a hash whose signature no node accepts: nothing moves, and the
//! whole previous transaction (`non_witness_utxo`) adds nothing. Fields that only help wallets
//! (derivations, internal keys: BIP-174 0x06, BIP-371 0x16 and 0x17) are not in the hash; the key
//! that must sign is read from the script that is spent, never from them.

use bitcoin::{
    Amount, OutPoint, Psbt, Sequence, TapSighashType, Transaction, TxOut,
    absolute::LockTime,
    hashes::Hash,
    psbt::{Input, Output},
    secp256k1::{Message, Secp256k1, XOnlyPublicKey, schnorr::Signature},
    sighash::{Prevouts, SighashCache},
    transaction::Version,
};
use solventry_types::{Chain, Locator};

use crate::{
    error::{DecodeError, words},
    transfer::{Anchor, SighashType, Signable, Transfer, transaction_digest},
};

/// Largest PSBT in bytes.
pub const MAX_BYTES: usize = 1 << 16;
/// Most outputs. Without a limit a payment of one satoshi could break the vault into a thousand
/// pieces, each hardly worth its own fee and none of them charged.
pub const MAX_OUTPUTS: usize = 16;
/// Most inputs.
pub const MAX_INPUTS: usize = 16;
const KIND: &str = "a PSBT (version 0)";

/// Decodes a PSBT whose inputs all spend `own` scripts and that pays one other script.
pub fn decode(bytes: &[u8], own: &[Vec<u8>]) -> Result<Transfer, DecodeError> {
    decode_as(bytes, own, |transaction| destination(transaction, own))
}

/// Decodes a PSBT whose inputs and outputs are all `own` scripts.
pub fn decode_cancel(bytes: &[u8], own: &[Vec<u8>]) -> Result<Transfer, DecodeError> {
    decode_as(bytes, own, |transaction| {
        match transaction.output.iter().position(|output| !is_own(output, own)) {
            Some(output) => Err(DecodeError::NotOwn(output)),
            None => Ok((vec![], 0)),
        }
    })
}

/// `pays` gives the script that is paid, and how much, or refuses the outputs.
fn decode_as(
    bytes: &[u8],
    own: &[Vec<u8>],
    pays: impl FnOnce(&Transaction) -> Result<(Vec<u8>, u64), DecodeError>,
) -> Result<Transfer, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { limit: MAX_BYTES, got: bytes.len() });
    }
    let malformed =
        |error: bitcoin::psbt::Error| DecodeError::Malformed { expected: KIND, problem: words(&error) };
    let psbt = Psbt::deserialize(bytes).map_err(malformed)?;
    if psbt.outputs.len() > MAX_OUTPUTS {
        return Err(DecodeError::Outputs { limit: MAX_OUTPUTS, got: psbt.outputs.len() });
    }
    if psbt.serialize() != bytes {
        return Err(DecodeError::NotCanonical(KIND));
    }
    refuse_global_fields(&psbt)?;
    let transaction = &psbt.unsigned_tx;
    require_unlocked(transaction)?;
    let spent = spent_outputs(&psbt, own)?;
    for (index, output) in psbt.outputs.iter().enumerate() {
        refuse_output_fields(index, output)?;
    }
    let (destination, paid) = pays(transaction)?;
    let (charged, fee) = sums(transaction, &spent, own)?;
    let signables = signables(&psbt, &spent)?;
    let outpoints: Vec<[u8; 36]> =
        transaction.input.iter().map(|input| outpoint(&input.previous_output)).collect();
    let anchor = outpoints.first().copied().map(Anchor::Outpoint);
    Ok(Transfer {
        chain: Chain::Bitcoin,
        locator: Locator::Native,
        decimals: None,
        destination,
        amount: paid,
        charged,
        fee,
        fee_payer: None,
        signables,
        anchor: anchor.ok_or(DecodeError::Inputs { limit: MAX_INPUTS, got: 0 })?,
        conflict_keys: outpoints.iter().map(|outpoint| outpoint.to_vec()).collect(),
        digest: transaction_digest(Chain::Bitcoin, bytes),
    })
}

/// Whether a 64-byte signature (BIP-340) is the output key's over the signature hash.
pub fn is_signed(key: &[u8; 32], sighash: &[u8; 32], signature: &[u8; 64]) -> bool {
    let (Ok(key), Ok(signature)) = (XOnlyPublicKey::from_slice(key), Signature::from_slice(signature)) else {
        return false;
    };
    let message = Message::from_digest(*sighash);
    Secp256k1::verification_only().verify_schnorr(&signature, &message, &key).is_ok()
}

fn refuse_global_fields(psbt: &Psbt) -> Result<(), DecodeError> {
    let refused = [
        (!psbt.xpub.is_empty(), "xpub"),
        (!psbt.proprietary.is_empty(), "proprietary"),
        (!psbt.unknown.is_empty(), "unknown"),
    ];
    refuse(&refused, || "psbt".into(), "remove it")
}

/// Versions 1 and 2 differ in relative locks (BIP-68) alone, and those are refused; others have
/// relay rules of their own. Locks are refused by height as by time: signers do not know the
/// chain's height, and a locked transaction would be signed within the payment's validity only to
/// be mined at any later time. Sequence numbers say that the input is final, or replaceable
/// (BIP-125), or neither; any other value may mean something to somebody.
fn require_unlocked(transaction: &Transaction) -> Result<(), DecodeError> {
    const UNLOCKED: [Sequence; 3] =
        [Sequence::MAX, Sequence::ENABLE_LOCKTIME_NO_RBF, Sequence::ENABLE_RBF_NO_LOCKTIME];
    if transaction.version != Version::ONE && transaction.version != Version::TWO {
        return Err(DecodeError::Version(transaction.version.0));
    }
    if transaction.lock_time != LockTime::ZERO {
        return Err(DecodeError::LockTime(transaction.lock_time.to_consensus_u32()));
    }
    let mut sequences = transaction.input.iter().map(|input| input.sequence).enumerate();
    match sequences.find(|(_, sequence)| !UNLOCKED.contains(sequence)) {
        Some((input, sequence)) => Err(DecodeError::Sequence { input, got: sequence.to_consensus_u32() }),
        None => Ok(()),
    }
}

/// The output that each input spends, all of them own.
fn spent_outputs(psbt: &Psbt, own: &[Vec<u8>]) -> Result<Vec<TxOut>, DecodeError> {
    let inputs = &psbt.unsigned_tx.input;
    if !(1..=MAX_INPUTS).contains(&inputs.len()) {
        return Err(DecodeError::Inputs { limit: MAX_INPUTS, got: inputs.len() });
    }
    let mut spent = Vec::with_capacity(inputs.len());
    for (index, (input, fields)) in inputs.iter().zip(&psbt.inputs).enumerate() {
        if inputs.iter().take(index).any(|other| other.previous_output == input.previous_output) {
            return Err(DecodeError::RepeatedInput(index));
        }
        refuse_input_fields(index, fields)?;
        let output = fields.witness_utxo.clone().ok_or(DecodeError::MissingUtxo(index))?;
        if !output.script_pubkey.is_p2tr()
            || !own.iter().any(|script| script == output.script_pubkey.as_bytes())
        {
            return Err(DecodeError::ForeignInput(index));
        }
        spent.push(output);
    }
    Ok(spent)
}

fn refuse_input_fields(index: usize, input: &Input) -> Result<(), DecodeError> {
    if input.final_script_witness.as_ref().is_some_and(|witness| witness.taproot_annex().is_some()) {
        return Err(DecodeError::Annex(index));
    }
    let place = || format!("input {index}");
    let script_path = [
        (!input.tap_scripts.is_empty(), "tap_scripts"),
        (!input.tap_script_sigs.is_empty(), "tap_script_sigs"),
        (input.tap_merkle_root.is_some(), "tap_merkle_root"),
    ];
    refuse(&script_path, place, "only the key path of taproot is spent")?;
    let signed = [
        (input.tap_key_sig.is_some(), "tap_key_sig"),
        (!input.partial_sigs.is_empty(), "partial_sigs"),
        (input.final_script_sig.is_some(), "final_script_sig"),
        (input.final_script_witness.is_some(), "final_script_witness"),
    ];
    refuse(&signed, place, "submit the transaction unsigned")?;
    let foreign = [
        (input.non_witness_utxo.is_some(), "non_witness_utxo"),
        (input.redeem_script.is_some(), "redeem_script"),
        (input.witness_script.is_some(), "witness_script"),
        (!input.ripemd160_preimages.is_empty(), "ripemd160_preimages"),
        (!input.sha256_preimages.is_empty(), "sha256_preimages"),
        (!input.hash160_preimages.is_empty(), "hash160_preimages"),
        (!input.hash256_preimages.is_empty(), "hash256_preimages"),
        (!input.proprietary.is_empty(), "proprietary"),
        (!input.unknown.is_empty(), "unknown"),
    ];
    refuse(&foreign, place, "remove it; a taproot key-path spend needs witness_utxo alone")
}

fn refuse_output_fields(index: usize, output: &Output) -> Result<(), DecodeError> {
    let refused = [
        (output.redeem_script.is_some(), "redeem_script"),
        (output.witness_script.is_some(), "witness_script"),
        (output.tap_tree.is_some(), "tap_tree"),
        (!output.proprietary.is_empty(), "proprietary"),
        (!output.unknown.is_empty(), "unknown"),
    ];
    refuse(&refused, || format!("output {index}"), "remove it")
}

fn refuse(
    fields: &[(bool, &'static str)],
    place: impl Fn() -> String,
    advice: &'static str,
) -> Result<(), DecodeError> {
    match fields.iter().find(|(present, _)| *present) {
        Some((_, field)) => Err(DecodeError::Field { place: place(), field, advice }),
        None => Ok(()),
    }
}

/// The one output that is not own: its script and amount.
fn destination(transaction: &Transaction, own: &[Vec<u8>]) -> Result<(Vec<u8>, u64), DecodeError> {
    let mut found = None;
    for (index, output) in transaction.output.iter().enumerate() {
        let script = &output.script_pubkey;
        if is_own(output, own) {
            continue;
        }
        if found.is_some() {
            return Err(DecodeError::SecondDestination(index));
        }
        let standard = script.is_p2pkh()
            || script.is_p2sh()
            || script.is_p2wpkh()
            || script.is_p2wsh()
            || script.is_p2tr();
        if !standard {
            return Err(DecodeError::NotAnAddress(index));
        }
        if output.value == Amount::ZERO {
            return Err(DecodeError::NothingPaid);
        }
        found = Some((script.to_bytes(), output.value.to_sat()));
    }
    found.ok_or(DecodeError::NoDestination)
}

/// What leaves the vault, and the fee within it.
fn sums(transaction: &Transaction, spent: &[TxOut], own: &[Vec<u8>]) -> Result<(u64, u64), DecodeError> {
    const OVER: DecodeError = DecodeError::Amounts("an amount or sum is above 21 million bitcoin");
    fn sum<'a>(mut outputs: impl Iterator<Item = &'a TxOut>) -> Result<u64, DecodeError> {
        let total = outputs.try_fold(Amount::ZERO, |sum, output| sum.checked_add(output.value));
        total.filter(|total| *total <= Amount::MAX_MONEY).map(Amount::to_sat).ok_or(OVER)
    }
    let inputs = sum(spent.iter())?;
    let outputs = sum(transaction.output.iter())?;
    let back = sum(transaction.output.iter().filter(|output| is_own(output, own)))?;
    let fee = inputs.checked_sub(outputs).ok_or(DecodeError::Amounts("outputs exceed inputs"))?;
    Ok((inputs.checked_sub(back).ok_or(OVER)?, fee))
}

fn is_own(output: &TxOut, own: &[Vec<u8>]) -> bool {
    own.iter().any(|script| script == output.script_pubkey.as_bytes())
}

/// What every input's owner must sign, recomputed.
fn signables(psbt: &Psbt, spent: &[TxOut]) -> Result<Vec<Signable>, DecodeError> {
    let mut cache = SighashCache::new(&psbt.unsigned_tx);
    let indices = 0..psbt.inputs.len();
    indices.zip(&psbt.inputs).map(|(index, input)| signable(&mut cache, spent, index, input)).collect()
}

fn signable(
    cache: &mut SighashCache<&Transaction>,
    spent: &[TxOut],
    index: usize,
    input: &Input,
) -> Result<Signable, DecodeError> {
    let (kind, tap) = match input.sighash_type.map_or(0, |kind| kind.to_u32()) {
        0 => (SighashType::Default, TapSighashType::Default),
        1 => (SighashType::All, TapSighashType::All),
        got => return Err(DecodeError::SighashType { input: index, got }),
    };
    let sighash = cache
        .taproot_key_spend_signature_hash(index, &Prevouts::All(spent), tap)
        .map_err(|_| DecodeError::Amounts("the signature hash cannot be computed"))?;
    // OP_1, 32, key: `spent_outputs` let nothing else pass.
    let script = spent.get(index).map(|output| output.script_pubkey.as_bytes()).unwrap_or_default();
    let key =
        script.get(2..34).and_then(|key| key.try_into().ok()).ok_or(DecodeError::ForeignInput(index))?;
    Ok(Signable::Taproot { key, sighash: sighash.to_byte_array(), kind })
}

fn outpoint(outpoint: &OutPoint) -> [u8; 36] {
    let mut bytes = [0; 36];
    let (txid, vout) = bytes.split_at_mut(32);
    txid.copy_from_slice(outpoint.txid.as_byte_array());
    vout.copy_from_slice(&outpoint.vout.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use bitcoin::{ScriptBuf, consensus};
    use serde_json::Value;

    use super::*;

    fn bytes(value: &Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    /// The BIP's transaction has inputs of other kinds too, so it is no transfer of ours.
    #[test]
    fn signature_hashes_and_signatures_of_bip_341() {
        let vectors: Value = serde_json::from_str(include_str!("../tests/vectors/bitcoin.json")).unwrap();
        let vectors = &vectors["bip341"];
        let transaction: Transaction = consensus::deserialize(&bytes(&vectors["transaction"])).unwrap();
        let spent: Vec<TxOut> = vectors["spent"]
            .as_array()
            .unwrap()
            .iter()
            .map(|spent| TxOut {
                value: Amount::from_sat(spent[1].as_u64().unwrap()),
                script_pubkey: ScriptBuf::from_bytes(bytes(&spent[0])),
            })
            .collect();
        let mut cache = SighashCache::new(&transaction);
        for case in vectors["inputs"].as_array().unwrap() {
            let index = case["index"].as_u64().unwrap() as usize;
            let kind = if case["type"] == 0 { TapSighashType::Default } else { TapSighashType::All };
            let input = Input { sighash_type: Some(kind.into()), ..Input::default() };
            let signable = signable(&mut cache, &spent, index, &input).unwrap();
            assert_eq!(signable.message(), bytes(&case["sighash"]));
            assert!(is_signed(
                signable.key(),
                signable.message().try_into().unwrap(),
                &bytes(&case["signature"]).try_into().unwrap()
            ));
        }
    }
}
