//! A genesis from vault folders.

use solventry_protocol::{
    Genesis, Group,
    genesis::{GenesisError, Quorum},
};
use solventry_types::{Digest, VaultConfiguration};
use solventry_verifier::Anchors;

/// What an operator decides about a journal.
#[derive(Debug, Clone)]
pub struct GenesisOptions {
    /// Nodes and coordinators.
    pub group: Group,
    /// How attestations are judged; the journal pins vaults itself.
    pub anchors: Anchors,
    /// Keys of the observers, any order.
    pub observers: Vec<[u8; 32]>,
    /// How many of them must sign.
    pub observer_quorum: u16,
    /// Least depth of a Bitcoin block.
    pub bitcoin_depth: u32,
    /// Least depth of a Solana slot.
    pub solana_depth: u32,
    /// Oldest snapshot under which a payment is decided, in seconds.
    pub max_epoch_age: u64,
    /// Approvers that must sign a change of a vault.
    pub change_quorum: u16,
    /// Seconds before a change takes effect.
    pub change_delay: u64,
    /// Whether epochs with development keys count.
    pub allow_dev_setup: bool,
    /// Journal time before the first record, Unix seconds.
    pub time: u64,
}

/// Why no genesis is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenesisRefused {
    /// A rule of journals.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The anchors pin vaults.
    #[error(
        "the anchors pin vault configurations; a journal pins its vaults itself: give anchors without `vaults`"
    )]
    PinnedVaults,
}

/// The genesis of a journal for `vaults` as their folders describe them. What follows from the
/// genesis itself (its digest, siblings, signers, policy root) is left empty in it.
pub fn template(options: GenesisOptions, vaults: &[VaultConfiguration]) -> Result<Genesis, GenesisRefused> {
    if !options.anchors.vaults.is_empty() {
        return Err(GenesisRefused::PinnedVaults);
    }
    let mut keys = options.observers;
    keys.sort_unstable();
    let blank = |vault: &VaultConfiguration| VaultConfiguration {
        genesis: Digest([0; 32]),
        siblings: vec![],
        signers: vec![],
        policy_root: [0; 32],
        ..vault.clone()
    };
    let genesis = Genesis {
        group: options.group,
        anchors: options.anchors,
        observers: Quorum { keys, least: options.observer_quorum },
        bitcoin_depth: options.bitcoin_depth,
        solana_depth: options.solana_depth,
        max_epoch_age: options.max_epoch_age,
        change_quorum: options.change_quorum,
        change_delay: options.change_delay,
        allow_dev_setup: options.allow_dev_setup,
        time: options.time,
        vaults: vaults.iter().map(blank).collect(),
    };
    genesis.validate()?;
    Ok(genesis)
}
