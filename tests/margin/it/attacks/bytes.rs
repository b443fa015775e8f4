//! H3: ten thousand mutants of a query, none evaluated; a million of small files, no panic.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_fhe_risk::{
    plan::Question,
    wire::{EncryptedResult, Query, SignedResult, Venue},
};
use solventry_margin::bundle;

use super::world::{MARKET, WORLD, account};

const MUTANTS: usize = 10_000;
const FUZZ: usize = 1_000_000;

/// Changes bytes, cuts, repeats or inserts; never gives the same bytes back.
fn mutate(bytes: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut other = bytes.to_vec();
    let mut below = |end: usize| (rng.next_u64() % end.max(1) as u64) as usize;
    match below(6) {
        0 => other.truncate(below(bytes.len())),
        1 => {
            let place = below(bytes.len());
            let part: Vec<u8> = bytes[place..].iter().take(1 + below(64)).copied().collect();
            other.splice(place..place, part);
        }
        2 => {
            let place = below(bytes.len());
            let word = [0, u64::MAX, 1 << 63, below(1 << 20) as u64][below(4)];
            word.to_le_bytes().iter().zip(&mut other[place..]).for_each(|(new, old)| *old = *new);
        }
        _ => (0..=below(4)).for_each(|_| other[below(bytes.len())] ^= 1 << below(8)),
    }
    if other == bytes {
        other.push(0);
    }
    other
}

#[test]
fn ten_thousand_mutants_of_a_query_are_refused() {
    let world = &*WORLD;
    let bytes = world.query(&account(6), 1, Question::Call).encode();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut parsed = 0;
    for number in 0..MUTANTS {
        let mutant = mutate(&bytes, &mut rng);
        let Ok((query, _)) = Query::decode(&mutant) else { continue };
        parsed += 1;
        assert!(world.check(&query).is_err(), "mutant {number}");
    }
    assert!(parsed > MUTANTS / 4, "{parsed}");
    for _ in 0..50 {
        world.refused(&mutate(&bytes, &mut rng));
    }
    println!("{MUTANTS} mutants, {parsed} parsed, 0 accepted");
}

/// Its sender signs the mutant: only conformance and proof are left.
#[test]
fn signed_mutants_have_no_proof() {
    let world = &*WORLD;
    let bytes = world.query(&account(6), 1, Question::Call).encode();
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut signed, mut proofs) = (0, 0);
    while signed < 200 {
        let Ok((mut query, _)) = Query::decode(&mutate(&bytes, &mut rng)) else { continue };
        let honest = Query::decode(&bytes).expect("an honest query").0;
        world.sign(&mut query, &account(6));
        // A mutant in nothing but a signature is the honest query again.
        let mut same = honest.clone();
        world.sign(&mut same, &account(6));
        if query == same {
            continue;
        }
        signed += 1;
        let Ok(checked) = world.check(&query) else { continue };
        proofs += 1;
        assert!(checked.open(&world.public_key, Some(&world.crs)).is_err());
    }
    assert!(proofs > 50, "{proofs}");
}

#[test]
fn a_million_small_files_without_a_panic() {
    let world = &*WORLD;
    let query = world.query(&account(6), 1, Question::Call).encode();
    let json = world.venue.to_json();
    let head = [b"SOLVFMB\n\x01\x00", (json.len() as u64).to_le_bytes().as_slice(), json.as_bytes()].concat();
    let mut seeds = vec![query[..400].to_vec(), json.into_bytes(), head];
    for magic in [b"SOLVFMR\n", b"SOLVFMS\n"] {
        let mut seed = query[..300].to_vec();
        seed[..8].copy_from_slice(magic);
        seeds.push(seed);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    for number in 0..FUZZ {
        let bytes = mutate(&seeds[number % seeds.len()], &mut rng);
        let _ = match number % seeds.len() {
            0 => Query::decode(&bytes).is_ok(),
            1 => Venue::from_json(&bytes).is_ok(),
            2 => bundle::head(&bytes).is_ok(),
            3 => EncryptedResult::decode(&bytes, MARKET).is_ok(),
            _ => SignedResult::decode(&bytes).is_ok(),
        };
    }
}
