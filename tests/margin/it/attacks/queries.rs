//! H3 to H5 at the engine: what an account that may ask, and signs, can still not have evaluated.

use std::cell::Cell;

use solventry_fhe_risk::{
    keys::SecretKey,
    plan::Question,
    wire::{Context, EncryptedList, Query, Role},
};

use super::world::{MARKET, WORLD, World, account, lots};

const CALL: Question = Question::Call;

/// A list of the world's own lots with a proof under any metadata.
fn list(world: &World, values: &[u64], metadata: &[u8]) -> EncryptedList {
    EncryptedList::public(&world.public_key, &world.crs, MARKET, values, metadata).expect("values that fit")
}

/// What is refused by the proof alone, since its sender signs everything that he changed.
#[test]
fn proofs_for_anything_else_are_refused() {
    let world = &*WORLD;
    let (alice, nonce) = (account(1), Cell::new(1));
    let old = world.query(&alice, nonce.get(), CALL);
    let context = |query: &Query| Context::new(&world.venue, &world.arrays, query.sender);
    let refused = |change: &dyn Fn(&mut Query), name: &str| {
        // What waits for its proof to be verified uses up its nonce.
        nonce.set(nonce.get() + 1);
        let mut query = world.query(&alice, nonce.get(), CALL);
        change(&mut query);
        world.sign(&mut query, &alice);
        let reason = world.refused(&query.encode());
        assert!(reason.contains(&format!("proof of the list of {name} does not verify")), "{reason}");
    };
    // A list of an earlier query, for the other role, and for a longer text.
    refused(&|query| query.positions = old.positions.clone(), "positions");
    refused(&|query| query.collateral = old.collateral.clone(), "collateral");
    refused(
        &|query| {
            let metadata = context(query).metadata(Role::Collateral);
            query.positions = list(world, &lots().legs, &metadata);
        },
        "positions",
    );
    refused(
        &|query| {
            let metadata = [context(query).metadata(Role::Collateral), vec![0]].concat();
            query.collateral = list(world, &lots().collateral, &metadata);
        },
        "collateral",
    );
    // Another question or portfolio than those that were proven.
    refused(&|query| query.sender.question = Question::Margin, "positions");
    refused(&|query| query.sender.portfolio.0[0] ^= 1, "positions");
    // A key of somebody else.
    refused(
        &|query| {
            let other = SecretKey::generate().public_key();
            let metadata = context(query).metadata(Role::Positions);
            query.positions = EncryptedList::public(&other, &world.crs, MARKET, &lots().legs, &metadata)
                .expect("values that fit");
        },
        "positions",
    );
}

#[test]
fn another_accounts_list_is_refused() {
    let world = &*WORLD;
    let (alice, bob) = (account(1), account(2));
    let mut stolen = world.query(&alice, 1, CALL);
    let reason = world.refused(&{
        let mut query = stolen.clone();
        query.sender.account = bob.verifying_key().to_bytes();
        query.encode()
    });
    assert!(reason.contains("signature over the list of positions"), "{reason}");
    world.sign(&mut stolen, &bob);
    let reason = world.refused(&stolen.encode());
    assert!(reason.contains("proof of the list of"), "{reason}");
}

#[test]
fn lists_that_are_swapped_dropped_or_of_the_wrong_kind_are_refused() {
    let world = &*WORLD;
    let alice = account(3);
    let honest = world.query(&alice, 1, CALL);
    let secret = SecretKey::generate();
    let empty =
        EncryptedList::public(&world.public_key, &world.crs, MARKET, &[], b"").expect("nothing in it");
    let refused = |change: &dyn Fn(&mut Query), part: &str| {
        let mut query = honest.clone();
        change(&mut query);
        world.sign(&mut query, &alice);
        let reason = world.refused(&query.encode());
        assert!(reason.contains(part), "{reason}");
    };
    refused(&|query| std::mem::swap(&mut query.positions, &mut query.collateral), "expected 4 values, got 1");
    refused(&|query| query.positions = empty.clone(), "expected 4 values, got 0");
    refused(&|query| query.collateral = empty.clone(), "expected 1 values, got 0");
    refused(&|query| query.collateral = query.positions.clone(), "expected 1 values, got 4");
    // Without a proof, as only the venue's own inputs are.
    refused(
        &|query| query.collateral = EncryptedList::secret(&secret, MARKET, &[200], b""),
        "list of collateral",
    );
}

/// The mask of a list replaced: constants, zeros, and what somebody else's list has.
#[test]
fn trivial_ciphertexts_are_refused() {
    let world = &*WORLD;
    let alice = account(3);
    let honest = world.query(&alice, 1, CALL);
    let bytes = honest.encode();
    let digests = honest.positions.digests();
    // The entries begin behind two bytes of kind and count that the header's length gives away.
    let begin = (0..bytes.len() - 8 * 4100)
        .find(|place| solventry_fhe_risk::wire::Digest::of(&bytes[*place..place + 8 * 4100]) == digests.0)
        .expect("a list of four values");
    for pattern in [[0; 8], [0x55; 8], [0, 0, 0, 0, 0, 0, 0, 0x80]] {
        let mut trivial = bytes.clone();
        trivial[begin..begin + 8 * 4096]
            .chunks_exact_mut(8)
            .for_each(|entry| entry.copy_from_slice(&pattern));
        let (mut query, _) = Query::decode(&trivial).expect("well formed");
        world.sign(&mut query, &alice);
        let reason = world.refused(&query.encode());
        assert!(reason.contains("list"), "{reason}");
        assert!(world.check(&query).is_err(), "before any proof is verified");
    }
}

#[test]
fn a_nonce_counts_once_and_a_query_is_evaluated_once() {
    let world = &*WORLD;
    let alice = account(4);
    let query = |nonce: u64| world.query(&alice, nonce, CALL).encode();
    let (first, same) = (query(9), query(9));
    let digest = world.client.submit(&first, std::time::Duration::from_secs(60)).expect("an honest query");
    // The same bytes are the same query: asked again it costs nothing and gives the same answer.
    let result = world.evaluated(&first).expect("an honest query");
    assert!(world.evaluated(&first).expect("the same") == result);
    assert!(world.client.result(&digest).expect("kept") == result);
    for other in [same, query(8)] {
        let reason = world.refused(&other);
        assert!(reason.contains("nonce"), "{reason}");
    }
}
