//! Who signed what nobody may sign together.

use std::fmt;

use arc_malachitebft_core_consensus::MisbehaviorEvidence;
use arc_malachitebft_core_types::{
    NilOrVal, Proposal as _, Round, SignedProposal, SignedVote, Vote as _, VoteType,
};
use ed25519_dalek::VerifyingKey;
use solventry_protocol::{Decision, Entry, decision::Precommit};
use solventry_types::{
    Digest,
    codec::{CodecError, Magic, Reader, Writer},
};

use super::{
    context::{Address, Agreement, Height, Proposal, Value, Vote},
    fields::{read_choice, read_digest, read_round, read_signature, write_choice, write_round},
    signing::{Signature, defined, is_signed, proposal_message, vote_message},
};
use crate::journal::{CommitVote, Decided};

/// Two signed messages of one node, at one height and round, that contradict each other.
#[derive(Clone, PartialEq, Eq)]
pub struct Misbehavior {
    /// Height.
    pub height: u64,
    /// Round.
    pub round: u32,
    /// Identity key of the node.
    pub identity: [u8; 32],
    /// What it signed twice.
    pub kind: Kind,
    /// Both value ids, none for nil, with their signatures.
    pub statements: [(Option<Digest>, [u8; 64]); 2],
    /// Both rounds of a proof of lock; proposals only.
    pub locks: [Option<u32>; 2],
}

/// Kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Proposal.
    Proposal,
    /// Prevote.
    Prevote,
    /// Precommit.
    Precommit,
}

impl fmt::Debug for Misbehavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { height, round, identity, kind, .. } = self;
        let identity = Digest(*identity);
        write!(f, "node {identity} signed two messages ({kind:?}) at height {height}, round {round}")
    }
}

impl Kind {
    const fn tag(self) -> u8 {
        match self {
            Self::Proposal => 0,
            Self::Prevote => 1,
            Self::Precommit => 2,
        }
    }
}

impl Misbehavior {
    /// First bytes of a file.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVEQV\n", version: 1, what: "evidence of double signing" };
    /// Largest file.
    const MAX_BYTES: usize = 1 << 10;

    /// Everything that Malachite collected during a height.
    pub fn collect(evidence: MisbehaviorEvidence<Agreement>) -> Vec<Self> {
        let votes = evidence.votes.into_iter();
        let votes = votes.flat_map(|(address, pairs)| {
            pairs.into_iter().map(move |(first, second)| Self::of_votes(address, &first, &second))
        });
        let proposals = evidence.proposals.iter().flat_map(|(address, pairs)| {
            pairs.iter().map(move |(first, second)| Self::of_proposals(*address, first, second))
        });
        votes.chain(proposals).collect()
    }

