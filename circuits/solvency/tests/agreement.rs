//! Circuit and native twin agree on whatever is committed: honest values, random mutations of
//! them, and random limbs, with the outputs kept or recomputed.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use common::{
    committed::Committed,
    forge::{HonestCoverage, HonestShard, Outputs},
};
use proptest::{collection::vec, prelude::*, sample::Index};
use solventry_solvency::{coverage, r1cs::Wires, shard};
use solventry_types::{
    Profile,
    challenge::{CoverageChallenges, ShardChallenges},
};

static SHARD: LazyLock<HonestShard> = LazyLock::new(|| HonestShard::new(Profile::SMALL));
static COVERAGE: LazyLock<HonestCoverage> = LazyLock::new(|| HonestCoverage::new(Profile::SMALL));

/// What happens to one value.
#[derive(Clone, Debug)]
enum Change {
    Same,
    Add(u64),
    Negate,
    Set(u64),
    Copy(Index),
    Swap(Index),
    Random([u64; 4]),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::Same),
        2 => (1u64..3).prop_map(Change::Add),
        1 => Just(Change::Negate),
        2 => prop::sample::select(vec![0, 1, 255, 256, u64::MAX]).prop_map(Change::Set),
        1 => any::<Index>().prop_map(Change::Copy),
        1 => any::<Index>().prop_map(Change::Swap),
        1 => any::<[u64; 4]>().prop_map(Change::Random),
    ]
}

/// A place: any committed value, or one of a small part, so that small parts are hit too.
fn place() -> impl Strategy<Value = (Option<Index>, Index)> {
    (prop::option::of(any::<Index>()), any::<Index>())
}

fn outputs() -> impl Strategy<Value = Outputs> {
    prop_oneof![Just(Outputs::Kept), Just(Outputs::Recomputed)]
}

/// A random field element.
fn scalar(words: [u64; 4]) -> Fr {
    words.iter().fold(Fr::zero(), |sum, word| sum * Fr::from(2u64).pow([64]) + Fr::from(*word))
}

fn mutate(forged: &mut Committed, parts: &[Wires], (part, index): (Option<Index>, Index), change: &Change) {
    let wires: Vec<_> = match part {
        Some(part) => part.get(parts).iter().collect(),
        None => parts.iter().flat_map(Wires::iter).collect(),
    };
    let wire = *index.get(&wires);
    let value = forged.at(wire);
    match change {
        Change::Same => forged.set(wire, value),
        Change::Add(amount) => forged.add(wire, Fr::from(*amount)),
        Change::Negate => forged.set(wire, -value),
        Change::Set(amount) => forged.set(wire, Fr::from(*amount)),
        Change::Copy(other) => forged.set(wire, forged.at(*other.get(&wires))),
        Change::Swap(other) => forged.swap(wire, *other.get(&wires)),
        Change::Random(words) => forged.set(wire, scalar(*words)),
    }
}

fn shard_parts() -> Vec<Wires> {
    let layout = SHARD.circuit.layout();
    [&layout.limbs, &layout.multiplicities, &layout.totals, &layout.block_blinding, &layout.mask]
        .map(Clone::clone)
        .to_vec()
}

fn coverage_parts() -> Vec<Wires> {
    let l = COVERAGE.circuit.layout();
    let parts =
        [&l.liabilities, &l.limbs, &l.coverage, &l.past, &l.blinding, &l.multiplicities, &l.mask, &l.salts];
    parts.map(Clone::clone).to_vec()
}

/// Circuit and twin on `committed` under these challenges; y may be that of the honest values.
fn agree_on_shard(committed: &Committed, challenges: &ShardChallenges, outputs: Outputs) -> bool {
    let circuit = &SHARD.circuit;
    let mut values = circuit.assignment(&committed.values, challenges).unwrap();
    if outputs == Outputs::Kept {
        values[5] = circuit.assignment(&SHARD.committed.values, challenges).unwrap()[5];
    }
    let twin = shard::twin::check(circuit, &committed.values, challenges, values[5]);
    let circuit = circuit.circuit.check(&values).map_err(|unsatisfied| unsatisfied.claim);
    assert_eq!(circuit, twin.map_err(|refused| refused.claim), "the first claim that does not hold");
    circuit.is_ok()
}

