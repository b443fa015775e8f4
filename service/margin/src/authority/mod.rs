//! The decryption authority: holds the venue's secret key, trusts no engine, and charges a budget for
//! what it tells.
//!
//! The steps of [`DecryptionAuthority::answer`] are numbered; each closes a hole of the threat list.

mod attest;
mod error;
mod evidence;
mod grid;
mod lint;

use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    client::{Crs, PublicKey},
    keys::SecretKey,
    plan::{Plan, Question},
    reference::Margin,
    wire::{Answer, Digest, EncryptedResult, Query, Sender, SignedResult, Venue, function, read, weights},
};

use self::evidence::{require_engine_signature, require_own, require_second};
pub use self::{
    attest::AttestError,
    error::AuthorityError,
    evidence::Evidence,
    grid::{GRID_BPS, lower_edge},
    lint::{ArraysFault, require_market_arrays},
};
use crate::{
    budget::{Budget, Charge, Limits, Subject},
    signing,
};

/// What leaves the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Whether collateral is below the margin.
    Call,
    /// That, and the lower edge of collateral over margin on a coarse grid.
    Ratio,
    /// Margin, collateral and excess in full.
    Margin,
}

impl Disclosure {
    /// Bits that an answer can carry at most.
    pub fn cost(self, venue: &Venue) -> u64 {
        match self {
            Self::Call => 1,
            Self::Ratio => grid::bits(),
            // Margin and collateral, each below 2^(p − 1).
            Self::Margin => 2 * u64::from(venue.market.bits - 1),
        }
    }
}

/// What is asked of the authority.
pub struct Request<'a> {
    /// The query as it was sent.
    pub query: &'a [u8],
    /// The engine's signed result.
    pub result: &'a [u8],
    /// Risk arrays that the authority has recomputed from public data itself.
    pub arrays: &'a RiskArrays,
    /// Why to believe the result.
    pub evidence: Evidence<'a>,
    /// What to tell.
    pub disclosure: Disclosure,
    /// Seconds since 1970.
    pub now: u64,
}

/// What the authority tells, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whether collateral is below the margin.
    pub call: bool,
    /// Lower edge of collateral over margin, in basis points.
    pub ratio_bps: Option<u32>,
    /// In full, in quanta.
    pub margin: Option<Margin>,
    /// What was charged.
    pub charge: Charge,
    /// About whom.
    pub subject: Subject,
    /// Arrays.
    pub arrays: Digest,
    /// Engine that signed the result.
    pub engine: [u8; 32],
}

/// The authority of one venue: one key, and labelled so.
pub struct DecryptionAuthority {
    venue: Venue,
    secret: SecretKey,
    public_key: PublicKey,
    crs: Option<Crs>,
    budget: Budget,
    limits: Limits,
    accounts: Option<Vec<[u8; 32]>>,
}

impl DecryptionAuthority {
    /// With the venue's own keys, which the caller has checked against the venue file.
    pub fn new(
        venue: Venue,
        secret: SecretKey,
        public_key: PublicKey,
        crs: Option<Crs>,
        budget: Budget,
        limits: Limits,
    ) -> Self {
        Self { venue, secret, public_key, crs, budget, limits, accounts: None }
    }

