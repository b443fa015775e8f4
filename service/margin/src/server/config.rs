//! Who may use a server.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::Digest;
use solventry_types::MarginAttestation;

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

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not one.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Nobody could ask.
    #[error("expected at least one venue, got none")]
    NoVenue,
    /// Two entries.
    #[error("expected each venue once, got {0} twice: put all its accounts into one entry")]
    SameVenue(Digest),
    /// An account without one that can be attested.
    #[error("the account with key {0}: expected a name of 1 to {most} bytes without control characters", most = MarginAttestation::MAX_ACCOUNT_BYTES)]
    Name(Digest),
    /// Two accounts.
    #[error("expected each name once for a venue, got {0:?} twice")]
    SameName(String),
    /// Two accounts.
    #[error("expected each key once for a venue, got {0} twice")]
    SameKey(Digest),
    /// Nothing would be accepted.
    #[error("expected a queue of at least one place, got 0")]
    NoQueue,
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

    /// Reads and validates the file.
    pub fn from_json(json: &[u8]) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_slice(json)?;
        config.validate()?;
        Ok(config)
    }

    /// Refuses what nobody can mean.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut venues = HashSet::new();
        for entry in &self.venues {
            if !venues.insert(&entry.digest.0) {
                return Err(ConfigError::SameVenue(entry.digest));
            }
            entry.validate()?;
        }
        match (venues.len(), self.queue) {
            (0, _) => Err(ConfigError::NoVenue),
            (_, 0) => Err(ConfigError::NoQueue),
            _ => Ok(()),
        }
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
    fn validate(&self) -> Result<(), ConfigError> {
        let (mut names, mut keys) = (HashSet::new(), HashSet::new());
        for Account { name, key } in &self.accounts {
            let is_long = name.len() > MarginAttestation::MAX_ACCOUNT_BYTES;
            if name.trim().is_empty() || is_long || name.contains(char::is_control) {
                return Err(ConfigError::Name(*key));
            }
            if !names.insert(name) {
                return Err(ConfigError::SameName(name.clone()));
            }
            if !keys.insert(&key.0) {
                return Err(ConfigError::SameKey(*key));
            }
        }
        Ok(())
    }

    /// The account of a key.
    pub fn account(&self, key: &[u8; 32]) -> Option<&Account> {
        self.accounts.iter().find(|account| account.key.0 == *key)
    }
}

fn sixteen() -> usize {
    16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_mean_is_refused() {
        let account = |name: &str, key: u8| Account { name: name.into(), key: Digest([key; 32]) };
        let venue = |digest: u8, accounts| VenueEntry { digest: Digest([digest; 32]), accounts };
        let read = |venues, queue| {
            let config = ServerConfig { format: Format::V1, venues, queue };
            ServerConfig::from_json(config.to_json().as_bytes()).map(|read| assert_eq!(read, config))
        };
        let two = || vec![account("a", 1), account("b", 2)];
        read(vec![venue(1, two()), venue(2, two())], 1).unwrap();
        assert!(matches!(read(vec![], 1), Err(ConfigError::NoVenue)));
        assert!(matches!(read(vec![venue(1, two())], 0), Err(ConfigError::NoQueue)));
        assert!(matches!(read(vec![venue(1, two()), venue(1, vec![])], 1), Err(ConfigError::SameVenue(_))));
        let accounts = |accounts| read(vec![venue(1, accounts)], 1).unwrap_err();
        for name in [" ", "\u{1b}[2J", "a\nb", &"x".repeat(129)] {
            assert!(matches!(accounts(vec![account(name, 1)]), ConfigError::Name(_)));
        }
        assert!(matches!(accounts(vec![account("a", 1), account("a", 2)]), ConfigError::SameName(_)));
        assert!(matches!(accounts(vec![account("a", 1), account("b", 1)]), ConfigError::SameKey(_)));
        assert!(ServerConfig::from_json(b"{}").is_err());
    }
}
