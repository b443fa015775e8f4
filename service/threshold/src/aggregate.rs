//! The coordinator's part in a signing round: signatures from shares, and who gave a wrong one.

use std::collections::BTreeMap;

use frost_core::{
    CheaterDetection, SigningPackage, aggregate_custom, keys::PublicKeyPackage, round2::SignatureShare,
    verify_signature_share,
};

use crate::{
    frost::{Ed25519, Kind, Taproot, identifier},
    package::{PackageError, packages},
    suite::{GroupKey, Suite, verifying_share},
};

/// Why shares make no signatures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AggregateError {
    /// Messages or commitments.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Not the nodes that committed.
    #[error("expected shares of the nodes that committed, {expected:?}, got {got:?}")]
    Nodes {
        /// Nodes that committed.
        expected: Vec<usize>,
        /// Nodes with shares.
        got: Vec<usize>,
    },
    /// Wrong or malformed shares.
    #[error("nodes {0:?} gave wrong or malformed signature shares")]
    Shares(Vec<usize>),
    /// Every share is right, but the signature is not.
    #[error("every share is right, but the signature does not verify: is the group key the group's?")]
    Signature,
}

impl AggregateError {
    /// All nodes at fault, rising.
    pub fn culprits(&self) -> &[usize] {
        match self {
            Self::Package(error) => error.culprits(),
            Self::Shares(nodes) => nodes,
            Self::Nodes { .. } | Self::Signature => &[],
        }
    }
}

/// One signature per message, each verified under the key. `commitments` and `shares` are those
/// of the same t nodes by number. If a share is wrong, all nodes that gave a wrong one are named.
pub fn aggregate(
    key: &GroupKey,
    messages: &[Vec<u8>],
    commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
    shares: &BTreeMap<usize, Vec<Vec<u8>>>,
) -> Result<Vec<[u8; 64]>, AggregateError> {
    match key.suite {
        Suite::Taproot => Round::<Taproot>::new(key, messages, commitments)?.aggregate(shares),
        Suite::Ed25519 => Round::<Ed25519>::new(key, messages, commitments)?.aggregate(shares),
    }
}

/// Whether the shares of one of the t nodes are right: one per message.
pub fn verify_share(
    key: &GroupKey,
    node: usize,
    messages: &[Vec<u8>],
    commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
    shares: &[Vec<u8>],
) -> Result<(), AggregateError> {
    if !commitments.contains_key(&node) {
        let expected = commitments.keys().copied().collect();
        return Err(AggregateError::Nodes { expected, got: vec![node] });
    }
    let right = match key.suite {
        Suite::Taproot => Round::<Taproot>::new(key, messages, commitments)?.are_right(node, shares),
        Suite::Ed25519 => Round::<Ed25519>::new(key, messages, commitments)?.are_right(node, shares),
    };
    if right { Ok(()) } else { Err(AggregateError::Shares(vec![node])) }
}

struct Round<'a, C: Kind> {
    key: &'a GroupKey,
    messages: &'a [Vec<u8>],
    nodes: Vec<usize>,
    public: PublicKeyPackage<C>,
    packages: Vec<SigningPackage<C>>,
}

impl<'a, C: Kind> Round<'a, C> {
    fn new(
        key: &'a GroupKey,
        messages: &'a [Vec<u8>],
        commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
    ) -> Result<Self, AggregateError> {
        let public = key.package::<C>().ok_or(PackageError::Key)?;
        let packages = packages::<C>(key, messages, commitments)?;
        Ok(Self { key, messages, nodes: commitments.keys().copied().collect(), public, packages })
    }

    fn aggregate(&self, shares: &BTreeMap<usize, Vec<Vec<u8>>>) -> Result<Vec<[u8; 64]>, AggregateError> {
        if !shares.keys().eq(&self.nodes) {
            let (expected, got) = (self.nodes.clone(), shares.keys().copied().collect());
            return Err(AggregateError::Nodes { expected, got });
        }
        // The usual case first: shares are looked at one by one only if the sum is wrong.
        if let Some(signatures) = self.sum(shares) {
            return Ok(signatures);
        }
        let wrong = shares.iter().filter(|(node, own)| !self.are_right(**node, own));
        match wrong.map(|(node, _)| *node).collect::<Vec<_>>() {
            nodes if nodes.is_empty() => Err(AggregateError::Signature),
            nodes => Err(AggregateError::Shares(nodes)),
        }
    }

    /// Signatures of all messages, if all verify.
    fn sum(&self, shares: &BTreeMap<usize, Vec<Vec<u8>>>) -> Option<Vec<[u8; 64]>> {
        let mut rounds = vec![BTreeMap::new(); self.packages.len()];
        for (node, own) in shares {
            let (id, own) = (identifier::<C>(*node)?, self.decode(own)?);
            for (round, share) in rounds.iter_mut().zip(own) {
                round.insert(id, share);
            }
        }
        let rounds = self.packages.iter().zip(&rounds).zip(self.messages);
        rounds.map(|((package, shares), message)| self.signature(package, shares, message)).collect()
    }

    fn signature(
        &self,
        package: &SigningPackage<C>,
        shares: &BTreeMap<frost_core::Identifier<C>, SignatureShare<C>>,
        message: &[u8],
    ) -> Option<[u8; 64]> {
        // Not `aggregate_with_tweak`: key generation has tweaked the key already.
        let signature = aggregate_custom(package, shares, &self.public, CheaterDetection::Disabled).ok()?;
        let bytes = signature.serialize().ok()?.try_into().ok()?;
        self.key.verifies(message, &bytes).then_some(bytes)
    }

    fn are_right(&self, node: usize, shares: &[Vec<u8>]) -> bool {
        let (Some(id), Some(public)) = (identifier::<C>(node), verifying_share(&self.public, node)) else {
            return false;
        };
        let right = |(share, package): (&SignatureShare<C>, &SigningPackage<C>)| {
            verify_signature_share(id, &public, share, package, self.public.verifying_key()).is_ok()
        };
        self.decode(shares).is_some_and(|own| own.iter().zip(&self.packages).all(right))
    }

    /// One canonical scalar per message.
    fn decode(&self, shares: &[Vec<u8>]) -> Option<Vec<SignatureShare<C>>> {
        let decode = |bytes: &Vec<u8>| SignatureShare::deserialize(bytes).ok();
        if shares.len() == self.packages.len() { shares.iter().map(decode).collect() } else { None }
    }
}
