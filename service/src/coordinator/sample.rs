//! What scripted nodes and their coordinator are about: keys, a transaction, evidence.

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime,
    hashes::Hash,
    key::{Keypair, Secp256k1, TapTweak, TweakedKeypair},
    transaction::Version,
};
use solventry_chains::Transfer;
use solventry_link::LinkKey;
use solventry_policy::PolicyStatement;
use solventry_protocol::{PaymentRequest, SigningEvidence, group::Node};
use solventry_types::{
    AssetId, Digest, Lane, Total, VaultConfiguration,
    headroom::{HeadroomProof, HeadroomStatement},
};

use crate::journal_sums::JournalSums;

/// Evidence with proofs that hold for nothing.
pub fn evidence(
    vault: &VaultConfiguration,
    request: &PaymentRequest,
    transfer: &Transfer,
    psbt: &[u8],
    sums: &JournalSums,
) -> SigningEvidence {
    let payment = &request.payment;
    SigningEvidence {
        vault: vault.clone(),
        payment: payment.clone(),
        transaction: psbt.to_vec(),
        proposal: request.proposal,
        approvals: vec![],
        margin: None,
        attestation: Digest([4; 32]),
        policy_statement: PolicyStatement {
            policy_root: vault.policy_root,
            payment_id: payment.id(vault.genesis),
            vault: vault.vault_digest(),
            asset: Digest([5; 32]),
            destination: payment.destination_digest(),
            amount: Total::from_units(transfer.charged().into()).unwrap(),
            fee: transfer.fee(),
            lane: Lane::Normal,
            own_destination: false,
            spent: sums.spent,
            count: sums.count,
            since_last: sums.since_last,
            approvals: 0,
            approver_set: vault.approver_set(),
            oracle_account: Digest([0; 32]),
            margin_ratio_bps: 0,
            validity: payment.validity,
        },
        policy_proof: vec![],
        headroom_statement: HeadroomStatement {
            context: Digest([6; 32]),
            headroom_root: ark_bn254::Fr::from(7u64),
            asset: AssetId::new(1).unwrap(),
            outflow: sums.outflow,
        },
        headroom_key: vec![],
        headroom_proof: proof(),
        decision: None,
        signatures: vec![],
    }
}

/// Secret half of a node's link key.
pub fn link_secret(number: usize) -> [u8; 32] {
    [100 + number as u8; 32]
}

/// The vault's whole key, which scripted nodes stand for.
pub fn keypair() -> TweakedKeypair {
    let secp = Secp256k1::new();
    Keypair::from_seckey_slice(&secp, &[9; 32]).unwrap().tap_tweak(&secp, None)
}

/// A node of a group.
pub fn node(number: usize, identity: [u8; 32]) -> Node {
    let seed = number as u8;
    Node {
        name: format!("node-{number}"),
        identity,
        link: LinkKey::from_secret(&link_secret(number)).unwrap().public(),
        link_address: format!("127.0.0.1:{}", 4_000 + number),
        peer: vec![seed; 38],
        peer_address: format!("/ip4/127.0.0.1/tcp/{}", 5_000 + number),
        provider: format!("provider {number}"),
        region: format!("region {number}"),
        jurisdiction: format!("country {number}"),
    }
}

/// Two inputs of the vault, one payment, change.
pub fn psbt(own: &ScriptBuf) -> Vec<u8> {
    let input = |vout| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([0xc0; 32]), vout },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let output =
        |value, script: &ScriptBuf| TxOut { value: Amount::from_sat(value), script_pubkey: script.clone() };
    let external = ScriptBuf::from_bytes([&[0x00, 0x14][..], &[0xe1; 20]].concat());
    let transaction = Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![input(0), input(1)],
        output: vec![output(400_000, &external), output(599_000, own)],
    };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    for input in &mut psbt.inputs {
        input.witness_utxo = Some(output(500_000, own));
    }
    psbt.serialize()
}

/// Points of the curve, no proof.
fn proof() -> HeadroomProof {
    use ark_bn254::{G1Affine, G2Affine, g1, g2};
    let point = G1Affine::new_unchecked(g1::G1_GENERATOR_X, g1::G1_GENERATOR_Y);
    let other = G2Affine::new_unchecked(g2::G2_GENERATOR_X, g2::G2_GENERATOR_Y);
    HeadroomProof { a: point, b: other, c: point }
}
