//! Encryption, proofs and their checks, for the legs of 32 instruments.

use solventry_fhe_risk::client::{Crs, ProvenList, PublicKey, encrypt};

use crate::{
    measure::{once, repeated},
    milliseconds, seconds,
    venue::Bench,
};

const BITS: u32 = 31;
const VALUE_BITS: u32 = 15;
const LEGS: usize = 64;

/// Rows for both kinds of inputs.
pub fn measure(bench: &Bench) {
    let values: Vec<u64> = (0..LEGS as u64).map(|number| number * 509 % (1 << VALUE_BITS)).collect();
    let cost = repeated(5, || encrypt(&bench.secret, BITS, &values));
    let bytes = encrypt(&bench.secret, BITS, &values).iter().map(|lwe| 8 * lwe.0.len()).sum::<usize>();
    row("encrypt 64 legs with the secret key", cost, bytes);
    let public = bench.secret.public_key();
    let cost = repeated(5, || bench.secret.public_key());
    row("public key", cost, 8 * PublicKey::LENGTH);
    let cost = repeated(5, || public.zeros(LEGS, [1; 16]));
    row("re-randomise 64 legs", cost, 0);
    let (crs, cost) = once(|| Crs::generate(LEGS, BITS, VALUE_BITS));
    println!("| reference string of proofs for 64 legs | {} | {} | |", seconds(cost.wall), seconds(cost.cpu));
    let Ok(crs) = crs else { return println!("| no reference string | | | |") };
    let (list, cost) = once(|| ProvenList::encrypt(&public, &crs, BITS, &values, b"benchmark"));
    println!(
        "| encrypt 64 legs with the public key, and prove | {} | {} | |",
        seconds(cost.wall),
        seconds(cost.cpu)
    );
    let Ok(list) = list else { return println!("| no proof | | | |") };
    let (verified, cost) = once(|| list.verify(&public, &crs, b"benchmark"));
    assert_eq!(verified.map(|inputs| inputs.len()), Some(LEGS), "an honest proof holds");
    row("verify the proof", cost, 0);
}

fn row(what: &str, cost: crate::measure::Cost, bytes: usize) {
    let bytes = if bytes == 0 { String::new() } else { bytes.to_string() };
    println!("| {what} | {} | {} | {bytes} |", milliseconds(cost.wall), milliseconds(cost.cpu));
}
