//! Who may use a server.

use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::Digest;

/// The format of the file; the only one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Format {
    /// Version 1.
    #[default]
    #[serde(rename = "solventry-margin-server-v1")]
    V1,
}

/// Venues that may register, and their accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Format and version.
    pub format: Format,
    /// Venues.
    pub venues: Vec<VenueEntry>,
    /// Most queries that wait or run; 16 unless given.
    #[serde(default = "sixteen")]
    pub queue: usize,
}

/// A venue that may register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VenueEntry {
    /// Digest of its venue file.
    pub digest: Digest,
    /// Who may send queries.
    pub accounts: Vec<Account>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// For people.
    pub name: String,
    /// Ed25519 public key, 64 hexadecimal digits.
    pub key: Digest,
}

impl ServerConfig {
    /// Largest file, in bytes.
    pub const MAX_BYTES: usize = 4 << 20;

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// What serde says of it.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// The file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The entry of a venue.
    pub fn venue(&self, digest: &Digest) -> Option<&VenueEntry> {
        self.venues.iter().find(|venue| venue.digest == *digest)
    }
}

impl VenueEntry {
    /// The account of a key.
    pub fn account(&self, key: &[u8; 32]) -> Option<&Account> {
        self.accounts.iter().find(|account| account.key.0 == *key)
    }
}

fn sixteen() -> usize {
    16
}
