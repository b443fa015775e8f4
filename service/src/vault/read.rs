//! `vault.toml` to a configuration.

use solventry_types::{
    Chain, Digest, VaultAccounts, VaultConfiguration, margin::oracle_account_digest, payment::is_vault_name,
    vault::MarginOracle,
};

use crate::{
    document::{Fault, Key, Problems, Section, Written, nearest, words},
    ledger::{Echo, parse_address},
};

pub(super) const GENESIS: Key = Key { name: "genesis", example: "\"64 hexadecimal digits\"" };
const NAME: Key = Key { name: "name", example: "\"treasury\"" };
const CHAIN: Key = Key { name: "chain", example: "\"bitcoin\"" };
const ADDRESSES: Key = Key { name: "addresses", example: "[\"bc1p...\"]" };
const AUTHORITY: Key = Key { name: "authority", example: "\"base58\"" };
const NONCE_ACCOUNTS: Key = Key { name: "nonce_accounts", example: "[\"base58\"]" };
const TOKEN_ACCOUNTS: Key = Key { name: "token_accounts", example: "[\"base58\"]" };
pub(super) const SIBLINGS: Key = Key { name: "siblings", example: "[]" };
const PROPOSERS: Key = Key { name: "proposers", example: "[\"64 hexadecimal digits\"]" };
const APPROVERS: Key = Key { name: "approvers", example: "[\"64 hexadecimal digits\"]" };
pub(super) const SIGNERS: Key = Key { name: "signers", example: "[]" };
pub(super) const POLICY_ROOT: Key = Key { name: "policy_root", example: "\"\"" };
const ORACLE: Key = Key { name: "oracle", example: "{ key = \"...\", venue = \"...\", account = \"...\" }" };
const ORACLE_KEY: Key = Key { name: "key", example: "\"64 hexadecimal digits\"" };
const VENUE: Key = Key { name: "venue", example: "\"deribit\"" };
const ACCOUNT: Key = Key { name: "account", example: "\"desk 7\"" };

/// Chains with vaults.
const CHAINS: [Chain; 2] = [Chain::Bitcoin, Chain::Solana];

/// Reads the whole file.
pub(super) fn vault(root: &mut Section<'_>, problems: &mut Problems<'_>) -> Option<VaultConfiguration> {
    let genesis = root.parsed(GENESIS, problems, words::parse_digest);
    let name = root.parsed(NAME, problems, |text| match is_vault_name(text) {
        true => Ok(text.to_owned()),
        false => Err(Fault::Name),
    });
    let chain = root.parsed(CHAIN, problems, parse_chain);
    let accounts = chain.and_then(|chain| accounts(root, chain, problems));
    let siblings = siblings(root, chain, accounts.as_ref(), problems);
    let proposers = keys(root, PROPOSERS, 1, problems);
    let approvers = keys(root, APPROVERS, 0, problems);
    let oracle = if root.has(ORACLE) { Some(oracle(root, problems)) } else { None };
    let signers = signers(root, problems);
    let policy_root = if root.has(POLICY_ROOT) {
        root.parsed(POLICY_ROOT, problems, |text| match text {
            "" => Ok(Digest([0; 32])),
            _ => words::parse_digest(text),
        })
    } else {
        Some(Digest([0; 32]))
    };
    let configuration = VaultConfiguration {
        genesis: genesis?,
        name: name?,
        accounts: accounts?,
        siblings,
        proposers,
        approvers,
        oracle: match oracle {
            None => None,
            Some(oracle) => Some(oracle?),
        },
        signers,
        policy_root: policy_root?.0,
    };
    // What is left was reported above; this is for rules that are added to the types alone.
    if problems.is_empty()
        && let Err(error) = configuration.validate()
    {
        problems.add(&root.span(), None, error);
    }
    Some(configuration)
}

fn parse_chain(text: &str) -> Result<Chain, Fault> {
    CHAINS.into_iter().find(|chain| chain.name() == text).ok_or_else(|| Fault::Choice {
        expected: "bitcoin or solana".to_owned(),
        got: Echo::new(text),
        hint: nearest(text, CHAINS.map(Chain::name)).map(str::to_owned),
    })
}

