//! New vaults, and the policy's root in old ones.

use std::path::{Path, PathBuf};

use solventry_types::{Chain, Digest, VaultConfiguration};

use super::{VAULT_FILE, read, vault_file};
use crate::{
    document::{FileReport, Key, Source, quoted},
    ledger::account_text,
    store::{
        StoreError,
        files::{self, Access},
    },
};

/// What a new vault is made of, as typed.
#[derive(Debug, Clone)]
pub struct NewVault {
    /// Digest of the journal's Genesis record.
    pub genesis: Digest,
    /// Name.
    pub name: String,
    /// Chain.
    pub chain: Chain,
    /// Taproot addresses, on Bitcoin.
    pub addresses: Vec<String>,
    /// Group key, on Solana.
    pub authority: Option<String>,
    /// Durable nonce accounts, on Solana.
    pub nonce_accounts: Vec<String>,
    /// Own token accounts, on Solana.
    pub token_accounts: Vec<String>,
    /// Addresses of the journal's other vaults.
    pub siblings: Vec<String>,
    /// Keys that may propose.
    pub proposers: Vec<String>,
    /// Keys that may approve.
    pub approvers: Vec<String>,
    /// Key, venue and account of the margin oracle.
    pub oracle: Option<[String; 3]>,
    /// Identity keys of the signer nodes in manifest order.
    pub signers: Vec<String>,
}

/// Why a vault could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultWriteError {
    /// What was typed is no vault.
    #[error(transparent)]
    Report(#[from] Box<FileReport>),
    /// The file or its folder.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes `vault.toml` into a folder that only its owner can enter: a secret policy will lie
/// beside it.
pub fn write_vault(folder: &Path, vault: &NewVault) -> Result<VaultConfiguration, VaultWriteError> {
    let source = Source::unwritten(vault.text());
    let configuration = source.parse(read::vault)?;
    files::private_folder(folder)?;
    files::write_new(&vault_file(folder), Access::Public, source.text().as_bytes())?;
    Ok(configuration)
}

impl NewVault {
    fn text(&self) -> String {
        let accounts = if self.chain == Chain::Bitcoin {
            format!("# Taproot addresses of the vault.\naddresses = {}\n", list(&self.addresses))
        } else {
            format!(
                "# Group key: holds the coins, has authority over nonce and token accounts.\nauthority = {}\n\
                 nonce_accounts = {}\ntoken_accounts = {}\n",
                quoted(self.authority.as_deref().unwrap_or_default()),
                list(&self.nonce_accounts),
                list(&self.token_accounts)
            )
        };
        let oracle = self.oracle.as_ref().map_or_else(String::new, |[key, venue, account]| {
            let [key, venue, account] = [key, venue, account].map(|text| quoted(text));
            format!(
                "\n# Whose margin ratio opens the rebalance lane.\n[oracle]\nkey = {key}\nvenue = {venue}\n\
                 account = {account}\n"
            )
        });
        format!(
            "# A vault, as signers and auditors pin it. Nothing here is secret.\n\
             # `solventry vault show` prints the digests that they compare.\n\n\
             # Digest of the journal's Genesis record.\ngenesis = \"{}\"\n\
             name = {}\nchain = \"{}\"\n{accounts}\
             # Accounts of the journal's other vaults on this chain: own destinations.\nsiblings = {}\n\
             # Ed25519 keys. Whoever proposes a payment cannot approve it.\nproposers = {}\napprovers = {}\n\
             # Identity keys of the signer nodes in manifest order: none yet, or 3f + 1.\nsigners = {}\n\
             # What hides the policy; written by `solventry policy root --write`.\npolicy_root = \"\"\n{oracle}",
            self.genesis,
            quoted(&self.name),
            self.chain,
            list(&self.siblings),
            list(&self.proposers),
            list(&self.approvers),
            list(&self.signers)
        )
    }
}

/// Writes the policy's root into `vault.toml`, all at once or not at all; comments stay. Returns
/// the configuration that it is now.
pub fn write_policy_root(folder: &Path, root: [u8; 32]) -> Result<VaultConfiguration, VaultWriteError> {
    let edits = [(read::POLICY_ROOT, quoted(&hex::encode(root)))];
    rewrite(folder, &edits, |before| VaultConfiguration { policy_root: root, ..before })
}

/// Writes what follows from a journal's genesis into `vault.toml`: its digest, the signers, the
/// siblings, and no policy, whose root was for another journal if there was one.
pub fn write_genesis(folder: &Path, vault: &VaultConfiguration) -> Result<(), VaultWriteError> {
    let chain = vault.accounts.chain();
    let siblings: Vec<String> = vault.siblings.iter().map(|account| account_text(chain, account)).collect();
    let signers: Vec<String> = vault.signers.iter().map(hex::encode).collect();
    let edits = [
        (read::GENESIS, quoted(&vault.genesis.to_string())),
        (read::SIBLINGS, list(&siblings)),
        (read::SIGNERS, list(&signers)),
        (read::POLICY_ROOT, quoted("")),
    ];
    rewrite(folder, &edits, |_| vault.clone())?;
    Ok(())
}

/// Replaces values of keys, and requires that the file then says what `expected` makes of what it
/// said before.
fn rewrite(
    folder: &Path,
    edits: &[(Key, String)],
    expected: impl FnOnce(VaultConfiguration) -> VaultConfiguration,
) -> Result<VaultConfiguration, VaultWriteError> {
    let path: PathBuf = folder.join(VAULT_FILE);
    let source = Source::read(&path)?;
    let before = source.parse(read::vault)?;
    let mut spans = source.parse(|root, _| {
        let span =
            |(key, value): &(Key, String)| (root.has(*key).then(|| root.span_of(*key)), *key, value.clone());
        let spans: Vec<_> = edits.iter().map(span).collect();
        root.forget_unknown();
        Some(spans)
    })?;
    // From the last to the first, so that earlier places stay where they are.
    spans.sort_by_key(|(span, ..)| std::cmp::Reverse(span.as_ref().map_or(0, |span| span.start)));
    let mut text = source.text().to_owned();
    for (span, key, value) in spans {
        match span {
            Some(span) => text.replace_range(span, &value),
            None => text.insert_str(0, &format!("{} = {value}\n", key.name)),
        }
    }
    let text = Source::unwritten(text);
    let after = text.parse(read::vault)?;
    if after != expected(before) {
        let keys: Vec<&str> = edits.iter().map(|(key, _)| key.name).collect();
        let problem = format!("{} could not be written; set them by hand", keys.join(", "));
        return Err(StoreError::new(&path, problem).into());
    }
    files::write(&path, Access::Public, text.text().as_bytes())?;
    Ok(after)
}

/// A list as TOML.
fn list(items: &[String]) -> String {
    match items {
        [] => "[]".to_owned(),
        [one] => format!("[{}]", quoted(one)),
        more => {
            let lines = more.iter().map(|item| format!("    {},\n", quoted(item)));
            format!("[\n{}]", lines.collect::<String>())
        }
    }
}
