//! What the engine needs to start, and how Malachite is configured for it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_malachitebft_app_channel::app::{
    config::{ConsensusConfig, NodeConfig, P2pConfig, ValuePayload, ValueSyncConfig},
    net::Multiaddr,
    types::{Keypair, PeerId},
};
use arc_malachitebft_core_types::LinearTimeouts;
use ed25519_dalek::SigningKey;
use solventry_protocol::{Group, decision::quorum};
use solventry_types::Digest;
use zeroize::Zeroizing;

use super::{
    codec::MAX_RESPONSE_BYTES,
    context::{Address, ValidatorSet},
    evidence::Misbehavior,
    said::Said,
    values::MAX_BATCH,
};
use crate::journal::JournalError;

/// Unix seconds of the node's own clock.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Takes what nodes were caught at. Called from the engine's task: it must not block.
pub type OnMisbehavior = Arc<dyn Fn(&Misbehavior) + Send + Sync>;

/// Told of every verified vote: identity key and height. Called from the engine's task: it must not
/// block.
pub type OnVote = Arc<dyn Fn(Said) + Send + Sync>;

/// What the engine of one node needs.
pub struct EngineSetup {
    /// Digest of the genesis; every signature is bound to it.
    pub genesis: Digest,
    /// The group: identity keys, peer ids and addresses.
    pub group: Group,
    /// The node's identity key, which is one of the group's.
    pub identity: SigningKey,
    /// Ed25519 secret of the node's libp2p identity; [`peer_id`] of it is in the group.
    pub peer_secret: Zeroizing<[u8; 32]>,
    /// libp2p multiaddress to listen on, as `/ip4/0.0.0.0/tcp/27000`.
    pub listen: String,
    /// Folder of the node; the write-ahead log goes there.
    pub folder: PathBuf,
    /// Timeouts of a round; the default is 3 s to propose and 1 s to vote, half a second more in
    /// every further round, at most 60 s.
    pub timeouts: LinearTimeouts,
    /// The clock.
    pub clock: Clock,
    /// Where evidence of double signing goes.
    pub on_misbehavior: OnMisbehavior,
    /// Where verified votes are told of.
    pub on_vote: OnVote,
}

/// Why the engine does not start, or stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The setup.
    #[error("engine: {0}")]
    Setup(&'static str),
    /// Malachite does not start.
    #[error("engine does not start: {0}")]
    Start(String),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A journal call panicked.
    #[error("a call of the journal panicked; the node must be restarted")]
    JournalPanic,
    /// A decided value that the journal does not have.
    #[error("height {height}: value {id} is decided, but the journal holds no such value")]
    MissingValue {
        /// Height.
        height: u64,
        /// Value id.
        id: Digest,
    },
    /// A certified value that the journal refuses.
    #[error("height {height}: a value with a certificate is refused here; signing stops")]
    Refused {
        /// Height.
        height: u64,
    },
    /// The journal proposes what is no entry.
    #[error("height {height}: the journal's own proposal is no entry")]
    Proposal {
        /// Height.
        height: u64,
    },
    /// Malachite stopped by itself: its log says why.
    #[error("the agreement engine stopped; its log says why")]
    Stopped,
}

/// Bytes of the libp2p peer id of a secret, as the group names it.
pub fn peer_id(peer_secret: &[u8; 32]) -> Option<Vec<u8>> {
    keypair(peer_secret).map(|pair| pair.public().to_peer_id().to_bytes())
}

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
    })
}

/// A setup that was checked, in Malachite's types.
pub(super) struct Prepared {
    pub config: Config,
    pub set: ValidatorSet,
    pub quorum: usize,
    pub address: Address,
    pub keypair: Keypair,
    /// Numbers of the nodes by peer.
    pub peers: BTreeMap<PeerId, usize>,
}

/// Configuration as Malachite asks for it.
#[derive(Clone)]
pub(super) struct Config {
    moniker: String,
    consensus: ConsensusConfig,
    value_sync: ValueSyncConfig,
}

