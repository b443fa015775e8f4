//! Z20: a guesser who knows the whole ledger but one amount: all other holdings, every nonce and
//! position, the reserves, and (in the second test) every blinding scalar but the mask. For each
//! of 10 000 guesses, the true amount among them, it computes every public value as far as its
//! knowledge goes and looks for a match. Controls without blinding or mask show that the same
//! search finds the amount at once.

use std::collections::HashSet;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{Field, Zero};
use solventry_prover::kernel::{Arkworks, Kernel};
use solventry_types::{challenge::ShardChallenges, statement::ShardStatement};
use solventry_verifier::transcript::shard_challenges;

use crate::support::{
    evil_coverage::{EvilCoverage, HONEST as COVERAGE_HONEST},
    evil_shard::{EvilShard, HONEST, joined, reference},
    fixture::fixture,
};

const GUESSES: u64 = 10_000;
/// Where the true amount stands among the guesses.
const TRUTH: u64 = 6_789;

/// The first holding of shard 0 is the unknown one.
struct Guesser {
    evil: EvilShard,
    slot: usize,
    place: u32,
    holding: usize,
    asset: usize,
}

impl Guesser {
    fn new() -> Self {
        let evil = EvilShard::honest(0);
        let (holding, asset) = evil.first_holding();
        Self { slot: holding / 3, place: (holding % 3) as u32, holding, asset, evil }
    }

    /// Guess number k minus the truth, as a scalar.
    fn offset(k: u64) -> Fr {
        Fr::from(k) - Fr::from(TRUTH)
    }

    /// Weight of the amount in its packed slot.
    fn weight(&self) -> Fr {
        Fr::from(2u64).pow([u64::from(80 * self.place)])
    }

    /// `truth + offset(k)·step` for all k, by additions.
    fn walk(truth: G1Projective, step: G1Projective) -> Vec<G1Affine> {
        let mut at = truth + step * Self::offset(0);
        let points: Vec<G1Projective> = (0..GUESSES)
            .map(|_| {
                let now = at;
                at += step;
                now
            })
            .collect();
        G1Projective::normalize_batch(&points)
    }
}

/// Every point of the attestation that anyone can see, and its negative.
fn public_points() -> HashSet<G1Affine> {
    let attestation = &fixture().public;
    let shards = attestation.shards.iter().flat_map(|record| {
        let ShardStatement { blocks, totals, mask } = &record.statement;
        let blocks = blocks.iter().flat_map(|block| [block.slots, block.labels]);
        let proof = record.linked.proof;
        blocks.chain([*totals, *mask, proof.d, proof.a, proof.c, record.linked.opening]).collect::<Vec<_>>()
    });
    let linked = &attestation.coverage.linked;
    let coverage =
        [attestation.coverage.statement.mask, linked.proof.d, linked.proof.a, linked.proof.c, linked.opening];
    shards.chain(coverage).flat_map(|point| [point, -point]).chain([G1Affine::identity()]).collect()
}

