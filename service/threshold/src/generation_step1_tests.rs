//! Attacks with a forged package in step 1.

use frost_core::keys::dkg;
use rand_core::OsRng;

use super::*;
use crate::frost::{Ed25519, Kind, Taproot, identifier};

/// A package of round 1 for node 2, with another threshold or another node's proof.
fn package<C: Kind>(node: usize, threshold: u16) -> dkg::round1::Package<C> {
    dkg::part1(identifier(node).unwrap(), NODES as u16, threshold, OsRng).unwrap().1
}

fn wrong_proofs<C: Kind>() {
    let replace = |new: Vec<u8>| {
        blamed(C::SUITE, 1, Fault::ProofOfKnowledge, |payload| *payload = new);
    };
    let (one, two) = (package::<C>(EVIL, 3), package::<C>(EVIL, 3));
    let mixed = dkg::round1::Package::new(one.commitment().clone(), *two.proof_of_knowledge());
    replace(mixed.serialize().unwrap());
    // Another node's whole package: the proof names its maker.
    replace(package::<C>(0, 3).serialize().unwrap());
}

#[test]
fn attack_01_a_wrong_proof_of_knowledge() {
    wrong_proofs::<Taproot>();
    wrong_proofs::<Ed25519>();
}

#[test]
fn attack_02_the_package_of_another_node_copied() {
    for suite in Suite::ALL {
        let group = group(suite);
        let errors = errors(&group, 1, |bodies| {
            bodies[EVIL] = signed(&group, 1, EVIL, &payload(&bodies[0]));
        });
        all_blame(&errors, Fault::ProofOfKnowledge);
    }
}

fn wrong_degrees<C: Kind>() {
    for threshold in [2, 4] {
        let forged = package::<C>(EVIL, threshold).serialize().unwrap();
        blamed(C::SUITE, 1, Fault::Degree, |payload| *payload = forged);
    }
}

#[test]
fn attack_03_a_polynomial_of_the_wrong_degree() {
    wrong_degrees::<Taproot>();
    wrong_degrees::<Ed25519>();
}

/// Where the first coefficient's commitment begins: version, suite, length.
const COEFFICIENT: usize = 6;

#[test]
fn attack_04_the_identity_and_points_of_small_order_as_commitments() {
    let overwrite = |suite, point: &[u8]| {
        blamed(suite, 1, Fault::Malformed, |payload| {
            payload[COEFFICIENT..COEFFICIENT + point.len()].copy_from_slice(point);
        });
    };
    overwrite(Suite::Taproot, &[0; 33]);
    let mut identity = [0; 32];
    identity[0] = 1;
    overwrite(Suite::Ed25519, &identity);
    let mut order_2 = [0xff; 32];
    (order_2[0], order_2[31]) = (0xec, 0x7f);
    overwrite(Suite::Ed25519, &order_2);
    overwrite(Suite::Ed25519, &[0; 32]); // order 4
}

#[test]
fn attack_05_second_forms_of_a_package() {
    for suite in Suite::ALL {
        blamed(suite, 1, Fault::Malformed, |payload| payload.push(0));
        blamed(suite, 1, Fault::Malformed, |payload| payload.truncate(payload.len() - 1));
        blamed(suite, 1, Fault::Malformed, |payload| payload.clear());
        // The length 3 as a longer integer, which frost reads too.
        blamed(suite, 1, Fault::Malformed, |payload| drop(payload.splice(5..6, [0x83, 0])));
        blamed(suite, 1, Fault::Malformed, |payload| payload.resize(5000, 0));
    }
    // The compact form of SEC 1.
    blamed(Suite::Taproot, 1, Fault::Malformed, |payload| payload[COEFFICIENT] = 5);
}
