//! Vaults: what signers pin before any payment, decided by Genesis and ConfigChange.

use crate::{
    asset::read_chain,
    codec::{CodecError, Magic, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    payment::{Payment, is_vault_name},
    place::Chain,
};

/// The vault's own accounts on its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultAccounts {
    /// Bitcoin: taproot output scripts (`OP_1`, 32-byte key).
    Bitcoin {
        /// At least one, sorted, distinct.
        scripts: Vec<Vec<u8>>,
    },
    /// Solana.
    Solana {
        /// Ed25519 group key: holder of coins and authority over nonce and token accounts.
        authority: [u8; 32],
        /// Durable nonce accounts; at least one, sorted, distinct.
        nonce_accounts: Vec<[u8; 32]>,
        /// Own SPL token accounts, sorted, distinct.
        token_accounts: Vec<[u8; 32]>,
    },
}

impl VaultAccounts {
    /// The chain.
    pub const fn chain(&self) -> Chain {
        match self {
            Self::Bitcoin { .. } => Chain::Bitcoin,
            Self::Solana { .. } => Chain::Solana,
        }
    }

    /// Whether `account` holds funds of this vault.
    pub fn owns(&self, account: &[u8]) -> bool {
        match self {
            Self::Bitcoin { scripts } => scripts.iter().any(|script| script == account),
            Self::Solana { authority, token_accounts, .. } => {
                authority == account || token_accounts.iter().any(|own| own == account)
            }
        }
    }
}

/// The oracle of a vault's rebalance lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarginOracle {
    /// Ed25519 key that signs margin attestations.
    pub key: [u8; 32],
    /// Digest of venue and account whose ratio counts.
    pub account: Digest,
}

/// One vault's pinned configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultConfiguration {
    /// Digest of the journal's Genesis record.
    pub genesis: Digest,
    /// Name, unique in the journal.
    pub name: String,
    /// Own accounts.
    pub accounts: VaultAccounts,
    /// Accounts of the journal's other vaults on the same chain: own destinations. Sorted.
    pub siblings: Vec<Vec<u8>>,
    /// Ed25519 keys that may propose payments; sorted, distinct.
    pub proposers: Vec<[u8; 32]>,
    /// Ed25519 keys that may approve payments; sorted, distinct.
    pub approvers: Vec<[u8; 32]>,
    /// Oracle of the rebalance lane, if there is one.
    pub oracle: Option<MarginOracle>,
    /// Ed25519 identity keys of the signer nodes in manifest order: none yet, or 3f + 1.
    pub signers: Vec<[u8; 32]>,
    /// The salted root of the policy (32 canonical bytes of a Pallas base-field element).
    pub policy_root: [u8; 32],
}

/// Why a vault's configuration is not well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct VaultError {
    /// The field.
    pub field: &'static str,
    /// What is expected.
    pub problem: &'static str,
}

impl VaultConfiguration {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVVLT\n", version: 1, what: "vault configuration" };
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 1 << 16;
    /// Most own accounts of one kind, siblings, proposers or approvers.
    pub const MAX_ENTRIES: usize = 256;
    /// Most signer nodes.
    pub const MAX_SIGNERS: usize = 31;

    /// Checks every field.
    pub fn validate(&self) -> Result<(), VaultError> {
        let error = |field, problem| Err(VaultError { field, problem });
        let count = self.signers.len();
        if !is_vault_name(&self.name) {
            return error(
                "name",
                "expected 1 to 64 bytes of NFC text without control characters or outer white space",
            );
        }
        match &self.accounts {
            VaultAccounts::Bitcoin { scripts } => {
                if scripts.is_empty() || !is_set(scripts) {
                    return error("scripts", "expected 1 to 256 distinct scripts, sorted");
                }
                if !scripts.iter().all(|script| is_taproot(script)) {
                    return error("scripts", "expected taproot output scripts (bc1p… addresses)");
                }
            }
            VaultAccounts::Solana { nonce_accounts, token_accounts, .. } => {
                if nonce_accounts.is_empty() || !is_set(nonce_accounts) {
                    return error("nonce_accounts", "expected 1 to 256 distinct accounts, sorted");
                }
                if !is_set(token_accounts) {
                    return error("token_accounts", "expected at most 256 distinct accounts, sorted");
                }
            }
        }
        let foreign = |account: &Vec<u8>| {
            self.accounts.chain().accepts_account(account) && !self.accounts.owns(account)
        };
        if !is_set(&self.siblings) || !self.siblings.iter().all(foreign) {
            return error(
                "siblings",
                "expected at most 256 distinct accounts of other vaults on this chain, sorted",
            );
        }
        if self.proposers.is_empty() || !is_set(&self.proposers) {
            return error("proposers", "expected 1 to 256 distinct keys, sorted");
        }
        if !is_set(&self.approvers) {
            return error("approvers", "expected at most 256 distinct keys, sorted");
        }
        if count > Self::MAX_SIGNERS || (count != 0 && (count < 4 || count % 3 != 1)) {
            return error("signers", "expected none, or 3f + 1 keys (4, 7, 10 … 31)");
        }
        if self
            .signers
            .iter()
            .enumerate()
            .any(|(index, key)| self.signers.iter().take(index).any(|k| k == key))
        {
            return error("signers", "expected distinct keys");
        }
        Ok(())
    }

