//! Evaluation of a verified query.

use std::sync::atomic::AtomicU64;

use rayon::prelude::*;

use super::{Digest, EncryptedResult, Inputs, Venue, digest::Fields};
use crate::{
    arrays::file::RiskArrays,
    circuit::{Outcome, Wanted, any_call, evaluate},
    engine::{Counted, Engine, Lwe, WIDE},
    plan::{InputKind, Plan, Question},
    reference::Weights,
};

/// Why nothing was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// Plan, weights and inputs are not of one query.
    #[error("{what}: the plan has {expected}, the query {got}")]
    Shape {
        /// What differs.
        what: &'static str,
        /// Of the plan.
        expected: String,
        /// Of the query.
        got: String,
    },
    /// The key has no large part.
    #[error(
        "{0} scenarios need an evaluation key with its large part, which this one lacks: make keys with --large, or ask \
         for the call only"
    )]
    SmallKey(usize),
}

/// Digest of what is computed: arrays, market, question and version of the circuit.
pub fn function(venue: &Venue, arrays: &RiskArrays, question: Question) -> Digest {
    Fields::new("solventry/margin-function/v1")
        .digest(&Digest(arrays.digest()))
        .digest(&venue.parameters)
        .number(venue.market.bits.into())
        .number(venue.market.value_bits.into())
        .number(u64::from(venue.market.inputs == InputKind::Public))
        .number(u64::from(question == Question::Margin))
        .hash()
}

/// Evaluates; the same inputs give the same bits on every engine that runs the same instructions.
/// `progress` counts bootstraps up to [`Plan::bootstraps`].
///
/// # Errors
///
/// If plan, weights and inputs do not belong together, or the key has not what they need.
pub fn evaluate_query(
    engine: &Engine,
    plan: &Plan,
    weights: &Weights,
    inputs: &Inputs,
    progress: &AtomicU64,
) -> Result<EncryptedResult, EvaluateError> {
    require_shape(plan, weights, inputs)?;
    if plan.needs_large_key() && !engine.is_large() {
        return Err(EvaluateError::SmallKey(plan.scenarios));
    }
    let losses: Vec<Lwe> = weights
        .scenarios
        .par_iter()
        .map(|scenario| combine(scenario.iter().copied().zip(&inputs.legs)))
        .collect();
    let factors = weights.collateral.iter().map(|factor| i64::try_from(*factor).unwrap_or(i64::MAX));
    let collateral = combine(factors.zip(&inputs.collateral));
    let machine = Counted { engine, progress };
    let bits = plan.market.bits;
    let outcome = match plan.question {
        Question::Call => {
            let call = any_call(&machine, bits, losses, &collateral);
            Outcome { margin: Vec::new(), call: Some(call) }
        }
        Question::Margin => {
            evaluate(&machine, bits, losses, &collateral, Wanted { margin: true, call: true })
        }
    };
    Ok(EncryptedResult {
        query: inputs.query,
        function: inputs.function,
        question: plan.question,
        windows: outcome.margin,
        call: outcome.call.unwrap_or_else(|| Lwe::zero(crate::engine::COMPUTED)),
        collateral: (plan.question == Question::Margin).then_some(collateral),
    })
}

/// Σ factor·input.
fn combine<'a>(terms: impl Iterator<Item = (i64, &'a Lwe)>) -> Lwe {
    let mut sum = Lwe::zero(WIDE);
    terms.for_each(|(factor, input)| sum.add_multiple(input, factor));
    sum
}

fn require_shape(plan: &Plan, weights: &Weights, inputs: &Inputs) -> Result<(), EvaluateError> {
    let legs = weights.scenarios.iter().all(|scenario| scenario.len() == plan.legs);
    let pairs = [
        ("question", format!("{:?}", plan.question), format!("{:?}", inputs.question)),
        ("scenarios", plan.scenarios.to_string(), weights.scenarios.len().to_string()),
        ("legs", plan.legs.to_string(), inputs.legs.len().to_string()),
        (
            "weights by leg",
            "those of all scenarios".into(),
            if legs { "those of all scenarios" } else { "others" }.into(),
        ),
        ("collateral assets", plan.collateral.to_string(), inputs.collateral.len().to_string()),
        ("collateral factors", plan.collateral.to_string(), weights.collateral.len().to_string()),
    ];
    match pairs.into_iter().find(|(_, expected, got)| expected != got) {
        Some((what, expected, got)) => Err(EvaluateError::Shape { what, expected, got }),
        None => Ok(()),
    }
}
