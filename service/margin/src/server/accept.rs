//! From the bytes of a query to its place in the queue: everything that can be refused without a
//! bootstrap or a proof is refused here.

use std::sync::Arc;

use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    plan::{Plan, Question},
    wire::{Digest, EvaluateError, Query, Venue, function, weights},
};

use super::{Server, ServerError, locked};
use crate::{client::Status, signing};

/// Plans that are kept.
const MAX_PLANS: usize = 64;

impl Server {
    /// Takes a query; a query that is here already is answered with where it stands.
    pub(super) fn accept(&self, bytes: &[u8]) -> Result<(Digest, Status), ServerError> {
        // 1. Shape.
        let (query, digest) = Query::decode(bytes)?;
        // 2. Who asks, and about what.
        let venue = self.venue_of(&query)?;
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
        // 5. Room in the queue, and the nonce: on disk when this returns.
        let now = (self.clock)();
        self.queue.push(digest, || Ok(self.store.accept(&query, &digest, bytes, now)?))?;
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

    fn venue_of(&self, query: &Query) -> Result<Venue, ServerError> {
        let entry = self.config.venue(&query.venue).ok_or(ServerError::ForeignVenue(query.venue))?;
        if entry.account(&query.sender.account).is_none() {
            return Err(ServerError::ForeignAccount(hex::encode(query.sender.account)));
        }
        locked(&self.venues).get(&query.venue).cloned().ok_or(ServerError::NoKeys(query.venue))
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
