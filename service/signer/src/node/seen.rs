//! Who was seen voting at which height, by votes whose signatures hold.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use crate::{engine::said::Said, node::shared::lock};

/// A vote of the highest height at which each node was seen voting since this one started. A peer
/// whose disk was put back asks for it before it votes again.
#[derive(Debug, Clone, Default)]
pub struct SeenVotes(Arc<Mutex<HashMap<[u8; 32], Said>>>);

impl SeenVotes {
    /// Notes a vote of a node of the group.
    pub fn note(&self, said: Said) {
        let mut seen = lock(&self.0);
        let known = seen.get(&said.identity).map_or(0, |known| known.height);
        if said.height > known {
            seen.insert(said.identity, said);
        }
    }

    /// A vote of the highest height at which a node was seen; empty if none was.
    pub fn of(&self, identity: &[u8; 32]) -> Vec<u8> {
        lock(&self.0).get(identity).map_or_else(Vec::new, |said| said.bytes.clone())
    }
}
