//! Payments of the desk: what is paid, by which transaction, with which proofs.

use std::sync::LazyLock;

use bitcoin::{
    Amount, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute::LockTime,
    hashes::Hash, transaction::Version,
};
use rand_core::OsRng;
use solventry_protocol::{
    JournalClaims, PaymentRequest, SigningEvidence,
    rebuild::{charge, headroom_statement, policy_statement},
};
use solventry_prover::headroom::prove_headroom;
use solventry_types::{Chain, Digest, Lane, Locator, Payment, Validity, VaultAccounts};

use super::desk::{START, desk, exchange, public, total};
use crate::application::State;

/// Fee cap of every order, in satoshi.
pub const FEE_CAP: u64 = 2_000;

/// What is paid.
#[derive(Debug, Clone)]
pub struct Order {
    pub vault: &'static str,
    pub destination: Vec<u8>,
    pub amount: u64,
    pub fee: u64,
    /// Outpoints that are spent, 1 bitcoin each; the first is the anchor.
    pub inputs: Vec<u8>,
    pub nonce: u8,
    pub validity: Validity,
}

impl Order {
    /// 400 000 satoshi to the exchange.
    pub fn new(nonce: u8, inputs: &[u8]) -> Self {
        Self {
            vault: "treasury",
            destination: exchange(),
            amount: 400_000,
            fee: 1_000,
            inputs: inputs.to_vec(),
            nonce,
            validity: Validity { from: START, until: START + 3_600 },
        }
    }

    pub fn payment(&self) -> Payment {
        Payment {
            vault: self.vault.into(),
            chain: Chain::Bitcoin,
            locator: Locator::Native,
            destination: self.destination.clone(),
            amount: self.amount,
            fee_cap: FEE_CAP,
            validity: self.validity,
            lane: Lane::Normal,
            nonce: [self.nonce; 16],
            proposer: public(&desk().proposer),
        }
    }

    pub fn id(&self) -> Digest {
        self.payment().id(desk().genesis.digest())
    }

    /// The transaction, change to the vault.
    pub fn psbt(&self) -> Vec<u8> {
        psbt(self.vault, &self.inputs, &[(&self.destination, self.amount)], self.fee)
    }

    /// What the transaction's digest is.
    pub fn transaction(&self) -> Digest {
        solventry_chains::decode(&self.psbt(), &desk().vault(self.vault).accounts).unwrap().digest()
    }

    /// A record with these claims; proofs are made if there are any to be made.
    pub fn record(&self, state: &State, claims: JournalClaims, proven: bool) -> SigningEvidence {
        let desk = desk();
        let vault = state.vaults[self.vault].at(state.time).configuration.clone();
        let epoch = state.epoch.as_ref().unwrap();
        let attestation = epoch.verified.as_ref().unwrap();
        let (payment, transaction) = (self.payment(), self.psbt());
        let transfer = solventry_chains::decode(&transaction, &vault.accounts).unwrap();
        let charge = charge(&transfer, payment.fee_cap, &vault, attestation).unwrap();
        let mut request = PaymentRequest::propose(payment.clone(), vault.genesis, &desk.proposer);
        request.approve(vault.genesis, &desk.approvers[0]);
        let statement = policy_statement(&vault, &payment, &charge, None, 1, &claims);
        let sealed = desk.epochs.iter().find(|sealed| sealed.attestation.digest() == epoch.digest).unwrap();
        let headroom_statement = headroom_statement(attestation, &charge, &claims);
        let (policy_proof, headroom_proof) = if proven {
            let policy = desk.policy(&desk.vault(self.vault));
            let proof = solventry_policy::prove(&desk.policy_keys, &policy, &statement, OsRng).unwrap();
            let made =
                prove_headroom(&desk.headroom_keys, &sealed.headroom, charge.id, claims.outflow).unwrap();
            (proof.as_bytes().to_vec(), made.proof)
        } else {
            static PROOF: LazyLock<solventry_types::HeadroomProof> = LazyLock::new(|| {
                let asset = solventry_types::AssetId::new(1).unwrap();
                let desk = super::desk::desk();
                let headroom = &desk.epochs[0].headroom;
                prove_headroom(&desk.headroom_keys, headroom, asset, total(1)).unwrap().proof
            });
            (vec![0; 64], *PROOF)
        };
        SigningEvidence {
            payment,
            transaction,
            proposal: request.proposal,
            approvals: request.approvals,
            margin: None,
            attestation: epoch.digest,
            policy_statement: statement,
            policy_proof,
            headroom_statement,
            headroom_key: desk.headroom_keys.verifying.encode(),
            headroom_proof,
            decision: None,
            signatures: vec![],
            vault,
        }
    }
}

/// A PSBT of a vault whose inputs hold 1 bitcoin each; change follows the outputs.
pub fn psbt(vault: &str, inputs: &[u8], outputs: &[(&[u8], u64)], fee: u64) -> Vec<u8> {
    const HELD: u64 = 100_000_000;
    let VaultAccounts::Bitcoin { scripts } = desk().vault(vault).accounts else { unreachable!() };
    let own = ScriptBuf::from_bytes(scripts[0].clone());
    let input = |tag: &u8| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([*tag; 32]), vout: 0 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let paid: u64 = outputs.iter().map(|(_, amount)| amount).sum();
    let change = HELD * inputs.len() as u64 - paid - fee;
    let output = |script: &[u8], value| TxOut {
        value: Amount::from_sat(value),
        script_pubkey: ScriptBuf::from_bytes(script.to_vec()),
    };
    let mut output: Vec<TxOut> = outputs.iter().map(|(script, value)| output(script, *value)).collect();
    output.push(TxOut { value: Amount::from_sat(change), script_pubkey: own.clone() });
    let transaction = Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: inputs.iter().map(input).collect(),
        output,
    };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    for input in &mut psbt.inputs {
        input.witness_utxo = Some(TxOut { value: Amount::from_sat(HELD), script_pubkey: own.clone() });
    }
    psbt.serialize()
}
