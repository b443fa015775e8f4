//! A node's own vote as its peers keep it: what they show to a node whose disk was put back.

use arc_malachitebft_core_types::SignedVote;
use ed25519_dalek::VerifyingKey;
use solventry_protocol::message::MAX_VOTE_BYTES;
use solventry_types::{
    Digest,
    codec::{Reader, Writer},
};

use super::{
    context::{Agreement, Vote},
    fields::{read_vote, write_vote},
    signing::{Signature, is_signed, vote_message},
};

/// A verified vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Identity key of the voter.
    pub identity: [u8; 32],
    /// Height.
    pub height: u64,
    /// The vote and its signature.
    pub bytes: Vec<u8>,
}

impl Said {
    /// Keeps a vote whose signature was verified.
    pub fn of(vote: &Vote, signature: Signature) -> Self {
        let mut writer = Writer::new();
        write_vote(&mut writer, &SignedVote::<Agreement>::new(*vote, signature));
        Self { identity: vote.address.0, height: vote.height.0, bytes: writer.finish() }
    }

    /// Reads what somebody else kept: a vote of `identity` in the journal of `genesis`, whose
    /// signature holds. Nobody else can make one.
    pub fn verified(genesis: Digest, identity: &VerifyingKey, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, MAX_VOTE_BYTES).ok()?;
        let vote = read_vote(&mut reader).ok()?;
        reader.finish().ok()?;
        let own = vote.address.0 == identity.to_bytes();
        let signed = is_signed(identity, vote_message(genesis, &vote.message), &vote.signature);
        (own && signed).then(|| Self::of(&vote.message, vote.signature))
    }
}

#[cfg(test)]
mod tests {
    use arc_malachitebft_core_types::{NilOrVal, Round, VoteType};
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::engine::{Address, Height, Keys};

    #[test]
    fn only_its_own_key_makes_a_nodes_vote() {
        let (genesis, key) = (Digest([3; 32]), SigningKey::from_bytes(&[7; 32]));
        let identity = key.verifying_key();
        let vote = Vote {
            kind: VoteType::Prevote,
            height: Height(9),
            round: Round::new(0),
            value: NilOrVal::Nil,
            address: Address(identity.to_bytes()),
        };
        let signature = Keys::new(genesis, key).vote(&vote).unwrap();
        let said = Said::of(&vote, signature);
        assert_eq!(Said::verified(genesis, &identity, &said.bytes), Some(said.clone()));
        assert_eq!(Said::verified(Digest([4; 32]), &identity, &said.bytes), None, "another journal");
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert_eq!(Said::verified(genesis, &other, &said.bytes), None, "another node");
        for place in 0..said.bytes.len() {
            let mut forged = said.bytes.clone();
            forged[place] ^= 1;
            assert_eq!(Said::verified(genesis, &identity, &forged), None, "byte {place}");
        }
        assert_eq!(Said::verified(genesis, &identity, &[]), None);
        assert_eq!(Said::verified(genesis, &identity, &[said.bytes, vec![0]].concat()), None);
    }
}
