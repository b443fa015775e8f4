//! F3 at the nodes: coordinators race payments that cannot all happen, in random interleavings of
//! submissions, proposals, votes and late executions, one proposer in four being Byzantine.

use std::sync::LazyLock;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use solventry_protocol::{Entry, JournalClaims, Record, SigningEvidence};
use solventry_signer::journal::{Decided, Journal, Sight, Verdict};

use crate::support::{
    evil_signing::total,
    orders::Order,
    outcome::{Outcome, attacks},
    signers::{COORDINATOR, Nodes, certify, payment, say},
    signing::{SURPLUS, sibling},
};

attacks![one_outpoint_and_one_cap, one_surplus_of_two_vaults];

/// Interleavings of each race, unless `SOLVENTRY_RACES` says otherwise.
const SEEDS: u64 = 24;
/// Events of one interleaving.
const EVENTS: u32 = 96;
/// What the policy lets out of one vault in one hour.
const CAP: u128 = 3_000_000;

/// Payments with proofs.
type Race = Vec<(Order, SigningEvidence)>;

fn proven(orders: Vec<Order>) -> Race {
    orders.into_iter().map(|order| (order.clone(), order.evidence())).collect()
}

/// Source: F3: two payments of one outpoint, and five whose sum of an hour is above the cap. They
/// go to the sibling, which the reserves list, so that the surplus is not what stops them.
fn one_outpoint_and_one_cap() -> Outcome {
    static RACE: LazyLock<Race> = LazyLock::new(|| {
        let claims = JournalClaims {
            spent: [total(2_000_000); 4],
            count: 4,
            since_last: 60,
            outflow: total(1_000_000),
        };
        let inputs: [&[u8]; 5] = [&[1, 2], &[3, 2], &[4], &[5], &[6]];
        let order = |(inputs, nonce): (&[u8], u8)| Order {
            amount: 999_000,
            destination: sibling(),
            claims,
            ..Order::new(nonce, inputs)
        };
        proven(inputs.into_iter().zip(1..).map(order).collect())
    });
    interleave(&RACE, CAP, |decided| {
        let both = decided.iter().filter(|order| order.inputs.contains(&2)).count() > 1;
        if both { Err("two payments of one outpoint were decided".into()) } else { Ok(()) }
    })
}

/// Source: F3: each of two vaults alone may pay, together they take more than the surplus.
fn one_surplus_of_two_vaults() -> Outcome {
    static RACE: LazyLock<Race> = LazyLock::new(|| {
        let claims = JournalClaims { outflow: total(1_400_000), ..Order::new(0, &[]).claims };
        let order = |vault, amount, nonce: u8| Order { vault, amount, claims, ..Order::new(nonce, &[nonce]) };
        proven(vec![order("treasury", 900_000, 11), order("cold", 900_000, 12), order("cold", 400_000, 13)])
    });
    // A large and the small one: as much as two can take of the surplus.
    let most = 1_302_000;
    assert!(most <= SURPLUS && most + 901_000 > SURPLUS);
    interleave(&RACE, most, |_| Ok(()))
}

/// Runs every interleaving; afterwards `allowed` judges what was decided. Never more than `limit`
/// is, and somewhere as much: or nothing raced for it. Every payment must win somewhere too.
fn interleave(race: &Race, limit: u128, allowed: impl Fn(&[&Order]) -> Outcome) -> Outcome {
    let (mut wins, mut most) = (vec![0; race.len()], 0);
    let seeds = std::env::var("SOLVENTRY_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    for seed in 0..seeds {
        let mut world = World::new(race, seed);
        (0..EVENTS).try_for_each(|_| world.event()).map_err(|problem| format!("seed {seed}: {problem}"))?;
        let decided = world.end().map_err(|problem| format!("seed {seed}: {problem}"))?;
        let orders: Vec<_> = decided.iter().map(|number| &race[*number].0).collect();
        let sum = orders.iter().map(|order| order.charged()).sum();
        if sum > limit {
            return Err(format!("seed {seed}: {sum} were decided under a limit of {limit}"));
        }
        most = most.max(sum);
        allowed(&orders).map_err(|problem| format!("seed {seed}: {problem}"))?;
        decided.iter().for_each(|number| wins[*number] += 1);
    }
    let raced = most == limit && wins.iter().all(|wins| *wins > 0);
    if raced { Ok(()) } else { Err(format!("no race: at most {most} were decided, wins {wins:?}")) }
}

