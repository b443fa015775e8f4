//! Routes.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};
use solventry_fhe_risk::wire::{Digest, Query};
use tokio::{sync::SemaphorePermit, task::spawn_blocking};

use super::{Server, ServerError, locked, upload};
use crate::client::Status;

/// All routes.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/v1/health", get(health))
        .route("/v1/venues", post(register))
        .route("/v1/venues/{venue}", get(venue))
        .route("/v1/queries", post(submit))
        .route("/v1/queries/{query}", get(status))
        .route("/v1/queries/{query}/result", get(result))
        // Bodies are bounded where they are read, by what they are.
        .layer(DefaultBodyLimit::disable())
        .with_state(server)
}

type Shared = State<Arc<Server>>;

async fn health(State(server): Shared) -> Json<Value> {
    Json(json!({ "engine": hex::encode(server.engine_key()), "arrays": server.arrays() }))
}

async fn register(State(server): Shared, body: Body) -> Result<impl IntoResponse, ServerError> {
    let busy = "another venue is sending its keys";
    let _permit = permit(server.registrations.try_acquire(), busy, 30)?;
    let venue = server.register(body).await?;
    tracing::info!(venue = %venue.digest(), name = venue.name, "registered");
    Ok((StatusCode::CREATED, Json(json!({ "venue": venue.digest() }))))
}

async fn venue(State(server): Shared, Path(venue): Path<String>) -> Result<Json<Value>, ServerError> {
    let digest = digest(&venue, "venue")?;
    server.config.venue(&digest).ok_or(ServerError::ForeignVenue(digest))?;
    let known =
        locked(&server.venues).get(&digest).map(|venue| json!({ "venue": digest, "name": venue.name }));
    known.map(Json).ok_or(ServerError::Unknown("venue"))
}

async fn submit(State(server): Shared, body: Body) -> Result<impl IntoResponse, ServerError> {
    let _permit = permit(server.uploads.try_acquire(), "too many queries are being sent", 2)?;
    let bytes = upload::small(body, Query::MAX_BYTES).await?;
    let accepted = {
        let server = Arc::clone(&server);
        spawn_blocking(move || server.accept(&bytes)).await
    };
    let (query, status) = accepted.map_err(|_| ServerError::Internal)??;
    Ok((StatusCode::ACCEPTED, Json(answer(&query, &status))))
}

async fn status(State(server): Shared, Path(query): Path<String>) -> Result<Json<Value>, ServerError> {
    let digest = digest(&query, "query")?;
    let status = server.status(&digest)?.ok_or(ServerError::Unknown("query"))?;
    Ok(Json(answer(&digest, &status)))
}

async fn result(State(server): Shared, Path(query): Path<String>) -> Result<impl IntoResponse, ServerError> {
    let digest = digest(&query, "query")?;
    match server.status(&digest)?.ok_or(ServerError::Unknown("query"))? {
        Status::Done { .. } => {}
        Status::Refused { reason } => return Err(ServerError::NoResult(reason)),
        _ => return Err(ServerError::NoResult("the query waits or runs".into())),
    }
    let bytes = spawn_blocking(move || server.store.result(&digest)).await;
    let bytes = bytes.map_err(|_| ServerError::Internal)??;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes))
}

fn permit<'a, E>(
    acquired: Result<SemaphorePermit<'a>, E>,
    what: &'static str,
    seconds: u64,
) -> Result<SemaphorePermit<'a>, ServerError> {
    acquired.map_err(|_| ServerError::Busy { what, seconds })
}

fn digest(text: &str, what: &'static str) -> Result<Digest, ServerError> {
    text.parse().map_err(|_| ServerError::Unknown(what))
}

fn answer(query: &Digest, status: &Status) -> Value {
    let mut value = json!(status);
    value["query"] = json!(query);
    value
}
