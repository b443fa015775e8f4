//! C-POL-1 to 12, broken one at a time: for each the native twin names the refusal, and the
//! circuit refuses both ways that a prover has: to open the policy as it is, and to open another
//! policy that would allow the payment (the root of the right one is in the statement).

mod common;

use common::{digest, mock, payment, policy, total};
use solventry_policy::{Policy, PolicyStatement, Refusal, rules::Tier};
use solventry_types::{Digest, Lane, Validity};

/// What breaks a claim, and what the policy would have to be.
struct Attack {
    refusal: Refusal,
    lane: Lane,
    change: fn(&mut PolicyStatement),
    forge: fn(&mut Policy),
}

/// The rules that a payment meets: of asset 2, in both lanes.
fn rules(policy: &mut Policy) -> impl Iterator<Item = &mut solventry_policy::Rule> {
    policy.rules.iter_mut().skip(1)
}

fn attacks() -> Vec<Attack> {
    use Lane::{Normal, Rebalance};
    use Refusal as R;
    let attack = |refusal, lane, change, forge| Attack { refusal, lane, change, forge };
    vec![
        // C-POL-1
        attack(R::Vault, Normal, |s| s.vault = digest(0), |p| p.vault = digest(0)),
        attack(R::Vault, Normal, |s| s.vault.0[31] ^= 1, |p| p.vault.0[31] ^= 1),
        attack(R::ApproverSet, Normal, |s| s.approver_set.0[0] ^= 1, |p| p.approver_set.0[0] ^= 1),
        // C-POL-2
        attack(R::NotBefore, Normal, |s| s.validity = span(999_999, 1_000_000), |p| p.not_before -= 1),
        attack(R::NotAfter, Normal, |s| s.validity = span(2_000_000, 2_000_001), |p| p.not_after += 1),
        attack(R::MaxValidity, Normal, |s| s.validity.from -= 1, |p| p.max_validity += 1),
        // An end before the beginning is a negative length, whatever the longest one is.
        attack(
            R::MaxValidity,
            Normal,
            |s| s.validity = span(1_500_001, 1_500_000),
            |p| p.max_validity = u64::MAX,
        ),
        // C-POL-3
        attack(R::NoRule, Normal, |s| s.asset = digest(3), |p| rules(p).for_each(|r| r.asset = digest(3))),
        attack(R::NoRule, Rebalance, |s| s.asset = digest(1), |p| rules(p).for_each(|r| r.asset = digest(1))),
        // C-POL-4: between two listed ones, before the first, after the last.
        attack(
            R::Destination,
            Normal,
            |s| s.destination.0[31] ^= 1,
            |p| {
                rules(p).for_each(|r| r.destinations[3].0[31] ^= 1);
            },
        ),
        attack(
            R::Destination,
            Normal,
            |s| s.destination = digest(0),
            |p| {
                rules(p).for_each(|r| r.destinations[0] = digest(0));
            },
        ),
        attack(
            R::Destination,
            Rebalance,
            |s| s.destination = digest(0xff),
            |p| {
                rules(p).for_each(|r| r.destinations.push(digest(0xff)));
            },
        ),
        // C-POL-5
        attack(
            R::PerPayment,
            Normal,
            |s| (s.amount, s.spent) = (total(1_001), [total(0); 4]),
            |p| {
                rules(p).for_each(|r| r.per_payment = total(1_001));
            },
        ),
        // C-POL-6
        attack(R::PerWindow(0), Normal, |s| s.spent[0] = total(801), |p| widen(p, 0)),
        attack(R::PerWindow(1), Normal, |s| s.spent[1] = total(2_301), |p| widen(p, 1)),
        attack(R::PerWindow(2), Normal, |s| s.spent[2] = total(5_301), |p| widen(p, 2)),
        attack(R::PerWindow(3), Rebalance, |s| s.spent[3] = total(8_301), |p| widen(p, 3)),
        // C-POL-7
        attack(R::Count, Normal, |s| s.count = 10, |p| rules(p).for_each(|r| r.count += 1)),
        // C-POL-8
        attack(R::Cooldown, Normal, |s| s.since_last = 59, |p| rules(p).for_each(|r| r.cooldown -= 1)),
        // C-POL-9
        attack(R::Fee, Normal, |s| s.fee = 501, |p| rules(p).for_each(|r| r.fee += 1)),
        // C-POL-10
        attack(
            R::Approvals,
            Normal,
            |s| (s.approvals, s.amount) = (0, total(100)),
            |p| rules(p).for_each(|r| r.approvals = 0),
        ),
        // C-POL-11
        attack(
            R::Tier,
            Normal,
            |s| s.approvals = 2,
            |p| {
                rules(p).for_each(|r| r.tiers[1] = Tier { above: total(700), approvals: 3 });
            },
        ),
        attack(
            R::Tier,
            Normal,
            |s| (s.approvals, s.amount) = (1, total(101)),
            |p| {
                rules(p).for_each(|r| r.tiers[0] = Tier { above: total(101), approvals: 2 });
            },
        ),
        // C-POL-12: these have no other policy that allows them but one with another oracle or band.
        attack(R::OwnDestination, Rebalance, |s| s.own_destination = false, |_| ()),
        attack(R::OracleAccount, Rebalance, |s| s.oracle_account.0[0] ^= 1, |p| p.oracle_account.0[0] ^= 1),
        attack(R::OracleAccount, Rebalance, |s| s.oracle_account.0[31] ^= 1, |p| p.oracle_account.0[31] ^= 1),
        attack(
            R::Band,
            Rebalance,
            |s| s.margin_ratio_bps = 9_000,
            |p| {
                rules(p).for_each(|r| r.band_bps.0 += 1);
            },
        ),
        attack(
            R::Band,
            Rebalance,
            |s| s.margin_ratio_bps = 12_000,
            |p| {
                rules(p).for_each(|r| r.band_bps.1 -= 1);
            },
        ),
    ]
}

