//! Every limit of the policy at its boundary: one below, the limit itself, one above. Twin and
//! circuit both take exactly what the table says.

mod common;

use common::{digest, mock, payment, policy, total};
use solventry_policy::{Policy, PolicyStatement};
use solventry_types::{Lane, Total};

/// Sets a field to its limit plus −1, 0 or 1 and says which of the three are allowed.
type Edge = (&'static str, Lane, fn(&mut PolicyStatement, i64), [bool; 3]);

const BELOW: [bool; 3] = [true, true, false];
const ABOVE: [bool; 3] = [false, true, true];

fn near(limit: u64, delta: i64) -> u64 {
    limit.checked_add_signed(delta).unwrap()
}

fn near_total(limit: u64, delta: i64) -> Total {
    total(near(limit, delta).into())
}

fn edges() -> Vec<Edge> {
    use Lane::{Normal, Rebalance};
    vec![
        // C-POL-2
        (
            "from, not_before",
            Normal,
            |s, d| (s.validity.from, s.validity.until) = (near(1_000_000, d), 1_000_002),
            ABOVE,
        ),
        (
            "until, not_after",
            Normal,
            |s, d| (s.validity.from, s.validity.until) = (1_999_000, near(2_000_000, d)),
            BELOW,
        ),
        ("length, max_validity", Normal, |s, d| s.validity.until = near(s.validity.from + 3_600, d), BELOW),
        ("length, zero", Normal, |s, d| s.validity.until = near(s.validity.from, d), ABOVE),
        // C-POL-5
        (
            "amount, per_payment",
            Normal,
            |s, d| (s.amount, s.spent) = (near_total(1_000, d), [Total::ZERO; 4]),
            BELOW,
        ),
        ("amount, zero", Normal, |s, d| s.amount = total(u128::try_from(d + 1).unwrap()), [true; 3]),
        // C-POL-6
        ("sum 1h", Normal, |s, d| s.spent[0] = near_total(800, d), BELOW),
        ("sum 24h", Normal, |s, d| s.spent[1] = near_total(2_300, d), BELOW),
        ("sum 7d", Rebalance, |s, d| s.spent[2] = near_total(5_300, d), BELOW),
        ("sum 30d", Rebalance, |s, d| s.spent[3] = near_total(8_300, d), BELOW),
        // C-POL-7, 8, 9
        ("count", Normal, |s, d| s.count = u32::try_from(near(9, d)).unwrap(), BELOW),
        ("cooldown", Normal, |s, d| s.since_last = near(60, d), ABOVE),
        ("fee", Normal, |s, d| s.fee = near(500, d), BELOW),
        // C-POL-10, 11
        (
            "approvals, base",
            Normal,
            |s, d| (s.amount, s.approvals) = (total(100), u16::try_from(near(1, d)).unwrap()),
            ABOVE,
        ),
        ("approvals, tier", Normal, |s, d| s.approvals = u16::try_from(near(3, d)).unwrap(), ABOVE),
        ("amount, first tier", Normal, |s, d| (s.amount, s.approvals) = (near_total(100, d), 1), BELOW),
        ("amount, second tier", Normal, |s, d| (s.amount, s.approvals) = (near_total(600, d), 2), BELOW),
        // C-POL-12
        (
            "ratio, lower end",
            Rebalance,
            |s, d| s.margin_ratio_bps = u32::try_from(near(9_000, d)).unwrap(),
            [true, false, false],
        ),
        (
            "ratio, upper end",
            Rebalance,
            |s, d| s.margin_ratio_bps = u32::try_from(near(12_000, d)).unwrap(),
            [false, false, true],
        ),
        // Vacuous in the normal lane.
        (
            "ratio, normal lane",
            Normal,
            |s, d| s.margin_ratio_bps = u32::try_from(near(9_000, d)).unwrap(),
            [true; 3],
        ),
        (
            "oracle, normal lane",
            Normal,
            |s, d| s.oracle_account = digest(u8::try_from(d + 1).unwrap()),
            [true; 3],
        ),
        ("own destination, normal lane", Normal, |s, d| s.own_destination = d > 0, [true; 3]),
    ]
}

fn agree(policy: &Policy, statement: &PolicyStatement, allowed: bool, name: &str) {
    assert_eq!(policy.decide(statement).is_empty(), allowed, "twin: {name}");
    assert_eq!(mock(policy, statement).verify().is_ok(), allowed, "circuit: {name}");
}

#[test]
fn every_limit_is_kept_to_the_unit() {
    let policy = policy();
    for (name, lane, set, allowed) in edges() {
        for (delta, allowed) in [-1, 0, 1].into_iter().zip(allowed) {
            let mut statement = payment(&policy, lane);
            set(&mut statement, delta);
            agree(&policy, &statement, allowed, &format!("{name} {delta:+}"));
        }
    }
}

/// The greatest values of every type: nothing wraps.
#[test]
fn greatest_and_least_values_are_taken_as_integers() {
    let most = total((1 << 96) - 1);
    let mut policy = policy();
    for rule in &mut policy.rules {
        (rule.per_payment, rule.per_window) = (most, [most; 4]);
        (rule.count, rule.cooldown, rule.fee) = (u32::MAX, u64::MAX, u64::MAX);
        (rule.approvals, rule.band_bps) = (u16::MAX, (1, u32::MAX - 1));
    }
    (policy.not_before, policy.not_after, policy.max_validity) = (0, u64::MAX, u64::MAX);
    let mut statement = payment(&policy, Lane::Normal);
    (statement.amount, statement.spent) = (most, [Total::ZERO; 4]);
    (statement.count, statement.since_last, statement.fee) = (u32::MAX - 1, u64::MAX, u64::MAX);
    statement.approvals = u16::MAX;
    (statement.validity.from, statement.validity.until) = (0, u64::MAX);
    agree(&policy, &statement, true, "all at the top");

    statement.spent[3] = total(1);
    agree(&policy, &statement, false, "a sum of 2^96");
    statement.spent = [most; 4];
    agree(&policy, &statement, false, "a sum of 2^97 - 2");
    statement.spent = [Total::ZERO; 4];
    statement.count = u32::MAX;
    agree(&policy, &statement, false, "2^32 payments");
    statement.count = 0;
    statement.since_last = u64::MAX - 1;
    agree(&policy, &statement, false, "one second before an endless cooldown is over");
}

/// A policy of the most rules, each with another number of destinations, is opened at every place.
#[test]
fn every_place_of_a_full_policy_opens() {
    let mut policy = policy();
    let [rule, ..] = &policy.rules[..] else { unreachable!() };
    policy.rules = (0..64u8)
        .map(|index| {
            let mut rule = rule.clone();
            rule.asset = digest(index);
            rule.destinations = (0xd3 - index % 9..=0xd3).map(digest).collect();
            rule
        })
        .collect();
    assert_eq!(policy.validate(), Ok(()));
    for index in (0..64).step_by(7) {
        let mut statement = payment(&policy, Lane::Normal);
        statement.asset = digest(index);
        agree(&policy, &statement, true, "a listed destination");
        statement.destination = digest(0);
        agree(&policy, &statement, false, "an unlisted one");
    }
}

#[test]
fn a_rule_without_destinations_allows_nothing() {
    let mut policy = policy();
    policy.rules[1].destinations.clear();
    assert_eq!(policy.validate(), Ok(()));
    agree(&policy, &payment(&policy, Lane::Normal), false, "no destinations");
}
