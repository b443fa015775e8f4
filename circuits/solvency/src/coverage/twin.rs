//! Native twin: the claims of the coverage circuit checked directly on the committed values.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use ark_poly::EvaluationDomain;
use solventry_types::challenge::CoverageChallenges;

use super::{BPS, CoverageCircuit, LIMB_BITS};
use crate::{Refused, gadgets::evaluation::domain, r1cs::Wires, surplus_tree};

/// Public outputs of the coverage proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// The claimed evaluation y.
    pub evaluation: Fr,
    /// The claimed root.
    pub headroom_root: Fr,
}

/// Checks committed values (J1, in the order of the layout) and the public outputs.
pub fn check(
    coverage: &CoverageCircuit,
    committed: &[Fr],
    challenges: &CoverageChallenges,
    outputs: Outputs,
) -> Result<(), Refused> {
    let values = Committed { coverage, values: committed };
    if evaluate(&values, challenges) != outputs.evaluation {
        let problem = "y is not the evaluation of liabilities, reserves and table";
        return Err(Refused { claim: "C-COV-1", problem });
    }
    range(&values)?;
    let surpluses = surpluses(&values)?;
    let salts = values.of(&coverage.layout().salts);
    if surplus_tree::root(&surpluses, salts) != outputs.headroom_root {
        return Err(Refused { claim: "C-COV-3", problem: "headroom_root is not the root of the surpluses" });
    }
    Ok(())
}

struct Committed<'a> {
    coverage: &'a CoverageCircuit,
    values: &'a [Fr],
}

impl Committed<'_> {
    fn of(&self, wires: &Wires) -> &[Fr] {
        let instance = self.coverage.circuit.instance();
        &self.values[wires.range().start - instance..wires.range().end - instance]
    }

    /// The integer that ranged limbs encode; they were checked to be bytes.
    fn integer(&self, limbs: &Wires) -> Fr {
        let bytes: Vec<u8> = self.of(limbs).iter().map(|limb| limb.into_bigint().0[0] as u8).collect();
        bytes.iter().rev().fold(Fr::zero(), |sum, byte| sum * Fr::from(256u64) + Fr::from(*byte))
    }
}

/// C-COV-2, first half: limbs are bytes and the multiplicities are their histogram.
fn range(values: &Committed<'_>) -> Result<(), Refused> {
    let layout = values.coverage.layout();
    let refused = |problem| Refused { claim: "C-COV-2", problem };
    let mut counts = vec![0u64; 1 << LIMB_BITS];
    for limb in values.of(&layout.limbs) {
        let integer = limb.into_bigint();
        if integer.num_bits() > LIMB_BITS {
            return Err(refused("a limb is not below 2^8"));
        }
        counts[integer.0[0] as usize] += 1;
    }
    let claimed = values.of(&layout.multiplicities);
    let equal = counts.iter().zip(claimed).all(|(count, claimed)| Fr::from(*count) == *claimed);
    if equal { Ok(()) } else { Err(refused("a multiplicity is not the number of occurrences")) }
}

/// C-COV-2, second half: the surplus is 10 000·R − c·L; nothing past the table.
fn surpluses(values: &Committed<'_>) -> Result<Vec<Fr>, Refused> {
    let layout = values.coverage.layout();
    let refused = |problem| Refused { claim: "C-COV-2", problem };
    let columns = [&layout.liabilities, &layout.coverage, &layout.past].map(|wires| values.of(wires));
    let mut surpluses = Vec::new();
    for asset in 0..values.coverage.profile.max_assets {
        let [liabilities, coverage, past] = columns.map(|column| column[asset]);
        let reserves = values.integer(&layout.reserves_limbs(asset));
        let surplus = values.integer(&layout.surplus_limbs(asset));
        if surplus != Fr::from(BPS) * reserves - coverage * liabilities {
            return Err(refused("a surplus is not 10 000·R − c·L"));
        }
        if !past.is_zero() && !(liabilities + reserves).is_zero() {
            return Err(refused("an id past the table has liabilities or reserves"));
        }
        surpluses.push(surplus);
    }
    Ok(surpluses)
}

/// C-COV-1: interpolates every vector and evaluates the polynomials themselves.
fn evaluate(values: &Committed<'_>, challenges: &CoverageChallenges) -> Fr {
    let (layout, profile) = (values.coverage.layout(), values.coverage.profile);
    let weights = |limbs: Wires| {
        values.of(&limbs).iter().rev().fold(Fr::zero(), |sum, limb| sum * Fr::from(256u64) + limb)
    };
    let reserves: Vec<Fr> =
        (0..profile.max_assets).map(|asset| weights(layout.reserves_limbs(asset))).collect();
    let blinding = values.of(&layout.blinding);
    let at = |vector: &[Fr], blinding: Fr| {
        let domain = domain(profile.block_slots);
        let mut entries = vec![Fr::zero(); profile.block_slots];
        entries[1..=vector.len()].copy_from_slice(vector);
        let value = domain.ifft(&entries).iter().rev().fold(Fr::zero(), |sum, c| sum * challenges.rho + c);
        value + domain.evaluate_vanishing_polynomial(challenges.rho) * blinding
    };
    let evaluations = [
        at(values.of(&layout.liabilities), blinding[0]),
        at(&reserves, blinding[1]),
        at(values.of(&layout.coverage), Fr::zero()),
        at(values.of(&layout.past), Fr::zero()),
    ];
    let mask = values.of(&layout.mask);
    evaluations.iter().rev().fold(mask[0] + mask[1] * challenges.rho, |sum, e| sum * challenges.gamma + e)
}
