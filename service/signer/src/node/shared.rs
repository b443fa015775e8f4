//! What the parts of a running node share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use solventry_protocol::{Genesis, Group, message::Phase};
use solventry_threshold::{KeyShare, SealError, ShareContext};
use solventry_types::{VaultAccounts, digest::InjectiveHasher};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::{
    application::{Application, RedbStore},
    node::{
        error::NodeError,
        folder::{Folder, Secrets},
        generations::Generations,
        rounds::Rounds,
        seen::SeenVotes,
    },
};

/// The application behind its lock.
pub type SharedJournal = Arc<Mutex<Application<RedbStore>>>;

/// What the parts of a running node share.
pub struct Shared {
    /// Number in the group, from 0.
    pub number: usize,
    /// The group.
    pub group: Group,
    /// Secrets.
    pub secrets: Secrets,
    /// Folder.
    pub folder: Folder,
    /// Under which key shares are sealed.
    pub passphrase: Zeroizing<Vec<u8>>,
    /// Told when a record waits.
    pub wake: Arc<Notify>,
    /// Told when there is a genesis.
    pub begun: Notify,
    /// Heights at which nodes were seen voting.
    pub seen: SeenVotes,
    /// Key generations under way.
    pub generations: Mutex<Generations>,
    /// Signing rounds under way.
    pub rounds: Mutex<Rounds>,
    phase: Mutex<Phase>,
    shares: Mutex<HashMap<String, Arc<KeyShare>>>,
    journal: OnceLock<SharedJournal>,
}

impl Shared {
    /// A node without journal.
    pub fn new(
        number: usize,
        group: Group,
        secrets: Secrets,
        folder: Folder,
        passphrase: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self {
            number,
            group,
            secrets,
            folder,
            passphrase,
            wake: Arc::default(),
            begun: Notify::new(),
            seen: SeenVotes::default(),
            generations: Mutex::default(),
            rounds: Mutex::default(),
            phase: Mutex::new(Phase::Blank),
            shares: Mutex::default(),
            journal: OnceLock::new(),
        }
    }

    /// What the node does.
    pub fn phase(&self) -> Phase {
        *lock(&self.phase)
    }

    /// Changes what the node does. A halt is for good.
    pub fn enter(&self, phase: Phase) {
        let mut current = lock(&self.phase);
        if *current != Phase::Halted {
            *current = phase;
        }
        if phase == Phase::Halted {
            lock(&self.rounds).clear();
        }
    }

    /// The application, once there is a genesis.
    pub fn journal(&self) -> Option<SharedJournal> {
        self.journal.get().cloned()
    }

    /// Sets the application; once.
    pub fn begin(&self, journal: SharedJournal) {
        let _already = self.journal.set(journal);
    }

    /// Key share of a vault, decrypted on first use.
    pub fn share(&self, vault: &str) -> Result<Option<Arc<KeyShare>>, NodeError> {
        let mut shares = lock(&self.shares);
        if let Some(share) = shares.get(vault) {
            return Ok(Some(share.clone()));
        }
        let Some(share) = self.open_share(vault)? else { return Ok(None) };
        let share = Arc::new(share);
        shares.insert(vault.to_owned(), share.clone());
        Ok(Some(share))
    }

    /// The share in the vault's own file; whatever is wrong with it names that file and the vault.
    fn open_share(&self, vault: &str) -> Result<Option<KeyShare>, NodeError> {
        let fault =
            |problem: &str| self.share_fault(vault, &format!("{problem}; restore this file from its backup"));
        let sealed = match self.folder.share(vault) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => return Ok(None),
            Err(NodeError::Content { problem, .. }) => return Err(fault(&problem)),
            Err(error) => return Err(error),
        };
        let opened = KeyShare::open(&sealed, &self.passphrase, &self.share_context());
        let share = opened.map_err(|error| match error {
            SealError::Refused => self.share_fault(
                vault,
                &format!("{error}; check passphrase and group, or restore this file from its backup"),
            ),
            error => fault(&error.to_string()),
        })?;
        if share.vault() != vault {
            return Err(fault(&format!("it holds the share of vault {:?}", share.vault())));
        }
        if share.number() != self.number {
            return Err(fault(&format!("it holds the share of node {}", share.number())));
        }
        Ok(Some(share))
    }

    /// Seals a fresh key share and keeps it.
    pub fn store_share(&self, vault: &str, share: &KeyShare) -> Result<(), String> {
        let sealed =
            share.seal(&self.passphrase, &self.share_context()).map_err(|error| error.to_string())?;
        self.folder.store_share(vault, &sealed).map_err(|error| error.told())
    }

    /// Checks that every vault of a genesis is of a key that this node has its share of.
    pub fn require_shares(&self, genesis: &Genesis) -> Result<(), NodeError> {
        if without_addresses(&genesis.group) != without_addresses(&self.group) {
            return Err(self.genesis_fault(
                "its nodes or coordinators are not those of the group that this node runs with",
            ));
        }
        for vault in &genesis.vaults {
            let name = &vault.name;
            let missing = "this node has no key share of this vault of the genesis; restore the file from its \
                           backup, or generate the vault's key if that was never done";
            let share = self.share(name)?.ok_or_else(|| self.share_fault(name, missing))?;
            if !is_of(&vault.accounts, &share.group_key().key) {
                return Err(
                    self.genesis_fault(&format!("vault {name:?}: its accounts are not of the group's key"))
                );
            }
        }
        Ok(())
    }

    /// What is wrong with the genesis.
    pub fn genesis_fault(&self, problem: &str) -> NodeError {
        NodeError::Content { path: self.folder.path("genesis.solv"), problem: problem.to_owned() }
    }

    fn share_fault(&self, vault: &str, problem: &str) -> NodeError {
        NodeError::Content {
            path: self.folder.share_path(vault),
            problem: format!("key share of vault {vault:?}: {problem}"),
        }
    }

    fn share_context(&self) -> ShareContext {
        // Keys, not addresses or coordinators: a node that moves keeps its shares.
        let hasher = InjectiveHasher::new("solventry/share-group/v1");
        let identities = self.group.nodes.iter().map(|node| &node.identity);
        let group = identities.fold(hasher, |hasher, identity| hasher.field(identity)).finish();
        ShareContext { identity: self.secrets.identity.verifying_key().to_bytes(), group, generation: 0 }
    }
}

/// A group as its keys say it: addresses may change while the journal runs.
fn without_addresses(group: &Group) -> Group {
    let mut group = group.clone();
    for node in &mut group.nodes {
        node.link_address.clear();
        node.peer_address.clear();
    }
    group
}

/// Whether a vault's accounts are those of one key.
fn is_of(accounts: &VaultAccounts, key: &[u8; 32]) -> bool {
    match accounts {
        VaultAccounts::Bitcoin { scripts } => scripts
            .iter()
            .all(|script| script.strip_prefix(&[0x51, 0x20]).is_some_and(|program| program == key)),
        VaultAccounts::Solana { authority, .. } => authority == key,
    }
}

/// The node's clock: Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// Locks; a panic elsewhere does not make the data unusable, since every change is complete
/// before anything that may fail.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
