//! Z3: number of public inputs. ark-groth16 0.6 zips inputs with IC and stops at the shorter list;
//! halo2_proofs zero-pads; an empty batch is a product of nothing, so 1.

use ark_bn254::Fr;
use ark_ff::Zero;
use solventry_verifier::{
    kzg::{KzgError, OpeningClaim, verify_at_points, verify_openings},
    staged::{StagedClaim, StagedError, verify_batch},
};

use crate::support::{
    fixture::fixture,
    outcome::{Outcome, attacks, claims_of, names},
};

attacks![
    inputs_truncated,
    inputs_extended,
    inputs_zero_padded,
    inputs_swapped,
    inputs_repeated_once,
    inputs_of_another_shard,
    wrong_count_hidden_in_a_batch,
    empty_batch_of_proofs,
    empty_batch_of_openings,
    opening_with_fewer_weights,
    opening_with_more_weights,
    opening_of_nothing_to_zero,
    points_and_values_of_different_length,
    more_points_than_the_reference_string,
    no_points,
    equal_points,
];

fn claim() -> (StagedClaim<'static>, OpeningClaim) {
    claims_of(0, &fixture().public.shards[0])
}

fn proof_refused(change: impl FnOnce(&mut Vec<Fr>), variant: &str, says: &str) -> Outcome {
    let (mut claim, _) = claim();
    verify_batch(std::slice::from_ref(&claim)).map_err(|error| format!("honest claim: {error}"))?;
    change(&mut claim.inputs);
    match verify_batch(&[claim]) {
        Ok(()) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

/// Source: ark-groth16 `prepare_inputs`: a prefix of the inputs verifies against a prefix of IC.
fn inputs_truncated() -> Outcome {
    (0..5usize).try_for_each(|length| {
        let variant = format!("InputCount {{ index: 0, expected: 5, got: {length} }}");
        proof_refused(|inputs| inputs.truncate(length), &variant, "expected 5 public inputs")
    })
}

/// Source: the same, other way round.
fn inputs_extended() -> Outcome {
    (1..=8usize).try_for_each(|more| {
        let variant = format!("InputCount {{ index: 0, expected: 5, got: {} }}", 5 + more);
        let extend = |inputs: &mut Vec<Fr>| inputs.extend((0..more).map(|k| Fr::from(k as u64 + 1)));
        proof_refused(extend, &variant, "expected 5 public inputs")
    })
}

/// Source: halo2_proofs: instances are zero-padded.
fn inputs_zero_padded() -> Outcome {
    (1..=8usize).try_for_each(|more| {
        proof_refused(|inputs| inputs.extend(vec![Fr::zero(); more]), "InputCount { index: 0", "expected 5")
    })
}

/// Source: Z3.
fn inputs_swapped() -> Outcome {
    (0..5).flat_map(|i| (0..i).map(move |j| (i, j))).try_for_each(|(i, j)| {
        proof_refused(|inputs| inputs.swap(i, j), "Invalid { index: 0 }", "does not satisfy")
    })
}

/// Source: Z3.
fn inputs_repeated_once() -> Outcome {
    proof_refused(|inputs| inputs[1] = inputs[0], "Invalid { index: 0 }", "does not satisfy")
}

/// Source: Z12.
fn inputs_of_another_shard() -> Outcome {
    let (other, _) = claims_of(1, &fixture().public.shards[1]);
    proof_refused(|inputs| *inputs = other.inputs, "Invalid { index: 0 }", "does not satisfy")
}

/// Source: Z3: the count of each proof, not of the batch.
fn wrong_count_hidden_in_a_batch() -> Outcome {
    let mut claims = vec![claim().0; 4];
    let moved = claims[2].inputs.pop().unwrap();
    claims[3].inputs.push(moved);
    names(&verify_batch(&claims).unwrap_err(), "InputCount { index: 2, expected: 5, got: 4 }", "proof 2")
}

/// Source: halo2_proofs `BatchVerifier`: an empty batch is true.
fn empty_batch_of_proofs() -> Outcome {
    (verify_batch(&[]) == Err(StagedError::Empty)).then_some(()).ok_or("ACCEPTED".into())
}

/// Source: the same for KZG.
fn empty_batch_of_openings() -> Outcome {
    let verdict = verify_openings(&fixture().keys.verifying.kzg, &[]);
    (verdict == Err(KzgError::Empty)).then_some(()).ok_or("ACCEPTED".into())
}

fn opening_refused(change: impl FnOnce(&mut OpeningClaim), variant: &str, says: &str) -> Outcome {
    let (_, mut opening) = claim();
    change(&mut opening);
    match verify_openings(&fixture().keys.verifying.kzg, &[opening]) {
        Ok(()) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

/// Source: Z3: the mask's weight dropped: the sum would be over the blocks alone.
fn opening_with_fewer_weights() -> Outcome {
    let variant = "WeightCount { index: 0, expected: 5, got: 4 }";
    opening_refused(|opening| opening.weights.truncate(4), variant, "expected 5 weights")
}

/// Source: Z3.
fn opening_with_more_weights() -> Outcome {
    let variant = "WeightCount { index: 0, expected: 5, got: 6 }";
    opening_refused(|opening| opening.weights.push(Fr::zero()), variant, "expected 5 weights")
}

/// Source: Z3: no commitments, no weights, a value that is not 0.
fn opening_of_nothing_to_zero() -> Outcome {
    let nothing = |opening: &mut OpeningClaim| {
        opening.commitments.clear();
        opening.weights.clear();
    };
    opening_refused(nothing, "Invalid { index: 0 }", "does not verify")
}

fn points_refused(points: usize, values: usize) -> Outcome {
    let kzg = &fixture().keys.verifying.kzg;
    let list = |count: usize| (0..count).map(|k| Fr::from(k as u64 + 2)).collect::<Vec<_>>();
    match verify_at_points(kzg, Zero::zero(), &list(points), &list(values), Zero::zero()) {
        Ok(true) => Err("ACCEPTED".into()),
        Ok(false) => Err("refused, but not for the count".into()),
        Err(error) => names(&error, "Points { limit: 32", "distinct points with one value each"),
    }
}

/// Source: Z3.
fn points_and_values_of_different_length() -> Outcome {
    points_refused(4, 3).and_then(|()| points_refused(3, 4))
}

/// Source: eprint 2020/081: more points than [τ^i]_2 would be cut off silently by an MSM.
fn more_points_than_the_reference_string() -> Outcome {
    points_refused(33, 33)
}

/// Source: Z3: Z_S of no points is 1, I_S is 0: the identity would open.
fn no_points() -> Outcome {
    points_refused(0, 0)
}

/// Source: eprint 2020/081: interpolation needs distinct points.
fn equal_points() -> Outcome {
    let (kzg, one) = (&fixture().keys.verifying.kzg, Fr::from(1u64));
    match verify_at_points(kzg, Zero::zero(), &[one, one], &[one, one], Zero::zero()) {
        Err(error) => names(&error, "Points { limit: 32, points: 2", "distinct points"),
        other => Err(format!("{other:?}")),
    }
}
