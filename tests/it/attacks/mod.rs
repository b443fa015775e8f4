//! Attacks on the statements, by threat. Each file lists its attacks in `ALL`; the runner tries
//! every one and wants the exact error, the step that refused and the claim in the message.

mod z01_wires;
mod z06_coverage;
mod z06_ranges;
mod z09_blocks;
mod z10_staging;

use rayon::prelude::*;

use crate::support::{fixture::fixture, outcome::Attack};

const FILES: &[(&str, &[Attack])] = &[
    ("z01_wires", z01_wires::ALL),
    ("z06_coverage", z06_coverage::ALL),
    ("z06_ranges", z06_ranges::ALL),
    ("z09_blocks", z09_blocks::ALL),
    ("z10_staging", z10_staging::ALL),
];

#[test]
fn every_attack_is_refused_for_its_reason() {
    fixture();
    let all: Vec<(&str, &Attack)> =
        FILES.iter().flat_map(|(file, attacks)| attacks.iter().map(|attack| (*file, attack))).collect();
    let failures: Vec<String> = all
        .par_iter()
        .filter_map(|(file, attack)| {
            let problem = (attack.run)().err()?;
            Some(format!("{file}::{}: {problem}", attack.name))
        })
        .collect();
    for (file, attacks) in FILES {
        println!("{file}: {} attacks", attacks.len());
    }
    println!("{} attacks, {} refused", all.len(), all.len() - failures.len());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
