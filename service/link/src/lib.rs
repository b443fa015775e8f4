//! Authenticated links.
