//! How far an evaluation is.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Engine, Glwe, Lwe};
use crate::circuit::{Machine, Phase, Rotation, Table};

/// An engine that counts for one query, beside others that use it too.
pub struct Counted<'a> {
    /// Engine.
    pub engine: &'a Engine,
    /// Bootstraps that were done.
    pub progress: &'a AtomicU64,
}

impl Machine for Counted<'_> {
    type Wide = Lwe;
    type Computed = Lwe;
    type Packed = Glwe;

    fn pack_wide(&self, values: &[Lwe]) -> Vec<Glwe> {
        self.engine.pack_wide(values)
    }

    fn pack_computed(&self, values: &[Lwe]) -> Vec<Glwe> {
        self.engine.pack_computed(values)
    }

    fn bootstrap(&self, rotations: &[Rotation<Self>]) -> Vec<Lwe> {
        let rotation = |rotation: &Rotation<Self>| Rotation {
            name: rotation.name,
            phase: Phase {
                wide: rotation.phase.wide.clone(),
                computed: rotation.phase.computed.clone(),
                constant: rotation.phase.constant,
            },
            table: match &rotation.table {
                Table::Values(values) => Table::Values(values.clone()),
                Table::Packed { entries, width } => Table::Packed { entries: entries.clone(), width: *width },
            },
            margin: rotation.margin,
        };
        let results = self.engine.bootstrap(&rotations.iter().map(rotation).collect::<Vec<_>>());
        self.progress.fetch_add(results.len() as u64, Ordering::Relaxed);
        results
    }
}
