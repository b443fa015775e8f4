//! Payments of the desk's journal with proofs: out of either vault, from any outpoints.

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

use super::{
    evil_signing::total,
    fixture::NOW,
    signers::{configured, public},
    signing::{desk, exchange, policy},
};

/// What is paid, and what its proofs claim about the journal.
#[derive(Clone)]
pub struct Order {
    pub vault: &'static str,
    pub destination: Vec<u8>,
    pub amount: u64,
    pub nonce: u8,
    /// Outpoints that are spent, one bitcoin each; the first is the anchor.
    pub inputs: Vec<u8>,
    pub claims: JournalClaims,
}

/// Fee of every order, in satoshi.
pub const FEE: u64 = 1_000;
/// When every order may be decided: the longest validity that the policy allows.
pub const VALIDITY: Validity = Validity { from: NOW + 100, until: NOW + 3_700 };

impl Order {
    /// 400 000 satoshi of the treasury to the exchange, with room for one such payment before it.
    pub fn new(nonce: u8, inputs: &[u8]) -> Self {
        let claims =
            JournalClaims { spent: [total(500_000); 4], count: 1, since_last: 60, outflow: total(1_000_000) };
        Self {
            vault: "treasury",
            destination: exchange(),
            amount: 400_000,
            nonce,
            inputs: inputs.to_vec(),
            claims,
        }
    }

    /// What people sign.
    pub fn payment(&self) -> Payment {
        Payment {
            vault: self.vault.into(),
            chain: Chain::Bitcoin,
            locator: Locator::Native,
            destination: self.destination.clone(),
            amount: self.amount,
            fee_cap: 2_000,
            validity: VALIDITY,
            lane: Lane::Normal,
            nonce: [self.nonce; 16],
            proposer: public(&desk().proposer),
        }
    }

    /// `payment_id`.
    pub fn id(&self) -> Digest {
        self.payment().id(desk().genesis.digest())
    }

    /// Digest of the transaction.
    pub fn transaction(&self) -> Digest {
        solventry_chains::decode(&self.psbt(), &configured(self.vault).accounts).unwrap().digest()
    }

    /// What the payment is charged, in satoshi.
    pub fn charged(&self) -> u128 {
        u128::from(self.amount + FEE)
    }

    /// The same payment by a transaction of other outpoints; what is proven stays true.
    pub fn moved(&self, evidence: &SigningEvidence, inputs: &[u8]) -> (Self, SigningEvidence) {
        let order = Self { inputs: inputs.to_vec(), ..self.clone() };
        let evidence = SigningEvidence { transaction: order.psbt(), ..evidence.clone() };
        (order, evidence)
    }

    /// Evidence with both proofs, approved by one.
    pub fn evidence(&self) -> SigningEvidence {
        let desk = desk();
        let (vault, payment, transaction) = (configured(self.vault), self.payment(), self.psbt());
        let transfer = solventry_chains::decode(&transaction, &vault.accounts).unwrap();
        let charge = charge(&transfer, payment.fee_cap, &vault, &desk.attestation).unwrap();
        let statement = policy_statement(&vault, &payment, &charge, None, 1, &self.claims);
        let proof = solventry_policy::prove(&desk.policy_keys, &policy(&vault), &statement, OsRng).unwrap();
        let made =
            prove_headroom(&desk.headroom_keys, &desk.headroom, charge.id, self.claims.outflow).unwrap();
        assert_eq!(made.statement, headroom_statement(&desk.attestation, &charge, &self.claims));
        let mut request = PaymentRequest::propose(payment.clone(), vault.genesis, &desk.proposer);
        request.approve(vault.genesis, &desk.approvers[0]);
        SigningEvidence {
            payment,
            transaction,
            proposal: request.proposal,
            approvals: request.approvals,
            policy_statement: statement,
            policy_proof: proof.as_bytes().to_vec(),
            headroom_statement: made.statement,
            headroom_proof: made.proof,
            vault,
            ..desk.honest.clone()
        }
    }

    fn psbt(&self) -> Vec<u8> {
        psbt(self.vault, &self.inputs, &[(&self.destination, self.amount)], FEE)
    }
}

/// A PSBT of a vault whose inputs hold one bitcoin each; change follows the outputs.
pub fn psbt(vault: &str, inputs: &[u8], outputs: &[(&[u8], u64)], fee: u64) -> Vec<u8> {
    const HELD: u64 = 100_000_000;
    let VaultAccounts::Bitcoin { scripts } = configured(vault).accounts else { unreachable!() };
    let own = ScriptBuf::from_bytes(scripts[0].clone());
    let input = |tag: &u8| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array([*tag; 32]), vout: 0 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let output = |(script, value): &(&[u8], u64)| TxOut {
        value: Amount::from_sat(*value),
        script_pubkey: ScriptBuf::from_bytes(script.to_vec()),
    };
    let paid: u64 = outputs.iter().map(|(_, amount)| amount).sum();
    let change = HELD * inputs.len() as u64 - paid - fee;
    let mut output: Vec<TxOut> = outputs.iter().map(output).collect();
    output.push(TxOut { value: Amount::from_sat(change), script_pubkey: own.clone() });
    let input: Vec<_> = inputs.iter().map(input).collect();
    let transaction = Transaction { version: Version::TWO, lock_time: LockTime::ZERO, input, output };
    let mut psbt = Psbt::from_unsigned_tx(transaction).unwrap();
    for input in &mut psbt.inputs {
        input.witness_utxo = Some(TxOut { value: Amount::from_sat(HELD), script_pubkey: own.clone() });
    }
    psbt.serialize()
}
