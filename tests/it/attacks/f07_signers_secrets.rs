//! F7: nothing that a node says when it refuses holds a secret: no key, no salt, in no spelling.

use crate::support::{
    outcome::Outcome,
    signers::{observers, said},
    signing::{desk, policy},
};

/// Searches every refusal, error and audit line of the attacks on nodes so far, in words and as
/// `Debug`.
pub fn nothing_leaks() -> Outcome {
    let said = said();
    if said.lines().count() < 100 {
        return Err("the nodes said almost nothing: the search proves nothing".into());
    }
    for (name, secret) in secrets() {
        if let Some(spelling) = spellings(&secret).into_iter().find(|spelling| said.contains(spelling)) {
            return Err(format!("the {name} is in what the nodes said, as {spelling:?}"));
        }
    }
    // The search finds what is there.
    let vault = desk().honest.vault.digest().0;
    let found = spellings(&vault).iter().any(|spelling| said.contains(spelling));
    if found { Ok(()) } else { Err("the search does not find the vault's digest, which was said".into()) }
}

fn secrets() -> Vec<(&'static str, [u8; 32])> {
    let desk = desk();
    let of = |name, keys: &[ed25519_dalek::SigningKey]| -> Vec<_> {
        keys.iter().map(|key| (name, key.to_bytes())).collect()
    };
    let mut secrets = of("identity key of a node", &desk.signers);
    secrets.extend(of("key of an approver", &desk.approvers));
    secrets.extend(of("key of an observer", &observers()));
    secrets.extend(of("proposer's key", std::slice::from_ref(&desk.proposer)));
    secrets.extend(of("oracle's key", std::slice::from_ref(&desk.oracle)));
    secrets.push(("policy's salt", policy(&desk.honest.vault).salt.0));
    secrets
}

/// Raw, hexadecimal in both cases, and decimal as `Debug` prints bytes; half of it is enough.
fn spellings(secret: &[u8; 32]) -> Vec<String> {
    let half = &secret[..16];
    let decimal: Vec<_> = half.iter().map(ToString::to_string).collect();
    let raw = String::from_utf8(half.to_vec()).into_iter();
    raw.chain([hex::encode(half), hex::encode_upper(half), decimal.join(", ")]).collect()
}
