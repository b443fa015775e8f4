//! Threshold cryptography as the coordinator needs it: outcome of key generation, signatures of
//! shares. It holds no secret.

use std::path::Path;

use solventry_threshold::{AggregateError, GroupKey, Member, Setup, Suite, aggregate, verify_outcome};
use solventry_types::{Chain, VaultAccounts, VaultConfiguration};

use super::{Aggregate, CoordinatorError, Nodes, Unusable, rounds::ByNode};
use crate::store::{StoreError, files};

/// Reads a group key that key generation wrote, and requires that it is the vault's.
pub fn read_group_key(path: &Path, vault: &VaultConfiguration) -> Result<GroupKey, CoordinatorError> {
    let bytes = files::read(path, GroupKey::MAX_BYTES)?;
    let key = GroupKey::decode(&bytes).map_err(|error| StoreError::new(path, error))?;
    let expected = match &vault.accounts {
        VaultAccounts::Bitcoin { scripts } => {
            scripts.iter().any(|script| script.strip_prefix(&[0x51, 0x20]) == Some(key.key.as_slice()))
        }
        VaultAccounts::Solana { authority, .. } => *authority == key.key,
    };
    let suite = Suite::of(vault.accounts.chain());
    if expected && suite == Some(key.suite) {
        Ok(key)
    } else {
        Err(CoordinatorError::OtherKey { vault: vault.name.clone() })
    }
}

/// What all n nodes confirmed in the last step of key generation.
pub(super) fn outcome(
    nodes: Nodes<'_>,
    session: [u8; 32],
    vault: &str,
    chain: Chain,
    bodies: &[Vec<u8>],
) -> Result<GroupKey, CoordinatorError> {
    let failed = |problem: String, nodes| CoordinatorError::Generation { step: 4, problem, nodes };
    let suite = Suite::of(chain).ok_or_else(|| failed(format!("no threshold keys on {chain}"), vec![]))?;
    let member = |node: &solventry_protocol::group::Node| Member { identity: node.identity, link: node.link };
    let members = nodes.group().nodes.iter().map(member).collect();
    let threshold = u16::try_from(nodes.group().threshold()).unwrap_or(u16::MAX);
    let setup = Setup { suite, session, vault: vault.to_owned(), members, threshold };
    verify_outcome(&setup, bodies).map_err(|error| {
        let culprits = error.culprits().iter().map(|node| nodes.said(*node, "at fault")).collect();
        failed(error.to_string(), culprits)
    })
}

impl Aggregate for GroupKey {
    fn check(&self, messages: &[Vec<u8>], commitments: &ByNode) -> Result<(), Unusable> {
        // Without shares this ends at the package if its commitments are at fault.
        match aggregate(self, messages, commitments, &ByNode::new()) {
            Err(error @ AggregateError::Package(_)) => Err(unusable(&error)),
            _ => Ok(()),
        }
    }

    fn aggregate(
        &self,
        messages: &[Vec<u8>],
        commitments: &ByNode,
        shares: &ByNode,
    ) -> Result<Vec<[u8; 64]>, Unusable> {
        aggregate(self, messages, commitments, shares).map_err(|error| unusable(&error))
    }
}

fn unusable(error: &AggregateError) -> Unusable {
    Unusable { culprits: error.culprits().to_vec(), problem: error.to_string() }
}
