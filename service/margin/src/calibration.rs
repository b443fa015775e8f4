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
    /// Of one bootstrap, in core-seconds: wall time by threads, as many at once as a batch has.
    pub core_seconds: f64,
    /// Threads that it ran on.
    pub threads: usize,
    /// Bootstraps that were run.
    pub bootstraps: u64,
}

/// Runs a few bootstraps under an empty key: the time does not depend on what is in it.
pub fn calibrate() -> Calibration {
    let [from_input, from_large, .., bootstrap] = EvaluationKey::LENGTHS;
    let engine = Engine::new(EvaluationKey {
        from_input: vec![0; from_input],
        from_large: vec![0; from_large],
        pack_input: Vec::new(),
        pack_large: Vec::new(),
        bootstrap: vec![0; bootstrap],
    });
    let threads = rayon::current_num_threads();
    // Digits of a mask decide nothing either, but they should be those of a mask.
    let mask = |entries: u64| Lwe((0..entries).map(|x| x.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect());
    let rotation = || Rotation {
        name: "calibration",
        phase: Phase { wide: Some(mask(WIDE as u64)), computed: Some(mask(COMPUTED as u64)), constant: 0 },
        table: Table::Values(vec![1 << 59]),
        margin: 0,
    };
    let rotations: Vec<_> = (0..8 * threads).map(|_| rotation()).collect();
    engine.bootstrap(&rotations[..threads]);
    let (start, before) = (Instant::now(), engine.bootstraps());
    while start.elapsed() < Duration::from_secs(1) {
        engine.bootstrap(&rotations);
    }
    let bootstraps = engine.bootstraps() - before;
    let core_seconds = start.elapsed().as_secs_f64() * threads as f64 / bootstraps as f64;
    Calibration { core_seconds, threads, bootstraps }
}
