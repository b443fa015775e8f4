//! Attacks on key generation. Node 2 is the liar; whoever carries messages may be one too.

use bitcoin::{Address, Network, key::TweakedPublicKey, secp256k1};
use frost_core::keys::{PublicKeyPackage, dkg};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::*;
use crate::{
    Suite,
    common::{Group, Party, advance, copies},
    frost::{Taproot, identifier},
};

#[path = "generation_step1_tests.rs"]
mod step1;
#[path = "generation_step2_tests.rs"]
mod step2;

const EVIL: usize = 2;
const NODES: usize = 4;

fn group(suite: Suite) -> Group {
    Group::new(suite, 3, NODES)
}

/// A payload signed by a node of the group.
fn signed(group: &Group, step: u8, node: usize, payload: &[u8]) -> Vec<u8> {
    Place { setup: group.setup.digest(), step, node }.sign(payload, &group.parties[node].identity)
}

fn payload(body: &[u8]) -> Vec<u8> {
    body[4..body.len() - 64].to_vec()
}

/// Runs all nodes up to their answers to `step`.
fn answers(group: &Group, step: u8) -> (Vec<Run>, Vec<Vec<u8>>) {
    let mut runs = group.runs();
    let bodies = (1..=step).fold(Vec::new(), |bodies, step| advance(&mut runs, step, &bodies));
    (runs, bodies)
}

