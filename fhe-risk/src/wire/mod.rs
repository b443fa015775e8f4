//! Files and messages: bounded, versioned, checked before use.
//!
//! Every binary format begins with eight magic bytes, a version of two bytes and the digest of the
//! parameters; integers and entries are little-endian. Lengths are fixed or bounded by constants and
//! checked before anything is allocated, nothing may follow the end, and one value has one encoding.
//!
//! A query goes *parsed* ([`Query::decode`]) → *bound* to what the reader itself knows
//! ([`Query::bind`]) → *signed* ([`BoundQuery::signed`]) → *opened* ([`SignedQuery::open`]): only
//! [`Inputs`] can be evaluated.

mod bind;
mod conformance;
mod context;
mod crs;
mod digest;
mod error;
mod evaluate;
mod keys;
mod list;
mod query;
mod read;
mod result;
mod stream;
mod venue;

pub use bind::{BoundQuery, Inputs, QueryError, SignedQuery};
pub use conformance::require_random;
pub use context::{Context, Role, Sender, order, weights};
pub use crs::Provenance;
pub use digest::Digest;
pub use error::WireError;
pub use evaluate::{EvaluateError, evaluate_query, function};
pub use list::EncryptedList;
pub use query::Query;
pub use read::{Answer, ReadError, read};
pub use result::{EncryptedResult, SignedResult};
pub use stream::Kind;
pub use venue::{CrsEntry, Venue, VenueError};

#[cfg(test)]
mod tests;
