//! F2: forged, replayed, swapped, stale and truncated proofs and statements; every file is signed
//! and digested again, so that the statement or proof itself must refuse.

use solventry_policy::{Policy, PolicyProof, PolicyStatement};
use solventry_protocol::SigningEvidence;
use solventry_prover::headroom::{HeadroomKeys, prove_headroom};
use solventry_types::{AssetId, Digest, HeadroomStatement, Lane, Total};
use solventry_verifier::anchors::Hex;

use crate::support::{
    evil_signing::{
        accepted, attempt, changed, pinning, refused, refused_under, reproven, restate, restated, total,
    },
    outcome::{Outcome, attacks, names},
    signing::{desk, policy, quiet},
};

attacks![
    each_rebuilt_policy_input_altered,
    each_claimed_policy_input_altered,
    each_headroom_input_altered,
    policy_proof_of_another_payment,
    policy_proof_of_another_policy,
    policy_proof_of_another_salt,
    policy_proof_truncated,
    policy_proof_extended,
    policy_proof_zero_padded,
    policy_proof_empty,
    policy_proof_of_zeros,
    policy_proof_bytes_flipped,
    proofs_swapped_between_files,
    stale_sums_under_a_newer_statement,
    headroom_of_another_asset,
    headroom_of_another_epoch,
    headroom_of_another_root,
    headroom_for_a_smaller_outflow,
    outflow_below_the_payment,
    outflow_unranged,
    headroom_points_swapped,
    headroom_key_not_pinned,
    headroom_key_of_another_setup,
    headroom_key_of_another_circuit,
    attestation_of_another_file,
    attestation_named_otherwise,
];

type PolicyChange = fn(&mut PolicyStatement);

/// What a verifier rebuilds, with a change each.
const REBUILT: &[(&str, PolicyChange)] = &[
    ("policy root", |s| s.policy_root[0] ^= 1),
    ("payment id", |s| s.payment_id.0[9] ^= 1),
    ("vault digest", |s| s.vault.0[9] ^= 1),
    ("asset digest", |s| s.asset.0[9] ^= 1),
    ("destination digest", |s| s.destination.0[9] ^= 1),
    ("charged amount", |s| s.amount = total(s.amount.units() - 1)),
    ("fee", |s| s.fee -= 1),
    ("lane", |s| s.lane = Lane::Rebalance),
    ("own-destination flag", |s| s.own_destination = true),
    ("number of approvals", |s| s.approvals += 1),
    ("approver set", |s| s.approver_set.0[9] ^= 1),
    ("oracle account", |s| s.oracle_account.0[9] ^= 1),
    ("margin ratio", |s| s.margin_ratio_bps = 1),
    ("validity", |s| s.validity.until += 1),
    ("validity", |s| s.validity.from -= 1),
];

/// Source: F2, public inputs rebuilt: the file's own statement is never believed.
fn each_rebuilt_policy_input_altered() -> Outcome {
    REBUILT.iter().try_for_each(|(field, change)| {
        let evidence = changed(|e| change(&mut e.policy_statement));
        let variant = format!("PolicyStatement {{ field: \"{field}\"");
        refused(&evidence, 9, &variant, &format!("the {field} is not what"))
    })
}

/// Source: F2: sums that only the journal knows are taken from the file, and the proof is of
/// others.
fn each_claimed_policy_input_altered() -> Outcome {
    let changes: [PolicyChange; 6] = [
        |s| s.spent[0] = total(1),
        |s| s.spent[1] = total(9),
        |s| s.spent[2] = total(19),
        |s| s.spent[3] = total(29),
        |s| s.count = 0,
        |s| s.since_last = u64::MAX,
    ];
    changes.iter().try_for_each(|change| {
        refused(&changed(|e| change(&mut e.policy_statement)), 10, "Policy(Proof", "does not hold")
    })
}

/// Source: F2, F4.
fn each_headroom_input_altered() -> Outcome {
    type Change = fn(&mut HeadroomStatement);
    let rebuilt: [(&str, Change); 3] = [
        ("epoch context", |s| s.context.0[31] ^= 1),
        ("headroom root", |s| s.headroom_root += ark_bn254::Fr::from(1u64)),
        ("asset id", |s| s.asset = AssetId::new(2).unwrap()),
    ];
    rebuilt.iter().try_for_each(|(field, change)| {
        let evidence = changed(|e| change(&mut e.headroom_statement));
        let variant = format!("HeadroomStatement {{ field: \"{field}\"");
        refused(&evidence, 11, &variant, &format!("the {field} is not what"))
    })?;
    let evidence =
        changed(|e| e.headroom_statement.outflow = total(e.headroom_statement.outflow.units() + 1));
    refused(&evidence, 12, "Headroom(Invalid", "(C-HEAD)")
}