/// What the honest nodes say when the answers to `step` are altered. None of them may keep a
/// share, and a run that failed stays failed.
fn errors(group: &Group, step: u8, alter: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<GenerationError> {
    let (runs, mut bodies) = answers(group, step);
    alter(&mut bodies);
    runs.into_iter()
        .enumerate()
        .filter(|(node, _)| *node != EVIL)
        .map(|(_, mut run)| {
            let error = run.step(step + 1, &bodies).unwrap_err();
            assert_eq!(run.step(step + 1, &bodies), Err(GenerationError::Ended));
            assert_eq!(run.finish().err(), Some(GenerationError::Ended));
            error
        })
        .collect()
}

fn all_blame(errors: &[GenerationError], fault: Fault) {
    for error in errors {
        assert_eq!(error, &GenerationError::Fault { fault, nodes: vec![EVIL] });
        assert_eq!(error.culprits(), [EVIL]);
    }
}

fn all_are(errors: &[GenerationError], expected: &GenerationError) {
    assert!(errors.iter().all(|error| error == expected), "{errors:?}");
    assert!(expected.culprits().is_empty());
}

/// All honest nodes blame node 2 when it signs an altered payload of `step`.
fn blamed(suite: Suite, step: u8, fault: Fault, alter: impl FnOnce(&mut Vec<u8>)) {
    let group = group(suite);
    let errors = errors(&group, step, |bodies| {
        let mut forged = payload(&bodies[EVIL]);
        alter(&mut forged);
        bodies[EVIL] = signed(&group, step, EVIL, &forged);
    });
    all_blame(&errors, fault);
}

#[test]
fn honest_nodes_end_with_one_key_of_their_setup() {
    for suite in Suite::ALL {
        let group = group(suite);
        let (shares, outcome) = group.generate();
        let key = verify_outcome(&group.setup, &outcome).unwrap();
        assert_eq!((key.suite, key.threshold, key.nodes), (suite, 3, 4));
        for (number, share) in shares.iter().enumerate() {
            assert_eq!((share.number(), share.group_key(), share.vault()), (number, &key, "treasury"));
        }
    }
}

#[test]
fn the_output_key_commits_to_no_script() {
    // BIP-341, "Constructing and spending Taproot outputs": Q = P + H(TapTweak, P)·G, where P is
    // the sum of what the nodes committed to in step 1. Nobody can have put a script into it.
    let group = group(Suite::Taproot);
    let (mut runs, first) = answers(&group, 1);
    let packages: Vec<_> = first
        .iter()
        .map(|body| dkg::round1::Package::<Taproot>::deserialize(&payload(body)).unwrap())
        .collect();
    let commitments =
        packages.iter().enumerate().map(|(i, p)| (identifier(i).unwrap(), p.commitment())).collect();
    let internal = PublicKeyPackage::<Taproot>::from_dkg_commitments(&commitments).unwrap();
    let internal = internal.verifying_key().serialize().unwrap();
    let last = (2..=4).fold(first, |bodies, step| advance(&mut runs, step, &bodies));
    let key = verify_outcome(&group.setup, &last).unwrap().key;

    let x_only = |bytes: &[u8]| secp256k1::XOnlyPublicKey::from_slice(bytes).unwrap();
    let secp = secp256k1::Secp256k1::verification_only();
    let expected = Address::p2tr(&secp, x_only(&internal[1..]), None, Network::Bitcoin);
    let output = TweakedPublicKey::dangerous_assume_tweaked(x_only(&key));
    assert_eq!(Address::p2tr_tweaked(output, Network::Bitcoin), expected);
}

#[test]
fn attack_11_a_confirmation_of_another_key() {
    for suite in Suite::ALL {
        blamed(suite, 3, Fault::Confirmation, |payload| payload[0] ^= 1);
        blamed(suite, 3, Fault::Confirmation, |payload| payload.truncate(payload.len() - 1));
        blamed(suite, 3, Fault::Confirmation, |payload| payload.push(0));
    }
}

/// Alterations of what was signed, or by whom: the node or the carrier, nobody can tell which.
#[test]
fn attack_12_messages_of_another_session_step_node_or_key() {
    for suite in Suite::ALL {
        for step in 1..=3 {
            let unsigned = |group: &Group, alter: &dyn Fn(&mut Vec<Vec<u8>>)| {
                all_are(&errors(group, step, alter), &GenerationError::Unsigned { node: EVIL });
            };
            let group = group(suite);
            // The same nodes in another session.
            let session = Setup { session: [9; 32], ..group.setup.clone() };
            let elsewhere = Group { setup: session, parties: copies(&group.parties) };
            let (_, replayed) = answers(&elsewhere, step);
            unsigned(&group, &|bodies| bodies[EVIL].clone_from(&replayed[EVIL]));
            // Another step's answer.
            let (_, earlier) = answers(&group, if step == 1 { 2 } else { step - 1 });
            unsigned(&group, &|bodies| bodies[EVIL].clone_from(&earlier[EVIL]));
            // Another node's answer.
            unsigned(&group, &|bodies| bodies[EVIL] = bodies[0].clone());
            // Another key's signature.
            let place = Place { setup: group.setup.digest(), step, node: EVIL };
            let key = SigningKey::from_bytes(&[3; 32]);
            unsigned(&group, &|bodies| bodies[EVIL] = place.sign(&payload(&bodies[EVIL]), &key));
            // Cut or continued.
            unsigned(&group, &|bodies| bodies[EVIL].truncate(30));
            unsigned(&group, &|bodies| bodies[EVIL].push(0));
            unsigned(&group, &|bodies| bodies[EVIL].clear());
            unsigned(&group, &|bodies| bodies[EVIL] = vec![0xff; 1 << 20]);
        }
    }
}

#[test]
fn attack_13_members_missing_added_or_exchanged() {
    let group = group(Suite::Ed25519);
    for step in 1..=3 {
        let missing = errors(&group, step, |bodies| drop(bodies.pop()));
        all_are(&missing, &GenerationError::Bodies { expected: 4, got: 3 });
        let added = errors(&group, step, |bodies| bodies.push(bodies[0].clone()));
        all_are(&added, &GenerationError::Bodies { expected: 4, got: 5 });
        let exchanged = errors(&group, step, |bodies| bodies.swap(0, 1));
        all_are(&exchanged, &GenerationError::Unsigned { node: 0 });
    }
    let mut run = group.run(0);
    let early = run.step(1, &[vec![]]).unwrap_err();
    assert_eq!(early, GenerationError::Bodies { expected: 0, got: 1 });
}

#[test]
fn attack_14_a_node_shown_another_answer_of_its_own() {
    // Its own key signed it, in a second run of the same session, which nodes must not begin.
    let group = group(Suite::Ed25519);
    let (mut runs, mut bodies) = answers(&group, 1);
    bodies[0] = group.run(0).step(1, &[]).unwrap();
    assert_eq!(runs[0].step(2, &bodies), Err(GenerationError::OwnAnswer));
    assert!(runs[1].step(2, &bodies).is_ok());
}

#[test]
fn attack_15_steps_out_of_order_or_again() {
    let group = group(Suite::Ed25519);
    let mut runs = group.runs();
    let mut bodies = Vec::new();
    for step in 1..=4 {
        for other in (0..=u8::MAX).filter(|other| *other != step) {
            let error = runs[0].step(other, &bodies).unwrap_err();
            assert_eq!(error, GenerationError::Order { expected: step, got: other });
        }
        bodies = advance(&mut runs, step, &bodies);
    }
    let again = runs[0].step(5, &bodies).unwrap_err();
    assert_eq!(again, GenerationError::Order { expected: 5, got: 5 });
    assert!(runs.remove(0).finish().is_ok(), "refused steps change nothing");
    for step in 0..4 {
        let (mut runs, _) = answers(&group, step);
        let early = runs.remove(0).finish().err();
        assert_eq!(early, Some(GenerationError::Order { expected: step + 1, got: 5 }));
    }
}

#[test]
fn attack_16_nodes_that_were_told_different_setups() {
    let group = group(Suite::Ed25519);
    let mut members = group.setup.members.clone();
    members[3] = Party::new().member();
    let changed = [
        Setup { vault: "other".into(), ..group.setup.clone() },
        Setup { session: [1; 32], ..group.setup.clone() },
        Setup { suite: Suite::Taproot, ..group.setup.clone() },
        Setup { members, ..group.setup.clone() },
    ];
    for setup in changed {
        let Party { identity, link } = &group.parties[0];
        let mut misled = Run::new(setup, 0, identity, link).unwrap();
        let (mut runs, mut bodies) = answers(&group, 1);
        bodies[0] = misled.step(1, &[]).unwrap();
        assert_eq!(runs[1].step(2, &bodies), Err(GenerationError::Unsigned { node: 0 }));
        assert_eq!(misled.step(2, &bodies), Err(GenerationError::Unsigned { node: 1 }));
    }
}

#[test]
fn setups_that_are_no_group_are_refused() {
    let group = group(Suite::Ed25519);
    let refused = |change: &dyn Fn(&mut Setup)| {
        let mut setup = group.setup.clone();
        change(&mut setup);
        let Party { identity, link } = &group.parties[0];
        assert!(matches!(Run::new(setup, 0, identity, link).err(), Some(GenerationError::Setup(_))));
    };
    refused(&|setup| setup.threshold = 2);
    refused(&|setup| setup.threshold = 4);
    refused(&|setup| setup.members.truncate(3));
    refused(&|setup| setup.members[1].identity = setup.members[0].identity);
    refused(&|setup| setup.members[1].link = setup.members[0].link);
    refused(&|setup| setup.vault.clear());
    refused(&|setup| setup.vault = "a\nb".into());
    refused(&|setup| setup.members.swap(0, 1));
    let Party { identity, link } = &group.parties[0];
    let start = |number, link| Run::new(group.setup.clone(), number, identity, link).err();
    assert!(matches!(start(4, link), Some(GenerationError::Setup(_))));
    assert!(matches!(start(0, &group.parties[1].link), Some(GenerationError::Setup(_))));
}

#[test]
fn the_coordinator_takes_only_an_outcome_of_all_nodes() {
    for suite in Suite::ALL {
        let group = group(suite);
        let (_, outcome) = group.generate();
        let altered = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut bodies = outcome.clone();
            change(&mut bodies);
            verify_outcome(&group.setup, &bodies).unwrap_err()
        };
        let (_, other) = Group::new(suite, 3, 4).generate();
        let (_, larger) = Group::new(suite, 5, 7).generate();
        let other_key = signed(&group, 4, EVIL, &payload(&other[0]));
        let disagreement = altered(&|bodies| bodies[EVIL].clone_from(&other_key));
        assert_eq!(disagreement, GenerationError::Disagreement { first: 0, second: EVIL });
        assert!(disagreement.culprits().is_empty());
        for forged in [payload(&larger[0]), vec![], [payload(&outcome[0]), vec![0]].concat()] {
            let malformed = altered(&|bodies| bodies[EVIL] = signed(&group, 4, EVIL, &forged));
            assert_eq!(malformed, GenerationError::fault(Fault::Malformed, EVIL));
        }
        let unsigned = GenerationError::Unsigned { node: EVIL };
        assert_eq!(altered(&|bodies| bodies[EVIL] = bodies[0].clone()), unsigned);
        assert_eq!(altered(&|bodies| bodies[EVIL].push(0)), unsigned);
        assert_eq!(altered(&|bodies| drop(bodies.pop())), GenerationError::Bodies { expected: 4, got: 3 });
    }
}

#[test]
fn random_damage_on_the_way_never_gives_a_share() {
    for seed in 0..200 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut below = |limit: usize| random.next_u32() as usize % limit;
        let group = group(Suite::ALL[below(2)]);
        let step = 1 + below(3) as u8;
        let node = [0, 1, 3][below(3)];
        let (mut runs, mut bodies) = answers(&group, step);
        let place = below(bodies[node].len());
        bodies[node][place] ^= 1 << below(8);
        for (witness, run) in runs.iter_mut().enumerate() {
            let error = run.step(step + 1, &bodies).unwrap_err();
            assert_eq!(error, GenerationError::Unsigned { node }, "seed {seed} witness {witness}");
        }
    }
}