    /// Digest of journal, name and chain: what a policy is written for. Leaves out what
    /// ConfigChange may alter.
    pub fn vault_digest(&self) -> Digest {
        vault_digest(self.genesis, &self.name, self.accounts.chain())
    }

    /// Digest of the approver set.
    pub fn approver_set(&self) -> Digest {
        approver_set_digest(&self.approvers)
    }

    /// Digest of the whole configuration; trust anchors pin it.
    pub fn digest(&self) -> Digest {
        InjectiveHasher::new("solventry/vault-configuration/v1").field(&self.encode()).finish()
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).bytes(&self.genesis.0).var_bytes(self.name.as_bytes());
        writer.u8(self.accounts.chain().code());
        match &self.accounts {
            VaultAccounts::Bitcoin { scripts } => write_list(&mut writer, scripts),
            VaultAccounts::Solana { authority, nonce_accounts, token_accounts } => {
                writer.bytes(authority);
                write_keys(&mut writer, nonce_accounts);
                write_keys(&mut writer, token_accounts);
            }
        }
        write_list(&mut writer, &self.siblings);
        write_keys(&mut writer, &self.proposers);
        write_keys(&mut writer, &self.approvers);
        match &self.oracle {
            None => writer.u8(0),
            Some(oracle) => writer.u8(1).bytes(&oracle.key).bytes(&oracle.account.0),
        };
        write_keys(&mut writer, &self.signers);
        writer.bytes(&self.policy_root);
        writer.finish()
    }

    /// Parses and validates a configuration.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let genesis = Digest(reader.array("genesis digest")?);
        let name = reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned();
        let accounts = match read_chain(&mut reader)? {
            Chain::Bitcoin => VaultAccounts::Bitcoin { scripts: read_list(&mut reader, "scripts")? },
            Chain::Solana => VaultAccounts::Solana {
                authority: reader.array("authority")?,
                nonce_accounts: read_keys(&mut reader, "nonce accounts")?,
                token_accounts: read_keys(&mut reader, "token accounts")?,
            },
            Chain::Ethereum => return Err(reader.invalid("chain", "expected bitcoin or solana")),
        };
        let siblings = read_list(&mut reader, "siblings")?;
        let proposers = read_keys(&mut reader, "proposers")?;
        let approvers = read_keys(&mut reader, "approvers")?;
        let oracle = match reader.u8("oracle flag")? {
            0 => None,
            1 => Some(MarginOracle {
                key: reader.array("oracle key")?,
                account: Digest(reader.array("oracle account")?),
            }),
            _ => return Err(reader.invalid("oracle flag", "expected 0 or 1")),
        };
        let signers = read_keys(&mut reader, "signers")?;
        let policy_root = reader.array("policy root")?;
        reader.finish()?;
        let configuration =
            Self { genesis, name, accounts, siblings, proposers, approvers, oracle, signers, policy_root };
        match configuration.validate() {
            Ok(()) => Ok(configuration),
            Err(VaultError { field, problem }) => {
                Err(CodecError::Invalid { what: field, offset: bytes.len(), problem })
            }
        }
    }
}

/// Digest that names a vault in policies.
pub fn vault_digest(genesis: Digest, name: &str, chain: Chain) -> Digest {
    InjectiveHasher::new("solventry/vault/v1")
        .field(&genesis.0)
        .field(name.as_bytes())
        .integer(chain.code().into())
        .finish()
}

/// Digest of a set of approver keys, sorted.
pub fn approver_set_digest(approvers: &[[u8; 32]]) -> Digest {
    approvers
        .iter()
        .fold(InjectiveHasher::new("solventry/approver-set/v1"), |hasher, key| hasher.field(key))
        .finish()
}

/// What a proposer signs to propose a payment.
pub fn proposal_message(payment_id: Digest) -> Digest {
    InjectiveHasher::new("solventry/proposal/v1").field(&payment_id.0).finish()
}

/// What an approver signs to approve a payment.
pub fn approval_message(payment_id: Digest) -> Digest {
    InjectiveHasher::new("solventry/approval/v1").field(&payment_id.0).finish()
}

fn is_taproot(script: &[u8]) -> bool {
    script.len() == 34 && script.starts_with(&[0x51, 0x20])
}

fn is_set<T: Ord>(items: &[T]) -> bool {
    items.len() <= VaultConfiguration::MAX_ENTRIES && items.is_sorted_by(|a, b| a < b)
}

fn write_keys(writer: &mut Writer, keys: &[[u8; 32]]) {
    writer.count(keys.len());
    for key in keys {
        writer.bytes(key);
    }
}

fn read_keys(reader: &mut Reader<'_>, what: &'static str) -> Result<Vec<[u8; 32]>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_ENTRIES, 32, what)?;
    (0..count).map(|_| reader.array(what)).collect()
}

fn write_list(writer: &mut Writer, items: &[Vec<u8>]) {
    writer.count(items.len());
    for item in items {
        writer.var_bytes(item);
    }
}

fn read_list(reader: &mut Reader<'_>, what: &'static str) -> Result<Vec<Vec<u8>>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_ENTRIES, 4, what)?;
    (0..count).map(|_| Ok(reader.var_bytes(64, what)?.to_vec())).collect()
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
