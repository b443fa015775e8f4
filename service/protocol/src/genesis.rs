//! Genesis: what every node of a journal starts from.

use std::collections::BTreeMap;

use solventry_types::{
    Digest, VaultAccounts, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
};
use solventry_verifier::Anchors;

use crate::group::Group;

/// Keys of which a number must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// Ed25519 keys, sorted, distinct.
    pub keys: Vec<[u8; 32]>,
    /// How many must sign.
    pub least: u16,
}

/// The first record of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// Nodes and coordinators.
    pub group: Group,
    /// How attestations and headroom keys are judged; names no vaults, which the journal pins.
    pub anchors: Anchors,
    /// Who vouches for blocks of the chains: k of m.
    pub observers: Quorum,
    /// Least depth, in blocks, at which an observer vouches for a Bitcoin block.
    pub bitcoin_depth: u32,
    /// Least depth, in slots, on Solana.
    pub solana_depth: u32,
    /// Oldest snapshot under which a payment is decided, in seconds of journal time.
    pub max_epoch_age: u64,
    /// Approvers of a vault that must sign a change of its configuration.
    pub change_quorum: u16,
    /// Seconds of journal time before such a change takes effect. The first policy of a vault
    /// takes effect at once: nothing can leave before it.
    pub change_delay: u64,
    /// Whether epochs with development keys may be activated.
    pub allow_dev_setup: bool,
    /// Journal time before the first record.
    pub time: u64,
    /// Vaults as they start: name, accounts, people, oracle. Genesis digest, siblings, signers and
    /// policy root are empty here; [`Genesis::configuration`] fills them.
    pub vaults: Vec<VaultConfiguration>,
}

