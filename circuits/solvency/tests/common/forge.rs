//! Honest proofs in the clear and forgeries of them: any committed value (J1) can be replaced,
//! and the public outputs be recomputed or kept.

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use solventry_solvency::{
    Refused,
    coverage::{self, CoverageCircuit},
    gadgets::range::small,
    r1cs::{Unsatisfied, Wires},
    shard::{self, ShardCircuit},
};
use solventry_types::{
    Profile,
    challenge::{CoverageChallenges, ShardChallenges},
    profile::SLOT_HOLDINGS,
};

use super::{committed::Committed, coverage_witness, scalars, shard_witness, table};

/// Index of y in the assignment of the shard circuit.
pub const SHARD_Y: usize = 5;
/// Index of y in the assignment of the coverage circuit.
pub const COVERAGE_Y: usize = 4;
/// Index of headroom_root in the assignment of the coverage circuit.
pub const COVERAGE_ROOT: usize = 5;

/// Whether a forger claims the outputs of the honest witness or those of the forged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The commitments, and so y (and root), are those of the honest witness.
    Kept,
    /// They follow from the forged values.
    Recomputed,
}

/// What circuit and twin say.
pub type Verdicts = (Result<(), Unsatisfied>, Result<(), Refused>);

/// A shard with its honest values under some challenges.
pub struct HonestShard {
    /// The circuit.
    pub circuit: ShardCircuit,
    /// J1.
    pub committed: Committed,
    /// The challenges.
    pub challenges: ShardChallenges,
    /// All wires.
    pub values: Vec<Fr>,
}

impl HonestShard {
    /// A random ledger.
    pub fn new(profile: Profile) -> Self {
        let circuit = ShardCircuit::new(profile);
        let committed = circuit.committed_values(&shard_witness(profile, 1)).unwrap();
        let [alpha, chi, rho, gamma] = scalars(2);
        let challenges = ShardChallenges { alpha, chi, rho, gamma };
        let values = circuit.assignment(&committed, &challenges).unwrap();
        let committed = Committed::new(committed, circuit.circuit.instance());
        Self { circuit, committed, challenges, values }
    }

    /// The honest values, to be forged.
    pub fn forge(&self) -> Committed {
        self.committed.clone()
    }

    /// Recounts the multiplicities of a forgery.
    pub fn recount(&self, forged: &mut Committed) {
        let layout = self.circuit.layout();
        forged.recount(&layout.limbs, &layout.multiplicities, self.circuit.profile.limb_bits);
    }

    /// Makes the totals those of the forged holdings, as field elements.
    pub fn retotal(&self, forged: &mut Committed) {
        let layout = self.circuit.layout();
        let mut totals = vec![Fr::zero(); layout.totals.len()];
        for holding in 0..self.holdings() {
            let asset = self.integer(forged, &layout.asset_limbs(holding));
            if let Some(total) = small(asset).and_then(|asset| totals.get_mut(asset.checked_sub(1)?)) {
                *total += self.integer(forged, &layout.amount_limbs(holding));
            }
        }
        layout.totals.iter().zip(totals).for_each(|(wire, total)| forged.set(wire, total));
    }

    /// Number of holdings of the shard.
    pub fn holdings(&self) -> usize {
        SLOT_HOLDINGS * self.circuit.profile.shard_slots()
    }

    /// The first honest holding of an asset, at or after `from`, with an amount of at least 2.
    pub fn holding_of(&self, asset: u64, from: usize) -> usize {
        let layout = self.circuit.layout();
        let carries = |holding: &usize| {
            let amount = self.integer(&self.committed, &layout.amount_limbs(*holding));
            self.integer(&self.committed, &layout.asset_limbs(*holding)) == Fr::from(asset)
                && amount != Fr::zero()
                && amount != Fr::from(1u64)
        };
        (from..self.holdings()).find(carries).expect("somebody holds it")
    }

    /// Swaps amounts and ids of two holdings.
    pub fn swap_holdings(&self, forged: &mut Committed, first: usize, second: usize) {
        let layout = self.circuit.layout();
        let limbs = |holding| {
            let (amount, asset) = (layout.amount_limbs(holding), layout.asset_limbs(holding));
            amount.iter().chain(asset.iter()).collect::<Vec<_>>()
        };
        limbs(first).into_iter().zip(limbs(second)).for_each(|(a, b)| forged.swap(a, b));
    }

    /// `Σ 2^(w·i)·limb_i`.
    pub fn integer(&self, committed: &Committed, limbs: &Wires) -> Fr {
        let base = Fr::from(1u64 << self.circuit.profile.limb_bits);
        committed.of(limbs).iter().rev().fold(Fr::zero(), |sum, limb| sum * base + limb)
    }

