//! `policy.toml`: what may leave a vault, written by a person, beside the vault's `vault.toml`.
//!
//! Everything is refused unless a rule allows it; there is one rule per asset and lane, so rules
//! have no order, and any limit that is not kept refuses. No limit is assumed: each is written,
//! and one that shall not bind says `"unlimited"`. The vault, its approvers and its oracle come
//! from `vault.toml` and are part of the policy: when approvers or oracle change there, the root
//! changes.
//!
//! The file is secret, and so is everything here but the policy's root.

mod listed;
mod read;
mod rule;
mod template;
mod trial;
mod warnings;

use std::{collections::HashSet, fmt, path::Path};

use solventry_policy::{Policy, Rule};
use solventry_types::{Asset, Chain, Digest, Total, VaultConfiguration};

pub use template::template;
pub use trial::{Reason, Trial, Verdict};
pub use warnings::{RuleName, Warning};

use crate::document::{FileReport, Source};

/// A policy with the names that its author gave. Secret.
#[derive(Clone)]
pub struct PolicyFile {
    /// Chain of the vault that it is written for.
    pub chain: Chain,
    /// The policy.
    pub policy: Policy,
    /// Its assets in the order of the file; their coverage is not the policy's and says 100 %.
    pub assets: Vec<Asset>,
    /// Its destinations in the order of the file.
    pub destinations: Vec<Destination>,
}

/// A destination and its name. Secret.
#[derive(Clone)]
pub struct Destination {
    /// Name, unique in the file.
    pub name: String,
    /// Canonical account on the vault's chain.
    pub account: Vec<u8>,
    /// What rules list.
    pub digest: Digest,
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PolicyFile(hidden)")
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destination(hidden)")
    }
}

/// A limit that no sum reaches: `"unlimited"` in the file.
pub const UNLIMITED: Total = match Total::from_units((1 << Total::BITS) - 1) {
    Ok(most) => most,
    Err(_) => Total::ZERO,
};

/// Reads a policy for a vault.
pub fn read_policy(file: &Path, vault: &VaultConfiguration) -> Result<PolicyFile, Box<FileReport>> {
    let source = Source::read(file)?;
    source.expect_lists(&["asset", "destination", "rule"])?;
    source.parse(|root, problems| read::policy(root, vault, problems))
}

impl PolicyFile {
    /// The asset with this symbol.
    pub fn asset(&self, symbol: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.symbol == symbol)
    }

    /// The asset of a rule.
    pub fn asset_of(&self, rule: &Rule) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.digest() == rule.asset)
    }

    /// The destination with this name.
    pub fn destination(&self, name: &str) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.name == name)
    }

    /// Names of the destinations that a rule lists, in the order of the file.
    pub fn destinations_of<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a str> {
        let digests: HashSet<&Digest> = rule.destinations.iter().collect();
        let listed = move |destination: &&Destination| digests.contains(&destination.digest);
        self.destinations.iter().filter(listed).map(|destination| destination.name.as_str())
    }
}
