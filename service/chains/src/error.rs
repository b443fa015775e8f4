//! Why a transaction is refused, or is not the one that a payment or signature is about.

use solventry_types::{Chain, Locator};

use crate::address::{account_text, locator_text};

/// Why a raw transaction is refused. Inputs, outputs, instructions and accounts are numbered
/// from 0, as in the transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Over the size limit.
    #[error("expected at most {limit} bytes, got {got}; is it another file?")]
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
    /// An input without the output that it spends.
    #[error("input {0}: field witness_utxo is missing; add the output that the input spends")]
    MissingUtxo(usize),
    /// Number of inputs.
    #[error("expected 1 to {limit} inputs, got {got}")]
    Inputs {
        /// Limit.
        limit: usize,
        /// Inputs.
        got: usize,
    },
    /// Number of outputs.
    #[error("expected at most {limit} outputs, got {got}; break a vault's funds into fewer pieces")]
    Outputs {
        /// Limit.
        limit: usize,
        /// Outputs.
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
    /// A lock time, by height or by time.
    #[error(
        "lock time {0} is not allowed; expected 0, or the transaction could wait beyond the payment's validity"
    )]
    LockTime(u32),
    /// A sequence number with a meaning of its own.
    #[error(
        "input {input}: sequence number {got:#010x} is not allowed; expected 0xffffffff, 0xfffffffe or 0xfffffffd (replaceable), which lock nothing"
    )]
    Sequence {
        /// Input.
        input: usize,
        /// Sequence number.
        got: u32,
    },
    /// A transaction version.
    #[error("transaction version {0} is not allowed; expected 2 (or 1, which means the same here)")]
    Version(i32),
    /// No output but own ones.
    #[error("all that is paid goes back to the vault; expected exactly one external destination")]
    NoDestination,
    /// An output of a cancellation that is not own.
    #[error("output {0} is not to the vault's own script; a cancellation pays nobody else")]
    NotOwn(usize),
    /// A cancellation that does more than advance a nonce.
    #[error("expected AdvanceNonceAccount alone, got {0} instructions; a cancellation moves nothing")]
    CancelInstructions(usize),
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
    /// Accounts that stand elsewhere.
    #[error("the message looks accounts up in address tables; write every account into the message")]
    LookupTables,
    /// A version of the message format.
    #[error("expected a legacy message or one of version 0, got version byte {0:#04x}")]
    MessageVersion(u8),
    /// Number of signers.
    #[error("expected 2 signers, the fee payer and the vault's authority, got {0}")]
    Signers(usize),
    /// Number of instructions.
    #[error("expected 2 instructions, AdvanceNonceAccount and one transfer, got {0}")]
    Instructions(usize),
    /// No durable nonce.
    #[error(
        "instruction 0 is not AdvanceNonceAccount; a transaction without durable nonce expires before a quorum has signed it: put it first"
    )]
    MissingAdvanceNonce,
    /// The first instruction.
    #[error(
        "instruction 0: {0}; expected AdvanceNonceAccount on a nonce account of the vault, with the vault as authority"
    )]
    Nonce(&'static str),
    /// SPL Transfer.
    #[error("instruction 1 is an SPL Transfer, which does not name the mint; use TransferChecked")]
    TransferWithoutMint,
    /// Token-2022.
    #[error(
        "instruction 1 is of the Token-2022 program, whose mints can take fees and call other programs; only SPL Token is supported"
    )]
    Token2022,
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
    #[error("the transaction moves {}, the payment says {}", locator_text(*chain, transaction), locator_text(*chain, payment))]
    Asset {
        /// Chain of both.
        chain: Chain,
        /// Asset of the transaction.
        transaction: Locator,
        /// Asset of the payment.
        payment: Locator,
    },
    /// Destination.
    #[error("the transaction pays another destination than the payment: {}, not {}", account_text(*chain, transaction), account_text(*chain, payment))]
    Destination {
        /// Chain of both.
        chain: Chain,
        /// Canonical account of the transaction.
        transaction: Vec<u8>,
        /// Canonical account of the payment.
        payment: Vec<u8>,
    },
    /// Amount.
    #[error("the transaction pays {transaction} chain units, the payment says {payment}")]
    Amount {
        /// Amount of the transaction.
        transaction: u64,
        /// Amount of the payment.
        payment: u64,
    },
    /// Fee.
    #[error("the transaction's fee {fee} is above the payment's cap {cap} (in sat or lamports)")]
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
    #[error(
        "the signature of input {input} does not verify under the key of the account it spends; sign this very transaction with that account's key"
    )]
    Invalid {
        /// Input.
        input: usize,
    },
}

/// An error of another library in its own words, causes included, the first 200 characters:
/// parsers quote what they do not understand, all of it.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let words = causes.fold(error.to_string(), |words, cause| format!("{words}: {cause}"));
    words.chars().take(200).collect()
}
