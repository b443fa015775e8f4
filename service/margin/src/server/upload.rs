//! What clients send: bounded, at a pace, streamed to disk where it is large. Who may not send it takes
//! no place, and neither does who sends nothing.

use std::{fs::File, io::Write, path::Path};

use axum::body::Bytes;
use solventry_fhe_risk::wire::{Digest, Query, Venue};
use tokio::{task::block_in_place, time::timeout};

use super::{
    Server, ServerError,
    body::{GRACE, Incoming},
    connections::Connection,
    locked,
    places::Place,
};
use crate::{bundle, files::FileError};

/// All of a query that began with `bytes`.
pub(super) async fn query(mut bytes: Vec<u8>, mut body: Incoming) -> Result<Vec<u8>, ServerError> {
    while let Some(part) = body.next().await? {
        bytes.extend_from_slice(&part);
        if bytes.len() > Query::MAX_BYTES {
            return Err(ServerError::TooLarge(Query::MAX_BYTES as u64));
        }
    }
    Ok(bytes)
}

/// Reads what is not wanted, as much as a query may have and for a short while: a client that is cut
/// off while it sends does not hear why.
pub(super) async fn discard(mut body: Incoming) {
    if body.least() > Query::MAX_BYTES as u64 {
        return;
    }
    let mut rest = Query::MAX_BYTES;
    let all = async {
        while let Ok(Some(part)) = body.next().await {
            let Some(left) = rest.checked_sub(part.len()) else { return };
            rest = left;
        }
    };
    let _ = timeout(GRACE, all).await;
}

impl Server {
    /// A query's first bytes, and a place to receive the rest.
    pub(super) async fn begin_query(
        &self,
        body: &mut Incoming,
        connection: &Connection,
    ) -> Result<(Vec<u8>, Place), ServerError> {
        if body.least() > Query::MAX_BYTES as u64 {
            return Err(ServerError::TooLarge(Query::MAX_BYTES as u64));
        }
        let (mut bytes, mut account) = (Vec::new(), None);
        while account.is_none() {
            let Some(part) = body.next().await? else { break };
            bytes.extend_from_slice(&part);
            account = self.require_head(&bytes)?;
        }
        // One that has ended already is refused for its length.
        let place = self.uploads.take(account.unwrap_or(Digest([0; 32])));
        let busy = ServerError::Busy { what: "too many queries are being sent", seconds: 2 };
        let place = place.ok_or(busy)?;
        connection.is_known();
        Ok((bytes, place))
    }

    /// Takes a venue's bundle: refused after its first bytes if the venue is not registered, written
    /// to disk as it comes, kept only if every part is the one that its venue file names.
    pub(super) async fn register(
        &self,
        mut body: Incoming,
        connection: &Connection,
    ) -> Result<Venue, ServerError> {
        let (venue, head) = self.begin_bundle(&mut body).await?;
        if locked(&self.venues).contains_key(&venue.digest()) {
            return Ok(venue); // what is here was checked, or will be before it is used
        }
        let busy = ServerError::Busy { what: "the keys of this venue are being sent already", seconds: 30 };
        let _place = self.registrations.take(venue.digest()).ok_or(busy)?;
        connection.is_known();
        self.receive(venue, head, body).await
    }

    /// The venue of a bundle, and all bytes that were read to know it.
    async fn begin_bundle(&self, body: &mut Incoming) -> Result<(Venue, Vec<u8>), ServerError> {
        let mut head = Vec::new();
        while let Some(part) = body.next().await? {
            head.extend_from_slice(&part);
            if let Some(venue) = self.require_registered(&head)? {
                return Ok((venue, head));
            }
        }
        Err(ServerError::Body)
    }

    async fn receive(&self, venue: Venue, head: Vec<u8>, mut body: Incoming) -> Result<Venue, ServerError> {
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
            part = body.next().await?;
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
        // One at a time: keys fill memory.
        let _alone = locked(&self.keeping);
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
