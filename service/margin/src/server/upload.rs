//! Bodies: bounded, timed, streamed to disk where they are large.

use std::{fs::File, future::poll_fn, io::Write, path::Path, pin::Pin, sync::Arc, time::Duration};

use axum::body::{Body, Bytes, HttpBody};
use solventry_fhe_risk::wire::{Query, Venue};
use tokio::{sync::OwnedSemaphorePermit, task::block_in_place, time::timeout};

use super::{Server, ServerError, locked};
use crate::{bundle, files::FileError};

/// Seconds that a client may be silent within a bundle.
const SILENCE: u64 = 30;
/// Seconds in which a client must say who asks.
const HEAD: u64 = 10;
/// Seconds that a query may take.
const QUERY: u64 = 120;
/// Seconds that a bundle may take.
const BUNDLE: u64 = 3600;

/// What is not done in time is given up.
async fn within<T>(
    seconds: u64,
    work: impl Future<Output = Result<T, ServerError>>,
) -> Result<T, ServerError> {
    timeout(Duration::from_secs(seconds), work).await.unwrap_or(Err(ServerError::Body(seconds)))
}

/// The next part of a body; nothing at its end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, ServerError> {
    loop {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let frame =
            timeout(Duration::from_secs(SILENCE), frame).await.map_err(|_| ServerError::Body(SILENCE))?;
        match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(ServerError::Body(SILENCE)),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

/// A query that began with `bytes`.
pub(super) async fn query(bytes: Vec<u8>, body: Body) -> Result<Vec<u8>, ServerError> {
    within(QUERY, gather(bytes, body)).await
}

async fn gather(mut bytes: Vec<u8>, mut body: Body) -> Result<Vec<u8>, ServerError> {
    while let Some(part) = next(&mut body).await? {
        bytes.extend_from_slice(&part);
        if bytes.len() > Query::MAX_BYTES {
            return Err(ServerError::TooLarge(Query::MAX_BYTES as u64));
        }
    }
    Ok(bytes)
}

/// Reads what is not wanted, as much as a query may have and for a short while: a client that is cut
/// off while it sends does not hear why.
pub(super) async fn discard(mut body: Body) {
    if body.size_hint().lower() > Query::MAX_BYTES as u64 {
        return;
    }
    let mut rest = Query::MAX_BYTES;
    let _ = within(HEAD, async {
        while let Some(part) = next(&mut body).await? {
            rest = rest.checked_sub(part.len()).ok_or(ServerError::TooLarge(0))?;
        }
        Ok(())
    })
    .await;
}

impl Server {
    /// A query's first bytes, and a place to receive the rest: who may not ask takes no place, and
    /// neither does who sends nothing.
    pub(super) async fn begin_query(
        &self,
        body: &mut Body,
    ) -> Result<(Vec<u8>, OwnedSemaphorePermit), ServerError> {
        if body.size_hint().lower() > Query::MAX_BYTES as u64 {
            return Err(ServerError::TooLarge(Query::MAX_BYTES as u64));
        }
        let mut bytes = Vec::new();
        within(HEAD, async {
            while self.require_head(&bytes)?.is_none() {
                let Some(part) = next(body).await? else { break };
                bytes.extend_from_slice(&part);
            }
            Ok(())
        })
        .await?;
        let permit = Arc::clone(&self.uploads).try_acquire_owned();
        let busy = ServerError::Busy { what: "too many queries are being sent", seconds: 2 };
        permit.map(|permit| (bytes, permit)).map_err(|_| busy)
    }

    /// Takes a venue's bundle: refused after its first bytes if the venue is not registered, written
    /// to disk as it comes, kept only if every part is the one that its venue file names.
    pub(super) async fn register(&self, mut body: Body) -> Result<Venue, ServerError> {
        let (venue, head) = within(HEAD, self.begin_bundle(&mut body)).await?;
        let busy = ServerError::Busy { what: "another venue is sending its keys", seconds: 30 };
        let _permit = self.registrations.try_acquire().map_err(|_| busy)?;
        within(BUNDLE, self.receive(venue, head, body)).await
    }

    /// The venue of a bundle, and all bytes that were read to know it.
    async fn begin_bundle(&self, body: &mut Body) -> Result<(Venue, Vec<u8>), ServerError> {
        let mut head = Vec::new();
        while let Some(part) = next(body).await? {
            head.extend_from_slice(&part);
            if let Some(venue) = self.require_registered(&head)? {
                return Ok((venue, head));
            }
        }
        Err(ServerError::Body(HEAD))
    }

    async fn receive(&self, venue: Venue, head: Vec<u8>, mut body: Body) -> Result<Venue, ServerError> {
        let folder = self.store.venues();
        let failed = |error: std::io::Error| ServerError::File(FileError::new(&folder, error));
        let file = tempfile::Builder::new().prefix(".incoming").tempfile_in(&folder).map_err(failed)?;
        let (limit, mut length, mut part) = (bundle::max_bytes(&venue), 0, Some(Bytes::from(head)));
        while let Some(bytes) = part {
            length += bytes.len() as u64;
            if length > limit {
                return Err(ServerError::TooLarge(limit));
            }
            block_in_place(|| file.as_file().write_all(&bytes)).map_err(failed)?;
            part = next(&mut body).await?;
        }
        block_in_place(|| self.keep(&venue, file))?;
        Ok(venue)
    }

    fn require_registered(&self, head: &[u8]) -> Result<Option<Venue>, ServerError> {
        let Some(venue) = bundle::head(head)? else { return Ok(None) };
        let digest = venue.digest();
        self.config.venue(&digest).map(|_| Some(venue)).ok_or(ServerError::ForeignVenue(digest))
    }

    fn keep(&self, venue: &Venue, file: tempfile::NamedTempFile) -> Result<(), ServerError> {
        let path = self.store.bundle(&venue.digest());
        let failed = |error: std::io::Error| ServerError::File(FileError::new(&path, error));
        let read = |path: &Path| Ok::<_, ServerError>(bundle::read(File::open(path).map_err(failed)?)?);
        let bundle = read(file.path())?;
        file.as_file().sync_all().map_err(failed)?;
        let ready = self.pool.install(|| super::Loaded::new(bundle));
        // Under this lock nobody removes the file that was here before, and with it this one.
        let mut loaded = locked(&self.loaded);
        file.persist(&path).map_err(|error| failed(error.error))?;
        crate::files::sync_folder(&self.store.venues()).map_err(failed)?;
        loaded.insert(venue.digest(), ready.into());
        locked(&self.venues).insert(venue.digest(), venue.clone());
        Ok(())
    }
}
