//! From the bytes of a query to its place in the queue: everything that can be refused without a
//! bootstrap or a proof is refused here.

use std::sync::Arc;

use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    plan::{Plan, Question},
    wire::{Digest, EvaluateError, Kind, Query, Venue, WireError, function, weights},
};

use super::{Server, ServerError, locked};
use crate::{client::Status, signing};

/// How far a nonce may be beyond the clock, in microseconds: a day. One that is not bounded would
/// lock its account out for ever.
const NONCE_AHEAD: u64 = 86_400_000_000;
/// Plans that are kept.
const MAX_PLANS: usize = 64;

/// Where a query's venue begins: behind the header.
const VENUE: usize = Kind::HEADER;
/// Where its account begins: behind venue and arrays.
const ACCOUNT: usize = VENUE + 2 * 32;
/// Bytes of a query that say who asks.
const HEAD: usize = ACCOUNT + 32;

impl Server {
    /// Takes a query; a query that is here already is answered with where it stands.
    pub(super) fn accept(&self, bytes: &[u8]) -> Result<(Digest, Status), ServerError> {
        // 1. Shape.
        let (query, digest) = Query::decode(bytes)?;
        // 2. Who asks, when, and about what.
        self.require_account(&query.venue, &query.sender.account)?;
        self.require_near(query.sender.nonce)?;
        let venue = self.venue(&query.venue)?;
        let arrays = self.arrays_of(&query)?;
        // 3. Sizes, conformance, signatures over what is rebuilt here.
        query.bind(&venue, &arrays)?.signed(signing::verifies)?;
        if let Some(status) = self.status(&digest)? {
            return Ok((digest, status));
        }
        // 4. The result would be exact, and the keys suffice.
        let plan = self.plan(&venue, &arrays, query.sender.question)?;
        if plan.needs_large_key() && !venue.is_large {
            return Err(EvaluateError::SmallKey(plan.scenarios).into());
        }
        // 5. Room in the queue, and the nonce: on disk when this returns. A copy that came at the same
        // time may be there by now.
        let (account, now) = (Digest(query.sender.account), (self.clock)());
        self.queue.push(digest, account, || Ok(self.store.accept(&query, &digest, bytes, now)?))?;
        Ok((digest, self.status(&digest)?.unwrap_or(Status::Queued { before: 0 })))
    }

    /// Where a query stands; nothing if it is not known.
    pub(super) fn status(&self, query: &Digest) -> Result<Option<Status>, ServerError> {
        use crate::store::Stage;
        if let Some(status) = self.queue.status(query) {
            return Ok(Some(status));
        }
        Ok(self.store.stage(query)?.map(|stage| match stage {
            Stage::Waiting => Status::Queued { before: 0 },
            Stage::Done(result) => Status::Done { result },
            Stage::Refused(reason) => Status::Refused { reason },
        }))
    }

    /// Whose a query is by its first bytes; nothing if they are too few.
    pub(super) fn require_head(&self, bytes: &[u8]) -> Result<Option<Digest>, ServerError> {
        let Some(head) = bytes.get(..HEAD) else { return Ok(None) };
        match Query::decode(head) {
            Err(WireError::Truncated { .. }) | Ok(_) => {} // of the right kind
            Err(error) => return Err(error.into()),
        }
        let digest = |from: usize| head.get(from..)?.first_chunk().copied().map(Digest);
        let (Some(venue), Some(account)) = (digest(VENUE), digest(ACCOUNT)) else { return Ok(None) };
        self.require_account(&venue, &account.0)?;
        Ok(Some(account))
    }

    pub(super) fn require_account(&self, venue: &Digest, account: &[u8; 32]) -> Result<(), ServerError> {
        let entry = self.config.venue(venue).ok_or(ServerError::ForeignVenue(*venue))?;
        let known = entry.account(account).map(|_| ());
        known.ok_or_else(|| ServerError::ForeignAccount(hex::encode(account)))
    }

    fn require_near(&self, nonce: u64) -> Result<(), ServerError> {
        let most = (self.clock)().saturating_mul(1_000_000).saturating_add(NONCE_AHEAD);
        if nonce <= most { Ok(()) } else { Err(ServerError::Nonce { most, got: nonce }) }
    }

    fn venue(&self, venue: &Digest) -> Result<Venue, ServerError> {
        locked(&self.venues).get(venue).cloned().ok_or(ServerError::NoKeys(*venue))
    }

    fn arrays_of(&self, query: &Query) -> Result<Arc<RiskArrays>, ServerError> {
        let arrays = self.shelf.find(&query.arrays).ok_or(ServerError::UnknownArrays(query.arrays))?;
        let (content, now) = (arrays.content(), (self.clock)());
        if !arrays.valid_at(now) {
            let (epoch, from, until) = (content.epoch, content.valid_from, content.valid_until);
            return Err(ServerError::Validity { epoch, from, until, now });
        }
        Ok(arrays)
    }

    /// The plan of a computation, made once.
    pub(super) fn plan(
        &self,
        venue: &Venue,
        arrays: &RiskArrays,
        question: Question,
    ) -> Result<Arc<Plan>, ServerError> {
        let function = function(venue, arrays, question);
        if let Some(plan) = locked(&self.plans).get(&function) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::new(venue.market, &weights(arrays), question)?);
        let mut plans = locked(&self.plans);
        if plans.len() >= MAX_PLANS {
            plans.clear();
        }
        plans.insert(function, Arc::clone(&plan));
        Ok(plan)
    }
}
