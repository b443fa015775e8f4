//! Why a result is believed: no engine is trusted alone.

use std::sync::atomic::AtomicU64;

use solventry_fhe_risk::{
    engine::Engine,
    plan::Plan,
    reference::Weights,
    wire::{Digest, EncryptedResult, Inputs, SignedResult, evaluate_query},
};

use super::AuthorityError;
use crate::signing;

/// Why the authority believes a result.
pub enum Evidence<'a> {
    /// It evaluates again itself.
    ReEvaluate(&'a Engine),
    /// Two engines that it knows have signed the same bits.
    Second {
        /// File of the second result.
        result: &'a [u8],
        /// Keys of engines that it knows.
        engines: &'a [[u8; 32]],
    },
}

pub(super) fn require_engine_signature(signed: &SignedResult) -> Result<(), AuthorityError> {
    let message = SignedResult::message(&signed.result);
    if signing::verifies(&signed.engine, &message.0, &signed.signature) {
        Ok(())
    } else {
        Err(AuthorityError::EngineSignature)
    }
}

pub(super) fn require_own(
    engine: &Engine,
    plan: &Plan,
    weights: &Weights,
    inputs: &Inputs,
    result: &EncryptedResult,
) -> Result<(), AuthorityError> {
    let own = evaluate_query(engine, plan, weights, inputs, &AtomicU64::new(0))?;
    let (expected, got) = (own.digest(), result.digest());
    if expected == got { Ok(()) } else { Err(AuthorityError::Lies { expected, got }) }
}

pub(super) fn require_second(
    first: &SignedResult,
    second: &[u8],
    engines: &[[u8; 32]],
) -> Result<(), AuthorityError> {
    let second = SignedResult::decode(second)?;
    require_engine_signature(&second)?;
    for engine in [&first.engine, &second.engine] {
        if !engines.contains(engine) {
            return Err(AuthorityError::UnknownEngine(hex::encode(engine)));
        }
    }
    if first.engine == second.engine {
        return Err(AuthorityError::SameEngine);
    }
    let (expected, got) = (Digest::of(&first.result), Digest::of(&second.result));
    if expected == got { Ok(()) } else { Err(AuthorityError::Disagree { first: expected, second: got }) }
}
