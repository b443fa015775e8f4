//! Attacks on the statements, by threat. Each file lists its attacks in `ALL`; the runner tries
//! every one and wants the exact error, the step that refused and the claim in the message.

mod f01_headroom_statements;
mod f02_headroom_proofs;
mod f02_people;
mod f02_proofs;
mod f02_signers_evidence;
mod f02_signers_missing;
mod f02_signers_replay;
mod f03_decision;
mod f03_headroom_keys;
mod f03_signers_races;
mod f03_signers_times;
mod f04_headroom_snarkjs;
mod f04_signers_epochs;
mod f04_transaction;
mod f07_signers_secrets;
mod z01_wires;
mod z03_inputs;
mod z04_aliasing;
mod z06_coverage;
mod z06_ranges;
mod z09_blocks;
mod z09_inclusion;
mod z09_positions;
mod z09_shards;
mod z09_slots;
mod z10_coverage;
mod z10_staging;
mod z11_assets;
mod z12_replay;
mod z13_malleability;
mod z14_keys;
mod z15_forgeries;
mod z17_transcript;
mod z18_batches;
mod z20_guesser;
mod z23_attestors;
mod z23_reserves;

use std::sync::Mutex;

use crate::support::{fixture::fixture, outcome::Attack, threads::for_each};

const FILES: &[(&str, &[Attack])] = &[
    ("f02_people", f02_people::ALL),
    ("f02_proofs", f02_proofs::ALL),
    ("f03_decision", f03_decision::ALL),
    ("f04_transaction", f04_transaction::ALL),
    ("f01_headroom_statements", f01_headroom_statements::ALL),
    ("f02_headroom_proofs", f02_headroom_proofs::ALL),
    ("f03_headroom_keys", f03_headroom_keys::ALL),
    ("f04_headroom_snarkjs", f04_headroom_snarkjs::ALL),
    ("z01_wires", z01_wires::ALL),
    ("z03_inputs", z03_inputs::ALL),
    ("z04_aliasing", z04_aliasing::ALL),
    ("z06_coverage", z06_coverage::ALL),
    ("z06_ranges", z06_ranges::ALL),
    ("z09_blocks", z09_blocks::ALL),
    ("z09_shards", z09_shards::ALL),
    ("z09_inclusion", z09_inclusion::ALL),
    ("z09_positions", z09_positions::ALL),
    ("z09_slots", z09_slots::ALL),
    ("z10_staging", z10_staging::ALL),
    ("z10_coverage", z10_coverage::ALL),
    ("z11_assets", z11_assets::ALL),
    ("z12_replay", z12_replay::ALL),
    ("z13_malleability", z13_malleability::ALL),
    ("z14_keys", z14_keys::ALL),
    ("z15_forgeries", z15_forgeries::ALL),
    ("z17_transcript", z17_transcript::ALL),
    ("z18_batches", z18_batches::ALL),
    ("z23_reserves", z23_reserves::ALL),
    ("z23_attestors", z23_attestors::ALL),
];

/// Attacks on a journal's nodes; they take most of the time.
const SIGNERS: &[(&str, &[Attack])] = &[
    ("f02_signers_evidence", f02_signers_evidence::ALL),
    ("f02_signers_replay", f02_signers_replay::ALL),
    ("f03_signers_races", f03_signers_races::ALL),
    ("f04_signers_epochs", f04_signers_epochs::ALL),
    ("f03_signers_times", f03_signers_times::ALL),
    ("f02_signers_missing", f02_signers_missing::ALL),
];

#[test]
fn every_attack_is_refused_for_its_reason() {
    summary(&[SIGNERS, FILES].concat());
}

#[test]
#[ignore = "the test above tries them too; this one is for work on the nodes alone"]
fn signers_refuse_every_attack() {
    summary(SIGNERS);
}

/// Tries all attacks of these files and says how many were refused.
fn summary(files: &[(&str, &[Attack])]) {
    fixture();
    let all: Vec<(&str, &Attack)> =
        files.iter().flat_map(|(file, attacks)| attacks.iter().map(|attack| (*file, attack))).collect();
    let failures = run(&all);
    for (file, attacks) in files {
        println!("{file}: {} attacks", attacks.len());
    }
    println!("{} attacks, {} refused", all.len(), all.len() - failures.len());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    f07_signers_secrets::nothing_leaks().unwrap();
}

/// Tries all attacks; returns what went wrong.
fn run(all: &[(&str, &Attack)]) -> Vec<String> {
    let failures = Mutex::new(Vec::new());
    for_each(all.len(), |index| {
        let (file, attack) = all[index];
        if let Err(problem) = (attack.run)() {
            failures.lock().unwrap().push(format!("{file}::{}: {problem}", attack.name));
        }
    });
    failures.into_inner().unwrap()
}
