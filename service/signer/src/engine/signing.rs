//! Signatures of the agreement: Ed25519 by the strict rules, every message a labelled digest that
//! is bound to the journal's genesis.
//!
//! The strict rules (no small-order keys, canonical encodings) are those of auditors: a precommit
//! that they would refuse must not count here either, or nodes decide what nobody can prove.

use std::{cmp::Ordering, fmt, sync::Arc};

use arc_malachitebft_core_types::{
    NilOrVal, Round, SignedMessage, SigningScheme, ValidatorProof, VoteExtensionScope, VoteType,
};
use arc_malachitebft_signing::{Error, Signer, VerificationResult, Verifier};
use async_trait::async_trait;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use solventry_protocol::decision::precommit_message;
use solventry_types::{Digest, digest::InjectiveHasher};

use super::{
    context::{Agreement, Proposal, Vote},
    witness::Witness,
};

/// Ed25519 with strict verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ed25519Strict;

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// What a signature is over.
pub struct Keys {
    genesis: Digest,
    key: SigningKey,
}

/// Called with a height before the first vote of that height is signed.
pub type BeforeVote = Box<dyn Fn(u64) -> Result<(), Error> + Send + Sync>;

/// Signs with the node's identity key, inside the engine.
pub struct NodeSigner {
    keys: Keys,
    before_vote: BeforeVote,
}

/// Verifies votes and proposals, and tells the witness which votes are genuine.
pub struct NodeVerifier {
    genesis: Digest,
    witness: Arc<Witness>,
}

