//! What a list is for: bound into its proof and its sender's signature, rebuilt by every reader from
//! what he knows himself.

use super::{Digest, EncryptedList, Venue, digest::Fields};
use crate::{arrays::file::RiskArrays, plan::Question, reference::Weights};

/// What the values of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Lots of positions, long and short by turns.
    Positions,
    /// Lots of collateral assets.
    Collateral,
}

/// What only the sender knows beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// Account: an Ed25519 key.
    pub account: [u8; 32],
    /// Pseudonym of the portfolio, the same while no lot changes: budgets are kept by it.
    pub portfolio: Digest,
    /// Higher than in any earlier query of the account.
    pub nonce: u64,
    /// Question.
    pub question: Question,
}

/// All that a query's lists are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Of the sender.
    pub sender: Sender,
    venue: Digest,
    public_key: Digest,
    crs: Option<Digest>,
    arrays: Digest,
    order: Digest,
    family: String,
    window: [u64; 3],
    lists: u64,
}

impl Context {
    /// From the venue's file and the arrays, which the caller has by himself.
    pub fn new(venue: &Venue, arrays: &RiskArrays, sender: Sender) -> Self {
        let content = arrays.content();
        Self {
            sender,
            venue: venue.digest(),
            public_key: venue.public_key,
            crs: venue.crs.map(|crs| crs.digest),
            arrays: Digest(arrays.digest()),
            order: order(arrays),
            family: content.family.clone(),
            window: [content.epoch, content.valid_from, content.valid_until],
            lists: if content.collateral.is_empty() { 1 } else { 2 },
        }
    }

    /// What the proof of a list is bound to: injective, with every field behind its length.
    pub fn metadata(&self, role: Role) -> Vec<u8> {
        let Sender { account, portfolio, nonce, question } = &self.sender;
        let (role, number) = match role {
            Role::Positions => ("positions", 1),
            Role::Collateral => ("collateral", 2),
        };
        let question = match question {
            Question::Call => "call",
            Question::Margin => "margin",
        };
        let [epoch, from, until] = self.window;
        Fields::new("solventry/margin-list/v1")
            .digest(&self.venue)
            .bytes(account)
            .bytes(role.as_bytes())
            .number(number)
            .number(self.lists)
            .digest(&self.order)
            .bytes(self.family.as_bytes())
            .number(epoch)
            .number(from)
            .number(until)
            .digest(&self.arrays)
            .number(*nonce)
            .digest(&self.public_key)
            .bytes(self.crs.as_ref().map_or(&[], |crs| &crs.0))
            .digest(portfolio)
            .bytes(question.as_bytes())
            .encoded()
    }

    /// What the sender signs of a list.
    pub fn message(&self, role: Role, list: &EncryptedList) -> Digest {
        let (list, proof) = list.digests();
        Fields::new("solventry/margin-list-signature/v1")
            .bytes(&self.metadata(role))
            .digest(&list)
            .digest(&proof)
            .hash()
    }
}

/// Digest of the order of instruments and collateral assets.
pub fn order(arrays: &RiskArrays) -> Digest {
    let content = arrays.content();
    let fields = Fields::new("solventry/margin-order/v1").number(content.instruments.len() as u64);
    let names = content.instruments.iter().map(|instrument| &instrument.name);
    let names = names.chain(content.collateral.iter().map(|asset| &asset.name));
    names.fold(fields, |fields, name| fields.bytes(name.as_bytes())).hash()
}

/// The arrays by scenario, as an evaluation takes them.
pub fn weights(arrays: &RiskArrays) -> Weights {
    let content = arrays.content();
    let scenario = |number: usize| {
        let legs = content.instruments.iter().flat_map(|instrument| [&instrument.long, &instrument.short]);
        legs.filter_map(|leg| leg.get(number).copied()).collect()
    };
    Weights {
        scenarios: (0..arrays.scenarios()).map(scenario).collect(),
        collateral: content.collateral.iter().map(|asset| asset.factor).collect(),
    }
}