/// Why a genesis is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenesisError {
    /// The group.
    #[error("group: {0}")]
    Group(#[from] crate::group::GroupError),
    /// The anchors.
    #[error("anchors: expected usable anchors that pin no vaults")]
    Anchors,
    /// The observers.
    #[error("observers: expected 1 to 64 distinct keys, sorted, and a quorum of 1 to their number")]
    Observers,
    /// Approvers of changes.
    #[error("vault {vault:?}: it has {got} approvers, a change of its configuration needs {expected}")]
    ChangeQuorum {
        /// Name.
        vault: String,
        /// Quorum.
        expected: u16,
        /// Approvers.
        got: usize,
    },
    /// The number of vaults.
    #[error("expected 1 to {limit} vaults with distinct names, got {got}", limit = Genesis::MAX_VAULTS)]
    Vaults {
        /// How many there are, or the same names.
        got: usize,
    },
    /// One vault.
    #[error("vault {vault:?}: {problem}")]
    Vault {
        /// Name.
        vault: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A key, script or account in two vaults.
    #[error("vaults {first:?} and {second:?} share an account or key: each vault needs a key of its own")]
    SharedAccount {
        /// First vault.
        first: String,
        /// Second vault.
        second: String,
    },
}

impl Quorum {
    /// Most keys.
    pub const MAX_KEYS: usize = 64;

    /// Whether the keys are sorted and distinct and enough for the quorum.
    pub fn is_valid(&self) -> bool {
        (1..=Self::MAX_KEYS).contains(&self.keys.len())
            && self.keys.is_sorted_by(|a, b| a < b)
            && (1..=self.keys.len()).contains(&usize::from(self.least))
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u16(self.least).count(self.keys.len());
        for key in &self.keys {
            writer.bytes(key);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let least = reader.u16("quorum")?;
        let count = reader.count(Self::MAX_KEYS, 32, "keys")?;
        let keys = (0..count).map(|_| reader.array("key")).collect::<Result<_, _>>()?;
        Ok(Self { keys, least })
    }
}

impl Genesis {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVGEN\n", version: 1, what: "journal genesis" };
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 1 << 21;
    /// Most vaults.
    pub const MAX_VAULTS: usize = 64;

    /// Checks every field, and that no two vaults share a key, script or account.
    pub fn validate(&self) -> Result<(), GenesisError> {
        self.group.validate()?;
        if self.anchors.validate().is_err() || !self.anchors.vaults.is_empty() {
            return Err(GenesisError::Anchors);
        }
        if !self.observers.is_valid() {
            return Err(GenesisError::Observers);
        }
        let mut names: Vec<_> = self.vaults.iter().map(|vault| &vault.name).collect();
        names.sort_unstable();
        if !(1..=Self::MAX_VAULTS).contains(&names.len()) || !names.is_sorted_by(|a, b| a < b) {
            return Err(GenesisError::Vaults { got: names.len() });
        }
        self.vaults.iter().try_for_each(|vault| self.validate_vault(vault))?;
        self.require_own_accounts()?;
        self.require_room_for_siblings()
    }

    fn require_own_accounts(&self) -> Result<(), GenesisError> {
        let mut holders = BTreeMap::new();
        for vault in &self.vaults {
            for account in accounts(&vault.accounts) {
                let before = holders.insert(account, &vault.name);
                if let Some(first) = before.filter(|first| **first != vault.name) {
                    let (first, second) = (first.clone(), vault.name.clone());
                    return Err(GenesisError::SharedAccount { first, second });
                }
            }
        }
        Ok(())
    }

    /// Vaults as they will be filled must be valid too, or no change of them ever would be.
    fn require_room_for_siblings(&self) -> Result<(), GenesisError> {
        for vault in &self.vaults {
            let siblings = self.siblings(vault);
            if let Err(error) = (VaultConfiguration { siblings, ..vault.clone() }).validate() {
                return Err(GenesisError::Vault { vault: vault.name.clone(), problem: error.problem });
            }
        }
        Ok(())
    }

    fn validate_vault(&self, vault: &VaultConfiguration) -> Result<(), GenesisError> {
        let refuse = |problem| Err(GenesisError::Vault { vault: vault.name.clone(), problem });
        let is_blank = vault.genesis.0 == [0; 32] && vault.policy_root == [0; 32];
        if !is_blank || !vault.siblings.is_empty() || !vault.signers.is_empty() {
            return refuse("genesis digest, siblings, signers and policy root must be empty: they follow");
        }
        if let Err(error) = vault.validate() {
            return refuse(error.problem);
        }
        if matches!(&vault.accounts, VaultAccounts::Bitcoin { scripts } if scripts.len() != 1) {
            return refuse("expected one script: that of the group's key");
        }
        let (expected, got) = (self.change_quorum, vault.approvers.len());
        if !(1..=got).contains(&usize::from(expected)) {
            return Err(GenesisError::ChangeQuorum { vault: vault.name.clone(), expected, got });
        }
        Ok(())
    }

    /// Names the journal: value id of height 0, and part of every message of its people.
    pub fn digest(&self) -> Digest {
        InjectiveHasher::new("solventry/genesis/v1").field(&self.encode()).finish()
    }

    /// The configuration with which a vault starts: without a policy, so that nothing can leave.
    pub fn configuration(&self, vault: &VaultConfiguration) -> VaultConfiguration {
        let (siblings, signers) = (self.siblings(vault), self.group.identities());
        VaultConfiguration { genesis: self.digest(), siblings, signers, ..vault.clone() }
    }

    /// Where the other vaults of a vault's chain can receive.
    fn siblings(&self, vault: &VaultConfiguration) -> Vec<Vec<u8>> {
        let chain = vault.accounts.chain();
        let others = self.vaults.iter().filter(|other| other.name != vault.name);
        let mut siblings: Vec<_> = others
            .filter(|other| other.accounts.chain() == chain)
            .flat_map(|other| destinations(&other.accounts))
            .collect();
        siblings.sort();
        siblings
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).var_bytes(&self.group.encode());
        writer.var_bytes(self.anchors.to_json().unwrap_or_default().as_bytes());
        self.observers.write(&mut writer);
        writer.u32(self.bitcoin_depth).u32(self.solana_depth).u64(self.max_epoch_age);
        writer.u16(self.change_quorum).u64(self.change_delay).u8(self.allow_dev_setup.into());
        writer.u64(self.time).count(self.vaults.len());
        for vault in &self.vaults {
            writer.var_bytes(&vault.encode());
        }
        writer.finish()
    }

    /// Parses and validates a genesis.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let group = Group::decode(reader.var_bytes(Group::MAX_BYTES, "group")?)?;
        let anchors = reader.var_bytes(solventry_verifier::anchors::MAX_BYTES, "anchors")?;
        let parsed = Anchors::from_json(anchors);
        let canonical =
            parsed.ok().filter(|parsed| parsed.to_json().is_ok_and(|text| text.as_bytes() == anchors));
        let anchors =
            canonical.ok_or_else(|| reader.invalid("anchors", "expected anchors in canonical form"))?;
        let observers = Quorum::read(&mut reader)?;
        let (bitcoin_depth, solana_depth) = (reader.u32("bitcoin depth")?, reader.u32("solana depth")?);
        let max_epoch_age = reader.u64("epoch age")?;
        let (change_quorum, change_delay) = (reader.u16("change quorum")?, reader.u64("change delay")?);
        let allow_dev_setup = crate::evidence::flag(&mut reader, "development setup flag")?;
        let time = reader.u64("journal time")?;
        let count = reader.count(Self::MAX_VAULTS, 64, "vaults")?;
        let vaults = (0..count)
            .map(|_| VaultConfiguration::decode(reader.var_bytes(VaultConfiguration::MAX_BYTES, "vault")?))
            .collect::<Result<_, _>>()?;
        let genesis = Self {
            group,
            anchors,
            observers,
            bitcoin_depth,
            solana_depth,
            max_epoch_age,
            change_quorum,
            change_delay,
            allow_dev_setup,
            time,
            vaults,
        };
        if genesis.validate().is_err() {
            return Err(reader.invalid("genesis", "it breaks a rule of journals"));
        }
        reader.finish()?;
        Ok(genesis)
    }
}

/// Every account and key that must be of one vault only.
fn accounts(accounts: &VaultAccounts) -> Vec<Vec<u8>> {
    match accounts {
        VaultAccounts::Bitcoin { scripts } => scripts.clone(),
        VaultAccounts::Solana { nonce_accounts, .. } => {
            let mut all = destinations(accounts);
            all.extend(nonce_accounts.iter().map(|account| account.to_vec()));
            all
        }
    }
}

/// Accounts of a vault that can receive.
fn destinations(accounts: &VaultAccounts) -> Vec<Vec<u8>> {
    match accounts {
        VaultAccounts::Bitcoin { scripts } => scripts.clone(),
        VaultAccounts::Solana { authority, token_accounts, .. } => {
            std::iter::once(authority).chain(token_accounts).map(|account| account.to_vec()).collect()
        }
    }
}
