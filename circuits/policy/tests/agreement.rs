//! Circuit and native twin agree on random policies and random payments, allowed and refused
//! alike. Values crowd around the limits, so that both outcomes of every comparison come up.

mod common;

use common::{digest, mock, total};
use proptest::prelude::*;
use solventry_policy::{
    Policy, PolicyStatement, Rule,
    rules::{Salt, Tier},
};
use solventry_types::{Digest, Lane, Total, Validity};

const MOST: u128 = (1 << 96) - 1;

fn any_total() -> impl Strategy<Value = Total> {
    prop_oneof![
        3 => 0..2_000u128,
        1 => Just(MOST),
        1 => 0..=MOST,
        1 => (0..96u32, any::<bool>()).prop_map(|(bits, less)| (1 << bits) - u128::from(less)),
    ]
    .prop_map(total)
}

fn any_seconds() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..5_000u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn any_bps() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0..20_000u32, 1 => any::<u32>()]
}

fn any_tier() -> impl Strategy<Value = Tier> {
    let tier = (any_total(), 0..5u16).prop_map(|(above, approvals)| Tier { above, approvals });
    prop_oneof![3 => tier, 1 => Just(Tier::unused())]
}

prop_compose! {
    fn any_rule(asset: u8, lane: Lane)(
        per_payment in any_total(),
        per_window in prop::array::uniform4(any_total()),
        (count, cooldown, fee) in (prop_oneof![0..12u32, Just(u32::MAX)], any_seconds(), any_seconds()),
        (approvals, tiers) in (0..4u16, prop::array::uniform3(any_tier())),
        band_bps in (any_bps(), any_bps()),
        listed in prop::collection::btree_set(0..12u8, 0..6),
    ) -> Rule {
        let destinations = listed.into_iter().map(digest).collect();
        Rule {
            asset: digest(asset), lane, per_payment, per_window, count, cooldown, fee, approvals, tiers,
            band_bps, destinations,
        }
    }
}

prop_compose! {
    fn any_policy()(
        rules in (any_rule(1, Lane::Normal), any_rule(1, Lane::Rebalance), any_rule(2, Lane::Normal)),
        length in 1..=3usize,
        (not_before, not_after, max_validity) in (any_seconds(), any_seconds(), any_seconds()),
        (oracle, salt) in (0..3u8, any::<[u8; 32]>()),
    ) -> Policy {
        let mut rules = vec![rules.0, rules.1, rules.2];
        rules.truncate(length);
        Policy {
            vault: digest(7), approver_set: digest(8), oracle_account: digest(oracle), not_before,
            not_after, max_validity, rules, salt: Salt(salt),
        }
    }
}

/// A limit that the policy has somewhere, moved by a little.
fn nudge(value: u128, by: i8, most: u128) -> u128 {
    value.saturating_add_signed(by.into()).min(most)
}

/// A payment that keeps every limit of the policy's rule if it can, then moved off it.
fn payment(policy: &Policy, index: usize) -> PolicyStatement {
    let rule = &policy.rules[index % policy.rules.len()];
    let room = rule.per_window.iter().chain([&rule.per_payment]).map(|cap| cap.units()).min().unwrap();
    let length = policy.max_validity.min(policy.not_after.saturating_sub(policy.not_before));
    PolicyStatement {
        policy_root: policy.root(),
        payment_id: digest(1),
        vault: policy.vault,
        asset: rule.asset,
        destination: rule.destinations.first().copied().unwrap_or(digest(0)),
        amount: total(room),
        fee: rule.fee,
        lane: rule.lane,
        own_destination: rule.lane == Lane::Rebalance,
        spent: rule.per_window.map(|cap| total(cap.units() - room)),
        count: rule.count.saturating_sub(1),
        since_last: rule.cooldown,
        approvals: rule.tiers.iter().map(|tier| tier.approvals).max().unwrap().max(rule.approvals),
        approver_set: policy.approver_set,
        oracle_account: policy.oracle_account,
        margin_ratio_bps: rule.band_bps.1.saturating_add(1),
        validity: Validity { from: policy.not_before, until: policy.not_before.saturating_add(length) },
    }
}

#[derive(Debug, Clone)]
struct Move {
    field: u8,
    by: i8,
    far: Option<Total>,
}

fn any_move() -> impl Strategy<Value = Move> {
    (0..20u8, -2..=2i8, prop::option::weighted(0.2, any_total())).prop_map(|(field, by, far)| Move {
        field,
        by,
        far,
    })
}

fn apply(statement: &mut PolicyStatement, Move { field, by, far }: &Move) {
    let moved =
        |value: u128, most: u128| far.map_or_else(|| nudge(value, *by, most), |far| far.units() % most);
    let moved64 = |value: u64| u64::try_from(moved(value.into(), u64::MAX.into())).unwrap();
    let moved32 = |value: u32| u32::try_from(moved(value.into(), u32::MAX.into())).unwrap();
    let flip = |digest: &mut Digest| digest.0[usize::from(by.unsigned_abs()) * 8] ^= 1;
    match field {
        0 => statement.amount = total(moved(statement.amount.units(), MOST)),
        1..=4 => {
            let sum = &mut statement.spent[usize::from(*field) - 1];
            *sum = total(moved(sum.units(), MOST));
        }
        5 => statement.fee = moved64(statement.fee),
        6 => statement.count = moved32(statement.count),
        7 => statement.since_last = moved64(statement.since_last),
        8 => statement.approvals = u16::try_from(moved(statement.approvals.into(), 65_535)).unwrap(),
        9 => statement.validity.from = moved64(statement.validity.from),
        10 => statement.validity.until = moved64(statement.validity.until),
        11 | 12 => statement.margin_ratio_bps = moved32(statement.margin_ratio_bps),
        13 => statement.own_destination = !statement.own_destination,
        14 => flip(&mut statement.oracle_account),
        15 => flip(&mut statement.destination),
        16 => flip(&mut statement.asset),
        17 => flip(&mut statement.vault),
        18 => flip(&mut statement.approver_set),
        _ => {
            let [normal, rebalance] = Lane::ALL;
            statement.lane = if statement.lane == normal { rebalance } else { normal };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..Default::default() })]

    #[test]
    fn circuit_and_twin_agree(
        policy in any_policy(),
        index in 0..3usize,
        moves in prop::collection::vec(any_move(), 0..3),
    ) {
        let mut statement = payment(&policy, index);
        moves.iter().for_each(|change| apply(&mut statement, change));
        let refusals = policy.decide(&statement);
        let outcome = mock(&policy, &statement).verify();
        prop_assert_eq!(outcome.is_ok(), refusals.is_empty(), "{:?}", refusals);
    }
}
