//! The rounds of FROST's key generation for one node, of either suite.

use std::collections::BTreeMap;

use frost_core::{
    Identifier,
    keys::dkg::{self, round1, round2},
};
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::{Fault, GenerationError};
use crate::{
    frost::{Ed25519, Kind, Taproot, canonical, identifier, number},
    suite::{GroupKey, Suite},
};

/// Largest package of round 1 in bytes: a threshold of 21 takes 800.
const MAX_FIRST_BYTES: usize = 2048;
/// Largest package of round 2 in bytes.
const MAX_SECOND_BYTES: usize = 64;

/// A share for another node.
pub(super) type Share = Zeroizing<Vec<u8>>;

/// Key generation without its messages. Lists have one entry per node; a node's own is ignored.
pub(super) trait Rounds {
    /// Round 1: the node's public package.
    fn commit(&mut self) -> Result<Vec<u8>, GenerationError>;
    /// Round 2: checks the packages of all nodes and gives a share for each.
    fn deal(&mut self, packages: &[&[u8]]) -> Result<Vec<Share>, GenerationError>;
    /// Checks the shares of all nodes against their packages and adds them up.
    fn combine(&mut self, shares: &[Share]) -> Result<GroupKey, GenerationError>;
    /// The node's secret share, once.
    fn take_secret(&mut self) -> Option<Zeroizing<[u8; 32]>>;
}

/// The rounds of node `own`.
pub(super) fn rounds(suite: Suite, own: usize, nodes: usize, threshold: u16) -> Box<dyn Rounds + Send> {
    match suite {
        Suite::Taproot => Box::new(Machine::<Taproot>::new(own, nodes, threshold)),
        Suite::Ed25519 => Box::new(Machine::<Ed25519>::new(own, nodes, threshold)),
    }
}

struct Machine<C: Kind> {
    own: usize,
    nodes: usize,
    threshold: u16,
    first: Option<round1::SecretPackage<C>>,
    packages: BTreeMap<Identifier<C>, round1::Package<C>>,
    second: Option<round2::SecretPackage<C>>,
    secret: Option<Zeroizing<[u8; 32]>>,
}

impl<C: Kind> Machine<C> {
    const fn new(own: usize, nodes: usize, threshold: u16) -> Self {
        let packages = BTreeMap::new();
        Self { own, nodes, threshold, first: None, packages, second: None, secret: None }
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<C> {
        let own = self.own;
        (0..self.nodes).filter(move |node| *node != own)
    }

    /// Reads one value of every other node; whose cannot be read is at fault.
    fn read<T>(
        &self,
        fault: Fault,
        read: impl Fn(usize) -> Option<T>,
    ) -> Result<BTreeMap<Identifier<C>, T>, GenerationError> {
        let (mut values, mut faulty) = (BTreeMap::new(), Vec::new());
        for node in self.others() {
            match identifier(node).zip(read(node)) {
                Some((id, value)) => drop(values.insert(id, value)),
                None => faulty.push(node),
            }
        }
        GenerationError::faults(fault, faulty)?;
        Ok(values)
    }

    fn require_degree(&self) -> Result<(), GenerationError> {
        let wrong = self.packages.iter().filter(|(_, package)| {
            let length = package.commitment().serialize().map(|coefficients| coefficients.len());
            length.ok() != Some(usize::from(self.threshold))
        });
        let nodes = wrong.filter_map(|(id, _)| number(*id, self.nodes)).collect();
        GenerationError::faults(Fault::Degree, nodes)
    }

    /// A refusal by the library names one node, or concerns this node's own values.
    fn refusal(&self, fault: Fault, error: &frost_core::Error<C>) -> GenerationError {
        let culprit = error.culprits().first().and_then(|id| number(*id, self.nodes));
        culprit.map_or(GenerationError::Own("frost refused the packages"), |node| {
            GenerationError::fault(fault, node)
        })
    }
}

impl<C: Kind> Rounds for Machine<C> {
    fn commit(&mut self) -> Result<Vec<u8>, GenerationError> {
        let failed = || GenerationError::Own("frost refused to begin");
        let own = identifier::<C>(self.own).ok_or_else(failed)?;
        let nodes = u16::try_from(self.nodes).map_err(|_| failed())?;
        let (secret, package) = dkg::part1(own, nodes, self.threshold, OsRng).map_err(|_| failed())?;
        self.first = Some(secret);
        package.serialize().map_err(|_| failed())
    }

    fn deal(&mut self, packages: &[&[u8]]) -> Result<Vec<Share>, GenerationError> {
        let secret = self.first.take().ok_or(GenerationError::Own("round 2 came before round 1"))?;
        self.packages = self.read(Fault::Malformed, |node| {
            let bytes = packages.get(node)?;
            canonical(bytes, MAX_FIRST_BYTES, round1::Package::deserialize, round1::Package::serialize)
        })?;
        self.require_degree()?;
        let (secret, shares) = dkg::part2(secret, &self.packages)
            .map_err(|error| self.refusal(Fault::ProofOfKnowledge, &error))?;
        self.second = Some(secret);
        let share = |node| match identifier::<C>(node).and_then(|id| shares.get(&id)) {
            Some(share) => share.serialize().map(Zeroizing::new),
            None => Ok(Zeroizing::new(Vec::new())),
        };
        let shares = (0..self.nodes).map(share).collect::<Result<_, _>>();
        shares.map_err(|_| GenerationError::Own("a share cannot be encoded"))
    }

    fn combine(&mut self, shares: &[Share]) -> Result<GroupKey, GenerationError> {
        let secret = self.second.take().ok_or(GenerationError::Own("round 3 came before round 2"))?;
        let shares = self.read(Fault::Share, |node| {
            let bytes = shares.get(node)?;
            canonical(bytes, MAX_SECOND_BYTES, round2::Package::deserialize, round2::Package::serialize)
        })?;
        // Of the taproot suite this tweaks the key as BIP-341 asks for keys without scripts.
        let (own, public) = dkg::part3(&secret, &self.packages, &shares)
            .map_err(|error| self.refusal(Fault::Share, &error))?;
        let bytes = Zeroizing::new(own.signing_share().serialize());
        self.secret = bytes.as_slice().try_into().ok().map(Zeroizing::new);
        GroupKey::of(&public).ok_or(GenerationError::Own("the group key is not one of a group"))
    }

    fn take_secret(&mut self) -> Option<Zeroizing<[u8; 32]>> {
        self.secret.take()
    }
}