    /// Answers for these accounts alone.
    pub fn for_accounts(mut self, accounts: Vec<[u8; 32]>) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// The venue.
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// What it has told.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// The first step that fails. What fails before step 9 costs nothing; nothing is decrypted before.
    pub fn answer(&self, request: &Request<'_>) -> Result<Told, AuthorityError> {
        // 1. The arrays are the family's, valid now, and no probe for one position.
        self.require_arrays(request.arrays, request.now)?;
        // 2. The query is about this venue and these arrays, and the account's own.
        let (query, digest) = Query::decode(request.query)?;
        let signed = query.bind(&self.venue, request.arrays)?.signed(signing::verifies)?;
        if self.accounts.as_ref().is_some_and(|accounts| !accounts.contains(&query.sender.account)) {
            return Err(AuthorityError::Account(hex::encode(query.sender.account)));
        }
        // 3. What is told was asked.
        if request.disclosure != Disclosure::Call && query.sender.question == Question::Call {
            return Err(AuthorityError::NotAsked);
        }
        // 4. The result would be exact.
        let weights = weights(request.arrays);
        let plan = Plan::new(self.venue.market, &weights, query.sender.question)?;
        // 5. The result is an engine's, of this query and this computation.
        let first = SignedResult::decode(request.result)?;
        let result = self.require_result(&first, &query, digest, request.arrays)?;
        // 6. There is room in the budget; it is charged in step 9.
        let subject = self.subject(&query, digest, Digest::of(&first.result), request.now);
        let (kind, cost) = (request.disclosure as u8, request.disclosure.cost(&self.venue));
        self.budget.require_room(&subject, kind, cost, self.limits)?;
        // 7. Proofs hold, and what has none was encrypted here.
        signed.require_own(&self.secret)?;
        let inputs = signed.open(&self.public_key, self.crs.as_ref())?;
        // 8. No engine is trusted alone.
        match &request.evidence {
            Evidence::ReEvaluate(engine) => require_own(engine, &plan, &weights, &inputs, &result)?,
            Evidence::Second { result, engines } => require_second(&first, result, engines)?,
        }
        // 9. The budget is charged, durably, before anything is decrypted.
        let charge = self.budget.charge(&subject, kind, cost, self.limits)?;
        // 10. Only now the key is used; a phase far from every value is refused.
        let answer = read(&self.secret, self.venue.market, &result)?;
        Ok(tell(answer, request, charge, subject, first.engine))
    }

    fn subject(&self, query: &Query, digest: Digest, result: Digest, now: u64) -> Subject {
        let Sender { account, portfolio, nonce, .. } = query.sender;
        Subject { venue: self.venue.public_key, account, portfolio, nonce, query: digest, result, now }
    }

    fn require_arrays(&self, arrays: &RiskArrays, now: u64) -> Result<(), AuthorityError> {
        let content = arrays.content();
        if !self.venue.uses(arrays) {
            let (expected, got) = (self.venue.family.clone(), content.family.clone());
            return Err(AuthorityError::Family { expected, got });
        }
        if !arrays.valid_at(now) {
            let (from, until) = (content.valid_from, content.valid_until);
            return Err(AuthorityError::Validity { from, until, now });
        }
        Ok(require_market_arrays(arrays)?)
    }

    fn require_result(
        &self,
        signed: &SignedResult,
        query: &Query,
        digest: Digest,
        arrays: &RiskArrays,
    ) -> Result<EncryptedResult, AuthorityError> {
        require_engine_signature(signed)?;
        let result = EncryptedResult::decode(&signed.result, self.venue.market)?;
        let expected = function(&self.venue, arrays, query.sender.question);
        let pairs = [("query", digest, result.query), ("computation", expected, result.function)];
        match pairs.into_iter().find(|(_, expected, got)| expected != got) {
            Some((what, expected, got)) => Err(AuthorityError::OtherResult { what, expected, got }),
            None if result.question != query.sender.question => Err(AuthorityError::NotAsked),
            None => Ok(result),
        }
    }
}

fn tell(answer: Answer, request: &Request<'_>, charge: Charge, subject: Subject, engine: [u8; 32]) -> Told {
    let has_ratio = request.disclosure != Disclosure::Call;
    Told {
        call: answer.call,
        ratio_bps: answer.margin.filter(|_| has_ratio).map(|margin| lower_edge(&margin)),
        margin: answer.margin.filter(|_| request.disclosure == Disclosure::Margin),
        charge,
        subject,
        arrays: Digest(request.arrays.digest()),
        engine,
    }
}

#[cfg(test)]
mod tests;
