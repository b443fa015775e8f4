//! The types of the agreement: heights, addresses, votes, proposals and their parts.

use std::{fmt, sync::Arc};

use arc_malachitebft_core_types as core;
use arc_malachitebft_core_types::{LinearTimeouts, NilOrVal, Round, SignedExtension, VoteType, VotingPower};
use bytes::Bytes;
use ed25519_dalek::VerifyingKey;
use solventry_types::Digest;

use super::signing::Ed25519Strict;

/// The agreement among the nodes of one journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement;

/// A height of the journal; the first that is decided is 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(pub u64);

/// A node, by its identity key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 32]);

/// The id of an entry, which is what the nodes agree on; its bytes are in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(pub Digest);

/// A prevote or precommit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteType,
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Value id, or nil.
    pub value: NilOrVal<Digest>,
    /// Who votes.
    pub address: Address,
}

/// A proposal of a value id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Height.
    pub height: Height,
    /// Round.
    pub round: Round,
    /// Value id.
    pub value: Value,
    /// Round of the proof of lock, or none.
    pub pol_round: Round,
    /// Who proposes.
    pub address: Address,
}

/// A piece of an encoded entry; every part says where it belongs.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Height of the entry.
    pub height: Height,
    /// Round for which it is sent.
    pub round: u32,
    /// Value id of the entry.
    pub value: Digest,
    /// Number of parts.
    pub count: u16,
    /// Place of this part, from 0.
    pub index: u16,
    /// The bytes.
    pub bytes: Bytes,
}

/// A node of the group with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    address: Address,
    key: VerifyingKey,
}

/// The nodes in group order, one vote each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorSet {
    first: Validator,
    others: Arc<[Validator]>,
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::Address for Address {}

impl core::Value for Value {
    type Id = Digest;

    fn id(&self) -> Digest {
        self.0
    }
}

impl Validator {
    /// The node with this identity key, if it is one.
    pub fn new(identity: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(identity).ok()?;
        Some(Self { address: Address(*identity), key })
    }
}

impl core::Validator<Agreement> for Validator {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &VerifyingKey {
        &self.key
    }

    fn voting_power(&self) -> VotingPower {
        1
    }
}

impl ValidatorSet {
    /// The set of these identity keys, in their order; none if one of them is no key, or there
    /// are none.
    pub fn new(identities: &[[u8; 32]]) -> Option<Self> {
        let all = identities.iter().map(Validator::new).collect::<Option<Vec<_>>>()?;
        let (first, others) = all.split_first()?;
        Some(Self { first: first.clone(), others: others.into() })
    }

    /// Place of a node in the group.
    pub fn number_of(&self, address: &Address) -> Option<usize> {
        self.all().position(|validator| validator.address == *address)
    }

    /// Who proposes in a round of a height: the nodes take turns in both.
    pub fn proposer(&self, height: Height, round: u32) -> &Validator {
        self.all().nth(self.proposer_number(height, round)).unwrap_or(&self.first)
    }

    /// Place in the group of the node that proposes in a round of a height.
    pub fn proposer_number(&self, height: Height, round: u32) -> usize {
        let count = u64::try_from(self.others.len()).unwrap_or(u64::MAX).saturating_add(1);
        let turn = (height.0 % count).saturating_add(u64::from(round) % count) % count;
        usize::try_from(turn).unwrap_or(0)
    }

    fn all(&self) -> impl Iterator<Item = &Validator> {
        std::iter::once(&self.first).chain(self.others.iter())
    }
}

impl core::ValidatorSet<Agreement> for ValidatorSet {
    fn count(&self) -> usize {
        self.others.len().saturating_add(1)
    }

    fn total_voting_power(&self) -> VotingPower {
        VotingPower::try_from(self.count()).unwrap_or(VotingPower::MAX)
    }

    fn get_by_address(&self, address: &Address) -> Option<&Validator> {
        self.all().find(|validator| validator.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Validator> {
        self.all().nth(index)
    }
}

impl core::Vote<Agreement> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<Digest> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<Digest> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&SignedExtension<Agreement>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<Agreement>> {
        None
    }

    /// Votes have no extensions here; nobody calls this while the policy disables them.
    fn extend(self, _: SignedExtension<Agreement>) -> Self {
        self
    }
}

impl core::Proposal<Agreement> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &Value {
        &self.value
    }

    fn take_value(self) -> Value {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.pol_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

impl fmt::Debug for Part {
    /// Without the bytes: they may be a customer's payment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { height, round, value, count, index, bytes } = self;
        write!(f, "Part({height}/{round} {value}, {index} of {count}, {} bytes)", bytes.len())
    }
}

impl core::ProposalPart<Agreement> for Part {
    fn is_first(&self) -> bool {
        self.index == 0
    }

    fn is_last(&self) -> bool {
        self.index.checked_add(1) == Some(self.count)
    }
}

impl core::Context for Agreement {
    type Address = Address;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Proposal;
    type Validator = Validator;
    type ValidatorSet = ValidatorSet;
    type Timeouts = LinearTimeouts;
    type Value = Value;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Ed25519Strict;

    fn select_proposer<'a>(&self, set: &'a ValidatorSet, height: Height, round: Round) -> &'a Validator {
        set.proposer(height, round.as_u32().unwrap_or(0))
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: Value,
        pol_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal { height, round, value, pol_round, address }
    }

    fn new_prevote(&self, height: Height, round: Round, value: NilOrVal<Digest>, address: Address) -> Vote {
        Vote { kind: VoteType::Prevote, height, round, value, address }
    }

    fn new_precommit(&self, height: Height, round: Round, value: NilOrVal<Digest>, address: Address) -> Vote {
        Vote { kind: VoteType::Precommit, height, round, value, address }
    }
}
