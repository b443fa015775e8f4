//! Refusals and failures, and the one table of their HTTP statuses.

use axum::{
    Json,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use solventry_fhe_risk::{
    plan::PlanError,
    wire::{Digest, EvaluateError, QueryError, WireError},
};

use super::body::{GRACE, SLOWEST};
use crate::{bundle::BundleError, files::FileError, store::StoreError};

/// Why a request is refused, or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Bytes.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A result that could be inexact.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Keys that lack something.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A venue that may not use this engine.
    #[error("venue {0} is not registered at this engine; its operator adds it to the server's configuration")]
    ForeignVenue(Digest),
    /// A venue whose keys are not here.
    #[error("venue {0} has not sent its keys yet; send them with `solventry-margin register`")]
    NoKeys(Digest),
    /// A venue whose keys were damaged here.
    #[error(
        "the keys of venue {0} were damaged at this engine and are removed; send them again with \
        `solventry-margin register`, then encrypt the portfolio again"
    )]
    DamagedKeys(Digest),
    /// An account that may not ask.
    #[error(
        "account {0} is not registered for this venue; the engine's operator adds it to the configuration"
    )]
    ForeignAccount(String),
    /// Arrays that are not here.
    #[error("risk arrays {0} are not known here; the engine's operator adds their file")]
    UnknownArrays(Digest),
    /// Arrays of another time.
    #[error(
        "risk arrays of epoch {epoch} are valid from {from} until {until}, now it is {now}; use those of today"
    )]
    Validity {
        /// Epoch.
        epoch: u64,
        /// First second.
        from: u64,
        /// First second after.
        until: u64,
        /// Now.
        now: u64,
    },
    /// A nonce that would leave its account no room.
    #[error(
        "expected a nonce of at most {most}, a day ahead in microseconds since 1970, got {got}: is a clock wrong?"
    )]
    Nonce {
        /// Highest.
        most: u64,
        /// Got.
        got: u64,
    },
    /// No room.
    #[error("{what}; try again in {seconds} s")]
    Busy {
        /// What there is too much of.
        what: &'static str,
        /// When to come back.
        seconds: u64,
    },
    /// Too many bytes.
    #[error("expected at most {0} bytes")]
    TooLarge(u64),
    /// Not the length that a client said, or too slow.
    #[error(
        "the body ended early or came too slowly: expected {SLOWEST} bytes a second after the first {} s",
        GRACE.as_secs()
    )]
    Body,
    /// Nothing of that name.
    #[error("no {0} of that digest is known here")]
    Unknown(&'static str),
    /// Not yet.
    #[error("there is no result: {0}")]
    NoResult(String),
    /// Threads could not be started.
    #[error("threads: {0}")]
    Threads(String),
    /// A bug.
    #[error("internal error; the engine's log says more")]
    Internal,
}

impl ServerError {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Wire(_) | Self::Query(QueryError::Wire(_)) => StatusCode::BAD_REQUEST,
            Self::Bundle(_) | Self::Body => StatusCode::BAD_REQUEST,
            Self::Query(QueryError::Signature(_)) => StatusCode::UNAUTHORIZED,
            Self::ForeignVenue(_) | Self::ForeignAccount(_) => StatusCode::FORBIDDEN,
            Self::Unknown(_) | Self::NoResult(_) => StatusCode::NOT_FOUND,
            Self::NoKeys(_) | Self::DamagedKeys(_) | Self::Store(StoreError::Replayed { .. }) => {
                StatusCode::CONFLICT
            }
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Query(_) | Self::Plan(_) | Self::Evaluate(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnknownArrays(_) | Self::Validity { .. } | Self::Nonce { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::File(_) | Self::Threads(_) | Self::Internal => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        let status = self.status();
        // What concerns only the engine's operator stays in the log.
        let text = if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self, "request failed");
            Self::Internal.to_string()
        } else {
            self.to_string()
        };
        let mut response = (status, Json(serde_json::json!({ "error": text }))).into_response();
        if let Self::Busy { seconds, .. } = self {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
