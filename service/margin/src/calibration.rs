//! What a bootstrap takes on this machine.

use std::time::{Duration, Instant};

use solventry_fhe_risk::{
    circuit::{Machine, Phase, Rotation, Table},
    engine::{COMPUTED, Engine, Lwe, WIDE},
    keys::EvaluationKey,
};

/// A measurement.
#[derive(Debug, Clone, Copy)]
pub struct Calibration {
    /// Of one bootstrap, in seconds of processor time, with as many at once as a batch has.
    pub core_seconds: f64,
    /// Threads that it ran on.
    pub threads: usize,
    /// Bootstraps that were run.
    pub bootstraps: u64,
}

/// Runs a few bootstraps under a key of random entries: the time does not depend on which, but zeros
/// would be skipped.
pub fn calibrate() -> Calibration {
    let [from_input, from_large, .., bootstrap] = EvaluationKey::LENGTHS;
    let engine = Engine::new(EvaluationKey {
        from_input: mixed(from_input).map(|entry| entry as u32).collect(),
        from_large: mixed(from_large).map(|entry| entry as u32).collect(),
        pack_input: Vec::new(),
        pack_large: Vec::new(),
        bootstrap: mixed(bootstrap).collect(),
    });
    let threads = rayon::current_num_threads();
    let mask = |entries| Lwe(mixed(entries).collect());
    let rotation = || Rotation {
        name: "calibration",
        phase: Phase { wide: Some(mask(WIDE)), computed: Some(mask(COMPUTED)), constant: 0 },
        table: Table::Values(vec![1 << 59]),
        margin: 0,
    };
    let rotations: Vec<_> = (0..8 * threads).map(|_| rotation()).collect();
    engine.bootstrap(&rotations[..threads]);
    let (start, processor, before) = (Instant::now(), processor_seconds(), engine.bootstraps());
    while start.elapsed() < Duration::from_secs(1) {
        engine.bootstrap(&rotations);
    }
    let bootstraps = engine.bootstraps() - before;
    // Where the system does not tell: as if nobody else ran here.
    let taken = match (processor, processor_seconds()) {
        (Some(before), Some(after)) if after > before => after - before,
        _ => start.elapsed().as_secs_f64() * threads as f64,
    };
    let core_seconds = taken / bootstraps as f64;
    Calibration { core_seconds, threads, bootstraps }
}

/// Processor time of this process so far, in its threads' user and system mode; Linux counts it in
/// hundredths.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may contain spaces.
    let (_, rest) = stat.rsplit_once(") ")?;
    let ticks = rest.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(ticks.sum::<Option<u64>>()? as f64 / 100.0)
}

/// Entries that look random (SplitMix64).
fn mixed(count: usize) -> impl Iterator<Item = u64> {
    (1..=count as u64).map(|number| {
        let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    })
}