/// Why bytes are no key or signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} bytes of an Ed25519 key or signature")]
pub struct DecodingError {
    expected: usize,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl PartialOrd for Signature {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Signature {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl SigningScheme for Ed25519Strict {
    type DecodingError = DecodingError;
    type Signature = Signature;
    type PublicKey = VerifyingKey;
    type PrivateKey = SigningKey;

    fn decode_signature(bytes: &[u8]) -> Result<Signature, DecodingError> {
        bytes.try_into().map(Signature).map_err(|_| DecodingError { expected: 64 })
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<VerifyingKey, DecodingError> {
        VerifyingKey::try_from(bytes).map_err(|_| DecodingError { expected: 32 })
    }

    fn encode_public_key(key: &VerifyingKey) -> Vec<u8> {
        key.as_bytes().to_vec()
    }
}

impl Keys {
    /// The signing key of a node of this journal.
    pub const fn new(genesis: Digest, key: SigningKey) -> Self {
        Self { genesis, key }
    }

    /// Signs a vote; none without a round.
    pub fn vote(&self, vote: &Vote) -> Option<Signature> {
        vote_message(self.genesis, vote).map(|message| self.sign(message))
    }

    /// Signs a proposal; none without a round.
    pub fn proposal(&self, proposal: &Proposal) -> Option<Signature> {
        proposal_message(self.genesis, proposal).map(|message| self.sign(message))
    }

    fn sign(&self, message: Digest) -> Signature {
        Signature(self.key.sign(&message.0).to_bytes())
    }
}

impl NodeSigner {
    /// A signer that calls `before_vote` before it signs a vote.
    pub fn new(keys: Keys, before_vote: BeforeVote) -> Self {
        Self { keys, before_vote }
    }
}

impl NodeVerifier {
    /// A verifier of this journal's messages.
    pub const fn new(genesis: Digest, witness: Arc<Witness>) -> Self {
        Self { genesis, witness }
    }

    /// Whether a vote is signed by its address's key.
    pub fn vote(&self, vote: &Vote, signature: &Signature, key: &VerifyingKey) -> bool {
        let valid =
            *key.as_bytes() == vote.address.0 && is_signed(key, vote_message(self.genesis, vote), signature);
        if valid {
            self.witness.note(vote, signature);
        }
        valid
    }

    /// Whether a proposal is signed by its address's key.
    pub fn proposal(&self, proposal: &Proposal, signature: &Signature, key: &VerifyingKey) -> bool {
        *key.as_bytes() == proposal.address.0
            && is_signed(key, proposal_message(self.genesis, proposal), signature)
    }
}

/// What a vote's signature is over. A precommit of a value is
/// [`precommit_message`], so that certificates convert into decisions.
pub fn vote_message(genesis: Digest, vote: &Vote) -> Option<Digest> {
    let (height, round, signer) = (vote.height.0, vote.round.as_u32()?, &vote.address.0);
    let label = match (vote.kind, vote.value) {
        (VoteType::Precommit, NilOrVal::Val(id)) => {
            return Some(precommit_message(genesis, height, round, id, signer));
        }
        (VoteType::Precommit, NilOrVal::Nil) => "solventry/precommit-nil/v1",
        (VoteType::Prevote, NilOrVal::Val(_)) => "solventry/prevote/v1",
        (VoteType::Prevote, NilOrVal::Nil) => "solventry/prevote-nil/v1",
    };
    let hasher = InjectiveHasher::new(label).field(&genesis.0).integer(height).integer(round.into());
    let hasher = match vote.value {
        NilOrVal::Val(id) => hasher.field(&id.0),
        NilOrVal::Nil => hasher,
    };
    Some(hasher.field(signer).finish())
}

/// What a proposal's signature is over.
pub fn proposal_message(genesis: Digest, proposal: &Proposal) -> Option<Digest> {
    let hasher = InjectiveHasher::new("solventry/proposal/v1")
        .field(&genesis.0)
        .integer(proposal.height.0)
        .integer(proposal.round.as_u32()?.into());
    // 0 is none, so that a proof of lock in round 0 differs from none.
    let lock = proposal.pol_round.as_u32().map_or(0, |round| u64::from(round).saturating_add(1));
    Some(hasher.integer(lock).field(&proposal.value.0.0).field(&proposal.address.0).finish())
}

fn validator_message(genesis: Digest, public_key: &[u8], peer_id: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/validator-proof/v1")
        .field(&genesis.0)
        .field(public_key)
        .field(peer_id)
        .finish()
}

/// Whether a signature holds by the strict rules; never without a message.
pub(super) fn is_signed(key: &VerifyingKey, message: Option<Digest>, signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    message.is_some_and(|message| key.verify_strict(&message.0, &signature).is_ok())
}

fn result(valid: bool) -> Result<VerificationResult, Error> {
    Ok(if valid { VerificationResult::Valid } else { VerificationResult::Invalid })
}

#[async_trait]
impl Verifier<Agreement> for NodeVerifier {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        result(self.vote(vote, signature, key))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        key: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        result(self.proposal(proposal, signature, key))
    }

    async fn verify_signed_vote_extension(
        &self,
        _: &VoteExtensionScope<Agreement>,
        _: &(),
        _: &Signature,
        _: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        result(false)
    }

    async fn verify_validator_proof(
        &self,
        proof: &ValidatorProof<Agreement>,
    ) -> Result<VerificationResult, Error> {
        let message = validator_message(self.genesis, &proof.public_key, &proof.peer_id);
        let key = Ed25519Strict::decode_public_key(&proof.public_key);
        result(key.is_ok_and(|key| is_signed(&key, Some(message), &proof.signature)))
    }
}

#[async_trait]
impl Signer<Agreement> for NodeSigner {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedMessage<Agreement, Vote>, Error> {
        (self.before_vote)(vote.height.0)?;
        let signature = self.keys.vote(&vote).ok_or_else(Error::new)?;
        Ok(SignedMessage::new(vote, signature))
    }

    async fn sign_proposal(&self, proposal: Proposal) -> Result<SignedMessage<Agreement, Proposal>, Error> {
        let signature = self.keys.proposal(&proposal).ok_or_else(Error::new)?;
        Ok(SignedMessage::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _: VoteExtensionScope<Agreement>,
        (): (),
    ) -> Result<SignedMessage<Agreement, ()>, Error> {
        Err(Error::new())
    }

    async fn sign_validator_proof(
        &self,
        public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<Agreement>, Error> {
        let signature = self.keys.sign(validator_message(self.keys.genesis, &public_key, &peer_id));
        Ok(ValidatorProof::new(public_key, peer_id, signature))
    }
}

/// A round as votes and proposals carry it.
pub(crate) fn defined(round: Round) -> u32 {
    round.as_u32().unwrap_or(0)
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
