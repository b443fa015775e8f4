//! With results that are trivial ciphertexts: their phase is their body under every key.

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::{Collateral, Content, Format, Instrument},
    circuit::margin_tops,
    engine::{COMPUTED, Lwe, WIDE},
    parameters,
    plan::{InputKind, Market},
    reference::Portfolio,
};

use super::*;
use crate::{
    budget::BudgetError,
    portfolio::{About, Encryptor, encrypt},
};

const MARKET: Market = Market { bits: 31, value_bits: 12, inputs: InputKind::Secret };
const NOW: u64 = 15;

struct World {
    _folder: tempfile::TempDir,
    authority: DecryptionAuthority,
    arrays: RiskArrays,
    account: SigningKey,
    engines: [SigningKey; 2],
}

fn content() -> Content {
    let instrument = |name: &str| Instrument { name: name.into(), long: vec![5, -4], short: vec![-4, 5] };
    Content {
        format: Format::V1,
        family: "sample".into(),
        currency: "USD".into(),
        quantum: "1".parse().unwrap(),
        look_ahead_days: 1,
        epoch: 3,
        valid_from: 10,
        valid_until: 20,
        instruments: vec![instrument("A"), instrument("B")],
        collateral: vec![Collateral { name: "USD".into(), factor: 7 }],
    }
}

fn trivial(entries: usize, phase: u64) -> Lwe {
    let mut lwe = Lwe::zero(entries);
    lwe.0[entries - 1] = phase;
    lwe
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = SecretKey::generate();
        let public_key = secret.public_key();
        let venue = Venue {
            format: Default::default(),
            name: "Test venue".into(),
            family: "sample".into(),
            market: MARKET,
            list_limit: 4,
            is_large: false,
            parameters: Digest(parameters::digest()),
            public_key: Digest([1; 32]),
            evaluation_key: Digest([2; 32]),
            crs: None,
        };
        let budget = Budget::open(&folder.path().join("authority")).unwrap();
        let limits = Limits { portfolio: 70, account: 1000 };
        let authority = DecryptionAuthority::new(venue, secret, public_key, None, budget, limits);
        let key = |byte| SigningKey::from_bytes(&[byte; 32]);
        let arrays = RiskArrays::new(content()).unwrap();
        Self { _folder: folder, authority, arrays, account: key(1), engines: [key(2), key(3)] }
    }

    fn query(&self, nonce: u64, question: Question) -> Vec<u8> {
        let about = About { venue: &self.authority.venue, arrays: &self.arrays, question, nonce };
        let portfolio = Portfolio { legs: vec![1, 0, 0, 2], collateral: vec![3] };
        let encryptor = Encryptor::Secret(&self.authority.secret);
        encrypt(&about, &portfolio, &encryptor, &self.account).unwrap().encode()
    }

    fn result(&self, query: &[u8], margin: u64, collateral: u64) -> EncryptedResult {
        let (query, digest) = Query::decode(query).unwrap();
        let question = query.sender.question;
        let is_full = question == Question::Margin;
        let window = |top: u32| trivial(COMPUTED, margin << (63 - top));
        let sign = if collateral < margin { (1u64 << 62).wrapping_neg() } else { 1 << 62 };
        EncryptedResult {
            query: digest,
            function: function(&self.authority.venue, &self.arrays, question),
            question,
            windows: if is_full { margin_tops(31).into_iter().map(window).collect() } else { vec![] },
            call: trivial(COMPUTED, sign),
            collateral: is_full.then(|| trivial(WIDE, collateral << 33)),
        }
    }

    fn signed(&self, engine: usize, result: &EncryptedResult) -> Vec<u8> {
        let (key, result) = (&self.engines[engine], result.encode());
        let signature = signing::sign(key, &SignedResult::message(&result).0);
        SignedResult { result, engine: key.verifying_key().to_bytes(), signature }.encode()
    }

    fn known(&self) -> Vec<[u8; 32]> {
        self.engines.iter().map(|key| key.verifying_key().to_bytes()).collect()
    }

    fn ask(
        &self,
        query: &[u8],
        result: &EncryptedResult,
        disclosure: Disclosure,
    ) -> Result<Told, AuthorityError> {
        let (first, second) = (self.signed(0, result), self.signed(1, result));
        self.ask_signed(query, [&first, &second], disclosure)
    }

    fn ask_signed(
        &self,
        query: &[u8],
        [first, second]: [&[u8]; 2],
        disclosure: Disclosure,
    ) -> Result<Told, AuthorityError> {
        let engines = self.known();
        self.authority.answer(&Request {
            query,
            result: first,
            arrays: &self.arrays,
            evidence: Evidence::Second { result: second, engines: &engines },
            disclosure,
            now: NOW,
        })
    }

    fn spent(&self, told: &Told) -> u64 {
        self.authority.budget.spent(&told.subject).unwrap().0
    }
}

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
    assert!(matches!(world.authority.attest(&call, "desk 7", &oracle, NOW), Err(AttestError::NoRatio)));
    let told = world.ask(&query, &result, Disclosure::Ratio).unwrap();
    let attest = || world.authority.attest(&told, "desk 7", &oracle, NOW).unwrap();
    let (first, second) = (attest(), attest());
    assert_eq!((first.ratio_bps, first.counter, second.counter), (12_500, 1, 2));
    assert!(signing::verifies(&first.oracle, &first.message().0, &first.signature));
    assert_eq!(solventry_types::MarginAttestation::decode(&first.encode()).unwrap(), first);
    assert!(world.authority.attest(&told, "", &oracle, NOW).is_err());
}
