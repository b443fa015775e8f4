//! Decryption of a result, which must look like one.

use super::EncryptedResult;
use crate::{
    circuit::margin_tops,
    keys::SecretKey,
    plan::{Market, Question},
    reference::Margin,
};

/// What a result says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Whether collateral is below the margin.
    pub call: bool,
    /// All of it, where it was asked for.
    pub margin: Option<Margin>,
}

/// Why a result cannot be read; says nothing of phases, which depend on the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A phase is far from every value that it could stand for.
    #[error("{0}: noise out of bounds; this is not a result that an honest engine computes under this key")]
    Noise(&'static str),
    /// Another shape than the market's.
    #[error("the result is not of this market")]
    Shape,
    /// Margin, collateral and call contradict one another.
    #[error("margin, collateral and call of the result contradict one another")]
    Contradiction,
}

/// Decrypts; a phase may be off by a quarter of what it decides, half would change the answer.
///
/// # Errors
///
/// If a phase is off by more, or the parts contradict one another.
pub fn read(secret: &SecretKey, market: Market, result: &EncryptedResult) -> Result<Answer, ReadError> {
    let call = nearest(secret.result_phase(&result.call).wrapping_sub(1 << 62), 63);
    let call = call.map(|half| half & 1 == 1).ok_or(ReadError::Noise("call"))?;
    if result.question == Question::Call {
        return Ok(Answer { call, margin: None });
    }
    let phases: Vec<u64> = result.windows.iter().map(|window| secret.result_phase(window)).collect();
    let margin = margin(market.bits, &phases)?;
    let collateral = result.collateral.as_ref().ok_or(ReadError::Shape)?;
    let collateral =
        nearest(secret.input_phase(collateral), 64 - market.bits).ok_or(ReadError::Noise("collateral"))?;
    let read = Margin { margin: signed(margin)?, collateral: signed(collateral)?, call };
    // The plan leaves no room for negative values here.
    let limit = 1 << (market.bits - 1);
    let is_sound = read.margin < limit && read.collateral < limit && call == (read.collateral < read.margin);
    if is_sound { Ok(Answer { call, margin: Some(read) }) } else { Err(ReadError::Contradiction) }
}

fn signed(value: u64) -> Result<i64, ReadError> {
    i64::try_from(value).map_err(|_| ReadError::Contradiction)
}

/// The multiple of 2^`unit` that a phase stands for; none if it is off by more than a quarter.
fn nearest(phase: u64, unit: u32) -> Option<u64> {
    let half = 1u64 << (unit - 1);
    let rounded = phase.wrapping_add(half) >> unit;
    let off = phase.wrapping_sub(rounded << unit) as i64;
    (off.unsigned_abs() <= half / 2).then_some(rounded)
}

/// The margin from its windows, from low to high, as [`crate::circuit::read_margin`] does.
fn margin(bits: u32, phases: &[u64]) -> Result<u64, ReadError> {
    let tops = margin_tops(bits);
    if tops.len() != phases.len() {
        return Err(ReadError::Shape);
    }
    let (mut value, mut known) = (0u64, 0u32);
    for (top, phase) in tops.into_iter().zip(phases).rev() {
        let unit = 63 - top + known;
        let rest = phase.wrapping_sub(value << (63 - top));
        let digits = nearest(rest, unit).ok_or(ReadError::Noise("margin"))?;
        value |= (digits & ((1 << (64 - unit)) - 1)) << known;
        known = top + 1;
    }
    Ok(value)
}
