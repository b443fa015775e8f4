//! Native twin: the claims of the shard circuit checked directly on the committed values,
//! without rows, inverses or challenges but for the evaluation.

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{Field, PrimeField, Zero};
use ark_poly::EvaluationDomain;
use solventry_types::{challenge::ShardChallenges, profile::SLOT_HOLDINGS};

use super::ShardCircuit;
use crate::{Refused, gadgets::evaluation::domain, r1cs::Wires};

/// Checks committed values (J1, in the order of the layout) and the claimed evaluation.
pub fn check(
    shard: &ShardCircuit,
    committed: &[Fr],
    challenges: &ShardChallenges,
    evaluation: Fr,
) -> Result<(), Refused> {
    let values = Committed { shard, values: committed };
    range(&values)?;
    totals(&values)?;
    if evaluate(&values, challenges) == evaluation {
        Ok(())
    } else {
        Err(Refused { claim: "C-SHARD-3", problem: "y is not the evaluation of the committed blocks" })
    }
}

struct Committed<'a> {
    shard: &'a ShardCircuit,
    values: &'a [Fr],
}

impl Committed<'_> {
    fn of(&self, wires: &Wires) -> &[Fr] {
        let instance = self.shard.circuit.instance();
        &self.values[wires.range().start - instance..wires.range().end - instance]
    }

    /// `Σ 2^(w·i)·limb_i`.
    fn integer(&self, wires: &Wires) -> Fr {
        let base = Fr::from(1u64 << self.shard.profile.limb_bits);
        self.of(wires).iter().rev().fold(Fr::zero(), |sum, limb| sum * base + limb)
    }

    fn holdings(&self) -> impl Iterator<Item = (Fr, Fr)> + '_ {
        let layout = self.shard.layout();
        (0..SLOT_HOLDINGS * self.shard.profile.shard_slots())
            .map(|h| (self.integer(&layout.asset_limbs(h)), self.integer(&layout.amount_limbs(h))))
    }
}

/// C-SHARD-1: limbs below 2^w, and the multiplicities are their histogram.
fn range(values: &Committed<'_>) -> Result<(), Refused> {
    let layout = values.shard.layout();
    let refused = |problem| Refused { claim: "C-SHARD-1", problem };
    let mut counts = vec![0u64; 1 << values.shard.profile.limb_bits];
    for limb in values.of(&layout.limbs) {
        let integer = limb.into_bigint().0;
        let index = (integer[1..] == [0, 0, 0]).then_some(integer[0] as usize);
        *index.and_then(|index| counts.get_mut(index)).ok_or(refused("a limb is not below 2^w"))? += 1;
    }
    let claimed = values.of(&layout.multiplicities);
    let equal = counts.iter().zip(claimed).all(|(count, claimed)| Fr::from(*count) == *claimed);
    if equal { Ok(()) } else { Err(refused("a multiplicity is not the number of occurrences")) }
}

/// C-SHARD-2: T_a is the sum of the amounts of a; no amount elsewhere.
fn totals(values: &Committed<'_>) -> Result<(), Refused> {
    let refused = |problem| Refused { claim: "C-SHARD-2", problem };
    let mut sums: HashMap<Fr, Fr> = HashMap::new();
    for (asset, amount) in values.holdings() {
        *sums.entry(asset).or_default() += amount;
    }
    for (total, asset) in values.of(&values.shard.layout().totals).iter().zip(1u64..) {
        if sums.remove(&Fr::from(asset)).unwrap_or_default() != *total {
            return Err(refused("a total is not the sum of the amounts of its asset"));
        }
    }
    if sums.values().all(Zero::is_zero) {
        Ok(())
    } else {
        Err(refused("an id outside the table carries an amount"))
    }
}

/// C-SHARD-3: interpolates every vector and evaluates the polynomials themselves.
fn evaluate(values: &Committed<'_>, challenges: &ShardChallenges) -> Fr {
    let (layout, profile) = (values.shard.layout(), values.shard.profile);
    let n = profile.block_slots;
    let mut slots: Vec<Fr> = Vec::with_capacity(profile.shard_slots());
    let (place, shift) = (Fr::from(2u64).pow([80]), Fr::from(2u64).pow([64]));
    let holdings: Vec<(Fr, Fr)> = values.holdings().collect();
    for slot in holdings.chunks(SLOT_HOLDINGS) {
        slots.push(
            slot.iter().rev().fold(Fr::zero(), |sum, (asset, amount)| sum * place + *asset * shift + amount),
        );
    }
    let mut totals = vec![Fr::zero(); n];
    totals[1..=profile.max_assets].copy_from_slice(values.of(&layout.totals));
    let blinding = values.of(&layout.block_blinding).iter();
    let at = |vector: &[Fr], blinding: &Fr| {
        let value = domain(n).ifft(vector).iter().rev().fold(Fr::zero(), |sum, c| sum * challenges.rho + c);
        value + domain(n).evaluate_vanishing_polynomial(challenges.rho) * blinding
    };
    let mut evaluations: Vec<Fr> = slots.chunks(n).zip(blinding).map(|(block, r)| at(block, r)).collect();
    let instance = values.shard.circuit.instance();
    evaluations.push(at(&totals, &values.values[layout.totals_blinding.0 as usize - instance]));
    let mask = values.of(&layout.mask);
    evaluations.iter().rev().fold(mask[0] + mask[1] * challenges.rho, |sum, e| sum * challenges.gamma + e)
}
