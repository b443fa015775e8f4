//! A node from start to stop.

use std::{fs, path::PathBuf, pin::pin, sync::Arc, time::Duration};

use arc_malachitebft_core_types::LinearTimeouts;
use rustix::process::{Resource, Rlimit, setrlimit};
use solventry_link::{Limits, LinkKey, serve};
use solventry_protocol::{
    Group,
    group::Node,
    message::{MAX_MESSAGE_BYTES, Phase},
};
use solventry_types::Digest;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing::{error, info, warn};

use crate::{
    engine::{self, EngineError, EngineSetup, keep_evidence, system_clock},
    journal::JournalError,
    node::{
        address::require_free,
        answer::Door,
        catch_up::catch_up,
        error::NodeError,
        folder::{Folder, read_passphrase},
        open::{Begun, begin},
        shared::Shared,
    },
};

/// How a node is started.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Its folder.
    pub folder: PathBuf,
    /// Encoded group.
    pub group: PathBuf,
    /// File with the passphrase.
    pub passphrase: PathBuf,
}

/// What a node bears on its links.
const LIMITS: Limits = Limits {
    message: MAX_MESSAGE_BYTES,
    links: 256,
    links_of_one: 32,
    per_second: 200,
    burst: 400,
    idle: Duration::from_secs(120),
};

/// Runs a node until it is told to stop. Secrets never reach a core file.
pub async fn run(settings: RunSettings) -> Result<(), NodeError> {
    if let Err(error) = leave_no_core() {
        warn!(%error, "the system may write this node's memory to a disk if it ends badly");
    }
    let shared = Arc::new(load(&settings)?);
    let stopped = stopped()?;
    // Peers that start too need this node's link to catch up, so it listens before it does.
    let begun = begin(&shared).await?;
    let address = own(&shared).map(|node| node.link_address.clone()).unwrap_or_default();
    require_free(&own(&shared).map(|node| node.peer_address.clone()).unwrap_or_default())?;
    let listening = TcpListener::bind(&address).await;
    let listener = listening.map_err(|source| NodeError::Listen { address: address.clone(), source })?;
    let key = LinkKey::from_secret(shared.secrets.link.secret()).map_err(|_| NodeError::Randomness)?;
    let links = tokio::spawn(serve(listener, key, Arc::new(Door(shared.clone())), LIMITS));
    println!("listening on {address}");
    let mut stopped = pin!(stopped);
    let ended = tokio::select! {
        ended = journal(&shared, begun) => ended,
        () = &mut stopped => Ok(()),
    };
    if let Err(NodeError::Journal(JournalError::Halt { .. })) = &ended {
        shared.enter(Phase::Halted);
        error!("halted; this node answers what it knows and signs nothing");
        stopped.await;
    }
    links.abort();
    ended
}

/// Lives through the journal, from its genesis on; waits for one if there is none.
async fn journal(shared: &Arc<Shared>, mut begun: Option<Begun>) -> Result<(), NodeError> {
    let Begun { genesis, journal } = loop {
        match begun {
            Some(begun) => break begun,
            None => shared.begun.notified().await,
        }
        begun = begin(shared).await?;
    };
    shared.begin(journal.clone());
    catch_up(shared, &journal).await?;
    shared.enter(Phase::Running);
    info!("running");
    let setup = engine_setup(shared, genesis);
    match engine::run(setup, journal, shared.wake.clone(), std::future::pending()).await {
        Err(EngineError::Journal(error)) => Err(error.into()),
        other => other.map_err(|error| NodeError::Engine(error.to_string())),
    }
}

/// Neither a file nor a program that the system pipes cores to gets this process's memory.
fn leave_no_core() -> rustix::io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}

fn load(settings: &RunSettings) -> Result<Shared, NodeError> {
    let passphrase = read_passphrase(&settings.passphrase)?;
    let (folder, secrets, card) = Folder::open(&settings.folder, &passphrase)?;
    let path = settings.group.clone();
    let bytes = fs::read(&path).map_err(|source| NodeError::File { path: path.clone(), source })?;
    let group =
        Group::decode(&bytes).map_err(|error| NodeError::Content { path, problem: error.to_string() })?;
    let number =
        group.number_of(&card.identity).ok_or_else(|| NodeError::NotInGroup(hex::encode(card.identity)))?;
    if let Some(problem) = group.nodes.get(number).and_then(|listed| difference(listed, &card)) {
        return Err(NodeError::OtherCard(problem));
    }
    Ok(Shared::new(number, group, secrets, folder, passphrase))
}

/// What the group says differently about this node.
fn difference(listed: &Node, card: &Node) -> Option<&'static str> {
    [
        (listed.link == card.link, "link key"),
        (listed.peer == card.peer, "peer id"),
        (listed.link_address == card.link_address, "link address"),
        (listed.peer_address == card.peer_address, "peer address"),
        (listed == card, "name or place"),
    ]
    .into_iter()
    .find_map(|(equal, what)| (!equal).then_some(what))
}

fn own(shared: &Shared) -> Option<&Node> {
    shared.group.nodes.get(shared.number)
}

fn engine_setup(shared: &Shared, genesis: Digest) -> EngineSetup {
    let seen = shared.seen.clone();
    EngineSetup {
        genesis,
        group: shared.group.clone(),
        identity: shared.secrets.identity.clone(),
        peer_secret: shared.secrets.peer.clone(),
        listen: own(shared).map(|node| node.peer_address.clone()).unwrap_or_default(),
        folder: shared.folder.path("wal"),
        timeouts: LinearTimeouts::default(),
        clock: system_clock(),
        on_misbehavior: keep_evidence(shared.folder.path("evidence"), genesis),
        on_vote: Arc::new(move |said| seen.note(said)),
    }
}

/// Ends when the node is told to stop; hears that from now on.
fn stopped() -> Result<impl Future<Output = ()>, NodeError> {
    let hear = |kind| signal(kind).map_err(|error| NodeError::Engine(format!("signals: {error}")));
    let (mut interrupted, mut terminated) = (hear(SignalKind::interrupt())?, hear(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn a_node_leaves_no_core() {
        leave_no_core().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core), Rlimit { current: Some(0), maximum: Some(0) });
    }
}
