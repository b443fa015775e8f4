//! Talking to an engine over HTTP.

mod error;

use std::{
    fs::File,
    io::{ErrorKind, Read},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use solventry_fhe_risk::wire::{Digest, SignedResult};
use ureq::{
    Agent, Body, RequestBuilder, SendBody,
    http::{Response, StatusCode},
    typestate::WithBody,
};

pub use self::error::ClientError;

/// For an answer of a few bytes.
const ANSWER: Duration = Duration::from_secs(30);
/// For a query to be sent, and for a result to be fetched.
const QUERY: Duration = Duration::from_secs(600);
/// For a bundle to be sent and checked; an engine gives it an hour.
const BUNDLE: Duration = Duration::from_secs(2 * 3600);
/// Before a connection that was closed is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// Where an answer is not an engine's.
const NO_ENGINE: &str = "(is this a margin engine? expected http://HOST:PORT)";
/// Letters of an engine that are shown.
const MOST_WORDS: usize = 500;
/// Between two questions where a query stands.
const POLL: Duration = Duration::from_millis(300);

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

/// An engine.
pub struct Client {
    base: String,
    agent: Agent,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

#[derive(Deserialize)]
struct Known {
    venue: Digest,
}

impl Client {
    /// At `base`, such as `http://127.0.0.1:8090`.
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(ANSWER))
            .max_redirects(0) // nobody but the engine is asked
            .build();
        Self { base: base.trim_end_matches('/').to_owned(), agent: config.new_agent() }
    }

    /// Whether the engine has a venue's keys.
    pub fn has_venue(&self, venue: &Digest) -> Result<bool, ClientError> {
        let url = self.url(&format!("venues/{venue}"));
        let response = self.agent.get(&url).call().map_err(transport(&url))?;
        match response.status() {
            StatusCode::OK => {
                let bytes = body(response, 1 << 16).map_err(transport(&url))?.unwrap_or_default();
                let known =
                    serde_json::from_slice(&bytes).is_ok_and(|Known { venue: known }| known == *venue);
                if known { Ok(true) } else { Err(ClientError::Answer { url, expected: "the venue" }) }
            }
            status => match refusal(url, response) {
                ClientError::Refused { reason, .. }
                    if status == StatusCode::NOT_FOUND && reason != NO_ENGINE =>
                {
                    Ok(false)
                }
                error => Err(error),
            },
        }
    }

    /// Sends a venue's bundle.
    pub fn register(&self, bundle: &mut File, length: u64) -> Result<(), ClientError> {
        let url = self.url("venues");
        let request = self.post(&url, BUNDLE).header("content-length", length.to_string());
        let response = request.send(SendBody::from_reader(bundle)).map_err(sending(&url))?;
        if response.status().is_success() { Ok(()) } else { Err(refusal(url, response)) }
    }

    /// Sends a query; waits while the engine is busy, up to `patience`.
    pub fn submit(&self, query: &[u8], patience: Duration) -> Result<Digest, ClientError> {
        let (url, start) = (self.url("queries"), Instant::now());
        loop {
            let (pause, error) = match self.post(&url, QUERY).send(query).map_err(sending(&url)) {
                Ok(response) if response.status().is_success() => return Ok(Digest::of(query)),
                Ok(response) if response.status() == StatusCode::SERVICE_UNAVAILABLE => {
                    let pause = retry_after(&response);
                    (pause, ClientError::Busy { url: url.clone(), reason: reason(response) })
                }
                Ok(response) => return Err(refusal(url, response)),
                Err(error @ ClientError::Closed { .. }) => (RETRY, error),
                Err(error) => return Err(error),
            };
            if start.elapsed() + pause > patience {
                return Err(error);
            }
            thread::sleep(pause);
        }
    }

    /// Where a query stands.
    pub fn status(&self, query: &Digest) -> Result<Status, ClientError> {
        let url = self.url(&format!("queries/{query}"));
        let response = self.agent.get(&url).call().map_err(transport(&url))?;
        if !response.status().is_success() {
            return Err(refusal(url, response));
        }
        let bytes = body(response, 1 << 16).map_err(transport(&url))?;
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
            let error = match self.poll(query, &mut progress) {
                Ok(Some(result)) => return Ok(result),
                Ok(None) => None,
                Err(error) if error.may_pass() => Some(Box::new(error)),
                Err(error) => return Err(error),
            };
            if start.elapsed() > patience {
                let seconds = patience.as_secs();
                return Err(error
                    .map_or(ClientError::Patience(seconds), |error| ClientError::Lost { seconds, error }));
            }
            thread::sleep(POLL);
        }
    }

    /// The result, if it is there.
    fn poll(
        &self,
        query: &Digest,
        progress: &mut impl FnMut(&Status),
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let status = self.status(query)?;
        progress(&status);
        match status {
            Status::Done { .. } => self.result(query).map(Some),
            Status::Refused { reason } => Err(ClientError::Query(printable(&reason))),
            _ => Ok(None),
        }
    }

    /// A result's file.
    pub fn result(&self, query: &Digest) -> Result<Vec<u8>, ClientError> {
        let url = self.url(&format!("queries/{query}/result"));
        let request = self.agent.get(&url).config().timeout_global(Some(QUERY)).build();
        let response = request.call().map_err(transport(&url))?;
        if !response.status().is_success() {
            return Err(refusal(url, response));
        }
        let bytes = body(response, SignedResult::MAX_BYTES as u64).map_err(transport(&url))?;
        bytes.ok_or(ClientError::Answer { url, expected: "a result" })
    }

    fn post(&self, url: &str, limit: Duration) -> RequestBuilder<WithBody> {
        self.agent.post(url).config().timeout_global(Some(limit)).build()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.base)
    }
}

fn transport(url: &str) -> impl FnOnce(ureq::Error) -> ClientError + use<> {
    let url = url.to_owned();
    move |error| ClientError::Transport { url, error: Box::new(error) }
}

/// An engine that refuses before it has read all closes the connection, and its answer may be lost.
fn sending(url: &str) -> impl FnOnce(ureq::Error) -> ClientError + use<> {
    let (url, other) = (url.to_owned(), transport(url));
    move |error| match error {
        ureq::Error::Io(error)
            if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) =>
        {
            ClientError::Closed { url }
        }
        error => other(error),
    }
}

/// At most `limit` bytes; nothing if there are more.
fn body(response: Response<Body>, limit: u64) -> Result<Option<Vec<u8>>, ureq::Error> {
    let mut bytes = Vec::new();
    response.into_body().into_reader().take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn refusal(url: String, response: Response<Body>) -> ClientError {
    let status = response.status().as_u16();
    ClientError::Refused { url, status, reason: reason(response) }
}

/// The words of a refusal.
fn reason(response: Response<Body>) -> String {
    let bytes = body(response, 1 << 16).ok().flatten().unwrap_or_default();
    let refusal = serde_json::from_slice(&bytes).ok().filter(|Refusal { error }| !error.is_empty());
    refusal.map_or(NO_ENGINE.into(), |Refusal { error }| printable(&error))
}

/// An engine's words, without what a terminal would obey.
fn printable(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(MOST_WORDS).collect()
}

fn retry_after(response: &Response<Body>) -> Duration {
    let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    seconds.map_or(RETRY, |seconds: u64| Duration::from_secs(seconds.clamp(1, 60)))
}

#[cfg(test)]
mod tests;