impl EngineSetup {
    pub(super) fn prepare(&self) -> Result<Prepared, EngineError> {
        let own = self.identity.verifying_key().to_bytes();
        let number = self.group.number_of(&own);
        let number = number.ok_or(EngineError::Setup("the identity key is none of the group's"))?;
        let node = self.group.nodes.get(number);
        let node = node.ok_or(EngineError::Setup("the identity key is none of the group's"))?;
        let keypair = keypair(&self.peer_secret).ok_or(EngineError::Setup("the peer secret is no key"))?;
        if keypair.public().to_peer_id().to_bytes() != node.peer {
            return Err(EngineError::Setup("the peer secret is not that of the node's peer id in the group"));
        }
        let set = ValidatorSet::new(&self.group.identities());
        let set = set.ok_or(EngineError::Setup("an identity key of the group is no Ed25519 key"))?;
        let mut peers = BTreeMap::new();
        for (number, node) in self.group.nodes.iter().enumerate() {
            let peer = PeerId::from_bytes(&node.peer);
            peers.insert(peer.map_err(|_| EngineError::Setup("a peer id of the group is none"))?, number);
        }
        let config = Config {
            moniker: node.name.clone(),
            consensus: self.consensus(number)?,
            value_sync: value_sync(),
        };
        let quorum = quorum(self.group.nodes.len());
        Ok(Prepared { config, set, quorum, address: Address(own), keypair, peers })
    }

    fn consensus(&self, own: usize) -> Result<ConsensusConfig, EngineError> {
        let listen_addr: Multiaddr = address(&self.listen)?;
        let others = self.group.nodes.iter().enumerate().filter(|(number, _)| *number != own);
        let persistent_peers = others
            .map(|(_, node)| {
                let peer = PeerId::from_bytes(&node.peer);
                let peer = peer.map_err(|_| EngineError::Setup("a peer id of the group is none"))?;
                let plain = address(&node.peer_address)?;
                address(&format!("{plain}/p2p/{}", peer.to_base58()))
            })
            .collect::<Result<_, _>>()?;
        let mut p2p =
            P2pConfig { listen_addr, persistent_peers, persistent_peers_only: true, ..P2pConfig::default() };
        p2p.discovery.enabled = false;
        // Nodes of a test share an address.
        p2p.discovery.max_connections_per_ip = 128;
        p2p.pubsub_max_size.0 = 256 << 10;
        p2p.rpc_max_size.0 = (MAX_RESPONSE_BYTES as u64).saturating_add(1 << 20);
        // Values travel as parts: otherwise Malachite votes without asking the journal.
        let value_payload = ValuePayload::ProposalAndParts;
        Ok(ConsensusConfig { p2p, value_payload, ..ConsensusConfig::default() })
    }
}

impl NodeConfig for Config {
    fn moniker(&self) -> &str {
        &self.moniker
    }

    fn consensus(&self) -> &ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.value_sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.value_sync
    }
}

fn value_sync() -> ValueSyncConfig {
    let mut config = ValueSyncConfig {
        enabled: true,
        status_update_interval: Duration::from_secs(5),
        batch_size: MAX_BATCH,
        ..ValueSyncConfig::default()
    };
    config.max_request_size.0 = 1 << 10;
    config.max_response_size.0 = MAX_RESPONSE_BYTES as u64;
    config
}

/// A multiaddress with TCP or QUIC and without a peer id.
fn address(text: &str) -> Result<Multiaddr, EngineError> {
    let address: Multiaddr =
        text.parse().map_err(|_| EngineError::Setup("expected a libp2p multiaddress to listen on"))?;
    let transports = ["tcp", "quic", "quic-v1"];
    if address.protocol_stack().any(|protocol| transports.contains(&protocol)) {
        Ok(address)
    } else {
        Err(EngineError::Setup("expected a multiaddress with tcp or quic-v1"))
    }
}

fn keypair(secret: &[u8; 32]) -> Option<Keypair> {
    // The library zeroizes the copy that it is given.
    Keypair::ed25519_from_bytes(*secret).ok()
}
