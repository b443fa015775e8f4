//! The process around the journal: its folder, its links, key generation, signing rounds, start.

mod address;
pub mod answer;
mod audit_file;
pub mod catch_up;
pub mod error;
pub mod folder;
pub mod generations;
mod open;
pub mod rounds;
pub mod run;
pub mod seen;
mod share_round;
pub mod shared;

pub use error::NodeError;
pub use folder::{Folder, NewNode};
pub use run::{RunSettings, run};
