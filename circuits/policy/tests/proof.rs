//! The strict wrapper: what it takes, and what the library would have taken (`05-threats` Z3, Z4).

mod common;

use std::sync::LazyLock;

use common::{digest, payment, policy, total};
use halo2_proofs::{
    pasta::{Fp, vesta},
    plonk::{SingleVerifier, keygen_vk, verify_proof},
    poly::commitment::Params,
    transcript::{Blake2bRead, Challenge255},
};
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;
use solventry_policy::{
    Policy, PolicyKeys, PolicyProof, PolicyProveError, PolicyStatement, PolicyVerifyError, Refusal,
    circuit::{K, PolicyCircuit},
    prove, verify,
};
use solventry_types::{Digest, Lane};

/// Keys, a policy and a proof for each lane.
struct Proven {
    keys: PolicyKeys,
    policy: Policy,
    lanes: [(PolicyStatement, PolicyProof); 2],
}

static PROVEN: LazyLock<Proven> = LazyLock::new(|| {
    let (keys, policy) = (PolicyKeys::generate().unwrap(), policy());
    let lanes = Lane::ALL.map(|lane| {
        let statement = payment(&policy, lane);
        let proof = prove(&keys, &policy, &statement, OsRng).unwrap();
        (statement, proof)
    });
    Proven { keys, policy, lanes }
});

fn holds(statement: &PolicyStatement, proof: &PolicyProof) -> bool {
    verify(PROVEN.keys.verifying(), statement, proof).is_ok()
}

fn holds_as_bytes(statement: &PolicyStatement, bytes: &[u8]) -> bool {
    PolicyProof::from_bytes(bytes).is_ok_and(|proof| holds(statement, &proof))
}

#[test]
fn a_proof_holds_for_its_statement_and_comes_back_as_evidence() {
    for (statement, proof) in &PROVEN.lanes {
        let verified = verify(PROVEN.keys.verifying(), statement, proof).unwrap();
        assert_eq!(verified.statement(), statement);
        assert_eq!(proof.as_bytes().len(), PolicyProof::LEN);
        assert!(holds_as_bytes(statement, proof.as_bytes()));
    }
    let [(statement, proof), _] = &PROVEN.lanes;
    let again = prove(&PROVEN.keys, &PROVEN.policy, statement, OsRng).unwrap();
    assert!(*proof != again, "proofs are blinded");
    assert!(holds(statement, &again));
}

#[test]
fn a_refused_payment_names_every_refusal_and_no_limit() {
    let Proven { keys, policy, .. } = &*PROVEN;
    let mut statement = payment(policy, Lane::Normal);
    (statement.amount, statement.fee, statement.approvals) = (total(77_777), 501, 0);
    let error = prove(keys, policy, &statement, OsRng).unwrap_err();
    let PolicyProveError::Refused(refusals) = &error else { panic!("{error}") };
    assert_eq!(*refusals, policy.decide(&statement));
    assert_eq!(refusals.len(), 8, "one payment, four windows, fee, approvals, tiers");
    let said = format!("{error} {error:?} {policy:?} {:?} {:?}", policy.rules, policy.rules[0].tiers);
    let said = format!("{said} {keys:?} {:?} {:?}", policy.salt, PROVEN.lanes[0].1);
    // Words of the errors that name a window or a lane are no limits of this policy.
    let said = said
        .replace("1h", "")
        .replace("24 hours", "")
        .replace("24h", "")
        .replace("7d", "")
        .replace("30d", "");
    let hidden = [1_000, 1_500, 3_000, 6_000, 9_000, 500, 600, 12_000, 3_600, 1_000_000, 2_000_000];
    for limit in hidden {
        assert!(!said.split(|c: char| !c.is_ascii_digit()).any(|word| word == limit.to_string()), "{said}");
    }
    assert!(!said.contains("5a5a") && !said.contains("90, 90"), "the salt");
}

#[test]
fn no_proof_is_made_of_another_root_or_an_ill_formed_policy() {
    let Proven { keys, policy, .. } = &*PROVEN;
    let mut statement = payment(policy, Lane::Normal);
    statement.policy_root[0] ^= 1;
    assert!(matches!(prove(keys, policy, &statement, OsRng), Err(PolicyProveError::Root)));
    statement.policy_root = [0xff; 32];
    assert!(matches!(prove(keys, policy, &statement, OsRng), Err(PolicyProveError::Root)));
    let mut ill_formed = policy.clone();
    ill_formed.rules.clear();
    assert!(matches!(prove(keys, &ill_formed, &statement, OsRng), Err(PolicyProveError::Policy(_))));
}

