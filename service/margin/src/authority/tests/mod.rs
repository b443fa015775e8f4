mod world;

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{arrays::file::Content, engine::COMPUTED};

use self::world::{NOW, World, content, trivial};
use super::*;
use crate::budget::BudgetError;

#[test]
fn each_disclosure_tells_and_costs_what_it_should() {
    let world = World::new();
    let query = world.query(1, Question::Margin);
    let result = world.result(&query, 1000, 1_099);
    let call = world.ask(&query, &result, Disclosure::Call).unwrap();
    assert_eq!((call.call, call.ratio_bps, call.margin, call.charge.bits), (false, None, None, 1));
    let ratio = world.ask(&query, &result, Disclosure::Ratio).unwrap();
    assert_eq!((ratio.ratio_bps, ratio.margin, ratio.charge.bits), (Some(10_000), None, 4));
    let full = world.ask(&query, &result, Disclosure::Margin).unwrap();
    assert_eq!(full.margin, Some(Margin { margin: 1000, collateral: 1_099, call: false }));
    assert_eq!((full.charge.bits, full.charge.portfolio), (60, 65));
    // Asked again, the same answer costs nothing; the next query of the same portfolio has no room.
    assert_eq!(world.ask(&query, &result, Disclosure::Margin).unwrap().charge.bits, 0);
    let next = world.query(2, Question::Margin);
    let error = world.ask(&next, &world.result(&next, 1, 2), Disclosure::Margin).unwrap_err();
    assert!(matches!(error, AuthorityError::Budget(BudgetError::Portfolio { spent: 65, .. })));
    assert!(world.ask(&next, &world.result(&next, 1, 0), Disclosure::Call).unwrap().call);
}

#[test]
fn what_was_not_asked_or_is_old_is_not_told() {
    let world = World::new();
    let query = world.query(5, Question::Call);
    let result = world.result(&query, 2, 1);
    for disclosure in [Disclosure::Ratio, Disclosure::Margin] {
        assert!(matches!(world.ask(&query, &result, disclosure), Err(AuthorityError::NotAsked)));
    }
    assert!(world.ask(&query, &result, Disclosure::Call).unwrap().call);
    let old = world.query(4, Question::Call);
    let error = world.ask(&old, &world.result(&old, 2, 1), Disclosure::Call).unwrap_err();
    assert!(matches!(error, AuthorityError::Budget(BudgetError::Old { answered: 5, got: 4 })));
}

/// Two engines that lie together sign one result after the other for one query: each is charged.
#[test]
fn another_result_of_the_same_query_costs_anew() {
    let world = World::new();
    let query = world.query(1, Question::Call);
    let ask = |number: u64| {
        let mut result = world.result(&query, 2, 1);
        result.call = trivial(COMPUTED, (1 << 62) + number);
        world.ask(&query, &result, Disclosure::Call)
    };
    for number in 1..=70 {
        let charge = ask(number).unwrap().charge;
        assert_eq!((charge.bits, charge.portfolio), (1, number));
        assert_eq!(ask(number).unwrap().charge.bits, 0, "the same again");
    }
    let error = ask(71).unwrap_err();
    assert!(matches!(error, AuthorityError::Budget(BudgetError::Portfolio { spent: 70, .. })));
}

/// A stranger takes an account's ciphertexts, which are linear, and signs them as his own.
#[test]
fn ciphertexts_of_others_are_not_decrypted_for_a_stranger() {
    let world = World::new();
    let query = world.query(1, Question::Margin);
    let stolen = world.stolen(&query);
    let error = world.ask(&stolen, &world.result(&stolen, 1000, 1_099), Disclosure::Call).unwrap_err();
    assert!(error.to_string().contains("list of positions was not encrypted"), "{error}");
    world.ask(&query, &world.result(&query, 1000, 1_099), Disclosure::Call).unwrap();
}

