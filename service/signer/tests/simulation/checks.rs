//! What must hold in every history.

use std::collections::{BTreeMap, BTreeSet};

use arc_malachitebft_core_types::{Round, VoteType};
use solventry_protocol::{Entry, Record};
use solventry_signer::{
    engine::{Address, Agreement, Height, Misbehavior},
    journal::Decided,
};
use solventry_types::{Digest, VaultConfiguration};

use crate::toy::verified_decision;

/// Kind of a message: 0 for a proposal, 1 and 2 for votes.
type Statement = (Address, Height, Round, u8);

/// Everything that honest nodes said and decided.
#[derive(Default)]
pub struct Checks {
    decided: BTreeMap<u64, Decided>,
    /// State after each height, where journals have one.
    states: BTreeMap<u64, Option<Digest>>,
    /// Height of every decided record, ticks left out.
    records: BTreeMap<Digest, u64>,
    /// Height of every sequence number of a vault or of the observers.
    turns: BTreeMap<(String, u64), u64>,
    said: BTreeMap<(Address, Height, i64, u8), String>,
    /// Two decisions of one height.
    pub fork: Option<(Decided, Decided)>,
    /// Nodes whose double signing somebody noticed.
    pub caught: BTreeSet<[u8; 32]>,
}

impl Checks {
    /// Rounds after the first in which heights were decided.
    pub fn rounds(&self) -> u64 {
        self.decided.values().map(|decided| u64::from(decided.round)).sum()
    }

    /// An honest node decides.
    pub fn decide(
        &mut self,
        decided: Decided,
        state: Option<Digest>,
        vault: &VaultConfiguration,
    ) -> Result<(), String> {
        verified_decision(&decided, vault);
        let first = self.decided.entry(decided.height).or_insert_with(|| decided.clone());
        if first.value == decided.value {
            let height = decided.height;
            if *self.states.entry(height).or_insert(state) != state {
                return Err(format!("two states after height {height}"));
            }
            return self.decide_once(&decided);
        }
        self.fork = Some((first.clone(), decided));
        Err("fork".into())
    }

    /// No record is decided at two heights, and no two take one turn.
    fn decide_once(&mut self, decided: &Decided) -> Result<(), String> {
        let (entry, record) = Entry::decode(&decided.value).map_err(|error| error.to_string())?;
        let turn = match record {
            Record::Change(change) => (change.vault, change.sequence),
            Record::Disable(disable) => (disable.vault, disable.sequence),
            Record::Observers(change) => (String::new(), change.sequence),
            _ => return Ok(()),
        };
        let height = decided.height;
        if *self.records.entry(entry.header.record).or_insert(height) != height {
            return Err(format!("the record of height {height} was decided before"));
        }
        if *self.turns.entry(turn).or_insert(height) != height {
            return Err(format!("the turn of the record of height {height} was taken before"));
        }
        Ok(())
    }

    /// Decided records, ticks left out.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// An honest node signs a message: never two of one kind, height and round.
    pub fn say(&mut self, statement: Statement, content: String) -> Result<(), String> {
        let (address, height, round, kind) = statement;
        let said =
            self.said.entry((address, height, round.as_i64(), kind)).or_insert_with(|| content.clone());
        if *said == content { Ok(()) } else { Err(format!("an honest node said {said} and {content}")) }
    }

    /// Somebody noticed double signing.
    pub fn catch(
        &mut self,
        misbehavior: &Misbehavior,
        genesis: Digest,
        honest: &[[u8; 32]],
    ) -> Result<(), String> {
        self.caught.insert(misbehavior.identity);
        if !misbehavior.is_proven(genesis) || misbehavior.is_proven(Digest([8; 32])) {
            return Err(format!("evidence that proves nothing: {misbehavior:?}"));
        }
        if honest.contains(&misbehavior.identity) {
            return Err(format!("evidence against an honest node: {misbehavior:?}"));
        }
        Ok(())
    }
}

/// The statement that a signed message makes, and its content.
pub fn statement(
    message: &arc_malachitebft_core_consensus::SignedConsensusMsg<Agreement>,
) -> (Statement, String) {
    use arc_malachitebft_core_consensus::SignedConsensusMsg::{Proposal, Vote};
    match message {
        Vote(vote) => {
            let kind = if vote.kind == VoteType::Prevote { 1 } else { 2 };
            ((vote.address, vote.height, vote.round, kind), format!("{:?}", vote.value))
        }
        Proposal(proposal) => {
            let id: Digest = proposal.value.0;
            ((proposal.address, proposal.height, proposal.round, 0), format!("{id} {:?}", proposal.pol_round))
        }
    }
}