#[test]
fn truncated_extended_and_padded_proofs_are_refused_before_the_library() {
    let [(statement, proof), _] = &PROVEN.lanes;
    let bytes = proof.as_bytes();
    for length in [0, 1, 31, 32, bytes.len() - 32, bytes.len() - 1] {
        assert_eq!(PolicyProof::from_bytes(&bytes[..length]), Err(PolicyVerifyError::Length(length)));
        let mut padded = bytes[..length].to_vec();
        padded.resize(bytes.len(), 0);
        // One proof in 64 ends in a zero byte.
        assert!(padded == bytes || !holds_as_bytes(statement, &padded));
    }
    for extra in [1, 32, 4_096] {
        let long = [bytes, &vec![0; extra]].concat();
        assert_eq!(PolicyProof::from_bytes(&long), Err(PolicyVerifyError::Length(long.len())));
    }
}

/// What the wrapper is for: the library itself pads instances with zeros and ignores what follows
/// a proof.
#[test]
#[allow(clippy::disallowed_methods)] // shows what the wrapper adds
fn the_library_alone_takes_padded_instances_and_trailing_bytes() {
    let params: Params<vesta::Affine> = Params::new(K);
    let key = keygen_vk(&params, &PolicyCircuit::default()).unwrap();
    // In the normal lane the last limb of the oracle account may be zero, but not the last input.
    let [(statement, proof), _] = &PROVEN.lanes;
    let honest = statement.public_inputs().unwrap().into_array();
    let accepts = |instance: &[Fp], bytes: &[u8]| {
        let mut transcript = Blake2bRead::<_, vesta::Affine, Challenge255<_>>::init(bytes);
        let strategy = SingleVerifier::new(&params);
        verify_proof(&params, &key, strategy, &[&[instance]], &mut transcript).is_ok()
    };
    assert!(accepts(&honest, proof.as_bytes()));
    let padded = [&honest[..], &[Fp::zero(); 5]].concat();
    assert!(accepts(&padded, proof.as_bytes()), "33 public inputs for 28");
    assert!(accepts(&honest, &[proof.as_bytes(), b"trailing"].concat()));
    assert!(!accepts(&honest[..27], proof.as_bytes()));
}

/// Every field of the statement, changed by itself to a value that is allowed too or to any other.
#[test]
fn a_proof_holds_for_no_other_statement() {
    let changes: [fn(&mut PolicyStatement); 32] = [
        |s| s.policy_root[0] ^= 1,
        |s| s.policy_root = [0; 32],
        |s| s.payment_id.0[0] ^= 1,
        |s| s.payment_id.0[31] ^= 1,
        |s| s.payment_id = Digest([0; 32]),
        |s| s.vault.0[15] ^= 1,
        |s| s.vault.0[16] ^= 1,
        |s| s.asset.0[0] ^= 1,
        |s| s.asset.0[31] ^= 1,
        |s| s.asset = digest(1),
        |s| s.destination = digest(0xd2),
        |s| s.destination.0[31] ^= 1,
        |s| s.amount = total(701),
        |s| s.amount = total(699),
        |s| s.fee += 1,
        |s| s.fee -= 1,
        |s| s.lane = if s.lane == Lane::Normal { Lane::Rebalance } else { Lane::Normal },
        |s| s.own_destination = !s.own_destination,
        |s| s.spent[0] = total(699),
        |s| s.spent[1] = total(1_999),
        |s| s.spent[2] = total(4_999),
        |s| s.spent[3] = total(7_999),
        |s| s.spent.rotate_left(1),
        |s| s.count -= 1,
        |s| s.since_last += 1,
        |s| s.approvals += 1,
        |s| s.approver_set.0[7] ^= 1,
        |s| s.oracle_account.0[0] ^= 1,
        |s| s.oracle_account.0[31] ^= 1,
        |s| s.margin_ratio_bps += 1,
        |s| s.validity.from += 1,
        |s| s.validity.until -= 1,
    ];
    for (statement, proof) in &PROVEN.lanes {
        for (index, change) in changes.into_iter().enumerate() {
            let mut other = statement.clone();
            change(&mut other);
            assert_ne!(other, *statement, "change {index}");
            assert!(!holds(&other, proof), "change {index}");
        }
    }
    let [(normal, of_normal), (rebalance, of_rebalance)] = &PROVEN.lanes;
    assert!(!holds(normal, of_rebalance) && !holds(rebalance, of_normal), "another payment's proof");
}

