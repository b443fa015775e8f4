//! The circuit is pinned. A change of any value below is another circuit: another
//! `CIRCUIT_VERSION`, another key digest, an entry in `circuits/SPEC.md`, and roots of policies
//! are to be pinned anew. Never edit a value to make a test pass.

mod common;

use std::{env, fs};

use common::{mutants::advice_cells, payment, policy};
use ff::PrimeField;
use halo2_proofs::pasta::Fp;
use solventry_policy::{
    PolicyProof, PolicyVerifyingKey,
    circuit::{K, PolicyCircuit},
    commitment::{DESTINATION_TAG, ROOT_TAG, RULE_TAG, Tree, destination_leaf, hash, limbs},
    instance::{CIRCUIT_VERSION, PUBLIC_INPUTS, PublicInputs},
    keys::VERIFYING_KEY_DIGEST,
    verify,
};
use solventry_types::Lane;

const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/v1-normal.proof");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_verifying_key_is_that_of_version_1() {
    let key = PolicyVerifyingKey::generate().unwrap();
    assert_eq!(key.digest(), VERIFYING_KEY_DIGEST);
    assert_eq!(CIRCUIT_VERSION, 1);
    assert_eq!(key.digest().to_string(), "6a16fbea2352035e0ea823f7586f839e0ea55c6bd8ca936ff1ce8a474b4bf321");
}

#[test]
fn rows_and_cells_are_those_of_version_1() {
    let policy = policy();
    let statement = payment(&policy, Lane::Normal);
    let public = statement.public_inputs().unwrap().into_array();
    let cells = advice_cells(&PolicyCircuit::new(&policy, &statement), &public);
    let count = |name: &str| cells.iter().filter(|cell| cell.region == name).count();
    assert_eq!(count("public input"), PUBLIC_INPUTS);
    assert_eq!(count("hidden field"), 17 + 7);
    let rows = cells.iter().map(|cell| cell.row + 1).max();
    assert_eq!((K, rows, cells.len()), (10, Some(968), 7_316));
}

/// The order of the instance column, by the number that each name gets.
#[test]
fn public_inputs_keep_their_order() {
    let mut rows = 0..;
    let Ok(order) = PublicInputs::try_build(|| rows.next().ok_or(())) else { unreachable!() };
    assert_eq!((order.version, order.policy_root, order.payment_id), (0, 1, [2, 3]));
    assert_eq!((order.vault, order.asset, order.destination), ([4, 5], [6, 7], [8, 9]));
    assert_eq!((order.amount, order.fee, order.lane, order.own_destination), (10, 11, 12, 13));
    assert_eq!((order.spent, order.count, order.since_last), ([14, 15, 16, 17], 18, 19));
    assert_eq!((order.approvals, order.approver_set, order.oracle_account), (20, [21, 22], [23, 24]));
    assert_eq!((order.margin_ratio_bps, order.valid_from, order.valid_until), (25, 26, 27));
    assert_eq!(
        order.clone().into_array(),
        std::array::from_fn::<i32, PUBLIC_INPUTS, _>(|row| row.try_into().unwrap())
    );
}

#[test]
fn commitments_are_those_of_version_1() {
    let policy = policy();
    let leaf = destination_leaf(&common::digest(0xd0));
    let [high, low] = limbs(&[0xd0; 32]);
    assert_eq!(leaf, hash([Fp::from_u128(0x536f_6c76_656e_7472_792f_6465_7374_2f31), high, low]));
    assert_eq!(
        [DESTINATION_TAG, RULE_TAG, ROOT_TAG].map(|tag| tag as u64),
        [
            u64::from_be_bytes(*b"y/dest/1"),
            u64::from_be_bytes(*b"y/rule/1"),
            u64::from_be_bytes(*b"y/root/1"),
        ]
    );
    let roots = [
        leaf,
        Tree::<20>::new(vec![]).root(),
        policy.rules[0].destination_tree().root(),
        policy.rule_tree().root(),
    ];
    assert_eq!(
        roots.map(|root| hex(&root.to_repr())),
        [
            "83807bafd42d332b9effdef8d30c7a7a0d4ce23d49631f2c6cf21ddb1dd43f14",
            "2f405cdca85c479d2207e41deef7589e63d7d55e8dd7c26ecc6fce748e12372d",
            "c5848663f42ea8cb12f223bd9ea73c9d07e23025fac0ab37bf7385df97604b32",
            "33db71bcab3c70cf89ac329b3da326733425862c92920bd16a130939980cb915"
        ]
    );
    assert_eq!(hex(&policy.root()), "b4be739c264784a5146a619c86c5fb9d1ae5b3b3ee87ff0eadf74b3f593f2e36");
}

/// A proof made by the first version of this circuit verifies for ever.
/// `SOLVENTRY_STORE_POLICY_PROOF=1` writes it anew, for a new version only.
#[test]
fn the_stored_proof_of_version_1_verifies() {
    let policy = policy();
    let statement = payment(&policy, Lane::Normal);
    if env::var_os("SOLVENTRY_STORE_POLICY_PROOF").is_some() {
        let keys = solventry_policy::PolicyKeys::generate().unwrap();
        let proof = solventry_policy::prove(&keys, &policy, &statement, rand_core::OsRng).unwrap();
        fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data")).unwrap();
        fs::write(STORED, proof.as_bytes()).unwrap();
    }
    let proof = PolicyProof::from_bytes(&fs::read(STORED).unwrap()).unwrap();
    let key = PolicyVerifyingKey::generate().unwrap();
    assert_eq!(verify(&key, &statement, &proof).unwrap().statement(), &statement);
    assert_eq!(PolicyProof::LEN, 4_032);
}
