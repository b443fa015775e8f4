//! Group and genesis files: who signs, and what every node of a journal starts from.

mod genesis;

use std::path::Path;

use solventry_protocol::{
    Genesis, Group,
    group::{Coordinator, GroupError, Node},
};
use solventry_types::codec::{CodecError, Reader};

pub use genesis::{GenesisOptions, GenesisRefused, template};

use crate::store::{StoreError, files};

/// Largest card of a node in bytes.
const MAX_CARD_BYTES: usize = 4096;

/// Reads the card that a node's operator publishes.
pub fn read_card(path: &Path) -> Result<Node, StoreError> {
    let bytes = files::read(path, MAX_CARD_BYTES)?;
    let read = || -> Result<Node, CodecError> {
        let mut reader = Reader::new(&bytes, MAX_CARD_BYTES)?;
        let node = Node::read(&mut reader)?;
        reader.finish()?;
        Ok(node)
    };
    read().map_err(|error| StoreError::new(path, format!("not the card of a node: {error}")))
}

/// The group of some nodes, in the order given, and their coordinators in any order.
pub fn build_group(nodes: Vec<Node>, mut coordinators: Vec<Coordinator>) -> Result<Group, GroupError> {
    coordinators.sort_by_key(|coordinator| coordinator.link);
    let group = Group { nodes, coordinators };
    group.validate()?;
    Ok(group)
}

/// Reads a group.
pub fn read_group(path: &Path) -> Result<Group, StoreError> {
    let bytes = files::read(path, Group::MAX_BYTES)?;
    Group::decode(&bytes).map_err(|error| StoreError::new(path, error))
}

/// Reads a genesis.
pub fn read_genesis(path: &Path) -> Result<Genesis, StoreError> {
    let bytes = files::read(path, Genesis::MAX_BYTES)?;
    Genesis::decode(&bytes).map_err(|error| StoreError::new(path, error))
}

#[cfg(test)]
mod tests;
