//! The strict wrapper.

mod common;

use std::time::Instant;

use common::{mock, payment, policy};
use rand_core::OsRng;
use solventry_policy::{PolicyKeys, PolicyVerifyingKey, prove, verify};
use solventry_types::Lane;

#[test]
fn honest() {
    let policy = policy();
    for lane in Lane::ALL {
        let statement = payment(&policy, lane);
        assert_eq!(policy.decide(&statement), []);
        let t = Instant::now();
        let mock = mock(&policy, &statement);
        println!("mock run {:?}", t.elapsed());
        let t = Instant::now();
        mock.assert_satisfied();
        println!("mock assert {:?}", t.elapsed());
        let t = Instant::now();
        mock.verify().unwrap();
        println!("mock verify {:?}", t.elapsed());
    }
    let t = Instant::now();
    let keys = PolicyVerifyingKey::generate();
    println!("vk {:?} {:?}", t.elapsed(), keys.map(drop));
    let t = Instant::now();
    let keys = PolicyKeys::generate().unwrap();
    println!("keys {:?}", t.elapsed());
    for _ in 0..3 {
        let statement = payment(&policy, Lane::Normal);
        let t = Instant::now();
        let proof = prove(&keys, &policy, &statement, OsRng).unwrap();
        println!("prove {:?}", t.elapsed());
        let t = Instant::now();
        verify(keys.verifying(), &statement, &proof).unwrap();
        println!("verify {:?}", t.elapsed());
    }
}
