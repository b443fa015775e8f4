//! The workers: proofs, evaluation, signature.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use solventry_fhe_risk::wire::{Digest, Query, SignedResult, evaluate_query, weights};

use super::{Progress, Server, ServerError};
use crate::signing;

/// Between attempts to write a result.
const RETRY: Duration = Duration::from_secs(5);

/// Evaluates one query after the other until the server stops.
pub(super) fn work(server: &Server) {
    while let Some((query, progress)) = server.queue.next() {
        let start = Instant::now();
        // A panic would be a bug; it costs this query, not the engine.
        let outcome = catch_unwind(AssertUnwindSafe(|| server.evaluate(&query, &progress)))
            .unwrap_or(Err(ServerError::Internal));
        let outcome = outcome.map_err(|error| reason(&error));
        let seconds = start.elapsed().as_secs_f64();
        match &outcome {
            Ok(_) => tracing::info!(%query, seconds, "evaluated"),
            Err(reason) => tracing::warn!(%query, seconds, reason, "refused"),
        }
        // Full disks are emptied: the result is kept until it is written.
        while let Err(error) = server.store.finish(&query, &outcome) {
            tracing::error!(%query, %error, "a result cannot be written");
            if server.queue.sleep(RETRY) {
                return;
            }
        }
        server.queue.done(&query, start);
        if let Err(error) = server.store.forget((server.clock)().saturating_sub(server.keep)) {
            tracing::error!(%error, "old results cannot be removed");
        }
    }
}

/// What a client is told; what concerns the operator stays in the log.
fn reason(error: &ServerError) -> String {
    if error.status().is_server_error() {
        tracing::error!(%error, "evaluation failed");
        return ServerError::Internal.to_string();
    }
    error.to_string()
}

impl Server {
    fn evaluate(&self, id: &Digest, progress: &Progress) -> Result<SignedResult, ServerError> {
        let bytes = self.store.query(id)?;
        let (query, digest) = Query::decode(&bytes)?;
        if digest != *id {
            return Err(ServerError::Internal);
        }
        // Who may ask can have changed since the query was accepted.
        self.require_account(&query.venue, &query.sender.account)?;
        let arrays = self.shelf.find(&query.arrays).ok_or(ServerError::UnknownArrays(query.arrays))?;
        let (key, loaded) = (&self.key, self.load(&query.venue)?);
        self.pool.install(|| {
            let signed = query.bind(&loaded.venue, &arrays)?.signed(signing::verifies)?;
            let plan = self.plan(&loaded.venue, &arrays, query.sender.question)?;
            let inputs = signed.open(&loaded.public_key, loaded.crs.as_ref())?;
            progress.total.store(plan.bootstraps, Ordering::Relaxed);
            let result = evaluate_query(&loaded.engine, &plan, &weights(&arrays), &inputs, &progress.done)?;
            let result = result.encode();
            let signature = signing::sign(key, &SignedResult::message(&result).0);
            Ok(SignedResult { result, engine: key.verifying_key().to_bytes(), signature })
        })
    }
}