    /// The evidence with the genesis that its signatures are bound to.
    pub fn encode(&self, genesis: Digest) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).bytes(&genesis.0).u64(self.height).u32(self.round);
        writer.bytes(&self.identity).u8(self.kind.tag());
        for ((value, signature), lock) in self.statements.iter().zip(self.locks) {
            write_choice(&mut writer, value.map_or(NilOrVal::Nil, NilOrVal::Val));
            write_round(writer.bytes(signature), Round::from(lock));
        }
        writer.finish()
    }

    /// Genesis and evidence, which [`Self::is_proven`] has yet to verify.
    pub fn decode(bytes: &[u8]) -> Result<(Digest, Self), CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let genesis = read_digest(&mut reader)?;
        let (height, round) = (reader.u64("height")?, reader.u32("round")?);
        let identity = reader.array("identity key")?;
        let tag = reader.u8("kind of message")?;
        let kind =
            [Kind::Proposal, Kind::Prevote, Kind::Precommit].into_iter().find(|kind| kind.tag() == tag);
        let kind = kind.ok_or_else(|| reader.invalid("kind of message", "expected 0 to 2"))?;
        let (first, lock) = read_statement(&mut reader)?;
        let (second, other_lock) = read_statement(&mut reader)?;
        reader.finish()?;
        let (statements, locks) = ([first, second], [lock, other_lock]);
        Ok((genesis, Self { height, round, identity, kind, statements, locks }))
    }

    /// Whether the node signed both messages, and they differ.
    pub fn is_proven(&self, genesis: Digest) -> bool {
        let [first, second] = &self.statements;
        let [lock, other_lock] = &self.locks;
        (first.0, lock) != (second.0, other_lock)
            && self.is_signed(genesis, first, *lock)
            && self.is_signed(genesis, second, *other_lock)
    }

    fn is_signed(&self, genesis: Digest, statement: &(Option<Digest>, [u8; 64]), lock: Option<u32>) -> bool {
        let (height, round) = (Height(self.height), Round::new(self.round));
        let (value, address) = (statement.0.map_or(NilOrVal::Nil, NilOrVal::Val), Address(self.identity));
        let vote = |kind| vote_message(genesis, &Vote { kind, height, round, value, address });
        let message = match (self.kind, statement.0) {
            (Kind::Prevote, _) => vote(VoteType::Prevote),
            (Kind::Precommit, _) => vote(VoteType::Precommit),
            (Kind::Proposal, None) => None,
            (Kind::Proposal, Some(id)) => {
                let (value, pol_round) = (Value(id), Round::from(lock));
                proposal_message(genesis, &Proposal { height, round, value, pol_round, address })
            }
        };
        let key = VerifyingKey::from_bytes(&self.identity);
        key.is_ok_and(|key| is_signed(&key, message, &Signature(statement.1)))
    }

    fn of_votes(address: Address, first: &SignedVote<Agreement>, second: &SignedVote<Agreement>) -> Self {
        let statement = |vote: &SignedVote<Agreement>| {
            let value = match vote.value() {
                NilOrVal::Nil => None,
                NilOrVal::Val(id) => Some(*id),
            };
            (value, vote.signature.0)
        };
        let kind = match first.vote_type() {
            VoteType::Prevote => Kind::Prevote,
            VoteType::Precommit => Kind::Precommit,
        };
        Self {
            height: first.height().0,
            round: defined(first.round()),
            identity: address.0,
            kind,
            statements: [statement(first), statement(second)],
            locks: [None; 2],
        }
    }

    fn of_proposals(
        address: Address,
        first: &SignedProposal<Agreement>,
        second: &SignedProposal<Agreement>,
    ) -> Self {
        let statement =
            |proposal: &SignedProposal<Agreement>| (Some(proposal.value().0), proposal.signature.0);
        Self {
            height: first.height().0,
            round: defined(first.round()),
            identity: address.0,
            kind: Kind::Proposal,
            statements: [statement(first), statement(second)],
            locks: [first.pol_round().as_u32(), second.pol_round().as_u32()],
        }
    }
}

type Statement = (Option<Digest>, [u8; 64]);

fn read_statement(reader: &mut Reader<'_>) -> Result<(Statement, Option<u32>), CodecError> {
    let value = match read_choice(reader)? {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(id),
    };
    let Signature(signature) = read_signature(reader)?;
    Ok(((value, signature), read_round(reader)?.as_u32()))
}

/// Signers of two verified certificates of one height that decide different values; empty if the
/// certificates do not contradict each other.
///
/// At least f + 1 signers are in both. Certificates of the same round prove each of them faulty.
/// Of different rounds they name who has to explain itself: a node may change its precommit only
/// after 2f + 1 prevotes for the later value, which it must be able to show.
pub fn double_signers(first: &Decision, second: &Decision) -> Vec<u8> {
    if first.height != second.height || first.header.value_id() == second.header.value_id() {
        return Vec::new();
    }
    let in_second = |signer: &u8| second.precommits.iter().any(|precommit| precommit.signer == *signer);
    first.precommits.iter().map(|precommit| precommit.signer).filter(in_second).collect()
}

/// The decision of a decided height, as auditors verify it; none if its value is no entry or a
/// vote is of no node.
pub fn decision(decided: &Decided, identities: &[[u8; 32]]) -> Option<Decision> {
    let (entry, _) = Entry::decode(&decided.value).ok()?;
    let precommit = |vote: &CommitVote| {
        let signer = identities.iter().position(|identity| *identity == vote.identity)?;
        Some(Precommit { signer: u8::try_from(signer).ok()?, signature: vote.signature })
    };
    let mut precommits = decided.votes.iter().map(precommit).collect::<Option<Vec<_>>>()?;
    precommits.sort_by_key(|precommit| precommit.signer);
    Some(Decision { header: entry.header, height: decided.height, round: decided.round, precommits })
}
