//! A policy and payments that it allows.
#![allow(dead_code)] // each test binary uses its part

pub mod mutants;

use halo2_proofs::{dev::MockProver, pasta::Fp};
use solventry_policy::{
    Policy, PolicyStatement, Rule,
    circuit::{K, PolicyCircuit},
    rules::{Salt, Tier},
};
use solventry_types::{Digest, Lane, Total, Validity};

/// Units.
pub fn total(units: u128) -> Total {
    Total::from_units(units).unwrap()
}

/// A digest of one repeated byte.
pub const fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// A rule with three tiers and five destinations.
pub fn rule(asset: u8, lane: Lane) -> Rule {
    Rule {
        asset: digest(asset),
        lane,
        per_payment: total(1_000),
        per_window: [1_500, 3_000, 6_000, 9_000].map(total),
        count: 10,
        cooldown: 60,
        fee: 500,
        approvals: 1,
        tiers: [
            Tier { above: total(100), approvals: 2 },
            Tier { above: total(600), approvals: 3 },
            Tier::unused(),
        ],
        band_bps: (9_000, 12_000),
        destinations: (0xd0..0xd5).map(digest).collect(),
    }
}

/// A policy of three rules; the second and third are of one asset.
pub fn policy() -> Policy {
    Policy {
        vault: digest(0xaa),
        approver_set: digest(0xbb),
        oracle_account: digest(0xcc),
        not_before: 1_000_000,
        not_after: 2_000_000,
        max_validity: 3_600,
        rules: vec![rule(1, Lane::Normal), rule(2, Lane::Normal), rule(2, Lane::Rebalance)],
        salt: Salt([0x5a; 32]),
    }
}

/// A payment that the policy allows, in this lane.
pub fn payment(policy: &Policy, lane: Lane) -> PolicyStatement {
    let rebalance = lane == Lane::Rebalance;
    PolicyStatement {
        policy_root: policy.root(),
        payment_id: digest(0x11),
        vault: digest(0xaa),
        asset: digest(2),
        destination: digest(0xd3),
        amount: total(700),
        fee: 400,
        lane,
        own_destination: rebalance,
        spent: [700, 2_000, 5_000, 8_000].map(total),
        count: 9,
        since_last: 61,
        approvals: 3,
        approver_set: digest(0xbb),
        oracle_account: if rebalance { digest(0xcc) } else { digest(0) },
        margin_ratio_bps: if rebalance { 8_999 } else { 0 },
        validity: Validity { from: 1_500_000, until: 1_503_600 },
    }
}

/// The circuit with its values, and the instance.
pub fn mock(policy: &Policy, statement: &PolicyStatement) -> MockProver<Fp> {
    let public = statement.public_inputs().unwrap().into_array().to_vec();
    MockProver::run(K, &PolicyCircuit::new(policy, statement), vec![public]).unwrap()
}
