//! The margin service: what a venue, its clients, its engine and its decryption authority do with
//! `solventry-fhe-risk`.
//!
//! | module | whose |
//! |---|---|
//! | [`venue`], [`bundle`] | the venue: keys in a folder, and what it sends to an engine |
//! | [`portfolio`], [`client`] | a client: lots to an encrypted, signed query; talking to an engine |
//! | [`server`], [`store`] | the engine: accepts queries, evaluates, keeps results |
//! | [`authority`], [`budget`] | the decryption authority: trusts no engine, charges for what it tells |
#![forbid(unsafe_code)]

pub mod authority;
pub mod budget;
pub mod bundle;
pub mod calibration;
pub mod client;
pub mod files;
mod lots;
pub mod portfolio;
pub mod server;
pub mod shelf;
pub mod signing;
pub mod stamps;
pub mod store;
pub mod venue;

/// Seconds since 1970, by the system's clock.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
