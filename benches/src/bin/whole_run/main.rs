//! Whole epochs on made-up ledgers of several sizes, and the peers in the same run. Prints
//! Markdown for `RESULTS.md`.

use std::{error::Error, path::PathBuf};

use clap::Parser;
use rayon::ThreadPoolBuilder;
use solventry_benches::{
    bits::BitRanges,
    epoch::Epoch,
    keys::{Keys, cached},
    measure::{once, peak_memory, repeated, reset_peak_memory},
    phases::ShardParts,
    stock, synthetic,
    table::{Table, count, milliseconds, seconds},
};
use solventry_prover::{
    kernel::Arkworks, ledger::Ledger, placement::ledger_slots, seal::self_anchors, stock::Stock,
};
use solventry_types::Profile;
use solventry_verifier::{verify_attestation, verify_inclusion};

use report::{Run, print_keys, print_runs, print_slope};

mod report;

/// Seed of the synthetic ledgers.
const SEED: u64 = 20_260_101;

#[derive(Parser)]
#[command(about = "Measures whole epochs and the peers in one run; prints Markdown")]
struct Arguments {
    /// Circuit sizes: small or standard.
    #[arg(long, default_value = "standard", value_parser = profile)]
    profile: Profile,
    /// Sizes of the ledgers, in accounts.
    #[arg(long, default_value = "10000,100000", value_delimiter = ',')]
    accounts: Vec<usize>,
    /// Folder in which keys are kept between runs.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    keys: PathBuf,
    /// Rows of the bit-decomposing peer, as a power of two; 0 leaves it out.
    #[arg(long, default_value_t = 18)]
    peer_log_rows: u32,
    /// Leave out stock ark-groth16 on our own circuit.
    #[arg(long)]
    no_stock: bool,
    /// Leave out the phases of one shard.
    #[arg(long)]
    no_phases: bool,
    /// Least number of runs behind a median.
    #[arg(long, default_value_t = 5)]
    repeats: usize,
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::from_name(name).ok_or_else(|| "expected small or standard".to_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let made = cached(arguments.profile, &arguments.keys)?;
    print_keys(arguments.profile, &made);
    let mut runs = Vec::new();
    for accounts in &arguments.accounts {
        let ledger = synthetic::ledger(*accounts, SEED);
        runs.push(run(&made, &ledger, arguments.repeats)?);
    }
    print_runs(&runs);
    print_slope(&runs);
    let ledger = synthetic::ledger(arguments.accounts.iter().copied().min().unwrap_or(1000), SEED);
    if !arguments.no_phases {
        print_phases(&Epoch::new(&made.keys, &ledger), arguments.repeats);
    }
    if arguments.peer_log_rows > 0 {
        print_bits(&runs, &ledger, &arguments);
    }
    if !arguments.no_stock {
        print_stock(&arguments)?;
    }
    Ok(())
}

/// Commit, seal, verify, include.
fn run(made: &Keys, ledger: &Ledger, repeats: usize) -> Result<Run, Box<dyn Error>> {
    reset_peak_memory();
    let epoch = Epoch::new(&made.keys, ledger);
    let (shards, profile) = (epoch.context.shards, epoch.context.profile);
    let pending: Vec<u32> = (0..shards).collect();
    let (records, prove) = once(|| epoch.prove(&Arkworks, &pending));
    let (attestation, seal) = once(|| epoch.seal(&Arkworks, records));
    let memory = peak_memory();

    let (bytes, anchors) = (attestation.encode(), self_anchors(&attestation));
    let now = epoch.context.snapshot_time;
    let verified = verify_attestation(&bytes, &anchors, now)?;
    let one_thread = ThreadPoolBuilder::new().num_threads(1).build()?;
    let verify =
        one_thread.install(|| repeated(repeats, || verify_attestation(&bytes, &anchors, now).is_ok()));

    let shard = epoch.shard(0);
    let customer = shard.largest_customer(&epoch);
    let file = || shard.inclusion(&epoch, &Arkworks, verified.digest(), &customer).encode();
    let (inclusion, make) = (file(), repeated(repeats, file));
    verify_inclusion(&inclusion, &verified, &customer.id)?;
    let check = one_thread
        .install(|| repeated(repeats, || verify_inclusion(&inclusion, &verified, &customer.id).is_ok()));
    Ok(Run {
        accounts: ledger.len(),
        holdings: ledger.holdings(),
        slots: ledger_slots(ledger),
        capacity: shards as usize * profile.shard_slots(),
        shards,
        prove,
        seal,
        memory,
        attestation: bytes.len(),
        records: shards as usize * solventry_benches::epoch::record_bytes(profile),
        verify,
        inclusion_bytes: inclusion.len(),
        make,
        check,
    })
}

fn print_phases(epoch: &Epoch<'_>, repeats: usize) {
    println!("### One shard in phases, profile {}\n", epoch.context.profile);
    let slots = epoch.context.profile.shard_slots() as f64;
    let mut table = Table::new(["phase", "wall, ms", "core-ms", "core-µs per slot"]);
    let parts = ShardParts::new(epoch, &Arkworks);
    for (name, work) in parts.phases() {
        let cost = repeated(repeats, work);
        let per_slot = cost.cpu.as_secs_f64() * 1e6 / slots;
        table.row([name.into(), milliseconds(cost.wall), milliseconds(cost.cpu), format!("{per_slot:.1}")]);
    }
    println!("{table}");
}

fn print_bits(runs: &[Run], ledger: &Ledger, arguments: &Arguments) {
    println!("### The peer: amounts ranged by 64 bits each, ark-groth16 0.6\n");
    println!("It proves less: no asset ids, no sums per asset, no commitment to the ledger.\n");
    let peer = BitRanges::new(ledger, arguments.peer_log_rows).run(arguments.repeats);
    let per_second = peer.holdings as f64 / peer.prove.wall.as_secs_f64();
    let mut table =
        Table::new(["prover", "holdings", "wall, s", "core-s", "holdings/s", "ratio to the peer"]);
    table.row([
        format!("ark-groth16, {} rows", count(peer.rows as u64)),
        count(peer.holdings as u64),
        seconds(peer.prove.wall),
        seconds(peer.prove.cpu),
        format!("{per_second:.0}"),
        "1".into(),
    ]);
    for run in runs {
        let (wall, cpu) = (run.prove.wall + run.seal.wall, run.prove.cpu + run.seal.cpu);
        let places = 3 * run.capacity;
        for (name, holdings) in [("real holdings", run.holdings), ("places, 3 per slot", places)] {
            let rate = holdings as f64 / wall.as_secs_f64();
            table.row([
                format!("Solventry, {} accounts, {name}", count(run.accounts as u64)),
                count(holdings as u64),
                seconds(wall),
                seconds(cpu),
                format!("{rate:.0}"),
                format!("{:.1}", rate / per_second),
            ]);
        }
    }
    println!("{table}");
}

fn print_stock(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    println!("### Same circuit (shard, small), same domain: our prover and ark-groth16 0.6\n");
    let made = cached(Profile::SMALL, &arguments.keys)?;
    let ledger = synthetic::ledger(300, SEED);
    let epoch = Epoch::new(&made.keys, &ledger);
    let parts = ShardParts::new(&epoch, &Arkworks);
    let circuit = &made.keys.shard_circuit.circuit;
    let ours = repeated(arguments.repeats, || parts.proof());
    let stock = stock::run(Stock { circuit, assignment: parts.assignment() }, arguments.repeats);
    let mut table = Table::new(["prover", "wall, ms", "core-ms", "time over ours"]);
    for (name, cost) in [
        ("ours: D, A, B, C from the assignment", ours),
        ("ark-groth16 from matrices and assignment", stock.proof_only),
        ("ark-groth16, create_random_proof (synthesis included)", stock.with_synthesis),
    ] {
        let ratio = cost.wall.as_secs_f64() / ours.wall.as_secs_f64();
        table.row([name.into(), milliseconds(cost.wall), milliseconds(cost.cpu), format!("{ratio:.2}")]);
    }
    println!("{} rows, {} wires.\n", count(circuit.rows() as u64), count(circuit.wires() as u64));
    println!("{table}");
    Ok(())
}
