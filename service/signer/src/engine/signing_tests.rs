use solventry_protocol::decision::quorum;

use super::*;
use crate::engine::context::{Address, Height, Value};

const GENESIS: Digest = Digest([1; 32]);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

fn address() -> Address {
    Address(key().verifying_key().to_bytes())
}

fn verifier(genesis: Digest) -> NodeVerifier {
    NodeVerifier::new(genesis, Arc::new(Witness::new(quorum(4))))
}

fn votes() -> Vec<Vote> {
    let mut votes = Vec::new();
    for kind in [VoteType::Prevote, VoteType::Precommit] {
        for value in [NilOrVal::Nil, NilOrVal::Val(Digest([3; 32])), NilOrVal::Val(Digest([4; 32]))] {
            for (height, round) in [(5, 0), (5, 1), (6, 0)] {
                let (height, round) = (Height(height), Round::new(round));
                votes.push(Vote { kind, height, round, value, address: address() });
            }
        }
    }
    votes
}

#[test]
fn a_vote_verifies_as_itself_only() {
    let (keys, public) = (Keys::new(GENESIS, key()), key().verifying_key());
    for vote in votes() {
        let signature = keys.vote(&vote).unwrap();
        for other in votes() {
            assert_eq!(verifier(GENESIS).vote(&other, &signature, &public), other == vote);
        }
        assert!(!verifier(Digest([9; 32])).vote(&vote, &signature, &public), "another journal");
        let stranger = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert!(!verifier(GENESIS).vote(&vote, &signature, &stranger), "another node's key");
        let claimed = Vote { address: Address(stranger.to_bytes()), ..vote };
        assert!(!verifier(GENESIS).vote(&claimed, &signature, &public), "in another node's name");
        let mut changed = signature;
        changed.0[1] ^= 1;
        assert!(!verifier(GENESIS).vote(&vote, &changed, &public));
    }
}

#[test]
fn a_precommit_of_a_value_is_what_auditors_verify() {
    let id = Digest([3; 32]);
    let (height, round, value) = (Height(5), Round::new(2), NilOrVal::Val(id));
    let vote = Vote { kind: VoteType::Precommit, height, round, value, address: address() };
    let expected = precommit_message(GENESIS, 5, 2, id, &address().0);
    assert_eq!(vote_message(GENESIS, &vote), Some(expected));
}

#[test]
fn a_proposal_verifies_as_itself_only() {
    let (keys, public) = (Keys::new(GENESIS, key()), key().verifying_key());
    let proposal = |value, pol_round| {
        let (height, round, value) = (Height(5), Round::new(2), Value(Digest([value; 32])));
        Proposal { height, round, value, pol_round, address: address() }
    };
    let all = [proposal(3, Round::Nil), proposal(3, Round::new(0)), proposal(4, Round::Nil)];
    for first in all {
        let signature = keys.proposal(&first).unwrap();
        for second in all {
            assert_eq!(verifier(GENESIS).proposal(&second, &signature, &public), first == second);
        }
    }
}

#[test]
fn nothing_is_signed_without_a_round() {
    let vote = Vote { round: Round::Nil, ..votes()[0] };
    assert_eq!(Keys::new(GENESIS, key()).vote(&vote), None);
    let signature = Keys::new(GENESIS, key()).vote(&votes()[0]).unwrap();
    assert!(!verifier(GENESIS).vote(&vote, &signature, &key().verifying_key()));
}

#[test]
fn small_order_keys_sign_nothing() {
    // The identity point verifies any message under the loose rules with R and s zero.
    let mut identity = [0; 32];
    identity[0] = 1;
    let public = VerifyingKey::from_bytes(&identity).unwrap();
    let vote = Vote { address: Address(identity), ..votes()[0] };
    let mut signature = [0; 64];
    signature[0] = 1;
    assert!(!verifier(GENESIS).vote(&vote, &Signature(signature), &public));
}
