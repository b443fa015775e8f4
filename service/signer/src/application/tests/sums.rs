//! Sums against a naive count, over random interleavings of decisions.

use proptest::prelude::*;
use solventry_protocol::{Record, record::Outcome};
use solventry_types::{Asset, Chain, Digest, Locator, Place, Validity};

use super::{
    desk::{BLOCK, SNAPSHOT, START, desk},
    node::TestNode,
    order::{FEE_CAP, Order},
    support::transactions::{keypair, script},
};
use crate::application::{
    WINDOWS,
    windows::{Charges, Slot},
};

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    Pay { vault: bool, own: bool, amount: u64, wait: u64 },
    Replace { which: usize, fee: u64, wait: u64 },
    Settle { which: usize, height: u64 },
    Tick { wait: u64 },
    Activate,
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![1_u64..5, 3_000_u64..4_000, 80_000_u64..90_000];
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), 1_000_u64..900_000, wait.clone())
            .prop_map(|(vault, own, amount, wait)| Step::Pay { vault, own, amount, wait }),
        2 => (any::<usize>(), 300_u64..2_000, wait.clone())
            .prop_map(|(which, fee, wait)| Step::Replace { which, fee, wait }),
        2 => (any::<usize>(), BLOCK - 1..BLOCK + 25).prop_map(|(which, height)| Step::Settle { which, height }),
        1 => (30_u64..200_000).prop_map(|wait| Step::Tick { wait }),
        1 => Just(Step::Activate),
    ]
}

/// What a naive bookkeeper writes down: order, latest decision, largest charge, block.
struct Line {
    order: Order,
    time: u64,
    charged: u64,
    settled: Option<u64>,
}

fn check(node: &TestNode, lines: &[Line], snapshot: u64) {
    let state = node.app.state();
    let epoch = state.epoch.as_ref().unwrap();
    let asset = &epoch.context.assets.assets()[0];
    let now = state.time + 7;
    for vault in ["treasury", "cold"] {
        let spent = state.spent(vault, asset, now, None);
        let own = || lines.iter().filter(|line| line.order.vault == vault);
        for (sum, window) in spent.sums.into_iter().zip(WINDOWS) {
            let naive: u64 = own().filter(|line| now - line.time <= window).map(|line| line.charged).sum();
            assert_eq!(sum, naive.into());
        }
        let count = own().filter(|line| now - line.time <= 86_400).count();
        assert_eq!(spent.count as usize, count);
        assert_eq!(spent.since_last, own().map(|line| now - line.time).min().unwrap_or(u64::MAX));
    }
    let open = lines.iter().filter(|line| line.settled.is_none_or(|height| height > snapshot));
    let naive: u64 = open
        .map(|line| {
            let stays = line.order.vault == "treasury" && line.order.destination == script(&keypair(3));
            // A cancellation may pay the cap.
            let fee = (line.charged - line.order.amount).max(line.charged.min(FEE_CAP));
            if stays { fee } else { line.charged }
        })
        .sum();
    assert_eq!(state.outflow(epoch, asset, None, None), naive.into());
    let locked = lines.iter().filter(|line| line.settled.is_none()).count();
    assert_eq!(state.locks.len(), locked);
}

