//! Z10 at the coverage proof: every row holds, D stands in the way.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};

use crate::support::{
    evil_coverage::{self, EvilCoverage},
    fixture::fixture,
    outcome::{Outcome, attacks, refused},
};

attacks![
    coverage_requirement_solved_after_rho,
    liabilities_blinding_solved_after_rho,
    coverage_multiplicity_solved_after_alpha
];

/// All rows hold after `solve`, and the coverage proof is refused.
fn coverage_refused(evil: &EvilCoverage, solve: evil_coverage::Tweak<'_>) -> Outcome {
    let (record, assignment) = evil.record(solve);
    let circuit = &fixture().keys.coverage_circuit.circuit;
    circuit.check(&assignment).map_err(|row| format!("the attack is not consistent: {row}"))?;
    refused(&evil.attestation_with(record), 11, "CoverageProof", "(C-COV)")
}

/// Source: Z10, c_a: bitcoin's requirement falls by one basis point, another vector entry past
/// the table makes up for it at ρ.
fn coverage_requirement_solved_after_rho() -> Outcome {
    let mut evil = EvilCoverage::public();
    let owed = fixture().ledger.totals()[0].units();
    evil.set_surplus(0, 10_000 * 4_321 + owed);
    evil.recount();
    let circuit = &fixture().keys.coverage_circuit;
    let first = circuit.layout().coverage.range().start;
    coverage_refused(&evil, &|values, challenges| {
        let omega = solventry_solvency::gadgets::evaluation::domain(256).group_gen;
        let weight =
            |place: u64| omega.pow([place]) * (challenges.rho - omega.pow([place])).inverse().unwrap();
        values[first] -= Fr::one();
        values[first + 19] += weight(1) * weight(20).inverse().unwrap();
        let committed = values[circuit.circuit.committed_range()].to_vec();
        values.copy_from_slice(&circuit.assignment(&committed, challenges).unwrap());
    })
}

/// Source: Z10, blinding: the wires owe one unit less than C_L.
fn liabilities_blinding_solved_after_rho() -> Outcome {
    let mut evil = EvilCoverage::public();
    evil.committed[EvilCoverage::liability(0)] -= Fr::one();
    evil.set_surplus(0, 10_000 * 4_322);
    evil.recount();
    let circuit = &fixture().keys.coverage_circuit;
    let blinding = circuit.layout().blinding.range().start;
    coverage_refused(&evil, &|values, challenges| {
        let omega = solventry_solvency::gadgets::evaluation::domain(256).group_gen;
        values[blinding] += omega * (Fr::from(256u64) * (challenges.rho - omega)).inverse().unwrap();
        let committed = values[circuit.circuit.committed_range()].to_vec();
        values.copy_from_slice(&circuit.assignment(&committed, challenges).unwrap());
    })
}

/// Source: Z10, m_t: a negative surplus in one limb, absorbed by m_0.
fn coverage_multiplicity_solved_after_alpha() -> Outcome {
    let mut evil = EvilCoverage::public();
    let circuit = &fixture().keys.coverage_circuit;
    let limbs = EvilCoverage::index(&circuit.layout().surplus_limbs(0));
    let value = crate::support::evil_shard::digits(&evil.committed[limbs.clone()]);
    evil.committed[limbs.clone()].fill(Fr::zero());
    evil.committed[limbs.start] = value;
    evil.recount();
    let (first, all) = (circuit.circuit.committed_range().end, circuit.layout().limbs.len());
    let multiplicity = circuit.layout().multiplicities.range().start;
    coverage_refused(&evil, &|values, challenges| {
        let sums = &values[first..][..all + 256];
        let missing: Fr = sums[..all].iter().sum::<Fr>() - sums[all..].iter().sum::<Fr>();
        values[multiplicity] += missing * challenges.alpha;
        let committed = values[circuit.circuit.committed_range()].to_vec();
        values.copy_from_slice(&circuit.assignment(&committed, challenges).unwrap());
    })
}