const fn span(from: u64, until: u64) -> Validity {
    Validity { from, until }
}

fn widen(policy: &mut Policy, window: usize) {
    rules(policy).for_each(|rule| rule.per_window[window] = total(9_001));
}

#[test]
fn c_pol_1_to_12_every_broken_claim_is_refused_by_twin_and_circuit() {
    let policy = policy();
    let mut seen = vec![];
    for Attack { refusal, lane, change, forge } in attacks() {
        let mut statement = payment(&policy, lane);
        change(&mut statement);
        assert_eq!(policy.decide(&statement), [refusal], "the twin names it and nothing else");
        assert!(mock(&policy, &statement).verify().is_err(), "{refusal:?}: opened as it is");

        let mut forged = policy.clone();
        forge(&mut forged);
        if forged != policy && statement.validity.from <= statement.validity.until {
            assert_eq!(forged.decide(&statement), [], "{refusal:?}: the forged policy allows it");
        }
        assert!(mock(&forged, &statement).verify().is_err(), "{refusal:?}: another policy opened");
        seen.push(std::mem::discriminant(&refusal));
    }
    seen.dedup();
    assert_eq!(seen.len(), 17, "every kind of refusal is there");
}

/// The forged policies above are refused for their root alone: with it they would do.
#[test]
fn c_pol_1_a_forged_policy_would_do_if_its_root_were_stated() {
    let policy = policy();
    for Attack { lane, change, forge, .. } in attacks().into_iter().step_by(5) {
        let mut forged = policy.clone();
        forge(&mut forged);
        let mut statement = payment(&forged, lane);
        change(&mut statement);
        assert_eq!(mock(&forged, &statement).verify().is_ok(), forged.decide(&statement).is_empty());
    }
}

/// A vault or set that is all zeros is a digest like any other.
#[test]
fn c_pol_1_digests_of_zeros_are_compared_too() {
    let mut policy = policy();
    policy.vault = Digest([0; 32]);
    let statement = payment(&policy, Lane::Normal);
    assert_eq!(policy.decide(&statement), [Refusal::Vault]);
    assert!(mock(&policy, &statement).verify().is_err());
}