/// C_b and C_T recomputed for each guess without their blinding; the difference to the real one is
/// also compared with the same difference of every other block and label commitment, all of whose
/// values are known (a blinding scalar used twice would show).
#[test]
fn commitments_give_no_hit() {
    let guesser = Guesser::new();
    let (vectors, lagrange) = (&guesser.evil.vectors, &reference().lagrange);
    let unblinded = |values: &[Fr]| Arkworks.msm_g1(&lagrange[..values.len()], values);
    let statement = &guesser.evil.statement;
    let block = guesser.slot / 256;
    let slots = Guesser::walk(unblinded(&vectors[block].0), lagrange[guesser.slot % 256] * guesser.weight());
    let totals = Guesser::walk(unblinded(&vectors[3].0), lagrange[guesser.asset + 1].into());

    let mut seen = public_points();
    for index in 0..3 {
        let shard = EvilShard::honest(index);
        let commitments =
            shard.statement.blocks.iter().map(|block| block.slots).chain([shard.statement.totals]);
        for (number, (commitment, (values, _))) in commitments.zip(&shard.vectors).enumerate() {
            if index > 0 || (number != block && number != 3) {
                let residual = commitment - unblinded(values);
                seen.extend([residual.into_affine(), -residual.into_affine()]);
            }
        }
        let data = &fixture().shards[index as usize].data;
        for (labels, block) in data.labels.chunks(256).zip(&shard.statement.blocks) {
            let values: Vec<Fr> = labels.iter().map(solventry_types::Label::scalar).collect();
            let residual = block.labels - unblinded(&values);
            seen.extend([residual.into_affine(), -residual.into_affine()]);
        }
    }
    let residuals = |commitment: G1Affine, guesses: &[G1Affine]| {
        let all: Vec<G1Projective> =
            guesses.iter().map(|guess| commitment - G1Projective::from(*guess)).collect();
        G1Projective::normalize_batch(&all)
    };
    let of_slots = residuals(statement.blocks[block].slots, &slots);
    let of_totals = residuals(statement.totals, &totals);
    let everything = slots.iter().chain(&totals).chain(&of_slots).chain(&of_totals);
    let hits = everything.filter(|point| seen.contains(point)).count();
    let equal = of_slots.iter().zip(&of_totals).filter(|(slots, totals)| slots == totals).count();
    println!("{GUESSES} guesses against {} public and derived points: {hits} hits", seen.len());
    assert_eq!((hits, equal), (0, 0));

    // Control: the same commitment without blinding is found, at the truth alone.
    let bare = unblinded(&vectors[block].0).into_affine();
    let found: Vec<usize> = (0..slots.len()).filter(|k| slots[*k] == bare).collect();
    assert_eq!(found, [TRUTH as usize]);
}

/// D recomputed for each guess of the two lowest bytes, without κ: limbs, their multiplicities
/// and the total change together.
#[test]
fn commitment_to_the_wires_gives_no_hit() {
    let guesser = Guesser::new();
    let (evil, key) = (&guesser.evil, &fixture().keys.shard.committed);
    let byte =
        |limb| (0..=255u8).find(|b| Fr::from(*b) == evil.committed[EvilShard::limb(guesser.holding, limb)]);
    let truth = u64::from(byte(0).unwrap()) + 256 * u64::from(byte(1).unwrap());
    let first = truth.saturating_sub(TRUTH).min(65_536 - GUESSES);
    let (limbs, total) =
        ([0, 1].map(|limb| EvilShard::limb(guesser.holding, limb)), EvilShard::total(guesser.asset));
    let share =
        |limb: usize, value: u64| key[limb] * Fr::from(value) + key[EvilShard::multiplicity(value as usize)];
    let table: Vec<[G1Projective; 2]> = (0..256).map(|value| limbs.map(|limb| share(limb, value))).collect();
    let honest = Arkworks.msm_g1(key, &evil.committed);
    let (low, high) = ((truth % 256) as usize, (truth / 256) as usize);
    let rest = honest - table[low][0] - table[high][1] - key[total] * Fr::from(truth);
    let mut sum = rest + key[total] * Fr::from(first);
    let guesses: Vec<G1Projective> = (first..first + GUESSES)
        .map(|guess| {
            let d = sum + table[(guess % 256) as usize][0] + table[(guess / 256) as usize][1];
            sum += key[total];
            d
        })
        .collect();
    let guesses = G1Projective::normalize_batch(&guesses);
    let d = evil.prove(&fixture().epoch(), HONEST).linked.proof.d;
    let mut seen = public_points();
    seen.extend([d, -d]);
    assert_eq!(guesses.iter().filter(|point| seen.contains(point)).count(), 0);
    // Control: D without κ is found, at the truth alone.
    let bare = honest.into_affine();
    let found: Vec<u64> =
        (first..).zip(&guesses).filter(|(_, d)| **d == bare).map(|(guess, _)| guess).collect();
    assert_eq!(found, [truth]);
}

