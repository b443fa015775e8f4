//! Attacks on the statements, by threat. Each file lists its attacks in `ALL`; the runner tries
//! every one and wants the exact error, the step that refused and the claim in the message.

mod z01_wires;
mod z03_inputs;
mod z04_aliasing;
mod z06_coverage;
mod z06_ranges;
mod z09_blocks;
mod z09_inclusion;
mod z09_slots;
mod z10_staging;
mod z11_assets;
mod z12_replay;
mod z13_malleability;
mod z14_keys;
mod z15_forgeries;
mod z17_transcript;
mod z18_batches;
mod z23_reserves;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use crate::support::{fixture::fixture, outcome::Attack};

const FILES: &[(&str, &[Attack])] = &[
    ("z01_wires", z01_wires::ALL),
    ("z03_inputs", z03_inputs::ALL),
    ("z04_aliasing", z04_aliasing::ALL),
    ("z06_coverage", z06_coverage::ALL),
    ("z06_ranges", z06_ranges::ALL),
    ("z09_blocks", z09_blocks::ALL),
    ("z09_inclusion", z09_inclusion::ALL),
    ("z09_slots", z09_slots::ALL),
    ("z10_staging", z10_staging::ALL),
    ("z11_assets", z11_assets::ALL),
    ("z12_replay", z12_replay::ALL),
    ("z13_malleability", z13_malleability::ALL),
    ("z14_keys", z14_keys::ALL),
    ("z15_forgeries", z15_forgeries::ALL),
    ("z17_transcript", z17_transcript::ALL),
    ("z18_batches", z18_batches::ALL),
    ("z23_reserves", z23_reserves::ALL),
];

#[test]
fn every_attack_is_refused_for_its_reason() {
    fixture();
    let all: Vec<(&str, &Attack)> =
        FILES.iter().flat_map(|(file, attacks)| attacks.iter().map(|attack| (*file, attack))).collect();
    let failures = run(&all);
    for (file, attacks) in FILES {
        println!("{file}: {} attacks", attacks.len());
    }
    println!("{} attacks, {} refused", all.len(), all.len() - failures.len());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Tries all attacks; returns what went wrong. Plain threads, not rayon's: a worker that waits
/// for a proof would start further attacks on top of its own stack.
fn run(all: &[(&str, &Attack)]) -> Vec<String> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((file, attack)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let outcome = (attack.run)();
            if start.elapsed().as_secs() >= 5 {
                println!("{file}::{} took {:?}", attack.name, start.elapsed());
            }
            if let Err(problem) = outcome {
                failures.lock().unwrap().push(format!("{file}::{}: {problem}", attack.name));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    failures.into_inner().unwrap()
}
