//! New vaults, and the policy's root in old ones.

use std::path::{Path, PathBuf};

use solventry_types::{Chain, Digest, VaultConfiguration};

use super::{VAULT_FILE, read, vault_file};
use crate::{
    document::{FileReport, Source, quoted},
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
        let list = |items: &[String]| match items {
            [] => "[]".to_owned(),
            [one] => format!("[{}]", quoted(one)),
            more => {
                let lines = more.iter().map(|item| format!("    {},\n", quoted(item)));
                format!("[\n{}]", lines.collect::<String>())
            }
        };
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
    let path: PathBuf = folder.join(VAULT_FILE);
    let source = Source::read(&path)?;
    let before = source.parse(read::vault)?;
    let line = quoted(&hex::encode(root));
    let span = source.parse(|root, _| {
        let found = root.has(read::POLICY_ROOT).then(|| root.span_of(read::POLICY_ROOT));
        root.forget_unknown();
        Some(found)
    })?;
    let mut text = source.text().to_owned();
    match span {
        Some(span) => text.replace_range(span, &line),
        None => text.insert_str(0, &format!("{} = {line}\n", read::POLICY_ROOT.name)),
    }
    let text = Source::unwritten(text);
    let after = text.parse(read::vault)?;
    if after != (VaultConfiguration { policy_root: root, ..before }) {
        return Err(StoreError::new(&path, "the root could not be written; set policy_root by hand").into());
    }
    files::write(&path, Access::Public, text.text().as_bytes())?;
    Ok(after)
}
