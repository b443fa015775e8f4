//! The node's verifier, which remembers what another node already verified: signatures are most of
//! the work, and every message is verified by all.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use arc_malachitebft_core_types::{SignedMessage, ValidatorProof, VoteExtensionScope};
use arc_malachitebft_signing::{Error, VerificationResult, Verifier};
use async_trait::async_trait;
use ed25519_dalek::VerifyingKey;
use solventry_signer::engine::{
    Agreement, NodeVerifier, Vote,
    context::Proposal,
    signing::{Signature, proposal_message, vote_message},
    witness::Witness,
};
use solventry_types::Digest;

type Key = (Digest, [u8; 32], [u8; 64]);

thread_local! {
    static MEMORY: RefCell<HashMap<Key, bool>> = RefCell::default();
}

/// Forgets everything, so that memory does not grow over the seeds.
pub fn forget() {
    MEMORY.with_borrow_mut(HashMap::clear);
}

pub struct Remembering {
    genesis: Digest,
    inner: NodeVerifier,
    witness: Arc<Witness>,
}

impl Remembering {
    pub fn new(genesis: Digest, witness: Arc<Witness>) -> Self {
        Self { genesis, inner: NodeVerifier::new(genesis, Arc::clone(&witness)), witness }
    }

    pub fn vote(&self, vote: &Vote, signature: &Signature, key: &VerifyingKey) -> bool {
        let Some(message) = vote_message(self.genesis, vote) else { return false };
        let known = (message, key.to_bytes(), signature.0);
        if let Some(valid) = MEMORY.with_borrow(|memory| memory.get(&known).copied()) {
            if valid {
                self.witness.note(vote, signature);
            }
            return valid;
        }
        let valid = self.inner.vote(vote, signature, key);
        MEMORY.with_borrow_mut(|memory| memory.insert(known, valid));
        valid
    }

    pub fn proposal(&self, signed: &SignedMessage<Agreement, Proposal>, key: &VerifyingKey) -> bool {
        let Some(message) = proposal_message(self.genesis, &signed.message) else { return false };
        let known = (message, key.to_bytes(), signed.signature.0);
        if let Some(valid) = MEMORY.with_borrow(|memory| memory.get(&known).copied()) {
            return valid;
        }
        let valid = self.inner.proposal(&signed.message, &signed.signature, key);
        MEMORY.with_borrow_mut(|memory| memory.insert(known, valid));
        valid
    }
}

#[async_trait]
impl Verifier<Agreement> for Remembering {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        Ok(if self.vote(vote, signature, key) {
            VerificationResult::Valid
        } else {
            VerificationResult::Invalid
        })
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        key: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        self.inner.verify_signed_proposal(proposal, signature, key).await
    }

    async fn verify_signed_vote_extension(
        &self,
        _: &VoteExtensionScope<Agreement>,
        (): &(),
        _: &Signature,
        _: &VerifyingKey,
    ) -> Result<VerificationResult, Error> {
        Ok(VerificationResult::Invalid)
    }

    async fn verify_validator_proof(
        &self,
        _: &ValidatorProof<Agreement>,
    ) -> Result<VerificationResult, Error> {
        Ok(VerificationResult::Invalid)
    }
}

/// Result of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("nothing waits in a simulation"),
    }
}
