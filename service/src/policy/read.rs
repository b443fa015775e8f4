//! The outermost keys of `policy.toml`.

use solventry_policy::{Policy, rules::Salt};
use solventry_types::{Digest, VaultConfiguration};

use super::{PolicyFile, listed, rule};
use crate::document::{Fault, Key, Problems, Section, words};

const SALT: Key = Key { name: "salt", example: "\"64 random hexadecimal digits\"" };
const NOT_BEFORE: Key = Key { name: "not_before", example: "2026-11-01T00:00:00Z" };
const NOT_AFTER: Key = Key { name: "not_after", example: "2027-11-01T00:00:00Z" };
const MAX_VALIDITY: Key = Key { name: "max_validity", example: "\"2 hours\"" };

/// Reads the whole file.
pub(super) fn policy(
    root: &mut Section<'_>,
    vault: &VaultConfiguration,
    problems: &mut Problems<'_>,
) -> Option<PolicyFile> {
    let salt = root.parsed(SALT, problems, parse_salt);
    let not_before = root.time(NOT_BEFORE, problems);
    let not_after = root.time(NOT_AFTER, problems);
    if let (Some((from, _)), Some((until, span))) = (&not_before, &not_after)
        && until <= from
    {
        problems.add(span, Some(NOT_AFTER.name), Fault::Order { earlier: NOT_BEFORE.name });
    }
    let max_validity = root.parsed(MAX_VALIDITY, problems, words::parse_duration);
    let listed = listed::listed(root, vault.accounts.chain(), &vault.accounts, problems);
    let rules = rule::rules(root, vault, &listed, problems);
    let policy = Policy {
        vault: vault.vault_digest(),
        approver_set: vault.approver_set(),
        oracle_account: vault.oracle.map_or(Digest([0; 32]), |oracle| oracle.account),
        not_before: not_before?.0,
        not_after: not_after?.0,
        max_validity: max_validity?,
        rules: rules?,
        salt: salt?,
    };
    // What is left was reported above; this is for rules that are added to the policy alone.
    if problems.is_empty()
        && let Err(error) = policy.validate()
    {
        problems.add(&root.span(), None, error);
    }
    Some(PolicyFile {
        chain: vault.accounts.chain(),
        policy,
        assets: listed.assets,
        destinations: listed.destinations,
    })
}

/// 64 digits; one byte over and over is no random text.
fn parse_salt(text: &str) -> Result<Salt, Fault> {
    let mut salt = Salt([0; 32]);
    hex::decode_to_slice(text, &mut salt.0).map_err(|_| Fault::Salt)?;
    let first = salt.0.first();
    if salt.0.iter().all(|byte| Some(byte) == first) { Err(Fault::Salt) } else { Ok(salt) }
}
