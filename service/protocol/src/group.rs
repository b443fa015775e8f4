//! The group: which nodes sign, where they are, who may talk to them.

use solventry_types::{
    Digest,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
    payment::is_vault_name,
    vault::VaultConfiguration,
};

use crate::decision::quorum;

/// One signer node, as its operator publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Name, unique in the group.
    pub name: String,
    /// Ed25519 identity: signs votes, DKG packages, commitments and shares.
    pub identity: [u8; 32],
    /// X25519 static key of its links.
    pub link: [u8; 32],
    /// Where it accepts links: host and port.
    pub link_address: String,
    /// libp2p peer id of its agreement engine, in bytes.
    pub peer: Vec<u8>,
    /// Where its agreement engine listens: a libp2p multiaddress.
    pub peer_address: String,
    /// Who runs the machine.
    pub provider: String,
    /// Where the machine is.
    pub region: String,
    /// Whose law applies.
    pub jurisdiction: String,
}

/// Who may submit records and ask for shares: trusted for liveness only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordinator {
    /// X25519 static key of its links.
    pub link: [u8; 32],
    /// Vaults whose owner it is: told why a payment is refused; everybody else is not.
    pub owns: Vec<String>,
}

/// n = 3f + 1 nodes and their coordinators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Nodes; their places are their numbers, from 0.
    pub nodes: Vec<Node>,
    /// Coordinators.
    pub coordinators: Vec<Coordinator>,
}

/// Why a group is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// Not 3f + 1.
    #[error("expected 3f + 1 nodes (4, 7, 10 … 31), got {0}")]
    Count(usize),
    /// A name.
    #[error(
        "node {number}: expected a name of 1 to 64 bytes without control characters or outer white space, and provider, region and jurisdiction alike"
    )]
    Name {
        /// Number of the node, from 0.
        number: usize,
    },
    /// Two nodes share what must be their own.
    #[error("nodes {first} and {second} have the same {what}")]
    Shared {
        /// First node.
        first: usize,
        /// Second node.
        second: usize,
        /// What they share.
        what: &'static str,
    },
    /// Too many nodes at one provider.
    #[error("{got} nodes are at provider {provider:?}: at most {limit} may be, or its failure stops signing")]
    Provider {
        /// The provider.
        provider: String,
        /// min(f, n − t).
        limit: usize,
        /// Nodes there.
        got: usize,
    },
    /// A coordinator.
    #[error(
        "coordinators: expected at most 64 with distinct keys, none of them a node's, with at most 64 vault names each"
    )]
    Coordinators,
}

impl Group {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVGRP\n", version: 1, what: "group of signer nodes" };
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 1 << 17;
    /// Most coordinators, and most vaults of one.
    pub const MAX_COORDINATORS: usize = 64;

    /// Faulty nodes that the group bears.
    pub fn faulty(&self) -> usize {
        self.nodes.len().saturating_sub(1) / 3
    }

    /// t = 2f + 1: precommits of a decision, and shares of a signature.
    pub fn threshold(&self) -> usize {
        quorum(self.nodes.len())
    }

    /// Identity keys in order.
    pub fn identities(&self) -> Vec<[u8; 32]> {
        self.nodes.iter().map(|node| node.identity).collect()
    }

    /// Number of the node with this identity.
    pub fn number_of(&self, identity: &[u8; 32]) -> Option<usize> {
        self.nodes.iter().position(|node| node.identity == *identity)
    }

    /// Checks shape, distinctness and the provider rule (02-signing, "The group").
    pub fn validate(&self) -> Result<(), GroupError> {
        let count = self.nodes.len();
        if !(4..=VaultConfiguration::MAX_SIGNERS).contains(&count) || count % 3 != 1 {
            return Err(GroupError::Count(count));
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let texts = [&node.name, &node.provider, &node.region, &node.jurisdiction];
            if !texts.into_iter().all(|text| is_vault_name(text)) {
                return Err(GroupError::Name { number });
            }
        }
        self.require_distinct("name", |node| node.name.as_bytes())?;
        self.require_distinct("identity key", |node| &node.identity)?;
        self.require_distinct("link key", |node| &node.link)?;
        self.require_distinct("link address", |node| node.link_address.as_bytes())?;
        self.require_distinct("peer id", |node| &node.peer)?;
        self.require_distinct("peer address", |node| node.peer_address.as_bytes())?;
        let limit = self.faulty().min(count - self.threshold());
        for node in &self.nodes {
            let got = self.nodes.iter().filter(|other| other.provider == node.provider).count();
            if got > limit {
                return Err(GroupError::Provider { provider: node.provider.clone(), limit, got });
            }
        }
        let keys: Vec<_> = self.coordinators.iter().map(|coordinator| coordinator.link).collect();
        let distinct = keys.is_sorted_by(|a, b| a < b);
        let foreign = self.nodes.iter().all(|node| !keys.contains(&node.link));
        let fits =
            self.coordinators.iter().all(|coordinator| coordinator.owns.len() <= Self::MAX_COORDINATORS);
        if keys.len() > Self::MAX_COORDINATORS || !distinct || !foreign || !fits {
            return Err(GroupError::Coordinators);
        }
        Ok(())
    }

