//! Signing rounds with lying nodes, wrong packages and wrong bytes.

mod common;

use std::collections::BTreeMap;

use common::{Group, Lists, choices, commit_all, sign_all, signatures};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use solventry_threshold::{
    AggregateError, GroupKey, KeyShare, PackageError, SigningError, Suite, aggregate, commit, sign,
    verify_outcome, verify_share,
};

fn generated(suite: Suite, threshold: u16, nodes: usize) -> (GroupKey, Vec<KeyShare>) {
    let group = Group::new(suite, threshold, nodes);
    let (shares, outcome) = group.generate();
    (verify_outcome(&group.setup, &outcome).unwrap(), shares)
}

fn messages(count: u8) -> Vec<Vec<u8>> {
    (1..=count).map(|byte| vec![byte; 32]).collect()
}

type Lie = fn(&mut Vec<Vec<u8>>, &[Vec<u8>]);

/// Ways to lie about signature shares; `stale` are honest ones of another round.
const LIES: [Lie; 8] = [
    |own, stale| own.clone_from_slice(stale),
    |own, _| own.swap(0, 1),
    |own, _| own[1][31] ^= 1,
    |own, _| own[0] = vec![0; 32],
    |own, _| own[1] = vec![0xff; 32],
    |own, _| own[0].push(0),
    |own, _| drop(own.pop()),
    |own, _| own.clear(),
];

#[test]
fn every_set_of_liars_is_named_in_full() {
    let messages = messages(2);
    for (suite, (threshold, nodes)) in
        Suite::ALL.into_iter().flat_map(|suite| [(3, 4), (5, 7)].map(|shape| (suite, shape)))
    {
        let (key, shares) = generated(suite, threshold, nodes);
        let mut lies = LIES.iter().cycle();
        for signers in choices(threshold.into(), nodes) {
            let (commitments, honest) = sign_all(&shares, &signers, &messages);
            let (_, stale) = sign_all(&shares, &signers, &messages);
            assert!(aggregate(&key, &messages, &commitments, &honest).is_ok());
            for liars in (1..=nodes - usize::from(threshold)).flat_map(|size| choices(size, nodes)) {
                if !liars.iter().all(|liar| signers.contains(liar)) {
                    continue;
                }
                let mut signed = honest.clone();
                for liar in &liars {
                    lies.next().unwrap()(signed.get_mut(liar).unwrap(), &stale[liar]);
                }
                let error = aggregate(&key, &messages, &commitments, &signed).unwrap_err();
                assert_eq!(error.culprits(), liars, "{suite:?} {signers:?}");
                for (node, own) in &signed {
                    let verdict = verify_share(&key, *node, &messages, &commitments, own);
                    assert_eq!(verdict.is_err(), liars.contains(node), "{suite:?} {node}");
                }
            }
        }
    }
}

#[test]
fn each_way_to_lie_is_found_alone() {
    let messages = messages(2);
    for suite in Suite::ALL {
        let (key, shares) = generated(suite, 3, 4);
        let (commitments, honest) = sign_all(&shares, &[0, 2, 3], &messages);
        let (_, stale) = sign_all(&shares, &[0, 2, 3], &messages);
        for (way, lie) in LIES.iter().enumerate() {
            let mut signed = honest.clone();
            lie(signed.get_mut(&2).unwrap(), &stale[&2]);
            let error = aggregate(&key, &messages, &commitments, &signed).unwrap_err();
            assert_eq!(error, AggregateError::Shares(vec![2]), "way {way}");
        }
    }
}

#[test]
fn random_rounds_sign_and_random_damage_is_blamed_on_its_node() {
    for suite in Suite::ALL {
        let (key, shares) = generated(suite, 5, 7);
        for seed in 0..60 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let signers = &choices(5, 7)[random.next_u32() as usize % 21];
            let mut messages = vec![vec![0; 32]; 1 + random.next_u32() as usize % 3];
            messages.iter_mut().for_each(|message| random.fill_bytes(message));
            let (commitments, mut signed) = sign_all(&shares, signers, &messages);
            let made = aggregate(&key, &messages, &commitments, &signed).unwrap();
            assert!(messages.iter().zip(&made).all(|(message, made)| key.verifies(message, made)));
            let liar = signers[random.next_u32() as usize % 5];
            let own = signed.get_mut(&liar).unwrap();
            let place = random.next_u32() as usize % own.len();
            own[place][random.next_u32() as usize % 32] ^= 1 << (random.next_u32() % 8);
            let error = aggregate(&key, &messages, &commitments, &signed).unwrap_err();
            assert_eq!(error.culprits(), [liar], "seed {seed}");
        }
    }
}