struct World<'a> {
    race: &'a Race,
    nodes: Nodes,
    random: ChaCha20Rng,
    clock: u64,
    round: u32,
    /// Decided here; nodes may be late.
    log: Vec<Decided>,
    first: u64,
}

impl<'a> World<'a> {
    fn new(race: &'a Race, seed: u64) -> Self {
        let nodes = Nodes::ready();
        let (clock, first) = (nodes.time() + 1, nodes.apps[0].next_height());
        let random = ChaCha20Rng::seed_from_u64(seed);
        Self { race, nodes, random, clock, round: 0, log: vec![], first }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.next_u32() as usize % limit
    }

    /// A node's clock: up to 10 s off.
    fn clock_of(&self, node: usize) -> u64 {
        self.clock + 3 * node as u64
    }

    fn event(&mut self) -> Outcome {
        self.clock += self.below(60) as u64;
        match self.below(6) {
            0 | 1 => self.submit(),
            2 | 3 => self.round(),
            _ => self.catch_up(),
        }
    }

    /// A coordinator hands a payment to one node, which may refuse it.
    fn submit(&mut self) -> Outcome {
        let (node, number) = (self.below(4), self.below(self.race.len()));
        let bytes = payment(&self.race[number].1).encode();
        let now = self.clock_of(node);
        if let Err(refusal) = self.nodes.apps[node].submit(&bytes, COORDINATOR, now) {
            say(&refusal);
        }
        Ok(())
    }

    /// A late node executes what was decided meanwhile.
    fn catch_up(&mut self) -> Outcome {
        let app = &mut self.nodes.apps[(self.random.next_u32() % 4) as usize];
        let late = app.next_height() - self.first;
        let missing = self.log.iter().skip(late as usize).cloned();
        missing.into_iter().try_for_each(|decided| app.commit(decided).map_err(|error| say(&error)))
    }

    /// One round: nodes that are up to date may hear the proposal and vote for it.
    fn round(&mut self) -> Outcome {
        let height = self.first + self.log.len() as u64;
        let fresh: Vec<_> = (0..4).filter(|node| self.nodes.apps[*node].next_height() == height).collect();
        let Some(proposer) = fresh.get(self.below(4)).copied() else { return Ok(()) };
        self.round += 1;
        let value = self.proposal(proposer, height)?;
        let mut votes = Vec::new();
        for node in fresh {
            let (hears, now) = (self.below(8) > 0, self.clock_of(node));
            let app = &mut self.nodes.apps[node];
            if hears
                && app.judge(height, &value, Sight::Fresh, now).map_err(|error| say(&error))?
                    == Verdict::Valid
            {
                votes.push(node);
            }
        }
        if votes.len() >= 3 {
            let entry = Entry::decode(&value).map_err(|error| say(&error))?.0;
            self.log.push(certify(height, &entry, &votes));
            self.round = 0;
        }
        Ok(())
    }

    /// An honest proposal, or any payment whether or not it is valid.
    fn proposal(&mut self, proposer: usize, height: u64) -> Result<Vec<u8>, String> {
        let (clock, round) = (self.clock_of(proposer), self.round);
        if self.below(4) == 0 {
            let record = payment(&self.race[self.below(self.race.len())].1);
            let head = self.nodes.apps[proposer].state().head;
            return Ok(Entry::new(head, clock, &record).encode());
        }
        self.nodes.apps[proposer].propose(height, round, clock).map_err(|error| say(&error))
    }

    /// All nodes catch up; none diverges, and a tick can still be decided. Returns the numbers of
    /// the decided payments.
    fn end(mut self) -> Result<Vec<usize>, String> {
        for app in &mut self.nodes.apps {
            for decided in self.log.iter().skip((app.next_height() - self.first) as usize) {
                app.commit(decided.clone()).map_err(|error| say(&error))?;
            }
        }
        self.nodes.digest()?;
        self.nodes.decide_at(self.nodes.time() + 30, &Record::Tick)?;
        let (race, now) = (self.race, self.nodes.time());
        let mut decided = Vec::new();
        for (number, (order, _)) in race.iter().enumerate() {
            let is_decided = self.nodes.apps[0].state().families.contains_key(&order.id());
            for app in &mut self.nodes.apps {
                let share = app.authorize(order.id(), order.transaction(), now);
                if share.is_ok() != is_decided {
                    return Err(format!("payment {number}, decided: {is_decided}: {share:?}"));
                }
            }
            decided.extend(is_decided.then_some(number));
        }
        Ok(decided)
    }
}
