//! Multi-point openings for both block sizes, whatever the profile: the inclusion proof without
//! its file.

use ark_bn254::{Fr, G1Projective};
use ark_ff::UniformRand;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use criterion::{BenchmarkGroup, measurement::WallTime};
use rand_core::OsRng;
use solventry_prover::{
    kernel::Arkworks,
    kzg::{ReferenceString, blinded_polynomial, open_at_points},
};
use solventry_types::Profile;
use solventry_verifier::kzg::verify_at_points;

/// Positions opened: an account with six holdings.
const POSITIONS: usize = 2;

/// Making takes two polynomials and two openings, verifying one equation.
pub fn openings(group: &mut BenchmarkGroup<'_, WallTime>) {
    for profile in Profile::ALL {
        let n = profile.block_slots;
        let reference = ReferenceString::insecure_setup(profile);
        let key = reference.verifying_key(profile);
        let values: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut OsRng)).collect();
        let blinding = Fr::rand(&mut OsRng);
        let domain = Radix2EvaluationDomain::<Fr>::new(n).expect("n is a power of two");
        let points: Vec<Fr> = (0..POSITIONS).map(|position| domain.element(position)).collect();
        let open =
            || open_at_points(&Arkworks, &reference.powers, &blinded_polynomial(&values, blinding), &points);
        group.bench_function(format!("make, n = {n}"), |b| b.iter(|| [open(), open()]));
        let commitment = G1Projective::from(reference.commit(&Arkworks, 0, &values, blinding));
        let proof = G1Projective::from(open());
        group.bench_function(format!("verify, n = {n}"), |b| {
            b.iter(|| {
                let holds = verify_at_points(&key, commitment, &points, &values[..POSITIONS], proof);
                assert_eq!(holds, Ok(true));
            });
        });
    }
}