#[test]
fn a_node_signs_only_for_exactly_t_known_nodes_with_its_own_commitments() {
    for suite in Suite::ALL {
        let (_, shares) = generated(suite, 3, 4);
        let own = &shares[0];
        let (_, others) = commit_all(&shares, &[1, 2, 3], 2);
        let attempt = |forge: &dyn Fn(&mut Lists), messages: &[Vec<u8>]| {
            let (nonces, mine) = commit(own, 2).unwrap();
            let mut package = others.clone();
            package.remove(&3);
            package.insert(0, mine);
            forge(&mut package);
            sign(nonces, own, messages, &package)
        };
        let two = messages(2);
        assert_eq!(attempt(&|_| (), &two).unwrap().len(), 2);
        let nodes = |got| Err(SigningError::Package(PackageError::Nodes { expected: 3, got }));
        assert_eq!(attempt(&|package| drop(package.remove(&2)), &two), nodes(2));
        assert_eq!(attempt(&|package| drop(package.insert(3, others[&3].clone())), &two), nodes(4));
        let unknown = |package: &mut Lists| {
            let last = package.remove(&2).unwrap();
            package.insert(4, last);
        };
        let error = SigningError::Package(PackageError::UnknownNode { nodes: 4, got: 4 });
        assert_eq!(attempt(&unknown, &two), Err(error));
        let mine = Err(SigningError::OwnCommitments);
        assert_eq!(attempt(&|package| drop(package.remove(&0)), &two), mine);
        assert_eq!(attempt(&|package| package.get_mut(&0).unwrap().swap(0, 1), &two), mine);
        assert_eq!(attempt(&|package| drop(package.insert(0, others[&3].clone())), &two), mine);
        let other_count = Err(SigningError::Nonces { expected: 2, got: 1 });
        assert_eq!(attempt(&|_| (), &messages(1)), other_count);
        let empty = attempt(&|_| (), &[vec![1; 32], vec![]]);
        assert_eq!(empty, Err(SigningError::Package(PackageError::Length { place: 1, got: 0 })));
        assert!(matches!(commit(own, 0), Err(SigningError::Inputs(0))));
        assert!(matches!(commit(own, 17), Err(SigningError::Inputs(17))));
    }
}

#[test]
fn nonces_serve_only_the_share_that_they_were_made_for() {
    let (_, shares) = generated(Suite::Ed25519, 3, 4);
    let (_, others) = generated(Suite::Ed25519, 3, 4);
    let (_, taproot) = generated(Suite::Taproot, 3, 4);
    for foreign in [&shares[1], &others[0], &taproot[0]] {
        let (mut nonces, package) = commit_all(&shares, &[0, 1, 2], 1);
        let refused = sign(nonces.remove(0), foreign, &messages(1), &package);
        assert_eq!(refused, Err(SigningError::Nonces { expected: 1, got: 1 }));
    }
}

/// Damage to one commitment that must be noticed before it is used.
fn damage(suite: Suite) -> Vec<fn(&mut Vec<Vec<u8>>)> {
    let mut ways: Vec<fn(&mut Vec<Vec<u8>>)> = vec![
        |own| own[0].push(0),
        |own| own[0].truncate(36),
        |own| own[1].clear(),
        |own| own[0][0] = 1,
        |own| own[0][2] ^= 1,
        |own| own.push(own[0].clone()),
        |own| drop(own.pop()),
        |own| own[0][5..].fill(0xff),
    ];
    match suite {
        // Not a point; the compact form of SEC 1, of which frost would read the even point.
        Suite::Taproot => {
            ways.extend::<[fn(&mut Vec<Vec<u8>>); 2]>([|own| own[0][5..38].fill(0), |own| own[0][5] = 5])
        }
        // The identity; a point of order 2.
        Suite::Ed25519 => ways.extend::<[fn(&mut Vec<Vec<u8>>); 2]>([
            |own| {
                own[0][5..37].fill(0);
                own[0][5] = 1;
            },
            |own| {
                own[0][5..37].fill(0xff);
                (own[0][5], own[0][36]) = (0xec, 0x7f);
            },
        ]),
    }
    ways
}

