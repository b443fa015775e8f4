//! Links of a command to the nodes of a group.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use solventry::coordinator::{Event, Links, Nodes, Patience, link_key};
use solventry_protocol::{Genesis, Group};
use solventry_types::VaultConfiguration;

use super::{CliError, print};

/// How long a command waits for nodes.
#[derive(clap::Args)]
pub struct Waiting {
    /// Longest wait for a decision, or for enough nodes to answer or sign
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
}

/// A group with links to its nodes.
pub struct Connection {
    group: Group,
    links: Links,
    patience: Patience,
}

impl Connection {
    /// Links to `group` with the coordinator's key in a file; the group must list it.
    pub fn new(group: Group, key: &Path) -> Result<Self, CliError> {
        let link = link_key(key)?;
        if !group.coordinators.iter().any(|coordinator| coordinator.link == link.public()) {
            return Err(CliError::Input(format!(
                "{}: expected the key of a coordinator of the group, came {}, which it does not list; give it to \
                 `signers group --coordinator`",
                key.display(),
                hex::encode(link.public())
            )));
        }
        let links = Links::new(&group, link)
            .map_err(|error| CliError::Input(format!("links to the signer nodes: {error}")))?;
        Ok(Self { group, links, patience: Patience::USUAL })
    }

    /// Waits for its nodes as long as it is told to.
    #[must_use]
    pub fn waiting(self, waiting: &Waiting) -> Self {
        Self { patience: Patience::within(Duration::from_secs(waiting.patience)), ..self }
    }

    /// The nodes.
    pub fn nodes(&self) -> Nodes<'_> {
        Nodes::new(&self.group, &self.links, self.patience)
    }
}

/// What checks decisions of a journal: its genesis and signers, as every vault's configuration
/// holds them.
pub fn judge(genesis: &Genesis) -> Result<VaultConfiguration, CliError> {
    let vault = genesis.vaults.first().map(|vault| genesis.configuration(vault));
    vault.ok_or_else(|| CliError::Input("the genesis has no vaults".into()))
}

/// Tells each step with the seconds since the beginning.
pub struct Steps(Instant);

impl Steps {
    /// Begins.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Tells one.
    pub fn tell(&self, event: &Event) {
        self.say(&event.to_string());
    }

    /// Tells a line.
    pub fn say(&self, text: &str) {
        print(&format!("{:7.1} s  {text}", self.0.elapsed().as_secs_f64()));
    }
}
