//! Why a transaction is refused, or is not the one that a payment or signature is about.

use solventry_types::Chain;

/// Why a raw transaction is refused. Inputs, outputs, instructions and accounts are numbered
/// from 0, as in the transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Over the size limit.
    #[error("expected at most {limit} bytes, got {got}")]
    TooLarge {
        /// Limit.
        limit: usize,
        /// Size.
        got: usize,
    },
    /// Does not parse.
    #[error("expected {expected}, the bytes do not parse as one: {problem}")]
    Malformed {
        /// Kind of transaction.
        expected: &'static str,
        /// The parser's words.
        problem: String,
    },
    /// Parses, but is encoded otherwise than its content is.
    #[error(
        "expected {0} in canonical form, but encoding it again gives other bytes; write it again with a tool that keeps keys in order and adds nothing"
    )]
    NotCanonical(&'static str),
    /// A field of the PSBT that is not known to be harmless.
    #[error("{place}: field {field} is not allowed; {advice}")]
    Field {
        /// `psbt`, `input 3`, `output 1`.
        place: String,
        /// Name of the field.
        field: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Number of inputs.
    #[error("expected 1 to {limit} inputs, got {got}")]
    Inputs {
        /// Limit.
        limit: usize,
        /// Inputs.
        got: usize,
    },
    /// An input that is not the vault's.
    #[error("input {0} does not spend one of the vault's own scripts")]
    ForeignInput(usize),
    /// An input twice.
    #[error("input {0} spends an outpoint that an earlier input spends")]
    RepeatedInput(usize),
    /// Another signature hash type.
    #[error(
        "input {input}: signature hash type {got:#04x} is not allowed; expected DEFAULT (0) or ALL (1), which sign the whole transaction"
    )]
    SighashType {
        /// Input.
        input: usize,
        /// Type.
        got: u32,
    },
    /// An annex.
    #[error("input {0} has an annex; expected a plain taproot key-path spend")]
    Annex(usize),
    /// A relative or absolute lock.
    #[error(
        "{0}; expected a block height as lock time (0 is best) and sequence numbers without relative lock"
    )]
    Locked(String),
    /// A transaction version.
    #[error("transaction version {0} is not allowed; expected 1 or 2")]
    Version(i32),
    /// No output but own ones.
    #[error("every output goes back to the vault; expected one external destination")]
    NoDestination,
    /// A second external output.
    #[error(
        "output {0} pays a second external destination; expected exactly one, all others to the vault's own scripts (is it change to a script that the vault does not list?)"
    )]
    SecondDestination(usize),
    /// An output that is no address.
    #[error("output {0} is not to a standard address; expected a p2pkh, p2sh, p2wpkh, p2wsh or p2tr script")]
    NotAnAddress(usize),
    /// Nothing is paid.
    #[error("the destination receives nothing; expected at least 1 unit")]
    NothingPaid,
    /// Sums.
    #[error("{0}")]
    Amounts(&'static str),
    /// A form of message that is refused.
    #[error("{0}")]
    Message(&'static str),
    /// Number of instructions.
    #[error("expected 2 instructions, AdvanceNonceAccount and one transfer, got {0}")]
    Instructions(usize),
    /// The first instruction.
    #[error(
        "instruction 0: {0}; expected AdvanceNonceAccount on a nonce account of the vault, with the vault as authority"
    )]
    Nonce(&'static str),
    /// The second instruction.
    #[error("instruction 1: {0}; expected one system Transfer or one SPL TransferChecked out of the vault")]
    Transfer(&'static str),
    /// Fee payer.
    #[error(
        "the fee payer is an account of the vault; expected an account outside of it, so that fees never leave reserves"
    )]
    FeePayer,
    /// Accounts.
    #[error("account {index}: {problem}")]
    Account {
        /// Place in the message.
        index: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

/// A payment says something else than the transaction does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// Chain.
    #[error("the transaction is on {transaction}, the payment on {payment}")]
    Chain {
        /// Chain of the transaction.
        transaction: Chain,
        /// Chain of the payment.
        payment: Chain,
    },
    /// Asset.
    #[error("the transaction moves another asset than the payment says")]
    Asset,
    /// Destination.
    #[error("the transaction pays another destination than the payment says")]
    Destination,
    /// Amount.
    #[error("the transaction pays {transaction} chain units, the payment says {payment}")]
    Amount {
        /// Amount of the transaction.
        transaction: u64,
        /// Amount of the payment.
        payment: u64,
    },
    /// Fee.
    #[error(
        "the transaction's fee {fee} is above the payment's cap {cap} (in units of the chain's own coin)"
    )]
    Fee {
        /// Fee of the transaction.
        fee: u64,
        /// Cap of the payment.
        cap: u64,
    },
}

/// Why signatures do not sign the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// One per input.
    #[error("expected {expected} signatures, one per input, got {got}")]
    Count {
        /// Inputs.
        expected: usize,
        /// Signatures.
        got: usize,
    },
    /// A signature does not verify.
    #[error("the signature of input {input} does not verify under the key of the account it spends")]
    Invalid {
        /// Input.
        input: usize,
    },
}
