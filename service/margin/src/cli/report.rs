//! What a result says, in quanta and in money; the same text for the encrypted and the clear one.

use solventry_fhe_risk::{
    arrays::file::{Content, RiskArrays},
    reference::Margin,
    wire::Venue,
};
use solventry_margin::stamps;

use super::{Outcome, print};

/// Margin, collateral, excess, call.
pub fn margin(arrays: &RiskArrays, margin: &Margin) -> String {
    let line = |name: &str, quanta: i64| format!("{name:<12}{}", amount(arrays, quanta));
    let lines = [
        line("margin", margin.margin),
        line("collateral", margin.collateral),
        line("excess", margin.excess()),
    ];
    format!("{}\n{}", lines.join("\n"), call(margin.call))
}

/// The call alone.
pub fn call(call: bool) -> String {
    format!("{:<12}{}", "margin call", if call { "yes: collateral is below the margin" } else { "no" })
}

/// The ratio alone.
pub fn ratio(bps: u32) -> String {
    format!("{:<12}at least {}.{:02} % (lower edge of a coarse grid)", "ratio", bps / 100, bps % 100)
}

/// In money and in quanta.
pub fn amount(arrays: &RiskArrays, quanta: i64) -> String {
    let Content { quantum, currency, .. } = arrays.content();
    let money = quantum.money(quanta.into()).unwrap_or_else(|| "?".into());
    format!("{money} {currency}  ({quanta} quanta of {quantum})")
}

/// Prints the stamps of a result, and decides the exit code.
pub fn stamped(venue: &Venue, insecure_dev: bool) -> Outcome {
    stamps::of(venue).into_iter().for_each(print);
    if venue.is_untrusted() && !insecure_dev { Outcome::Untrusted } else { Outcome::Done }
}
