//! Nodes, key generation and signing rounds for tests, in one process.
#![allow(dead_code, missing_docs)]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use rand_core::{OsRng, RngCore};
use solventry_threshold::{
    AggregateError, GroupKey, KeyShare, Member, Nonces, Run, Setup, Suite, aggregate, commit, sign,
};

/// One node's keys.
pub struct Party {
    pub identity: SigningKey,
    pub link: [u8; 32],
}

impl Party {
    pub fn new() -> Self {
        let (mut seed, mut link) = ([0; 32], [0; 32]);
        OsRng.fill_bytes(&mut seed);
        OsRng.fill_bytes(&mut link);
        Self { identity: SigningKey::from_bytes(&seed), link }
    }

    pub fn member(&self) -> Member {
        Member { identity: self.identity.verifying_key().to_bytes(), link: link_key(&self.link) }
    }
}

/// The same nodes again.
pub fn copies(parties: &[Party]) -> Vec<Party> {
    parties.iter().map(|party| Party { identity: party.identity.clone(), link: party.link }).collect()
}

fn link_key(secret: &[u8; 32]) -> [u8; 32] {
    use snow::{params::DHChoice, resolvers::*};
    let mut key = DefaultResolver.resolve_dh(&DHChoice::Curve25519).unwrap();
    key.set(secret);
    key.pubkey().try_into().unwrap()
}

/// A group that generates keys.
pub struct Group {
    pub parties: Vec<Party>,
    pub setup: Setup,
}

impl Group {
    /// `threshold` of `nodes`, with a fresh session.
    pub fn new(suite: Suite, threshold: u16, nodes: usize) -> Self {
        let parties: Vec<_> = (0..nodes).map(|_| Party::new()).collect();
        let mut session = [0; 32];
        OsRng.fill_bytes(&mut session);
        let members = parties.iter().map(Party::member).collect();
        Self { parties, setup: Setup { suite, session, vault: "treasury".into(), members, threshold } }
    }

    pub fn run(&self, number: usize) -> Run {
        let Party { identity, link } = &self.parties[number];
        Run::new(self.setup.clone(), number, identity, link).unwrap()
    }

    pub fn runs(&self) -> Vec<Run> {
        (0..self.parties.len()).map(|number| self.run(number)).collect()
    }

    /// An honest run to its end: shares and what all nodes answered to step 4.
    pub fn generate(&self) -> (Vec<KeyShare>, Vec<Vec<u8>>) {
        let mut runs = self.runs();
        let bodies = (1..=Run::STEPS).fold(Vec::new(), |bodies, step| advance(&mut runs, step, &bodies));
        (runs.into_iter().map(|run| run.finish().unwrap()).collect(), bodies)
    }
}

/// One step of all runs.
pub fn advance(runs: &mut [Run], step: u8, bodies: &[Vec<u8>]) -> Vec<Vec<u8>> {
    runs.iter_mut().map(|run| run.step(step, bodies).unwrap()).collect()
}

/// Lists by number of the node.
pub type Lists = BTreeMap<usize, Vec<Vec<u8>>>;

/// Nonces and commitments of some nodes.
pub fn commit_all(shares: &[KeyShare], nodes: &[usize], inputs: usize) -> (Vec<Nonces>, Lists) {
    let rounds = nodes.iter().map(|node| commit(&shares[*node], inputs).unwrap());
    let (nonces, lists): (Vec<_>, Vec<_>) = rounds.unzip();
    (nonces, nodes.iter().copied().zip(lists).collect())
}

/// Commitments and signature shares of some nodes.
pub fn sign_all(shares: &[KeyShare], nodes: &[usize], messages: &[Vec<u8>]) -> (Lists, Lists) {
    let (nonces, commitments) = commit_all(shares, nodes, messages.len());
    let signed = nodes
        .iter()
        .zip(nonces)
        .map(|(node, nonces)| (*node, sign(nonces, &shares[*node], messages, &commitments).unwrap()));
    let signed = signed.collect();
    (commitments, signed)
}

/// A whole honest signing round.
pub fn signatures(
    key: &GroupKey,
    shares: &[KeyShare],
    nodes: &[usize],
    messages: &[Vec<u8>],
) -> Result<Vec<[u8; 64]>, AggregateError> {
    let (commitments, signed) = sign_all(shares, nodes, messages);
    aggregate(key, messages, &commitments, &signed)
}

/// Every choice of `size` of the numbers below `below`.
pub fn choices(size: usize, below: usize) -> Vec<Vec<usize>> {
    (0u32..1 << below)
        .filter(|bits| bits.count_ones() as usize == size)
        .map(|bits| (0..below).filter(|number| bits >> number & 1 == 1).collect())
        .collect()
}