fn accounts(root: &mut Section<'_>, chain: Chain, problems: &mut Problems<'_>) -> Option<VaultAccounts> {
    if chain == Chain::Bitcoin {
        let scripts = list(root, ADDRESSES, 1, problems, |text| {
            let script = parse_address(chain, text)?;
            if script.len() == 34 && script.starts_with(&[0x51, 0x20]) {
                Ok(script)
            } else {
                Err(Fault::NotTaproot)
            }
        });
        return (!scripts.is_empty()).then_some(VaultAccounts::Bitcoin { scripts });
    }
    let account = |text: &str| -> Result<[u8; 32], Fault> {
        let bytes = parse_address(chain, text)?;
        bytes.try_into().map_err(|_| Fault::Address(crate::ledger::AddressError::Solana))
    };
    let authority = root.parsed(AUTHORITY, problems, account);
    let nonce_accounts = list(root, NONCE_ACCOUNTS, 1, problems, account);
    let token_accounts = list(root, TOKEN_ACCOUNTS, 0, problems, account);
    Some(VaultAccounts::Solana { authority: authority?, nonce_accounts, token_accounts })
}

fn siblings(
    root: &mut Section<'_>,
    chain: Option<Chain>,
    own: Option<&VaultAccounts>,
    problems: &mut Problems<'_>,
) -> Vec<Vec<u8>> {
    let Some(chain) = chain else {
        root.has(SIBLINGS);
        return Vec::new();
    };
    list(root, SIBLINGS, 0, problems, |text| {
        let account = parse_address(chain, text)?;
        if own.is_some_and(|own| own.owns(&account)) { Err(Fault::OwnAccount) } else { Ok(account) }
    })
}

fn keys(root: &mut Section<'_>, key: Key, least: usize, problems: &mut Problems<'_>) -> Vec<[u8; 32]> {
    list(root, key, least, problems, words::parse_key)
}

/// Signers stay in the order of the manifest.
fn signers(root: &mut Section<'_>, problems: &mut Problems<'_>) -> Vec<[u8; 32]> {
    if !root.has(SIGNERS) {
        return Vec::new();
    }
    let written = root.texts(SIGNERS, problems);
    let (got, most) = (written.len(), VaultConfiguration::MAX_SIGNERS);
    if got > most || (got != 0 && (got < 4 || got % 3 != 1)) {
        let span = root.span_of(SIGNERS);
        problems.add(&span, Some(SIGNERS.name), Fault::Signers { got });
    }
    if got > most { Vec::new() } else { distinct(&written, SIGNERS, problems, words::parse_key) }
}

fn oracle(root: &mut Section<'_>, problems: &mut Problems<'_>) -> Option<MarginOracle> {
    let mut section = root.section(ORACLE, "[oracle]", problems)?;
    let key = section.parsed(ORACLE_KEY, problems, words::parse_key);
    let name = |text: &str, most: usize| {
        let fits = text.trim() == text && !text.is_empty() && !text.chars().any(char::is_control);
        if fits && text.len() <= most { Ok(text.to_owned()) } else { Err(Fault::Name) }
    };
    let venue = section.parsed(VENUE, problems, |text| name(text, 64));
    let account = section.parsed(ACCOUNT, problems, |text| name(text, 64));
    section.finish(problems);
    Some(MarginOracle { key: key?, account: oracle_account_digest(&venue?, &account?) })
}

/// A list of distinct entries, sorted.
fn list<T: Ord + Clone>(
    root: &mut Section<'_>,
    key: Key,
    least: usize,
    problems: &mut Problems<'_>,
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Vec<T> {
    let written = root.texts(key, problems);
    let (got, most) = (written.len(), VaultConfiguration::MAX_ENTRIES);
    if (got < least && root.is_empty_list(key)) || got > most {
        problems.add(&root.span_of(key), Some(key.name), Fault::Count { least, most, got });
    }
    if got > most {
        return Vec::new();
    }
    let mut entries = distinct(&written, key, problems, parse);
    entries.sort();
    entries
}

/// Entries in their order; a second one of a kind is reported and left out.
fn distinct<T: PartialEq>(
    written: &[Written<'_>],
    key: Key,
    problems: &mut Problems<'_>,
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Vec<T> {
    let mut entries = Vec::new();
    for written in written {
        let Some(entry) = problems.take(&written.span, key.name, parse(written.text)) else { continue };
        if entries.contains(&entry) {
            let got = Echo::new(written.text);
            problems.add(&written.span, Some(key.name), Fault::Repeated { what: "entry", got });
        } else {
            entries.push(entry);
        }
    }
    entries
}
