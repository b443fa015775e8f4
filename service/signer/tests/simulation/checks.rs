//! What must hold in every history.

use std::collections::{BTreeMap, BTreeSet};

use arc_malachitebft_core_types::{Round, VoteType};
use solventry_signer::{
    engine::{Address, Agreement, Height, Misbehavior},
    journal::Decided,
};
use solventry_types::{Digest, VaultConfiguration};

use crate::{toy::verified_decision, world::GENESIS};

/// Kind of a message: 0 for a proposal, 1 and 2 for votes.
type Statement = (Address, Height, Round, u8);

/// Everything that honest nodes said and decided.
#[derive(Default)]
pub struct Checks {
    decided: BTreeMap<u64, Decided>,
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
    pub fn decide(&mut self, decided: Decided, vault: &VaultConfiguration) -> Result<(), String> {
        verified_decision(&decided, vault);
        let first = self.decided.entry(decided.height).or_insert_with(|| decided.clone());
        if first.value == decided.value {
            return Ok(());
        }
        self.fork = Some((first.clone(), decided));
        Err("fork".into())
    }

    /// An honest node signs a message: never two of one kind, height and round.
    pub fn say(&mut self, statement: Statement, content: String) -> Result<(), String> {
        let (address, height, round, kind) = statement;
        let said =
            self.said.entry((address, height, round.as_i64(), kind)).or_insert_with(|| content.clone());
        if *said == content { Ok(()) } else { Err(format!("an honest node said {said} and {content}")) }
    }

    /// Somebody noticed double signing.
    pub fn catch(&mut self, misbehavior: &Misbehavior, honest: &[[u8; 32]]) -> Result<(), String> {
        self.caught.insert(misbehavior.identity);
        if !misbehavior.is_proven(GENESIS) || misbehavior.is_proven(Digest([8; 32])) {
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
