//! The plan in words, for an auditor.

use std::fmt;

use super::{InputKind, Plan, Question};
use crate::circuit::{fresh, selected};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let question = match self.question {
            Question::Call => "margin call only",
            Question::Margin => "margin and margin call",
        };
        let inputs = match self.market.inputs {
            InputKind::Secret => "secret key",
            InputKind::Public => "public key, with proof",
        };
        writeln!(
            f,
            "{question}: {} instruments, {} scenarios, {} collateral assets",
            self.legs / 2,
            self.scenarios,
            self.collateral
        )?;
        writeln!(
            f,
            "inputs: {inputs}; values of {} bits, lots of {} bits",
            self.market.bits, self.market.value_bits
        )?;
        let ranges = &self.ranges;
        writeln!(
            f,
            "largest values, in quanta: loss {}, difference {}, collateral {}, excess {}; limit {}",
            ranges.loss,
            ranges.difference,
            ranges.collateral,
            ranges.excess,
            1i128 << (self.market.bits - 1)
        )?;
        let bits = self.market.bits;
        let [fresh, selected] = [fresh(bits), selected(bits)]
            .map(|windows| windows.iter().map(|window| window.top.to_string()).collect::<Vec<_>>().join(" "));
        writeln!(
            f,
            "windows of a sign by their highest bits: fresh values {fresh}; selected values {selected}"
        )?;
        writeln!(f, "bootstraps: {}", self.bootstraps)?;
        writeln!(
            f,
            "{:<12}{:>8}{:>10}{:>10}{:>10}{:>10}",
            "step", "count", "margin", "deviation", "hostile", "failure"
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<12}{:>8}{:>10.1}{:>10.2}{:>10.2}    2^{:.0}",
                row.name, row.count, row.margin, row.deviation, row.worst, row.failure_log2
            )?;
        }
        write!(
            f,
            "chance of a wrong result: 2^{:.1}; margins and noise in places of 2^-12 of the torus",
            self.failure_log2
        )
    }
}
