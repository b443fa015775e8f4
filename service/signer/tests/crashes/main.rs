//! kill -9 at every point where a node says or stores something: it comes back on the same folder,
//! takes nothing back, uses no nonce twice, and ends where a node that never crashed ends.
//!
//! The test runs itself as the process that is killed. `SOLVENTRY_CRASHES` is the number of runs
//! per point, 20 by default.

mod child;
#[path = "../../src/application/tests/desk.rs"]
#[allow(dead_code)]
mod desk;
mod disk;
mod folder;
#[path = "../../src/application/tests/order.rs"]
#[allow(dead_code)]
mod order;
mod parent;

/// Books and epochs of the workspace's tests: one honest ledger and its proofs.
#[allow(dead_code, missing_docs)]
#[path = "../../../../tests/it/support"]
mod support {
    pub mod books;
    pub mod epoch;
    pub mod transactions;
}

// The desk names them as the application's own tests do.
use solventry_signer::{application, journal};

use crate::{
    disk::{Point, When},
    folder::Prepared,
    parent::{Plan, Tally, run},
};

fn runs() -> u64 {
    std::env::var("SOLVENTRY_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Not a test of its own: the process that is killed. Without a plan it does nothing.
#[test]
fn child() {
    child::main();
}

#[test]
fn whatever_the_point_of_a_kill_nothing_is_lost_or_said_twice() {
    let prepared = Prepared::new();
    let reference = run(&prepared, Plan::default()).expect("a run without a crash");
    let expected = reference.end.clone().expect("it ends");
    assert_eq!((reference.kills, reference.shares.len()), (0, child::ROUNDS));

    let mut plans: Vec<_> =
        Point::ALL.iter().flat_map(|point| (0..runs()).map(|seed| Plan::random(*point, seed))).collect();
    // The proofs of a payment take a key that takes a second to make: these are few.
    plans.extend([When::Before, When::After].map(Plan::first_verdict));
    let tallies = parent::run_all(&prepared, &plans);
    let mut failed = Vec::new();
    let (mut kills, mut shares, mut aimed) = (0, 0, 0);
    for (plan, tally) in plans.iter().zip(tallies) {
        match tally.and_then(|tally| tally.require_end(&expected).map(|()| tally)) {
            Ok(Tally { kills: own, shares: left, .. }) => {
                kills += own;
                shares += left.len();
                aimed += usize::from(own > 0);
            }
            Err(problem) => {
                println!("{plan:?}: {problem}");
                failed.push(plan.clone());
            }
        }
    }
    println!("{} runs, {kills} kills, {shares} shares, no nonce twice", plans.len());
    assert!(failed.is_empty(), "{} of {} runs fail", failed.len(), plans.len());
    // Kills at a point hit; those at any time may come too late.
    assert!(aimed >= plans.len() - usize::try_from(runs()).unwrap(), "only {aimed} runs were killed");
}

/// The parent itself: a node that forgets its markers is noticed.
#[test]
fn a_disk_that_drops_markers_is_noticed() {
    let prepared = Prepared::new();
    let problem = run(&prepared, Plan { drops_markers: true, ..Plan::default() }).unwrap_err();
    assert!(problem.contains("without its marker"), "{problem}");
}
