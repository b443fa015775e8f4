//! Authenticated links between coordinators and signer nodes.
//!
//! A link is TCP with the Noise handshake `XK` (Perrin, "The Noise Protocol Framework", revision
//! 34, §7.5): the caller knows the node's static key beforehand, the node learns the caller's in
//! the last handshake message and drops whoever is not on its list. Keys are pinned in the group;
//! there are no names, certificates or authorities. Requests and answers alternate, each one
//! bounded before it is received.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod call;
mod channel;
mod key;
mod rate;
mod serve;

use std::time::Duration;

pub use call::{Link, connect};
pub use key::LinkKey;
pub use serve::{Handler, Limits, serve};

/// Noise pattern and primitives.
const PATTERN: &str = "Noise_XK_25519_ChaChaPoly_BLAKE2s";
/// Bound into every handshake: this protocol, this version.
const PROLOGUE: &[u8] = b"solventry/link/v1";
/// Longest handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);

/// Why a link fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// TCP.
    #[error("link to {peer}: {source}")]
    Io {
        /// Address.
        peer: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Whoever answers does not hold the pinned key, or does not accept ours.
    #[error(
        "link to {peer}: the handshake failed; either it does not hold the expected key, or it does not list ours"
    )]
    Handshake {
        /// Address.
        peer: String,
    },
    /// A message that does not decrypt: somebody altered it.
    #[error("link to {peer}: a message does not authenticate")]
    Altered {
        /// Address.
        peer: String,
    },
    /// A message beyond the limit.
    #[error("link to {peer}: a message of {got} bytes, expected at most {limit}")]
    TooLarge {
        /// Address.
        peer: String,
        /// Limit in bytes.
        limit: usize,
        /// Its length.
        got: usize,
    },
    /// No answer in time.
    #[error("link to {peer}: no answer within {} ms", .deadline.as_millis())]
    Late {
        /// Address.
        peer: String,
        /// How long was waited.
        deadline: Duration,
    },
    /// A key that is no key.
    #[error("link key: expected 32 bytes of an X25519 key")]
    Key,
}