/// Source: F2, replay: an honest proof of the same payment with another nonce.
fn policy_proof_of_another_payment() -> Outcome {
    let other = reproven(|e| e.payment.nonce[0] ^= 1);
    accepted(&other)?;
    refused(&changed(|e| e.policy_proof = other.policy_proof), 10, "Policy(Proof", "does not hold")
}

/// A proof for the honest statement by a policy of the maker's own.
fn proof_by(change: impl FnOnce(&mut Policy)) -> (Vec<u8>, [u8; 32]) {
    let mut policy = policy(&desk().honest.vault);
    change(&mut policy);
    let root = policy.root();
    let statement = PolicyStatement { policy_root: root, ..desk().honest.policy_statement.clone() };
    let proof = solventry_policy::prove(&desk().policy_keys, &policy, &statement, rand_core::OsRng).unwrap();
    (proof.as_bytes().to_vec(), root)
}

/// Source: F2: a laxer policy than the pinned one.
fn policy_proof_of_another_policy() -> Outcome {
    let (proof, root) = proof_by(|p| p.rules[0].per_payment = total(1 << 90));
    refused(&changed(|e| e.policy_proof = proof.clone()), 10, "Policy(Proof", "does not hold")?;
    let evidence = changed(|e| {
        e.policy_proof = proof;
        e.policy_statement.policy_root = root;
    });
    refused(&evidence, 9, "PolicyStatement { field: \"policy root\"", "the policy root is not")
}

/// Source: F2.
fn policy_proof_of_another_salt() -> Outcome {
    let (proof, _) = proof_by(|p| p.salt.0[0] ^= 1);
    refused(&changed(|e| e.policy_proof = proof), 10, "Policy(Proof", "does not hold")
}

/// Source: Z3.
fn policy_proof_truncated() -> Outcome {
    [1, 32, 1000].into_iter().try_for_each(|less| {
        let evidence = changed(|e| e.policy_proof.truncate(PolicyProof::LEN - less));
        refused(&evidence, 10, "Policy(Length", "expected 4032 bytes")
    })
}

/// Source: Z3: the library ignores trailing bytes.
fn policy_proof_extended() -> Outcome {
    refused(&changed(|e| e.policy_proof.push(7)), 10, "Policy(Length", "expected 4032 bytes")
}

/// Source: Z3.
fn policy_proof_zero_padded() -> Outcome {
    let evidence = changed(|e| e.policy_proof.extend([0; 32]));
    refused(&evidence, 10, "Policy(Length", "expected 4032 bytes")
}

/// Source: Z3.
fn policy_proof_empty() -> Outcome {
    refused(&changed(|e| e.policy_proof.clear()), 10, "Policy(Length(0)", "got 0")
}

/// Source: Z4, identity and zero everywhere.
fn policy_proof_of_zeros() -> Outcome {
    [0, 0xff].into_iter().try_for_each(|byte| {
        refused(&changed(|e| e.policy_proof.fill(byte)), 10, "Policy(Proof", "does not hold")
    })
}

/// Source: S6: a sample here, every byte in the policy crate's own tests.
fn policy_proof_bytes_flipped() -> Outcome {
    (0..PolicyProof::LEN).step_by(167).try_for_each(|index| {
        refused(&changed(|e| e.policy_proof[index] ^= 1), 10, "Policy(Proof", "does not hold")
    })
}

/// Source: F2: two honest files exchange their proofs.
fn proofs_swapped_between_files() -> Outcome {
    let other = reproven(|e| e.headroom_statement.outflow = total(500_000));
    accepted(&other)?;
    let evidence = changed(|e| e.headroom_proof = other.headroom_proof);
    refused(&evidence, 12, "Headroom(Invalid", "(C-HEAD)")
}

/// Source: F3: the proof of yesterday's sums under today's.
fn stale_sums_under_a_newer_statement() -> Outcome {
    let evidence = restated(|e| e.policy_statement.spent = [total(2_599_000); 4]);
    refused(&evidence, 10, "Policy(Proof", "does not hold")
}

fn headroom_proof(asset: u16, outflow: Total) -> solventry_types::HeadroomProof {
    let asset = AssetId::new(asset).unwrap();
    prove_headroom(&desk().headroom_keys, &desk().headroom, asset, outflow).unwrap().proof
}