fn agree_on_coverage(committed: &Committed, challenges: &CoverageChallenges, kept: [Outputs; 2]) -> bool {
    let circuit = &COVERAGE.circuit;
    let mut values = circuit.assignment(&committed.values, challenges).unwrap();
    let honest = circuit.assignment(&COVERAGE.committed.values, challenges).unwrap();
    for (index, output) in [4, 5].into_iter().zip(kept) {
        if output == Outputs::Kept {
            values[index] = honest[index];
        }
    }
    let outputs = coverage::twin::Outputs { evaluation: values[4], headroom_root: values[5] };
    let twin = coverage::twin::check(circuit, &committed.values, challenges, outputs);
    let circuit = circuit.circuit.check(&values).map_err(|unsatisfied| unsatisfied.claim);
    assert_eq!(circuit, twin.map_err(|refused| refused.claim), "the first claim that does not hold");
    circuit.is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn shard_and_twin_agree_on_mutated_values(
        mutations in vec((place(), change()), 0..=3),
        recount in any::<bool>(),
        retotal in any::<bool>(),
        outputs in outputs(),
        challenges in any::<[[u64; 4]; 4]>(),
    ) {
        let mut forged = SHARD.forge();
        for (place, change) in &mutations {
            mutate(&mut forged, &shard_parts(), *place, change);
        }
        if recount { SHARD.recount(&mut forged) }
        if retotal { SHARD.retotal(&mut forged) }
        let [alpha, chi, rho, gamma] = challenges.map(scalar);
        let accepted = agree_on_shard(&forged, &ShardChallenges { alpha, chi, rho, gamma }, outputs);
        if mutations.iter().all(|(_, change)| matches!(change, Change::Same)) {
            prop_assert!(accepted);
        }
    }

    #[test]
    fn coverage_and_twin_agree_on_mutated_values(
        mutations in vec((place(), change()), 0..=3),
        recount in any::<bool>(),
        balance in any::<bool>(),
        outputs in [outputs(), outputs()],
        challenges in any::<[[u64; 4]; 3]>(),
    ) {
        let mut forged = COVERAGE.forge();
        for (place, change) in &mutations {
            mutate(&mut forged, &coverage_parts(), *place, change);
        }
        if recount { COVERAGE.recount(&mut forged) }
        if balance && !forged.at(COVERAGE.circuit.layout().coverage.at(0)).is_zero() {
            COVERAGE.balance(&mut forged, 0);
        }
        let [alpha, rho, gamma] = challenges.map(scalar);
        let accepted = agree_on_coverage(&forged, &CoverageChallenges { alpha, rho, gamma }, outputs);
        if mutations.iter().all(|(_, change)| matches!(change, Change::Same)) {
            prop_assert!(accepted);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    /// Every limb random: in range with any asset, in range with listed assets, or out of range.
    #[test]
    fn shard_and_twin_agree_on_random_limbs(
        seed in any::<[u64; 4]>(),
        largest in prop::sample::select(vec![1u64, 2, 255, 256, u64::MAX]),
        listed in any::<bool>(),
        challenges in any::<[[u64; 4]; 4]>(),
    ) {
        let layout = SHARD.circuit.layout();
        let mut forged = SHARD.forge();
        let mut random = seed.into_iter().cycle().zip(0u64..).map(|(word, index)| {
            let mixed = (word ^ index).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 29)
        });
        for wire in layout.limbs.iter() {
            let limb = random.next().unwrap();
            forged.set(wire, Fr::from(if largest == u64::MAX { limb } else { limb % (largest + 1) }));
        }
        for holding in 0..SHARD.holdings() {
            if listed {
                let id = 1 + random.next().unwrap() % 63;
                forged.write(&layout.asset_limbs(holding), id.into(), 8);
            }
        }
        SHARD.recount(&mut forged);
        SHARD.retotal(&mut forged);
        let [alpha, chi, rho, gamma] = challenges.map(scalar);
        let challenges = ShardChallenges { alpha, chi, rho, gamma };
        let accepted = agree_on_shard(&forged, &challenges, Outputs::Recomputed);
        prop_assert_eq!(accepted, listed && largest < 256);
    }
}
