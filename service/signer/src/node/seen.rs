//! Who was seen voting at which height, by votes whose signatures hold.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use crate::node::shared::lock;

/// Highest height at which each node was seen voting since this one started. A peer whose disk was
/// put back asks for it before it votes again.
#[derive(Debug, Clone, Default)]
pub struct SeenVotes(Arc<Mutex<HashMap<[u8; 32], u64>>>);

impl SeenVotes {
    /// Notes a vote of a node of the group.
    pub fn note(&self, identity: [u8; 32], height: u64) {
        let mut seen = lock(&self.0);
        let highest = seen.entry(identity).or_default();
        *highest = height.max(*highest);
    }

    /// Highest height of a node's votes; 0 if none was seen.
    pub fn height(&self, identity: &[u8; 32]) -> u64 {
        lock(&self.0).get(identity).copied().unwrap_or(0)
    }
}