    /// Regions and jurisdictions that more nodes share than may fail at once.
    pub fn warnings(&self) -> Vec<String> {
        let limit = self.faulty();
        let places = |what: &str, of: fn(&Node) -> &str| {
            let mut names: Vec<_> = self.nodes.iter().map(of).collect();
            names.sort_unstable();
            let groups = names.chunk_by(|a, b| a == b).filter(|group| group.len() > limit);
            groups
                .filter_map(|group| Some((group.first()?, group.len())))
                .map(|(name, count)| format!("{count} nodes share {what} {name:?}: losing it stops signing"))
                .collect::<Vec<_>>()
        };
        let mut warnings = places("region", |node| &node.region);
        warnings.extend(places("jurisdiction", |node| &node.jurisdiction));
        warnings
    }

    /// Digest of the whole group.
    pub fn digest(&self) -> Digest {
        InjectiveHasher::new("solventry/group/v1").field(&self.encode()).finish()
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).count(self.nodes.len());
        for node in &self.nodes {
            node.write(&mut writer);
        }
        writer.count(self.coordinators.len());
        for coordinator in &self.coordinators {
            writer.bytes(&coordinator.link).count(coordinator.owns.len());
            for vault in &coordinator.owns {
                writer.var_bytes(vault.as_bytes());
            }
        }
        writer.finish()
    }

    /// Parses and validates a group.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let count = reader.count(VaultConfiguration::MAX_SIGNERS, 64, "nodes")?;
        let nodes = (0..count).map(|_| Node::read(&mut reader)).collect::<Result<_, _>>()?;
        let count = reader.count(Self::MAX_COORDINATORS, 33, "coordinators")?;
        let coordinators = (0..count).map(|_| read_coordinator(&mut reader)).collect::<Result<_, _>>()?;
        let group = Self { nodes, coordinators };
        if group.validate().is_err() {
            return Err(reader.invalid("group", "its nodes or coordinators break a rule of groups"));
        }
        reader.finish()?;
        Ok(group)
    }

    fn require_distinct<'a>(
        &'a self,
        what: &'static str,
        of: impl Fn(&'a Node) -> &'a [u8],
    ) -> Result<(), GroupError> {
        for (second, node) in self.nodes.iter().enumerate() {
            if let Some(first) = self.nodes.iter().take(second).position(|other| of(other) == of(node)) {
                return Err(GroupError::Shared { first, second, what });
            }
        }
        Ok(())
    }
}

impl Node {
    /// Longest text of one field in bytes.
    pub const MAX_TEXT_BYTES: usize = 128;

    /// Writes the node.
    pub fn write(&self, writer: &mut Writer) {
        writer.var_bytes(self.name.as_bytes()).bytes(&self.identity).bytes(&self.link);
        writer.var_bytes(self.link_address.as_bytes()).var_bytes(&self.peer);
        for text in [&self.peer_address, &self.provider, &self.region, &self.jurisdiction] {
            writer.var_bytes(text.as_bytes());
        }
    }

    /// Reads a node.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let text = |reader: &mut Reader<'_>, what| Ok(reader.text(Self::MAX_TEXT_BYTES, what)?.to_owned());
        Ok(Self {
            name: text(reader, "node name")?,
            identity: reader.array("identity key")?,
            link: reader.array("link key")?,
            link_address: text(reader, "link address")?,
            peer: reader.var_bytes(64, "peer id")?.to_vec(),
            peer_address: text(reader, "peer address")?,
            provider: text(reader, "provider")?,
            region: text(reader, "region")?,
            jurisdiction: text(reader, "jurisdiction")?,
        })
    }
}

fn read_coordinator(reader: &mut Reader<'_>) -> Result<Coordinator, CodecError> {
    let link = reader.array("coordinator's link key")?;
    let count = reader.count(Group::MAX_COORDINATORS, 4, "owned vaults")?;
    let owns = (0..count).map(|_| Ok(reader.text(64, "vault name")?.to_owned())).collect::<Result<_, _>>()?;
    Ok(Coordinator { link, owns })
}
