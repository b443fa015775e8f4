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
use solventry_fhe_risk::wire::Digest;
use tokio::task::spawn_blocking;

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

async fn submit(State(server): Shared, mut body: Body) -> Result<impl IntoResponse, ServerError> {
    let (bytes, permit) = match server.begin_query(&mut body).await {
        Ok(begun) => begun,
        Err(error) => {
            upload::discard(body).await;
            return Err(error);
        }
    };
    let bytes = upload::query(bytes, body).await?;
    let accepted = {
        let server = Arc::clone(&server);
        // The permit goes with the work: a client that hangs up does not end it.
        let work = move || {
            let _permit = permit;
            server.accept(&bytes)
        };
        spawn_blocking(work).await
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

fn digest(text: &str, what: &'static str) -> Result<Digest, ServerError> {
    text.parse().map_err(|_| ServerError::Unknown(what))
}

fn answer(query: &Digest, status: &Status) -> Value {
    let mut value = json!(status);
    value["query"] = json!(query);
    value
}