#[test]
fn malformed_commitments_are_blamed_on_their_node_by_signers_and_coordinator() {
    for suite in Suite::ALL {
        let (key, shares) = generated(suite, 3, 4);
        for (way, damage) in damage(suite).into_iter().enumerate() {
            let (mut nonces, mut package) = commit_all(&shares, &[0, 1, 2], 2);
            damage(package.get_mut(&2).unwrap());
            let expected = PackageError::Commitments(vec![2]);
            let refused = sign(nonces.remove(0), &shares[0], &messages(2), &package).unwrap_err();
            assert_eq!(refused, SigningError::Package(expected.clone()), "{suite:?} way {way}");
            assert_eq!(refused.culprits(), [2]);
            let (_, signed) = sign_all(&shares, &[0, 1, 2], &messages(2));
            let refused = aggregate(&key, &messages(2), &package, &signed).unwrap_err();
            assert_eq!(refused, AggregateError::Package(expected), "{suite:?} way {way}");
        }
    }
}

#[test]
fn a_coordinator_that_mixes_rounds_or_nodes_gets_no_signature() {
    for suite in Suite::ALL {
        let (key, shares) = generated(suite, 3, 4);
        let two = messages(2);
        let (commitments, signed) = sign_all(&shares, &[0, 1, 2], &two);
        let (other_commitments, other_signed) = sign_all(&shares, &[0, 1, 3], &two);
        let nodes = AggregateError::Nodes { expected: vec![0, 1, 2], got: vec![0, 1, 3] };
        assert_eq!(aggregate(&key, &two, &commitments, &other_signed), Err(nodes));
        assert!(aggregate(&key, &two, &other_commitments, &signed).is_err());
        let (_, later) = sign_all(&shares, &[0, 1, 2], &two);
        assert_eq!(aggregate(&key, &two, &commitments, &later).unwrap_err().culprits(), [0, 1, 2]);
        let other_messages = [vec![1; 32], vec![3; 32]];
        assert!(aggregate(&key, &other_messages, &commitments, &signed).is_err());
        assert_eq!(
            aggregate(&key, &[], &BTreeMap::new(), &BTreeMap::new()),
            Err(AggregateError::Package(PackageError::Messages(0)))
        );
        let stranger = verify_share(&key, 3, &two, &commitments, &signed[&0]);
        assert_eq!(stranger, Err(AggregateError::Nodes { expected: vec![0, 1, 2], got: vec![3] }));
    }
}

#[test]
fn shares_survive_sealing_and_sign_afterwards() {
    use solventry_threshold::ShareContext;
    use solventry_types::Digest;
    for suite in Suite::ALL {
        let (key, mut shares) = generated(suite, 3, 4);
        let context = ShareContext { identity: [1; 32], group: Digest([2; 32]), generation: 3 };
        let sealed = shares[2].seal(b"correct horse", &context).unwrap();
        shares[2] = KeyShare::open(&sealed, b"correct horse", &context).unwrap();
        assert_eq!((shares[2].number(), shares[2].vault()), (2, "treasury"));
        assert_eq!(shares[2].group_key(), &key);
        assert!(signatures(&key, &shares, &[1, 2, 3], &messages(1)).is_ok());
        assert_eq!(format!("{:?}", shares[2]), "KeyShare(hidden)");
    }
}

#[test]
fn what_a_node_holds_between_messages_moves_between_threads() {
    fn moves<T: Send>() {}
    moves::<KeyShare>();
    moves::<solventry_threshold::Nonces>();
    moves::<solventry_threshold::Run>();
}
