//! Why the authority does not answer.

use solventry_fhe_risk::{
    plan::PlanError,
    wire::{Digest, EvaluateError, QueryError, ReadError, WireError},
};

use super::ArraysFault;
use crate::budget::BudgetError;

/// Why the authority does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// Bytes of query or result.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A result that could be inexact.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Nothing was evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Arrays that read positions.
    #[error(transparent)]
    Arrays(#[from] ArraysFault),
    /// Arrays of another family.
    #[error("the risk arrays are of the family {got:?}; this venue uses {expected:?} and no other")]
    Family {
        /// Registered.
        expected: String,
        /// Got.
        got: String,
    },
    /// Arrays of another time.
    #[error("the risk arrays are valid from {from} until {until}, now it is {now}; build those of today")]
    Validity {
        /// First second.
        from: u64,
        /// First second after.
        until: u64,
        /// Now.
        now: u64,
    },
    /// An account that this authority does not serve.
    #[error("account {0} is not registered with this authority (see --accounts)")]
    Account(String),
    /// More than the query asked.
    #[error("the query asked for the call alone; encrypt again with --question margin to be told more")]
    NotAsked,
    /// A result of something else.
    #[error("the result is of another {what}: expected {expected}, got {got} (did the engine swap results?)")]
    OtherResult {
        /// Query or computation.
        what: &'static str,
        /// Expected.
        expected: Digest,
        /// Got.
        got: Digest,
    },
    /// Not signed.
    #[error("the engine's signature over the result does not verify")]
    EngineSignature,
    /// A result that differs from our own.
    #[error(
        "the engine's result is not what the query gives: expected digest {expected}, got {got}; the engine is wrong or \
         lies, or runs on other instructions than this machine"
    )]
    Lies {
        /// Our own.
        expected: Digest,
        /// The engine's.
        got: Digest,
    },
    /// Engines that differ.
    #[error(
        "two engines disagree: {first} and {second}; evaluate again here (--re-evaluate) to see which is right"
    )]
    Disagree {
        /// First.
        first: Digest,
        /// Second.
        second: Digest,
    },
    /// One engine twice.
    #[error("both results are signed by the same engine; expected two different ones")]
    SameEngine,
    /// An engine that is not known.
    #[error("engine {0} is not one that this authority knows; name it with --engine if it is")]
    UnknownEngine(String),
    /// The budget.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// Not a result under this key.
    #[error(transparent)]
    Read(#[from] ReadError),
}
