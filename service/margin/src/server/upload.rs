//! Bodies: bounded, timed, streamed to disk where they are large.

use std::{fs::File, future::poll_fn, io::Write, path::Path, pin::Pin, time::Duration};

use axum::body::{Body, Bytes, HttpBody};
use solventry_fhe_risk::wire::Venue;
use tokio::{task::block_in_place, time::timeout};

use super::{Server, ServerError, locked};
use crate::{bundle, files::FileError};

/// Seconds that a client may be silent within a bundle.
const SILENCE: u64 = 30;
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

/// A body of at most `limit` bytes, in memory.
pub(super) async fn small(body: Body, limit: usize) -> Result<Vec<u8>, ServerError> {
    within(QUERY, gather(body, limit)).await
}

async fn gather(mut body: Body, limit: usize) -> Result<Vec<u8>, ServerError> {
    let too_large = || ServerError::TooLarge(limit as u64);
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(part) = next(&mut body).await? {
        if bytes.len() + part.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

impl Server {
    /// Takes a venue's bundle: refused after its first bytes if the venue is not registered, written
    /// to disk as it comes, kept only if every part is the one that its venue file names.
    pub(super) async fn register(&self, body: Body) -> Result<Venue, ServerError> {
        within(BUNDLE, self.receive(body)).await
    }

    async fn receive(&self, mut body: Body) -> Result<Venue, ServerError> {
        let folder = self.store.venues();
        let failed = |error: std::io::Error| ServerError::File(FileError::new(&folder, error));
        let file = tempfile::Builder::new().prefix(".incoming").tempfile_in(&folder).map_err(failed)?;
        let (mut head, mut venue, mut length) = (Vec::new(), None, 0);
        while let Some(part) = next(&mut body).await? {
            length += part.len() as u64;
            if venue.is_none() {
                let room = (Venue::MAX_BYTES + 64).saturating_sub(head.len()).min(part.len());
                head.extend_from_slice(&part[..room]);
                venue = self.require_registered(&head)?;
            }
            let limit = venue.as_ref().map_or(Venue::MAX_BYTES as u64 + (1 << 20), bundle::max_bytes);
            if length > limit {
                return Err(ServerError::TooLarge(limit));
            }
            block_in_place(|| file.as_file().write_all(&part)).map_err(failed)?;
        }
        let venue = venue.ok_or(ServerError::Body(SILENCE))?;
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
        file.persist(&path).map_err(|error| failed(error.error))?;
        crate::files::sync_folder(&self.store.venues()).map_err(failed)?;
        let ready = self.pool.install(|| super::Loaded::new(bundle));
        locked(&self.loaded).insert(venue.digest(), ready.into());
        locked(&self.venues).insert(venue.digest(), venue.clone());
        Ok(())
    }
}
