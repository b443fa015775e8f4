//! Seeded simulation of the agreement: Malachite's state machine with our context, signatures and
//! journal, a virtual clock and a hostile network. Everything follows from the seed.
//!
//! Half of the seeds are for a journal in memory that takes any tick, half for the application of a
//! node. `SOLVENTRY_SEEDS` is their number, 500 by default; `SOLVENTRY_SEED` runs a single one of
//! each.

mod checks;
mod node;
mod plan;
mod real;
mod side;
mod subject;
#[path = "../toy/mod.rs"]
mod toy;
mod verifier;
mod world;

use solventry_signer::engine::double_signers;
use toy::{Toy, verified_decision};
use world::{Faults, GENESIS, Plan, World};

const TARGET: u64 = 3;

fn seeds() -> Vec<u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("SOLVENTRY_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("SOLVENTRY_SEEDS").unwrap_or(500) / 2).collect(),
    }
}

fn journal(_: usize) -> Toy {
    let mut journal = Toy::new(GENESIS);
    journal.wanted = TARGET;
    journal
}

#[test]
fn no_fork_and_progress_after_healing_with_at_most_f_faulty() {
    let mut failed = Vec::new();
    let (mut rounds, mut crashes, mut caught) = (0, 0, 0);
    for seed in seeds() {
        let nodes = if seed % 8 == 7 { 7 } else { 4 };
        let mut world = World::new(Plan::random(seed, nodes), journal);
        match world.run(TARGET) {
            Ok(()) => {
                rounds += world.checks.rounds();
                crashes += world.crashes;
                caught += world.checks.caught.len();
            }
            Err(problem) => {
                println!("seed {seed}: {problem}; repeat with SOLVENTRY_SEED={seed}");
                failed.push(seed);
            }
        }
    }
    println!("{rounds} later rounds, {crashes} crashes, {caught} double signers caught");
    assert!(failed.is_empty(), "seeds {failed:?} fail");
    if seeds().len() >= 100 {
        // The faults really happen.
        assert!(rounds > 100 && crashes > 100 && caught > 10);
    }
}

/// Malachite keeps two values per round, and refuses the proposals of all others.
#[test]
fn a_node_that_stuffs_the_rounds_of_others_stops_nobody() {
    let problems = (0..20).filter_map(|seed| {
        let nodes = if seed % 4 == 3 { 7 } else { 4 };
        let mut world = World::new(Plan::stuffed(seed, nodes), journal);
        world.run(TARGET).err().map(|problem| format!("seed {seed}: {problem}"))
    });
    assert_eq!(problems.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn more_than_f_colluders_can_fork_and_are_named() {
    let mut forks = 0;
    for seed in 0..20 {
        for (nodes, colluders) in [(4, 2), (7, 3)] {
            let mut world = World::new(Plan::collusion(seed, nodes, colluders), journal);
            let Err(problem) = world.run(TARGET) else { continue };
            let Some((first, second)) = world.checks.fork.clone() else { panic!("seed {seed}: {problem}") };
            let vault = world.vault();
            let (first, second) = (verified_decision(&first, &vault), verified_decision(&second, &vault));
            let named = double_signers(&first, &second);
            assert!(named.len() >= colluders, "two quorums share f + 1 nodes");
            if first.round == second.round {
                let is_colluder = |signer: &u8| world.plan.faults[usize::from(*signer)] == Faults::Twins;
                assert!(named.iter().all(is_colluder), "seed {seed}: {named:?}");
                forks += 1;
            }
            assert!(double_signers(&first, &first).is_empty());
        }
    }
    println!("{forks} forks with proof");
    assert!(forks > 0, "colluders in two partitions fork");
}

/// The application of a node: records of people at random nodes and times, of which some contradict
/// each other and some are worth nothing. Nodes open their journal anew after each crash, and the
/// faulty ones propose what is not valid.
#[test]
fn the_application_has_one_history_and_one_state_at_every_height() {
    let mut failed = Vec::new();
    let (mut records, mut crashes, mut refused) = (0, 0, 0);
    for seed in seeds() {
        let nodes = if seed % 8 == 7 { 7 } else { 4 };
        let mut world = real::world(Plan::random(seed, nodes));
        match world.run(real::TARGET) {
            Ok(()) => {
                records += world.checks.records();
                crashes += world.crashes;
                refused += world.refused;
            }
            Err(problem) => {
                println!("seed {seed}: {problem}; repeat with SOLVENTRY_SEED={seed}");
                failed.push(seed);
            }
        }
    }
    println!("{records} records decided, {crashes} crashes, {refused} invalid records refused");
    assert!(failed.is_empty(), "seeds {failed:?} fail");
    let count = seeds().len();
    // There is something to agree on.
    assert!(count < 100 || (records > 4 * count && crashes > 100 && refused > 100));
}

/// The simulation itself: it must notice what it is there for.
#[test]
fn a_node_that_loses_its_log_is_caught() {
    let problems = (0..200).filter_map(|seed| {
        let mut world = World::new(Plan { amnesia: true, ..Plan::random(seed, 4) }, journal);
        world.run(TARGET).err()
    });
    assert!(problems.into_iter().any(|problem| problem.starts_with("an honest node said")));
}

/// Why a refusal by the clock does not bind once others have locked or certified a value.
#[test]
fn a_journal_that_sticks_to_its_clock_is_left_behind() {
    let stubborn = |number| {
        let mut journal = journal(number);
        journal.stubborn = true;
        journal
    };
    // One history in some hundreds has a late node that others must have decided without.
    let mut problems = (0..2000).filter_map(|seed| {
        let mut world = World::new(Plan::random(seed, 4), stubborn);
        world.run(TARGET).err()
    });
    assert!(problems.any(|problem| problem.starts_with("no progress")));
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let history = |seed| {
        let mut world = World::new(Plan::random(seed, 4), journal);
        (world.run(TARGET).is_ok(), world.steps, world.now())
    };
    for seed in 0..5 {
        assert_eq!(history(seed), history(seed));
    }
}
