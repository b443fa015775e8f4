//! Tables about keys and whole runs.

use solventry_benches::{
    keys::Keys,
    measure::Cost,
    table::{Table, count, mebibytes, milliseconds, seconds},
};
use solventry_types::Profile;

/// What one whole run gave.
pub struct Run {
    /// Accounts of the ledger.
    pub accounts: usize,
    /// Their holdings.
    pub holdings: usize,
    /// Slots that they fill.
    pub slots: usize,
    /// Slots declared.
    pub capacity: usize,
    /// Shards.
    pub shards: u32,
    /// Proving all shards.
    pub prove: Cost,
    /// Coverage, signature, self-check.
    pub seal: Cost,
    /// Peak resident size, bytes.
    pub memory: u64,
    /// Bytes of the attestation.
    pub attestation: usize,
    /// Bytes of its shards.
    pub records: usize,
    /// Verifying it on one core.
    pub verify: Cost,
    /// Bytes of one inclusion file.
    pub inclusion_bytes: usize,
    /// Making it, the block in memory.
    pub make: Cost,
    /// Verifying it on one core.
    pub check: Cost,
}

/// Sizes of the keys and what making them took.
pub fn print_keys(profile: Profile, made: &Keys) {
    println!("### Keys, profile {profile}\n");
    let mut table = Table::new(["proving keys, MiB", "verifying keys, bytes", "setup, s (core-s)"]);
    let setup = made.setup.map(|cost| format!("{} ({})", seconds(cost.wall), seconds(cost.cpu)));
    table.row([
        mebibytes(made.proving_bytes),
        made.verifying_bytes.to_string(),
        setup.unwrap_or_else(|| "read from the folder".into()),
    ]);
    println!("{table}");
}

/// Cost of proving; then sizes and cost of what comes out.
pub fn print_runs(runs: &[Run]) {
    println!("### Whole runs\n");
    let mut table = Table::new([
        "accounts",
        "holdings",
        "slots",
        "shards (slots declared)",
        "commit, s",
        "seal, s",
        "core-s",
        "peak memory, MiB",
        "slots/s, filled",
        "slots/s, declared",
        "core-µs per declared slot",
    ]);
    for run in runs {
        let (wall, cpu) = (run.prove.wall + run.seal.wall, run.prove.cpu + run.seal.cpu);
        table.row([
            count(run.accounts as u64),
            count(run.holdings as u64),
            count(run.slots as u64),
            format!("{} ({})", run.shards, count(run.capacity as u64)),
            seconds(run.prove.wall),
            seconds(run.seal.wall),
            seconds(cpu),
            mebibytes(run.memory),
            format!("{:.0}", run.slots as f64 / wall.as_secs_f64()),
            format!("{:.0}", run.capacity as f64 / wall.as_secs_f64()),
            format!("{:.1}", cpu.as_secs_f64() * 1e6 / run.capacity as f64),
        ]);
    }
    println!("{table}");
    let mut table = Table::new([
        "accounts",
        "attestation, bytes",
        "of which shards",
        "verify on one core, ms (core-ms)",
        "inclusion file, bytes",
        "make, ms (core-ms)",
        "verify on one core, ms (core-ms)",
    ]);
    for run in runs {
        table.row([
            count(run.accounts as u64),
            count(run.attestation as u64),
            count(run.records as u64),
            wall_and_core(run.verify),
            count(run.inclusion_bytes as u64),
            wall_and_core(run.make),
            wall_and_core(run.check),
        ]);
    }
    println!("{table}");
    println!("Inclusion is that of the largest account of shard 0, its block in memory.\n");
}

fn wall_and_core(cost: Cost) -> String {
    format!("{} ({})", milliseconds(cost.wall), milliseconds(cost.cpu))
}

/// How the cost per slot grows with the slots, declared and filled. Small ledgers pay for empty
/// slots and for the seal, which costs the same in every epoch.
pub fn print_slope(runs: &[Run]) {
    for (name, slots) in [
        ("declared", runs.iter().map(|run| run.capacity).collect::<Vec<_>>()),
        ("filled", runs.iter().map(|run| run.slots).collect()),
    ] {
        let core = runs.iter().map(|run| (run.prove.cpu + run.seal.cpu).as_secs_f64());
        let points: Vec<_> =
            slots.iter().zip(core).map(|(slots, core)| (*slots as f64, core / *slots as f64)).collect();
        if let Some(slope) = slope(&points) {
            let decade = (10f64.powf(slope) - 1.0) * 100.0;
            println!(
                "Slope of the cost per {name} slot: {slope:+.3} ({decade:+.1} % for ten times the slots).\n"
            );
        }
    }
}

/// Least squares of log(cost) over log(size): 0 is flat; `None` without two sizes.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(size, cost)| (size.ln(), cost.ln())).collect();
    let mean = |value: &dyn Fn(&(f64, f64)) -> f64| logs.iter().map(value).sum::<f64>() / logs.len() as f64;
    let (x, y) = (mean(&|point| point.0), mean(&|point| point.1));
    let covariance = mean(&|point| (point.0 - x) * (point.1 - y));
    let variance = mean(&|point| (point.0 - x).powi(2));
    (variance > 0.0).then(|| covariance / variance)
}
