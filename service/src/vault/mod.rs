//! The vault folder: `vault.toml`, which signers and auditors share, and beside it the secret
//! `policy.toml`.
//!
//! `vault.toml` holds what [`VaultConfiguration`] pins, as people write it: addresses, keys of 64
//! hexadecimal digits, venue and account of the margin oracle. Lists may stand in any order.

mod read;
mod write;

use std::path::{Path, PathBuf};

use solventry_types::VaultConfiguration;

pub use write::{NewVault, VaultWriteError, write_genesis, write_policy_root, write_vault};

use crate::document::{FileReport, Source};

/// Name of the vault's file in its folder.
pub const VAULT_FILE: &str = "vault.toml";
/// Name of the policy beside it.
pub const POLICY_FILE: &str = "policy.toml";

/// The vault's file in `folder`.
pub fn vault_file(folder: &Path) -> PathBuf {
    folder.join(VAULT_FILE)
}

/// Reads `vault.toml` of a folder. Without a policy yet, the root is 32 zero bytes.
pub fn read_vault(folder: &Path) -> Result<VaultConfiguration, Box<FileReport>> {
    Source::read(&vault_file(folder))?.parse(read::vault)
}

/// Whether the vault has a policy.
pub fn has_policy(vault: &VaultConfiguration) -> bool {
    vault.policy_root != [0; 32]
}
