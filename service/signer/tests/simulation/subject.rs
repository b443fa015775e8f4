//! What the simulation asks of a journal beyond agreement.

use solventry_signer::journal::Journal;
use solventry_types::Digest;

use crate::toy::Toy;

/// A journal under simulation.
pub trait Subject: Journal {
    /// The process ended and comes back with what is on its disk.
    fn restart(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// A coordinator hands in a record.
    fn submit(&mut self, _record: &[u8], _now: u64) -> Result<(), String> {
        Err("it takes no records".into())
    }

    /// The state after the last decided height, if there is more of one than the chain.
    fn state_digest(&self) -> Option<Digest> {
        None
    }
}

/// It lives on: its memory stands for the disk.
impl Subject for Toy {}

/// A record that a coordinator hands in.
pub struct Submission {
    /// Milliseconds.
    pub at: u64,
    /// To which instance.
    pub instance: usize,
    /// Its encoding.
    pub record: Vec<u8>,
    /// Whether no honest node may ever take it.
    pub never: bool,
}
