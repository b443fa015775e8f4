//! How long steps tell what they do.

/// Receives progress. Everything here may be shown: no secret passes through.
pub trait Progress {
    /// A new phase begins.
    fn phase(&mut self, name: &str);

    /// Shards done so far in this run, shards to do in this run, and slots per shard.
    fn shards(&mut self, done: u32, total: u32, shard_slots: usize);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&mut self, _: &str) {}

    fn shards(&mut self, _: u32, _: u32, _: usize) {}
}
