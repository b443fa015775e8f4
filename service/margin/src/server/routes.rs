//! Routes.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};
use solventry_fhe_risk::wire::Digest;
use tokio::task::spawn_blocking;

use super::{Server, ServerError, body::Incoming, connections::Connection, locked, upload};
use crate::client::Status;

/// All routes.
pub(super) fn router(server: Arc<Server>) -> Router {
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

async fn register(
    State(server): Shared,
    Extension(connection): Extension<Connection>,
    body: Body,
) -> Result<impl IntoResponse, ServerError> {
    let venue = server.register(Incoming::new(body), &connection).await?;
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

async fn submit(
    State(server): Shared,
    Extension(connection): Extension<Connection>,
    body: Body,
) -> Result<impl IntoResponse, ServerError> {
    let mut body = Incoming::new(body);
    let (bytes, place) = match server.begin_query(&mut body, &connection).await {
        Ok(begun) => begun,
        Err(error) => {
            upload::discard(body).await;
            return Err(error);
        }
    };
    let bytes = upload::query(bytes, body).await?;
    // The place goes with the work: a client that hangs up does not end it.
    let accept = move || {
        let _place = place;
        server.accept(&bytes)
    };
    let (query, status) = blocking(accept).await?;
    Ok((StatusCode::ACCEPTED, Json(answer(&query, &status))))
}

async fn status(State(server): Shared, Path(query): Path<String>) -> Result<Json<Value>, ServerError> {
    let digest = digest(&query, "query")?;
    let status = blocking(move || server.status(&digest)).await?.ok_or(ServerError::Unknown("query"))?;
    Ok(Json(answer(&digest, &status)))
}

async fn result(State(server): Shared, Path(query): Path<String>) -> Result<impl IntoResponse, ServerError> {
    let digest = digest(&query, "query")?;
    let read = move || match server.status(&digest)?.ok_or(ServerError::Unknown("query"))? {
        Status::Done { .. } => Ok(server.store.result(&digest)?),
        Status::Refused { reason } => Err(ServerError::NoResult(reason)),
        _ => Err(ServerError::NoResult("the query waits or runs".into())),
    };
    let bytes = blocking(read).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes))
}

/// What waits for the disk does not keep other requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServerError> + Send + 'static,
) -> Result<T, ServerError> {
    spawn_blocking(work).await.unwrap_or(Err(ServerError::Internal))
}

fn digest(text: &str, what: &'static str) -> Result<Digest, ServerError> {
    text.parse().map_err(|_| ServerError::Unknown(what))
}

fn answer(query: &Digest, status: &Status) -> Value {
    let mut value = json!(status);
    value["query"] = json!(query);
    value
}
