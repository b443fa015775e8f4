//! What never changes about a journal, and what was verified once.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Deref,
    sync::Arc,
};

use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::Genesis;
use solventry_types::Digest;
use solventry_verifier::VerifiedAttestation;

/// Seconds between ticks of an idle journal.
pub const TICK: u64 = 30;
/// Most seconds between the time of a fresh proposal and a node's own clock.
pub const CLOCK_TOLERANCE: u64 = 30;

/// Where the key of policy proofs is: ready, or made at the first proof.
pub type PolicyKeySource = dyn Deref<Target = PolicyVerifyingKey> + Send + Sync;

/// Genesis and the key of the policy circuit.
pub struct Rules {
    /// Genesis.
    pub genesis: Genesis,
    /// Its digest.
    pub id: Digest,
    /// Identity keys of the nodes, in order.
    pub identities: Vec<[u8; 32]>,
    /// Verifying key of policy proofs.
    pub policy_key: Box<PolicyKeySource>,
}

impl Rules {
    /// The rules of a genesis.
    pub fn new(genesis: Genesis, policy_key: Box<PolicyKeySource>) -> Self {
        Self { id: genesis.digest(), identities: genesis.group.identities(), genesis, policy_key }
    }
}

/// What was verified before. Proofs are functions of the record and of the attestation that it
/// names, under keys that never change, so a record that was verified once need not be again: this
/// only saves time, and forgets the oldest first.
#[derive(Debug, Default)]
pub struct Memo {
    proven: VecDeque<Digest>,
    attestations: BTreeMap<Digest, Arc<VerifiedAttestation>>,
}

impl Memo {
    const MAX_PROVEN: usize = 1_024;
    const MAX_ATTESTATIONS: usize = 3;

    /// Whether the proofs of a payment's record were verified.
    pub fn is_proven(&self, record: Digest) -> bool {
        self.proven.contains(&record)
    }

    /// Remembers that they were.
    pub fn prove(&mut self, record: Digest) {
        if self.proven.len() >= Self::MAX_PROVEN {
            self.proven.pop_front();
        }
        self.proven.push_back(record);
    }

    /// A verified attestation.
    pub fn attestation(&self, digest: Digest) -> Option<Arc<VerifiedAttestation>> {
        self.attestations.get(&digest).cloned()
    }

    /// Remembers a verified attestation.
    pub fn keep(&mut self, attestation: Arc<VerifiedAttestation>) {
        if self.attestations.len() >= Self::MAX_ATTESTATIONS {
            // Epochs go forward: the oldest is of least use.
            let epoch = |kept: &VerifiedAttestation| kept.attestation().context.epoch;
            let oldest = self.attestations.iter().min_by_key(|(_, kept)| epoch(kept)).map(|(id, _)| *id);
            oldest.and_then(|oldest| self.attestations.remove(&oldest));
        }
        self.attestations.insert(attestation.digest(), attestation);
    }
}
