//! A venue, an account and two engines, whose results are trivial ciphertexts: their phase is their
//! body under every key.

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::{Collateral, Content, Format, Instrument},
    circuit::margin_tops,
    engine::{COMPUTED, Lwe, WIDE},
    parameters,
    plan::{InputKind, Market},
    reference::Portfolio,
    wire::{Context, Role},
};

use super::super::*;
use crate::portfolio::{About, Encryptor, encrypt};

pub const MARKET: Market = Market { bits: 31, value_bits: 12, inputs: InputKind::Secret };
pub const NOW: u64 = 15;

pub struct World {
    _folder: tempfile::TempDir,
    pub authority: DecryptionAuthority,
    pub arrays: RiskArrays,
    account: SigningKey,
    engines: [SigningKey; 2],
}

pub fn content() -> Content {
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

pub fn trivial(entries: usize, phase: u64) -> Lwe {
    let mut lwe = Lwe::zero(entries);
    lwe.0[entries - 1] = phase;
    lwe
}

impl World {
    pub fn new() -> Self {
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
        let limits = Limits { portfolio: 70, account: 1000, venue: 5000 };
        let authority = DecryptionAuthority::new(venue, secret, public_key, None, budget, limits);
        let key = |byte| SigningKey::from_bytes(&[byte; 32]);
        let arrays = RiskArrays::new(content()).unwrap();
        Self { _folder: folder, authority, arrays, account: key(1), engines: [key(2), key(3)] }
    }

    pub fn query(&self, nonce: u64, question: Question) -> Vec<u8> {
        let about = About { venue: &self.authority.venue, arrays: &self.arrays, question, nonce };
        let portfolio = Portfolio { legs: vec![1, 0, 0, 2], collateral: vec![3] };
        let encryptor = Encryptor::Secret(&self.authority.secret);
        encrypt(&about, &portfolio, &encryptor, &self.account).unwrap().encode()
    }

    /// The same lists under a stranger's name and signatures.
    pub fn stolen(&self, query: &[u8]) -> Vec<u8> {
        let (mut query, _) = Query::decode(query).unwrap();
        let stranger = SigningKey::from_bytes(&[8; 32]);
        query.sender.account = stranger.verifying_key().to_bytes();
        query.sender.portfolio = Digest([3; 32]);
        let context = Context::new(&self.authority.venue, &self.arrays, query.sender);
        for (role, list) in
            [(Role::Positions, &mut query.positions), (Role::Collateral, &mut query.collateral)]
        {
            list.signature = signing::sign(&stranger, &context.message(role, list).0);
        }
        query.encode()
    }

    pub fn result(&self, query: &[u8], margin: u64, collateral: u64) -> EncryptedResult {
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

    pub fn signed(&self, engine: usize, result: &EncryptedResult) -> Vec<u8> {
        let (key, result) = (&self.engines[engine], result.encode());
        let signature = signing::sign(key, &SignedResult::message(&result).0);
        SignedResult { result, engine: key.verifying_key().to_bytes(), signature }.encode()
    }

    pub fn known(&self) -> Vec<[u8; 32]> {
        self.engines.iter().map(|key| key.verifying_key().to_bytes()).collect()
    }

    pub fn ask(
        &self,
        query: &[u8],
        result: &EncryptedResult,
        disclosure: Disclosure,
    ) -> Result<Told, AuthorityError> {
        let (first, second) = (self.signed(0, result), self.signed(1, result));
        self.ask_signed(query, [&first, &second], disclosure)
    }

    pub fn ask_signed(
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

    pub fn spent(&self, told: &Told) -> u64 {
        self.authority.budget.spent(&told.subject).unwrap().0
    }
}