    /// What circuit and twin say about a forgery.
    pub fn verdicts(&self, forged: &Committed, outputs: Outputs) -> Verdicts {
        let mut values = self.circuit.assignment(&forged.values, &self.challenges).unwrap();
        if outputs == Outputs::Kept {
            values[SHARD_Y] = self.values[SHARD_Y];
        }
        let twin = shard::twin::check(&self.circuit, &forged.values, &self.challenges, values[SHARD_Y]);
        (self.circuit.circuit.check(&values), twin)
    }

    /// Circuit and twin must both refuse and name `claim`.
    pub fn refuses(&self, claim: &str, forged: &Committed, outputs: Outputs) {
        assert_refused(claim, self.verdicts(forged, outputs));
    }

    /// Circuit and twin must both accept, with the outputs recomputed.
    pub fn accepts(&self, forged: &Committed) {
        assert_eq!(self.verdicts(forged, Outputs::Recomputed), (Ok(()), Ok(())));
    }
}

/// Coverage with its honest values under some challenges.
pub struct HonestCoverage {
    /// The circuit.
    pub circuit: CoverageCircuit,
    /// J1.
    pub committed: Committed,
    /// The challenges.
    pub challenges: CoverageChallenges,
    /// All wires.
    pub values: Vec<Fr>,
}

impl HonestCoverage {
    /// Random covered liabilities.
    pub fn new(profile: Profile) -> Self {
        let circuit = CoverageCircuit::new(profile);
        let committed = circuit.committed_values(&coverage_witness(profile, 1), &table()).unwrap();
        let [alpha, rho, gamma] = scalars(2);
        let challenges = CoverageChallenges { alpha, rho, gamma };
        let values = circuit.assignment(&committed, &challenges).unwrap();
        let committed = Committed::new(committed, circuit.circuit.instance());
        Self { circuit, committed, challenges, values }
    }

    /// The honest values, to be forged.
    pub fn forge(&self) -> Committed {
        self.committed.clone()
    }

    /// Recounts the multiplicities of a forgery.
    pub fn recount(&self, forged: &mut Committed) {
        let layout = self.circuit.layout();
        forged.recount(&layout.limbs, &layout.multiplicities, coverage::LIMB_BITS);
    }

    /// Makes L what the forged reserves, surplus and minimum coverage of an asset imply, so that
    /// no other row is at fault.
    pub fn balance(&self, forged: &mut Committed, asset: usize) {
        let layout = self.circuit.layout();
        let reserves = Self::integer(forged, &layout.reserves_limbs(asset));
        let surplus = Self::integer(forged, &layout.surplus_limbs(asset));
        let coverage = forged.at(layout.coverage.at(asset)).inverse().expect("a listed asset");
        let liabilities = (reserves * Fr::from(coverage::BPS) - surplus) * coverage;
        forged.set(layout.liabilities.at(asset), liabilities);
    }

    /// `Σ 2^(8·i)·limb_i`.
    pub fn integer(committed: &Committed, limbs: &Wires) -> Fr {
        let base = Fr::from(1u64 << coverage::LIMB_BITS);
        committed.of(limbs).iter().rev().fold(Fr::zero(), |sum, limb| sum * base + limb)
    }

    /// What circuit and twin say about a forgery; y and root are kept or recomputed each alone.
    pub fn verdicts(&self, forged: &Committed, y: Outputs, root: Outputs) -> Verdicts {
        let mut values = self.circuit.assignment(&forged.values, &self.challenges).unwrap();
        for (index, output) in [(COVERAGE_Y, y), (COVERAGE_ROOT, root)] {
            if output == Outputs::Kept {
                values[index] = self.values[index];
            }
        }
        self.judge(forged, &values)
    }

    /// What circuit and twin say about all wires; the twin sees J1, y and root.
    pub fn judge(&self, forged: &Committed, values: &[Fr]) -> Verdicts {
        let outputs =
            coverage::twin::Outputs { evaluation: values[COVERAGE_Y], headroom_root: values[COVERAGE_ROOT] };
        let twin = coverage::twin::check(&self.circuit, &forged.values, &self.challenges, outputs);
        (self.circuit.circuit.check(values), twin)
    }

    /// Circuit and twin must both refuse and name `claim`.
    pub fn refuses(&self, claim: &str, forged: &Committed, y: Outputs, root: Outputs) {
        assert_refused(claim, self.verdicts(forged, y, root));
    }

    /// Circuit and twin must both accept.
    pub fn accepts(&self, forged: &Committed) {
        let recomputed = Outputs::Recomputed;
        assert_eq!(self.verdicts(forged, recomputed, recomputed), (Ok(()), Ok(())));
    }
}

/// Both must refuse and name `claim`.
pub fn assert_refused(claim: &str, (circuit, twin): Verdicts) {
    assert_eq!(circuit.expect_err("the circuit accepts").claim, claim, "claim named by the circuit");
    assert_eq!(twin.expect_err("the twin accepts").claim, claim, "claim named by the twin");
}