/// Source: issue, "headroom of another asset", "asset table renumbered".
fn headroom_of_another_asset() -> Outcome {
    let proof = headroom_proof(2, quiet().outflow);
    refused(&changed(|e| e.headroom_proof = proof), 12, "Headroom(Invalid", "(C-HEAD)")?;
    let evidence = changed(|e| {
        e.headroom_proof = proof;
        e.headroom_statement.asset = AssetId::new(2).unwrap();
    });
    refused(&evidence, 11, "HeadroomStatement { field: \"asset id\"", "the asset id is not")
}

/// Source: issue, "headroom of another epoch": the circuit binds the context.
fn headroom_of_another_epoch() -> Outcome {
    let evidence = changed(|e| e.headroom_statement.context = Digest([1; 32]));
    refused(&evidence, 11, "HeadroomStatement { field: \"epoch context\"", "the epoch context is not")
}

/// Source: issue, "headroom of another epoch": richer reserves of another attestation.
fn headroom_of_another_root() -> Outcome {
    let root = crate::support::fixture::fixture().public.coverage.statement.headroom_root;
    let evidence = changed(|e| e.headroom_statement.headroom_root = root);
    refused(&evidence, 11, "HeadroomStatement { field: \"headroom root\"", "the headroom root is not")
}

/// Source: F3: less is proven than is claimed.
fn headroom_for_a_smaller_outflow() -> Outcome {
    let proof = headroom_proof(1, total(quiet().outflow.units() - 1));
    refused(&changed(|e| e.headroom_proof = proof), 12, "Headroom(Invalid", "(C-HEAD)")
}

/// Source: 01-solvency §5: this transaction is part of the outflow.
fn outflow_below_the_payment() -> Outcome {
    let short = total(400_999);
    let evidence = changed(|e| {
        e.headroom_statement.outflow = short;
        e.headroom_proof = headroom_proof(1, short);
    });
    refused(&evidence, 11, "Outflow", "less than what this payment alone lets out")
}

/// Source: issue, "outflow unranged": 2^96 does not fit the encoding.
fn outflow_unranged() -> Outcome {
    let honest = desk().honest.encode();
    let units = quiet().outflow.units().to_be_bytes();
    let at = honest.windows(16).rposition(|window| window == units).unwrap();
    [1u128 << 96, u128::MAX].into_iter().try_for_each(|outflow| {
        let mut bytes = honest.clone();
        bytes[at..][..16].copy_from_slice(&outflow.to_be_bytes());
        names(&attempt(&desk().anchors, &bytes)?, "Format(Invalid { what: \"outflow\"", "below 2^96")
    })
}

/// Source: Z13, Z15.
fn headroom_points_swapped() -> Outcome {
    let evidence = changed(|e| std::mem::swap(&mut e.headroom_proof.a, &mut e.headroom_proof.c));
    refused(&evidence, 12, "Headroom(Invalid", "(C-HEAD)")
}

/// Source: Z14.
fn headroom_key_not_pinned() -> Outcome {
    let mut anchors = desk().anchors.clone();
    anchors.headroom_keys.clear();
    refused_under(&anchors, &desk().honest, 12, "HeadroomKeyNotPinned {", "not among those pinned")
}

/// Source: Z14: a key of the maker's own setup, under which it can forge.
fn headroom_key_of_another_setup() -> Outcome {
    let keys = HeadroomKeys::insecure_setup();
    let evidence = changed(|e| e.headroom_key = keys.verifying.encode());
    refused(&evidence, 12, "HeadroomKeyNotPinned {", "not among those pinned")?;
    let mut anchors = pinning(&evidence);
    anchors.headroom_keys = vec![Hex(keys.verifying.digest().0)];
    refused_under(&anchors, &evidence, 12, "Headroom(Invalid", "(C-HEAD)")
}

/// Source: Z14.
fn headroom_key_of_another_circuit() -> Outcome {
    let evidence = changed(|e| {
        let mut key = desk().headroom_keys.verifying.clone();
        key.circuit.0[0] ^= 1;
        e.headroom_key = key.encode();
    });
    refused(&evidence, 12, "HeadroomKey(Lint(Circuit {", "this program verifies circuit")
}

/// Source: F2: evidence over one attestation shown with another.
fn attestation_of_another_file() -> Outcome {
    let fixture = crate::support::fixture::fixture();
    let bytes = desk().honest.encode();
    let key = desk().policy_keys.verifying();
    match solventry_protocol::verify_signing(&bytes, &fixture.verified, &desk().anchors, key) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, "OtherAttestation {", "the file refers to attestation"),
    }
}

/// Source: F2.
fn attestation_named_otherwise() -> Outcome {
    let evidence: SigningEvidence = changed(|e| {
        e.attestation.0[0] ^= 1;
        restate(e);
    });
    refused(&evidence, 8, "OtherAttestation {", "the one given is")
}
