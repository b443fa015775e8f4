//! A digest of the whole state, to compare nodes of one build.

use solventry_types::{Digest, digest::InjectiveHasher};

use super::state::State;

impl State {
    /// Equal states have equal digests. It hashes the words that describe the state, which may
    /// differ between builds: it is for comparisons at run time and is stored nowhere.
    pub fn digest(&self) -> Digest {
        let Self { height, head, time, vaults, observers, observer_sequence, .. } = self;
        let Self { pending_observers, epoch, families, locks, charges, open, decimals, .. } = self;
        let epoch = epoch.as_ref().map(|epoch| (epoch.digest, epoch.context.digest()));
        let parts = [
            format!("{height} {head} {time} {observer_sequence} {epoch:?}"),
            format!("{vaults:?}"),
            format!("{observers:?} {pending_observers:?}"),
            format!("{families:?}"),
            format!("{locks:?}"),
            format!("{charges:?}"),
            format!("{open:?} {decimals:?}"),
        ];
        let hasher = InjectiveHasher::new("solventry/journal-state");
        parts.iter().fold(hasher, |hasher, part| hasher.field(part.as_bytes())).finish()
    }
}