fn run(steps: Vec<Step>) {
    let mut node = TestNode::ready();
    let (mut lines, mut snapshot): (Vec<Line>, u64) = (vec![], BLOCK);
    for step in steps {
        let number = lines.len();
        match step {
            Step::Pay { vault, own, amount, wait } if number < 200 => {
                let tag = number as u8 + 1;
                let destination = if own && vault { script(&keypair(3)) } else { super::desk::exchange() };
                let order = Order {
                    vault: if vault { "treasury" } else { "cold" },
                    destination,
                    amount,
                    validity: Validity { from: START, until: u64::MAX },
                    ..Order::new(tag, &[tag])
                };
                decide(&mut node, &order, wait);
                lines.push(Line { charged: amount + order.fee, time: node.time(), order, settled: None });
            }
            Step::Replace { which, fee, wait } if number > 0 => {
                let line = &mut lines[which % number];
                let order = Order { fee, ..line.order.clone() };
                let id = order.transaction();
                let family = &node.app.state().families[&order.id()];
                let known = family.members.iter().any(|member| member.transaction == id);
                if line.settled.is_none() && !known {
                    decide(&mut node, &order, wait);
                    (line.time, line.charged) = (node.time(), line.charged.max(order.amount + fee));
                }
            }
            Step::Settle { which, height } if number > 0 => {
                let line = &mut lines[which % number];
                if line.settled.is_none() {
                    node.decide(&desk().settle(line.order.id(), Outcome::Confirmed, height)).unwrap();
                    line.settled = Some(height);
                }
            }
            Step::Tick { wait } if node.time() < SNAPSHOT + 700_000 => {
                node.decide_at(node.time() + wait, &Record::Tick).unwrap();
            }
            Step::Activate if snapshot == BLOCK && node.time() > SNAPSHOT + 3_600 => {
                node.decide(&desk().activate(1)).unwrap();
                snapshot = BLOCK + 20;
            }
            _ => continue,
        }
        check(&node, &lines, snapshot);
    }
    let digest = node.app.state().digest();
    assert_eq!(node.restarted().app.state().digest(), digest);
}

/// Time does not go past the epoch's age.
fn decide(node: &mut TestNode, order: &Order, wait: u64) {
    let wait = if node.time() < SNAPSHOT + 700_000 { wait } else { 1 };
    let time = node.time() + wait;
    let claims = node.claims(order, time);
    let record = Record::Payment(Box::new(order.record(node.app.state(), claims, false)));
    node.decide_unproven(time, &record).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_those_of_a_naive_bookkeeper_and_replay_gives_the_same_state(
        steps in prop::collection::vec(step(), 1..30)
    ) {
        run(steps);
    }
}

/// One asset on two chains with other decimals than listed: each place is rounded up by itself.
#[test]
fn places_are_rounded_up_each_and_added() {
    let place = |chain, decimals| Place { chain, locator: Locator::Native, decimals };
    let asset = Asset {
        symbol: "X".into(),
        decimals: 6,
        min_coverage_bps: 10_000,
        places: vec![place(Chain::Bitcoin, 8), place(Chain::Solana, 9), place(Chain::Ethereum, 5)],
    };
    let mut charges = Charges::default();
    let slot = |chain| Slot { vault: "v".into(), chain, locator: Locator::Native };
    charges.set(&slot(Chain::Bitcoin), Digest([1; 32]), None, 100, 101);
    charges.set(&slot(Chain::Bitcoin), Digest([2; 32]), None, 100, 100);
    charges.set(&slot(Chain::Solana), Digest([3; 32]), None, 100, 1);
    charges.set(&slot(Chain::Ethereum), Digest([4; 32]), None, 100, 7);
    let spent = charges.spent("v", &asset, 100, None);
    assert_eq!((spent.sums[0], spent.count, spent.since_last), (3 + 1 + 70, 4, 0));
    assert_eq!(charges.spent("w", &asset, 100, None).count, 0);
    // A window's last second still counts.
    let at = |age: u64| charges.spent("v", &asset, 100 + age, None).sums;
    assert_eq!(at(3_600), [74; 4]);
    assert_eq!(at(3_601), [0, 74, 74, 74]);
    assert_eq!(at(86_401)[1..], [0, 74, 74]);
    assert_eq!(at(2_592_001), [0; 4]);
    assert_eq!(charges.spent("v", &asset, 9_000_000, None).since_last, 8_999_900);
    // What no total holds lets nothing more pass.
    charges.set(&slot(Chain::Ethereum), Digest([5; 32]), None, 100, u64::MAX);
    let huge = Asset { decimals: 30, ..asset };
    assert_eq!(charges.spent("v", &huge, 100, None).sums[0], u128::MAX);
}