#[test]
fn one_engine_alone_or_engines_that_differ_are_not_believed() {
    let world = World::new();
    let query = world.query(1, Question::Call);
    let (honest, lie) = (world.result(&query, 2, 1), world.result(&query, 1, 2));
    let ask = |first: &[u8], second: &[u8]| world.ask_signed(&query, [first, second], Disclosure::Call);
    let first = world.signed(0, &honest);
    assert!(matches!(ask(&first, &first), Err(AuthorityError::SameEngine)));
    assert!(matches!(ask(&first, &world.signed(1, &lie)), Err(AuthorityError::Disagree { .. })));
    let stranger = SigningKey::from_bytes(&[9; 32]);
    let bytes = honest.encode();
    let signature = signing::sign(&stranger, &SignedResult::message(&bytes).0);
    let engine = stranger.verifying_key().to_bytes();
    let foreign = SignedResult { result: bytes, engine, signature }.encode();
    assert!(matches!(ask(&first, &foreign), Err(AuthorityError::UnknownEngine(_))));
    let mut forged = world.signed(1, &honest);
    let place = forged.len() - 100;
    forged[place - 96] ^= 1;
    assert!(ask(&first, &forged).is_err());
    // The result of another query, and of another question.
    let other = world.query(2, Question::Call);
    let swapped = world.result(&other, 2, 1);
    let swapped = [world.signed(0, &swapped), world.signed(1, &swapped)];
    assert!(matches!(ask(&swapped[0], &swapped[1]), Err(AuthorityError::OtherResult { what: "query", .. })));
    let told = world.ask(&query, &honest, Disclosure::Call).unwrap();
    assert_eq!(world.spent(&told), 1, "refusals before the key is used cost nothing");
}

#[test]
fn a_result_that_decrypts_to_noise_or_contradicts_itself_is_refused_and_charged() {
    let world = World::new();
    let query = world.query(1, Question::Margin);
    let mut noisy = world.result(&query, 1000, 1_500);
    noisy.call = trivial(COMPUTED, 0);
    assert!(matches!(
        world.ask(&query, &noisy, Disclosure::Call),
        Err(AuthorityError::Read(solventry_fhe_risk::wire::ReadError::Noise("call")))
    ));
    let mut contradiction = world.result(&query, 1000, 1_500);
    contradiction.call = trivial(COMPUTED, (1u64 << 62).wrapping_neg());
    assert!(matches!(world.ask(&query, &contradiction, Disclosure::Ratio), Err(AuthorityError::Read(_))));
    let told = world.ask(&query, &world.result(&query, 1000, 1_500), Disclosure::Margin).unwrap();
    assert_eq!(world.spent(&told), 1 + 4 + 60);
}

#[test]
fn arrays_that_are_foreign_old_or_a_probe_are_refused() {
    let mut world = World::new();
    let refused = |world: &World| {
        let query = world.query(1, Question::Call);
        world.ask(&query, &world.result(&query, 2, 1), Disclosure::Call).unwrap_err()
    };
    let changed = |change: fn(&mut Content)| {
        let mut content = content();
        change(&mut content);
        RiskArrays::new(content).unwrap()
    };
    world.arrays = changed(|content| content.family = "other".into());
    assert!(matches!(refused(&world), AuthorityError::Family { .. }));
    world.arrays = changed(|content| content.valid_until = NOW);
    assert!(matches!(refused(&world), AuthorityError::Validity { .. }));
    // e_i: what the margin is would be position A.
    world.arrays = changed(|content| {
        content.instruments[1].long = vec![0, 0];
        content.instruments[1].short = vec![0, 0];
    });
    assert!(matches!(refused(&world), AuthorityError::Arrays(ArraysFault::Riskless { .. })));
    // A query under other arrays than those that the authority has computed itself.
    world.arrays = changed(|content| content.epoch = 4);
    let query = world.query(1, Question::Call);
    let result = world.result(&query, 2, 1);
    world.arrays = changed(|_| {});
    assert!(matches!(world.ask(&query, &result, Disclosure::Call), Err(AuthorityError::Query(_))));
}

#[test]
fn attestations_state_the_lower_edge_and_count() {
    let world = World::new();
    let query = world.query(1, Question::Margin);
    let result = world.result(&query, 1000, 1_260);
    let oracle = SigningKey::from_bytes(&[7; 32]);
    let call = world.ask(&query, &result, Disclosure::Call).unwrap();
    assert!(matches!(world.authority.attest(&call, "desk 7", &oracle), Err(AttestError::NoRatio)));
    let told = world.ask(&query, &result, Disclosure::Ratio).unwrap();
    let attest = || world.authority.attest(&told, "desk 7", &oracle).unwrap();
    let (first, second) = (attest(), attest());
    assert_eq!((first.ratio_bps, first.counter, second.counter), (12_500, 1, 2));
    assert!(signing::verifies(&first.oracle, &first.message().0, &first.signature));
    assert_eq!(solventry_types::MarginAttestation::decode(&first.encode()).unwrap(), first);
    assert!(world.authority.attest(&told, "", &oracle).is_err());
}
