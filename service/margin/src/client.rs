//! Talking to an engine over HTTP.

use std::{
    fs::File,
    io::Read,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::{Digest, SignedResult};
use ureq::{
    Agent, Body, SendBody,
    http::{Response, StatusCode},
};

/// Where a query stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Status {
    /// Others are before it.
    Queued {
        /// How many.
        before: usize,
    },
    /// Being evaluated.
    Running {
        /// Bootstraps done.
        done: u64,
        /// Bootstraps in all; nothing while proofs are verified.
        total: u64,
    },
    /// The result can be fetched.
    Done {
        /// Digest of the result.
        result: Digest,
    },
    /// There will be no result.
    Refused {
        /// Why.
        reason: String,
    },
}

/// What went wrong between client and engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No answer.
    #[error("{url}: {error}")]
    Transport {
        /// Where.
        url: String,
        /// Why.
        error: Box<ureq::Error>,
    },
    /// A refusal.
    #[error("{url} answered {status}: {reason}")]
    Refused {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// The engine has too much to do, for longer than the caller's patience.
    #[error("{url} is busy; it asks to be tried again in {seconds} s (see --patience)")]
    Busy {
        /// Where.
        url: String,
        /// As it asks.
        seconds: u64,
    },
    /// An answer that is none.
    #[error("{url}: expected {expected}")]
    Answer {
        /// Where.
        url: String,
        /// In words.
        expected: &'static str,
    },
    /// The query was refused while it waited.
    #[error("the engine refused the query: {0}")]
    Query(String),
    /// It takes longer than the caller's patience.
    #[error(
        "no result after {0} s; the engine keeps the query, ask again later with the same file (see --patience)"
    )]
    Patience(u64),
}

/// An engine.
pub struct Client {
    base: String,
    agent: Agent,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Client {
    /// At `base`, such as `http://127.0.0.1:8090`.
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(600)))
            .build();
        Self { base: base.trim_end_matches('/').to_owned(), agent: config.new_agent() }
    }

    /// Whether the engine has a venue's keys.
    pub fn has_venue(&self, venue: &Digest) -> Result<bool, ClientError> {
        let url = self.url(&format!("venues/{venue}"));
        let response = self.agent.get(&url).call().map_err(transport(&url))?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(refusal(url, response)),
        }
    }

    /// Sends a venue's bundle.
    pub fn register(&self, bundle: &mut File, length: u64) -> Result<(), ClientError> {
        let url = self.url("venues");
        let request = self.agent.post(&url).header("content-length", length.to_string());
        let response = request.send(SendBody::from_reader(bundle)).map_err(transport(&url))?;
        if response.status().is_success() { Ok(()) } else { Err(refusal(url, response)) }
    }

    /// Sends a query; waits while the engine is busy, up to `patience`.
    pub fn submit(&self, query: &[u8], patience: Duration) -> Result<Digest, ClientError> {
        let (url, start) = (self.url("queries"), Instant::now());
        loop {
            let response = self.agent.post(&url).send(query).map_err(transport(&url))?;
            if response.status() == StatusCode::SERVICE_UNAVAILABLE {
                let seconds = retry_after(&response);
                if start.elapsed() + Duration::from_secs(seconds) > patience {
                    return Err(ClientError::Busy { url, seconds });
                }
                thread::sleep(Duration::from_secs(seconds));
                continue;
            }
            if !response.status().is_success() {
                return Err(refusal(url, response));
            }
            return Ok(Digest::of(query));
        }
    }

    /// Where a query stands.
    pub fn status(&self, query: &Digest) -> Result<Status, ClientError> {
        let url = self.url(&format!("queries/{query}"));
        let response = self.agent.get(&url).call().map_err(transport(&url))?;
        if !response.status().is_success() {
            return Err(refusal(url, response));
        }
        let bytes = body(response, 1 << 16);
        let status = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        status.ok_or(ClientError::Answer { url, expected: "the status of a query" })
    }

    /// Waits for a result and fetches it; `progress` is told where the query stands.
    pub fn wait(
        &self,
        query: &Digest,
        patience: Duration,
        mut progress: impl FnMut(&Status),
    ) -> Result<Vec<u8>, ClientError> {
        let start = Instant::now();
        loop {
            let status = self.status(query)?;
            progress(&status);
            match status {
                Status::Done { .. } => return self.result(query),
                Status::Refused { reason } => return Err(ClientError::Query(reason)),
                _ if start.elapsed() > patience => return Err(ClientError::Patience(patience.as_secs())),
                _ => thread::sleep(Duration::from_millis(300)),
            }
        }
    }

    /// A result's file.
    pub fn result(&self, query: &Digest) -> Result<Vec<u8>, ClientError> {
        let url = self.url(&format!("queries/{query}/result"));
        let response = self.agent.get(&url).call().map_err(transport(&url))?;
        if !response.status().is_success() {
            return Err(refusal(url, response));
        }
        let bytes = body(response, SignedResult::MAX_BYTES as u64);
        bytes.ok_or(ClientError::Answer { url, expected: "a result" })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.base)
    }
}

fn transport(url: &str) -> impl FnOnce(ureq::Error) -> ClientError + use<> {
    let url = url.to_owned();
    move |error| ClientError::Transport { url, error: Box::new(error) }
}

/// At most `limit` bytes.
fn body(response: Response<Body>, limit: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    response.into_body().into_reader().take(limit + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= limit).then_some(bytes)
}

fn refusal(url: String, response: Response<Body>) -> ClientError {
    let status = response.status().as_u16();
    let bytes = body(response, 1 << 16).unwrap_or_default();
    let reason = serde_json::from_slice(&bytes).map_or_else(|_| String::new(), |Refusal { error }| error);
    ClientError::Refused { url, status, reason }
}

fn retry_after(response: &Response<Body>) -> u64 {
    let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    seconds.unwrap_or(5u64).clamp(1, 60)
}
