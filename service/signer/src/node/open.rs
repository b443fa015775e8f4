//! From the files of a folder to an open journal: everything that can be wrong with them shows
//! here, before the node says that it listens.

use std::sync::Arc;

use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{Genesis, message::Phase};
use solventry_types::Digest;

use crate::{
    application::{Application, AuditLog, OpenError, RedbStore},
    journal::JournalError,
    node::{
        error::NodeError,
        shared::{Shared, SharedJournal},
    },
};

/// What to do about a journal that cannot be read. An older one is safe: see `catch_up`.
const RESTORE: &str = "restore the node's folder from its backup; an older one does, since the node learns the rest \
                       from its peers before it votes";

/// A journal and the digest of its genesis.
pub struct Begun {
    /// Digest of the genesis.
    pub genesis: Digest,
    /// The journal.
    pub journal: SharedJournal,
}

/// Reads the genesis, if there is one, checks that the key shares are there, and opens the journal.
pub async fn begin(shared: &Arc<Shared>) -> Result<Option<Begun>, NodeError> {
    if let Some(bytes) = shared.folder.genesis()? {
        let shared = shared.clone();
        let opened = tokio::task::spawn_blocking(move || open(&shared, &bytes)).await;
        return opened.map_err(|error| NodeError::Engine(error.to_string()))?.map(Some);
    }
    if shared.folder.path("journal.redb").exists() {
        return Err(shared
            .genesis_fault("the file is missing, though a journal is there; put the group's genesis there"));
    }
    Ok(None)
}

/// Also makes the policy circuit's key and compares it with the pinned one.
fn open(shared: &Shared, genesis: &[u8]) -> Result<Begun, NodeError> {
    let genesis = decode(shared, genesis)?;
    shared.enter(Phase::Starting);
    let key = PolicyVerifyingKey::generate().map_err(|error| NodeError::PolicyCircuit(error.to_string()))?;
    let path = shared.folder.path("journal.redb");
    let fault = |problem: String| NodeError::Content { path: path.clone(), problem };
    let store = RedbStore::open(&path).map_err(|error| match error {
        OpenError::Damaged(_) => fault(format!("{error}; {RESTORE}")),
        error => fault(error.to_string()),
    })?;
    let audit = Box::new(AuditLog::new(shared.folder.audit()?));
    let id = genesis.digest();
    let application = match Application::open(store, genesis, Arc::new(key), audit) {
        Err(JournalError::Store(problem)) => return Err(fault(format!("{problem}; {RESTORE}"))),
        other => other?,
    };
    if application.status().halted.is_some() {
        shared.enter(Phase::Halted); // for good: a start does not end it
    }
    Ok(Begun { genesis: id, journal: Arc::new(std::sync::Mutex::new(application)) })
}

fn decode(shared: &Shared, bytes: &[u8]) -> Result<Genesis, NodeError> {
    let genesis = Genesis::decode(bytes)
        .map_err(|error| shared.genesis_fault(&format!("{error}; restore this file from its backup")))?;
    shared.require_shares(&genesis)?;
    Ok(genesis)
}