#[test]
fn the_same_policy_under_another_salt_has_another_root_and_no_common_proof() {
    let Proven { keys, policy, lanes: [(statement, proof), _] } = &*PROVEN;
    for byte in [0, 15, 16, 31] {
        let mut salted = policy.clone();
        salted.salt.0[byte] ^= 1;
        let other = payment(&salted, Lane::Normal);
        assert_ne!(other.policy_root, statement.policy_root);
        assert!(!holds(&other, proof));
        assert!(matches!(prove(keys, &salted, statement, OsRng), Err(PolicyProveError::Root)));
    }
}

/// The order of the Pallas base field, little-endian.
fn modulus() -> [u8; 32] {
    let mut bytes = ff::PrimeField::to_repr(&-Fp::one());
    bytes[0] += 1; // p ends in …01
    bytes
}

/// a + b without reduction, unless it passes 2^256.
fn add(a: [u8; 32], b: [u8; 32]) -> Option<[u8; 32]> {
    let mut carry = 0;
    let sum = std::array::from_fn(|index| {
        let digit = u16::from(a[index]) + u16::from(b[index]) + carry;
        carry = digit >> 8;
        digit.to_le_bytes()[0]
    });
    (carry == 0).then_some(sum)
}

#[test]
fn a_root_plus_the_modulus_is_not_the_root() {
    let [(statement, proof), _] = &PROVEN.lanes;
    let mut aliases = 0;
    let mut other = statement.clone();
    while let Some(alias) = add(other.policy_root, modulus()) {
        other.policy_root = alias;
        aliases += 1;
        let error = verify(PROVEN.keys.verifying(), &other, proof).unwrap_err();
        assert_eq!(error, PolicyVerifyError::Root);
    }
    assert!(aliases >= 3);
}

/// Every 32 bytes of a proof are a point or a scalar: no alias of either is taken, nor the
/// identity, nor a coordinate off the curve.
#[test]
fn encodings_that_are_not_canonical_are_refused() {
    let [(statement, proof), _] = &PROVEN.lanes;
    let bytes = proof.as_bytes();
    assert_eq!(bytes.len() % 32, 0);
    (0..bytes.len() / 32).into_par_iter().for_each(|chunk| {
        let range = chunk * 32..chunk * 32 + 32;
        let honest: [u8; 32] = bytes[range.clone()].try_into().unwrap();
        let aliases = std::iter::successors(add(honest, modulus()), |alias| add(*alias, modulus()));
        for other in aliases.chain([[0; 32], [0xff; 32], modulus()]) {
            let mut changed = bytes.to_vec();
            changed[range.clone()].copy_from_slice(&other);
            assert!(!holds_as_bytes(statement, &changed), "chunk {chunk}");
        }
    });
}

fn flip(bytes: &[u8], index: usize, bit: u8) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[index] ^= 1 << bit;
    flipped
}

/// One byte in 11, another bit each: every point and every scalar is hit two or three times.
#[test]
fn sampled_bits_of_a_proof_cannot_be_flipped() {
    let [(statement, proof), _] = &PROVEN.lanes;
    (0..PolicyProof::LEN).into_par_iter().step_by(11).for_each(|index| {
        let bit = u8::try_from(index % 8).unwrap();
        assert!(!holds_as_bytes(statement, &flip(proof.as_bytes(), index, bit)), "byte {index}");
    });
}

#[test]
#[ignore = "soak: every bit of a proof"]
fn no_bit_of_a_proof_can_be_flipped() {
    let [(statement, proof), _] = &PROVEN.lanes;
    (0..8 * PolicyProof::LEN).into_par_iter().for_each(|index| {
        let bit = u8::try_from(index % 8).unwrap();
        assert!(!holds_as_bytes(statement, &flip(proof.as_bytes(), index / 8, bit)), "bit {index}");
    });
}

#[test]
fn any_bytes_are_refused_without_a_panic() {
    let [(statement, _), _] = &PROVEN.lanes;
    let mut bytes = [0; PolicyProof::LEN];
    for _ in 0..50 {
        OsRng.fill_bytes(&mut bytes);
        assert!(!holds_as_bytes(statement, &bytes));
    }
    for byte in [0, 1, 0x7f, 0x80, 0xff] {
        assert!(!holds_as_bytes(statement, &[byte; PolicyProof::LEN]));
    }
}

/// One refusal is enough, whatever else holds.
#[test]
fn a_single_refusal_makes_no_proof() {
    let Proven { keys, policy, .. } = &*PROVEN;
    let mut statement = payment(policy, Lane::Rebalance);
    statement.own_destination = false;
    let error = prove(keys, policy, &statement, OsRng).unwrap_err();
    assert!(matches!(&error, PolicyProveError::Refused(kinds) if *kinds == [Refusal::OwnDestination]));
    assert_eq!(
        error.to_string(),
        "the policy refuses the payment: a rebalance may only go to an own destination"
    );
}
