use std::time::Instant;

use crate::{
    circuit::{Torus, Wanted, evaluate, margin_tops, read_margin, read_sign},
    client::encrypt,
    engine::Engine,
    keys::{EvaluationKey, SecretKey},
};

#[test]
fn smoke() {
    let start = Instant::now();
    let secret = SecretKey::generate();
    let key = EvaluationKey::generate(&secret, true);
    println!("keygen {:?}, {} bytes", start.elapsed(), key.bytes());
    let start = Instant::now();
    let engine = Engine::new(key);
    println!("load {:?}", start.elapsed());
    let bits = 31;
    for losses in [
        vec![5i64, 9, -3, 100_000_000],
        vec![-5; 16],
        (0..16).map(|x| x * 1000 - 8000).collect(),
        (0..33).map(|x| 1000 * (x % 17) - 8).collect(),
        vec![7],
        vec![-7],
    ] {
        let values: Vec<u64> = losses.iter().map(|loss| *loss as u64).collect();
        let wide = encrypt(&secret, bits, &values);
        let collateral = encrypt(&secret, bits, &[8_000]).remove(0);
        let before = engine.bootstraps();
        let start = Instant::now();
        let outcome = evaluate(&engine, bits, wide, &collateral, Wanted { margin: true, call: true });
        let time = start.elapsed();
        let phases: Vec<_> = outcome.margin.iter().map(|window| secret.result_phase(window)).collect();
        let margin = read_margin(bits, &phases);
        let call = read_sign(secret.result_phase(&outcome.call.unwrap()));
        let count = engine.bootstraps() - before;
        println!(
            "{} scenarios: margin {margin}, call {call}, {count} bootstraps, {time:?}, {:?} each",
            losses.len(),
            time / count as u32
        );
        let expected = losses.iter().copied().max().unwrap().max(0);
        assert_eq!((margin as i64, call), (expected, 8_000 < expected));
    }
}

#[test]
fn public() {
    use crate::client::{Crs, ProvenList};
    let secret = SecretKey::generate();
    let key = secret.public_key();
    for count in [16, 64, 128] {
        let start = Instant::now();
        let crs = Crs::generate(count, 31, 16).unwrap();
        let made = start.elapsed();
        let values: Vec<u64> = (0..count as u64).map(|x| x * 77 % 65536).collect();
        let start = Instant::now();
        let list = ProvenList::encrypt(&key, &crs, 31, &values, b"meta").unwrap();
        let proven = start.elapsed();
        let start = Instant::now();
        let inputs = list.verify(&key, &crs, b"meta").unwrap();
        println!("{count}: crs {made:?}, prove {proven:?}, verify {:?}", start.elapsed());
        let zeros = key.zeros(count, [3; 16]);
        for ((mut input, zero), value) in inputs.into_iter().zip(zeros).zip(values) {
            input.add(&zero);
            let phase = secret.input_phase(&input);
            assert_eq!(phase.wrapping_add(1 << 32) >> 33, value);
        }
    }
}
