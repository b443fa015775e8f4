//! What the demo shows to be refused.

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    plan::Question,
    wire::{EncryptedResult, Query, SignedResult, WireError},
};
use solventry_margin::{
    authority::{AuthorityError, DecryptionAuthority, Disclosure, Evidence, Request, Told},
    budget::Limits,
    now, signing,
};

use super::{CliError, decrypt, demo::Demo, print};

/// Attacks on the engine, and of the engine.
pub fn run(demo: &Demo, query: &[u8], result: &[u8]) -> Result<(), CliError> {
    print("\n9. What an engine refuses:");
    engine(demo, query)?;
    print("\n10. What the authority refuses:");
    authority(demo, query, result)
}

fn engine(demo: &Demo, sent: &[u8]) -> Result<(), CliError> {
    let submit = |bytes: &[u8]| demo.client.submit(bytes, std::time::Duration::ZERO);
    let parse = |bytes: &[u8]| Query::decode(bytes).map_err(|error| CliError::Failed(error.to_string()));
    let fresh = demo.query(Question::Margin)?;
    let changed = |change: fn(&mut Query)| {
        let (mut query, _) = parse(&fresh)?;
        change(&mut query);
        Ok::<_, CliError>(query.encode())
    };
    let mut flipped = fresh.clone();
    let place = flipped.len() / 2;
    flipped[place] ^= 1;
    refused("one bit of a ciphertext flipped", submit(&flipped))?;
    refused("cut short", submit(&fresh[..fresh.len() - 1]))?;
    let swapped = changed(|query| std::mem::swap(&mut query.positions, &mut query.collateral))?;
    refused("collateral in place of positions", submit(&swapped))?;
    refused("another nonce on signed lists", submit(&changed(|query| query.sender.nonce += 1)?))?;
    refused("another account's name on it", submit(&changed(|query| query.sender.account = [7; 32])?))?;
    let (mut replayed, _) = parse(sent)?;
    let (other, _) = parse(&fresh)?;
    replayed.positions = other.positions;
    refused("a list of one query in another", submit(&replayed.encode()))
}

fn authority(demo: &Demo, query: &[u8], result: &[u8]) -> Result<(), CliError> {
    let limits = Limits::default();
    let authority = decrypt::authority(&demo.folder, &demo.folder.path("authority"), limits)?;
    let honest = SignedResult::decode(result).map_err(|error| CliError::Failed(error.to_string()))?;
    let other = SigningKey::from_bytes(&[42; 32]);
    let engines = [honest.engine, other.verifying_key().to_bytes()];
    let signed = |bytes: Vec<u8>| {
        let signature = signing::sign(&other, &SignedResult::message(&bytes).0);
        SignedResult { result: bytes, engine: engines[1], signature }.encode()
    };
    let ask = |arrays: &RiskArrays, second: &[u8], disclosure| {
        let evidence = Evidence::Second { result: second, engines: &engines };
        answer(&authority, Request { query, result, arrays, evidence, disclosure, now: now() })
    };
    let arrays = &demo.built.arrays;
    let mut lie = honest.result.clone();
    let last = lie.len() - 1;
    lie[last] ^= 0x40;
    refused("a second engine that says something else", ask(arrays, &signed(lie), Disclosure::Call))?;
    refused("the same engine twice", ask(arrays, result, Disclosure::Call))?;
    let probe = probe(arrays)?;
    refused(
        "risk arrays that read one position",
        ask(&probe, &signed(honest.result.clone()), Disclosure::Call),
    )?;
    // Another query of the same portfolio: the budget is asked before anything else is done with it.
    let (next, failed) =
        (demo.query(Question::Margin)?, |error: WireError| CliError::Failed(error.to_string()));
    let mut other = EncryptedResult::decode(&honest.result, demo.venue.market).map_err(failed)?;
    other.query = Query::decode(&next).map_err(failed)?.1;
    let result = signed(other.encode());
    let request = Request {
        query: &next,
        result: &result,
        arrays,
        evidence: Evidence::Second { result: &result, engines: &engines },
        disclosure: Disclosure::Margin,
        now: now(),
    };
    refused("more bits of an unchanged portfolio than its budget", answer(&authority, request))
}

fn answer(authority: &DecryptionAuthority, request: Request<'_>) -> Result<Told, AuthorityError> {
    authority.answer(&request)
}

/// All but one instrument without risk.
fn probe(arrays: &RiskArrays) -> Result<RiskArrays, CliError> {
    let mut content = arrays.content().clone();
    for instrument in content.instruments.iter_mut().skip(1) {
        instrument.long.fill(0);
        instrument.short.fill(0);
    }
    RiskArrays::new(content).map_err(|error| CliError::Failed(error.to_string()))
}

/// Prints why something was refused; it is an error if it was not.
fn refused<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> Result<(), CliError> {
    match result {
        Err(error) => {
            print(&format!("   refused ({what}): {error}"));
            Ok(())
        }
        Ok(_) => Err(CliError::Failed(format!("not refused: {what}"))),
    }
}
