//! Measures margin on encrypted positions: bootstraps and processor time, every result compared
//! with the clear one; rows are Markdown.

mod inputs;
mod margins;
#[path = "../../src/measure.rs"]
#[allow(dead_code, reason = "shared with the other benchmarks")]
mod measure;
mod naive;
mod venue;

use std::time::Duration;

use clap::Parser;

use venue::Bench;

/// What to measure.
#[derive(Parser)]
struct Arguments {
    /// All sizes, and the naive program on FHE integers (minutes).
    #[arg(long)]
    full: bool,
    /// Only the margin of 32 instruments and 16 scenarios, this often: to profile.
    #[arg(long)]
    profile: Option<usize>,
}

fn main() {
    let arguments = Arguments::parse();
    if let Some(times) = arguments.profile {
        let bench = Bench::quiet();
        (0..times).for_each(|_| margins::reference_size(&bench));
        return;
    }
    println!("| what | wall | core | bytes |\n|---|---|---|---|");
    let bench = Bench::measured();
    bench.bootstrap();
    venue::peer_bootstrap();
    inputs::measure(&bench);
    println!(
        "\n| instruments | scenarios | p | lots (bits) | asked | bootstraps | wall | core | core per bootstrap |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    margins::reference_size(&bench);
    margins::grid(&bench, arguments.full);
    println!();
    margins::parallel(&bench);
    if arguments.full {
        naive::compare(&bench);
    }
    println!("\npeak memory: {} MB", measure::peak_memory() / 1_000_000);
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
