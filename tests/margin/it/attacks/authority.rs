//! H1 and H5 at the authority, with real keys: engines that lie, arrays that read a position, and a
//! budget that outlives the process.

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    engine::Engine,
    plan::Question,
    reference,
    wire::{EncryptedResult, SignedResult, weights},
};
use solventry_margin::{
    authority::{AuthorityError, DecryptionAuthority, Disclosure, Evidence, Request, Told},
    budget::{Budget, BudgetError, Limits},
    signing,
};

use super::world::{MARKET, NOW, WORLD, World, account, arrays, lots};

/// Room for one full answer of this market.
const LIMITS: Limits = Limits { portfolio: 70, account: 1000, venue: 5000 };

fn authority(world: &World) -> DecryptionAuthority {
    let budget = Budget::open(&world.path("authority")).expect("a free folder");
    let secret = world.folder.secret(&world.venue).expect("its own file");
    let public = world.folder.public_key(&world.venue).expect("its own file");
    let crs = world.folder.crs(&world.venue).expect("its own file");
    DecryptionAuthority::new(world.venue.clone(), secret, public, crs, budget, LIMITS)
}

struct Asked<'a> {
    authority: DecryptionAuthority,
    engine: &'a Engine,
    query: &'a [u8],
}

impl Asked<'_> {
    fn ask(
        &self,
        result: &[u8],
        arrays: &RiskArrays,
        disclosure: Disclosure,
    ) -> Result<Told, AuthorityError> {
        self.authority.answer(&Request {
            query: self.query,
            result,
            arrays,
            evidence: Evidence::ReEvaluate(self.engine),
            disclosure,
            now: NOW,
        })
    }
}

/// A result that any engine may sign.
fn signed(result: Vec<u8>) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[77; 32]);
    let signature = signing::sign(&key, &SignedResult::message(&result).0);
    SignedResult { result, engine: key.verifying_key().to_bytes(), signature }.encode()
}

#[test]
fn lies_are_refused_and_the_budget_survives_a_restart() {
    let world = &*WORLD;
    let query = world.query(&account(5), 1, Question::Margin).encode();
    let honest = world.evaluated(&query).expect("an honest query");
    let result = SignedResult::decode(&honest).expect("an engine's result").result;
    let engine = Engine::new(world.folder.evaluation_key(&world.venue).expect("its own file"));
    let asked = Asked { authority: authority(world), engine: &engine, query: &query };
    let arrays = arrays();
    let refused =
        |result: &[u8], arrays: &RiskArrays| asked.ask(result, arrays, Disclosure::Margin).unwrap_err();

    // A window moved by one quantum, the sign of the call, collateral: each under a good signature.
    let parse = || EncryptedResult::decode(&result, MARKET).expect("an engine's result");
    let lies: [fn(&mut EncryptedResult); 5] = [
        |result| *result.windows[0].0.last_mut().expect("a body") ^= 1 << 62,
        |result| result.call.0.iter_mut().for_each(|entry| *entry = entry.wrapping_neg()),
        |result| {
            let body = result.collateral.as_mut().and_then(|lwe| lwe.0.last_mut()).expect("asked for");
            *body = body.wrapping_add(1 << 40);
        },
        |result| result.windows.swap(0, 1),
        |result| result.call.0[0] ^= 1,
    ];
    for lie in lies {
        let mut other = parse();
        lie(&mut other);
        assert!(matches!(refused(&signed(other.encode()), &arrays), AuthorityError::Lies { .. }));
    }
    let mut flipped = honest.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert!(matches!(refused(&flipped, &arrays), AuthorityError::EngineSignature));

    // e_i: everything but one instrument without risk; and the query is not about these arrays.
    let mut probe = arrays.content().clone();
    probe.instruments[1].long.fill(0);
    probe.instruments[1].short.fill(0);
    let probe = RiskArrays::new(probe).expect("well formed");
    assert!(matches!(refused(&honest, &probe), AuthorityError::Arrays(_)));
    let mut other = arrays.content().clone();
    other.instruments[0].long[0] += 1;
    let other = RiskArrays::new(other).expect("well formed");
    assert!(matches!(refused(&honest, &other), AuthorityError::Query(_)));

    // After all that the honest answer, in full: nothing was charged before.
    let told = asked.ask(&honest, &arrays, Disclosure::Margin).expect("an honest result");
    assert_eq!(told.margin, reference::margin(&weights(&arrays), &lots()));
    assert_eq!((told.charge.bits, told.charge.portfolio), (60, 60));
    drop(asked);

    // Another process of the authority knows what was told.
    let asked = Asked { authority: authority(world), engine: &engine, query: &query };
    assert_eq!(asked.ask(&honest, &arrays, Disclosure::Margin).expect("the same answer").charge.bits, 0);
    let next = world.query(&account(5), 2, Question::Margin).encode();
    let result = world.evaluated(&next).expect("an honest query");
    let next = Asked { query: &next, ..asked };
    let error = next.ask(&result, &arrays, Disclosure::Margin).unwrap_err();
    assert!(matches!(error, AuthorityError::Budget(BudgetError::Portfolio { spent: 60, .. })), "{error}");
    next.ask(&result, &arrays, Disclosure::Call).expect("one bit has room");
}