/// y recomputed for each guess: without any blinding, and with every blinding scalar but the mask.
#[test]
fn evaluations_give_no_hit() {
    let guesser = Guesser::new();
    let evil = &guesser.evil;
    let (keys, epoch) = (&fixture().keys, fixture().epoch());
    let record = evil.prove(&epoch, HONEST);
    let d = record.linked.proof.d;
    let challenges = shard_challenges(&keys.verifying, &epoch, 0, &evil.statement, &d).unwrap();
    let y = record.linked.evaluation;

    let unblinded: Vec<(Vec<Fr>, Fr)> =
        evil.vectors.iter().map(|(values, _)| (values.clone(), Fr::zero())).collect();
    let none = [Fr::zero(); 2];
    let at =
        |polynomial: Vec<Fr>| polynomial.iter().rev().fold(Fr::zero(), |sum, c| sum * challenges.rho + c);
    let step = guesser.step(&challenges);
    let hits =
        |truth: Fr| (0..GUESSES).filter(|k| truth + Guesser::offset(*k) * step == y).collect::<Vec<_>>();
    assert_eq!(hits(at(joined(&unblinded, none, challenges.gamma))), [0u64; 0]);
    assert_eq!(hits(at(joined(&evil.vectors, none, challenges.gamma))), [0u64; 0]);
    // Control: who knows the mask too finds the amount.
    assert_eq!(hits(at(joined(&evil.vectors, evil.mask, challenges.gamma))), [TRUTH]);
}

/// The coverage proof's y with known reserves, known table and known blinding of C_L, and the
/// headroom root without its salts.
#[test]
fn coverage_with_known_reserves_gives_no_hit() {
    let evil = EvilCoverage::public();
    let (record, assignment) = evil.record(COVERAGE_HONEST);
    let (rho, gamma, y) = (assignment[2], assignment[3], record.linked.evaluation);
    let at = |polynomial: Vec<Fr>| polynomial.iter().rev().fold(Fr::zero(), |sum, c| sum * rho + c);
    let mask = gamma.pow([4]) * (evil.mask[0] + evil.mask[1] * rho);
    // What is known: reserves, coverage and marks, and liabilities but for one unit in bitcoin.
    let truth = y - mask;
    let committed = at(joined(&evil.vectors, [Fr::zero(); 2], gamma));
    assert_ne!(truth, committed, "the verifier adds the public vectors itself");
    let step = lagrange_at(1, rho);
    let hits =
        |truth: Fr| (0..GUESSES).filter(|k| truth + Guesser::offset(*k) * step == y).collect::<Vec<_>>();
    assert_eq!((hits(truth), hits(committed)), (vec![], vec![]));
    assert_eq!(hits(truth + mask), [TRUTH]); // control: the mask is what hides it

    // 100 guesses of one surplus: the root with salts of zero (a hash costs a millisecond).
    let circuit = &fixture().keys.coverage_circuit;
    let salts = EvilCoverage::index(&circuit.layout().salts);
    let root = |k: u64, blind: bool| {
        let mut wires = evil.committed.clone();
        let limb = EvilCoverage::index(&circuit.layout().surplus_limbs(0)).start;
        wires[limb] += Fr::from(k) - Fr::from(50u64);
        if blind {
            wires[salts.clone()].fill(Fr::zero());
        }
        circuit.headroom_root(&wires) == record.statement.headroom_root
    };
    assert_eq!((0..100).filter(|k| root(*k, true)).count(), 0);
    assert!(root(50, false) && !root(51, false));
}

/// L_j(ρ) for the 256th roots of unity.
fn lagrange_at(place: u64, rho: Fr) -> Fr {
    let omega = solventry_solvency::gadgets::evaluation::domain(256).group_gen.pow([place]);
    omega * (rho.pow([256]) - Fr::from(1u64)) * (Fr::from(256u64) * (rho - omega)).inverse().unwrap()
}

impl Guesser {
    /// What one unit of the unknown amount adds to y: through its block and through its total.
    fn step(&self, challenges: &ShardChallenges) -> Fr {
        let ShardChallenges { rho, gamma, .. } = *challenges;
        let block = gamma.pow([self.slot as u64 / 256]) * lagrange_at(self.slot as u64 % 256, rho);
        block * self.weight() + gamma.pow([3]) * lagrange_at(self.asset as u64 + 1, rho)
    }
}
