//! Arrays that would read positions instead of measuring risk.

use solventry_fhe_risk::arrays::file::{Instrument, RiskArrays};

/// What is wrong with arrays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArraysFault {
    /// A leg that loses nothing in any scenario: what is left would show the other positions.
    #[error(
        "{instrument} loses nothing {leg} in any scenario: no market does that, and such arrays read the other positions \
         out of a margin; nothing is decrypted under them"
    )]
    Riskless {
        /// Name.
        instrument: String,
        /// Bought or sold.
        leg: &'static str,
    },
}

/// Refuses arrays of the form e_i: every instrument must be able to lose, long and short.
///
/// A second line of defence: the first is that the authority recomputes the arrays from public data.
pub fn require_market_arrays(arrays: &RiskArrays) -> Result<(), ArraysFault> {
    let loses = |entries: &[i64]| entries.iter().any(|entry| *entry > 0);
    let fault = |instrument: &Instrument| {
        let legs = [("bought", &instrument.long), ("sold", &instrument.short)];
        legs.into_iter().find(|(_, entries)| !loses(entries)).map(|(leg, _)| leg)
    };
    let mut faults = arrays.content().instruments.iter().filter_map(|instrument| {
        let instrument_fault = fault(instrument)?;
        Some(ArraysFault::Riskless { instrument: instrument.name.clone(), leg: instrument_fault })
    });
    faults.next().map_or(Ok(()), Err)
}
